/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inner_entries.c - replaced functions that others enter behind the place where calls are redirected
 *
 * Assembler code may call or jump to a label in the middle of a function. It goes on to run the original there.
 */
#include <elf.h>

#include "arch/arch.h"
#include "patch/internal.h"

bool is_of_other_function(const struct graph *g, uint32_t block, uint32_t from)
{
	const struct symbol *s = block_symbol(g, from);

	return g->blocks[from].kind == BLOCK_TEXT && s && (s->type == STT_FUNC || s->bind != STB_LOCAL) &&
	       from != block && g->blocks[from].outlined_from != block && g->blocks[block].outlined_from != from;
}

/*
 * By block of the original: where its calls are redirected, bytes from its start; NONE: it is not replaced, or several functions.
 * A location in front of the label is that of a word for ftrace, and what is written anew stands behind the label
 * (ftrace_call_adjust()).
 */
static uint32_t *redirected_at(const struct diff *d, const struct selection *s)
{
	const struct graph *g = d->orig;
	uint32_t *at = none_array(d->a, g->block_count + 1);
	uint64_t site, label;

	for (uint32_t i = 0; i < s->replaced.count; i++) {
		uint32_t symbol = s->replaced.items[i].orig, b = g->symbol_block[symbol];

		label = graph_label_offset(g, b);
		if (!graph_ftrace_location(g, symbol, &site) || site < label)
			site = label;
		if (!g->blocks[b].fused)
			at[b] = (uint32_t)site;
	}
	return at;
}

static void refuse(const struct diff *d, uint32_t block, uint32_t from, uint64_t offset)
{
	const struct graph *g = d->orig;
	const char *name = graph_label(d->a, g, block), *other = graph_label(d->a, g, from);
	struct elfdiff_diag diag = { .severity = ELFDIFF_REFUSAL,
				     .id = "inner-entry",
				     .object = g->object->path,
				     .section = graph_section_name(g, block),
				     .symbol = name };

	diag.cause =
		arena_printf(d->a,
			     "`%s` calls or jumps to 0x%llx bytes from the beginning of `%s`, behind the place where "
			     "calls are redirected: it would go on to run the original",
			     other, (unsigned long long)offset, name);
	diag.hint = arena_printf(d->a, "leave the function as it is, or change `%s` as well", other);
	diag_add(d->ds, diag, "`%s` changed, and `%s` enters it in the middle", name, other);
}

void refuse_inner_entries(const struct diff *d, const struct selection *s)
{
	const struct graph *g = d->orig;
	const uint32_t *at = redirected_at(d, s);

	for (uint32_t from = 0; from < g->block_count; from++) {
		const struct block *b = &g->blocks[from];

		for (uint32_t r = b->reloc_first; at[from] == NONE && r < b->reloc_first + b->reloc_count; r++) {
			const struct edge *e = &g->edges[r];

			if (e->block != NONE && at[e->block] != NONE && e->offset > (int64_t)at[e->block] &&
			    g->object->arch->is_branch(g->object, &g->relocs[r]) &&
			    is_of_other_function(g, e->block, from))
				refuse(d, e->block, from, (uint64_t)e->offset - graph_label_offset(g, e->block));
		}
	}
}
