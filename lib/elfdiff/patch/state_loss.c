/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state_loss.c - static variables whose state a patch would lose, because they came back under another name */
#include "elf/names.h"
#include "patch/internal.h"

static bool is_static_local(const struct graph *g, uint32_t block)
{
	const struct symbol *s = block_symbol(g, block);

	return g->blocks[block].kind == BLOCK_DATA && !g->blocks[block].fresh && s && block_is_local(g, block) &&
	       name_is_static_local(s->name);
}

static uint64_t size_of(const struct graph *g, uint32_t block)
{
	return g->blocks[block].end - g->blocks[block].start;
}

void refuse_state_loss(const struct diff *d, uint32_t variable, uint32_t function)
{
	const struct graph *g = d->orig;
	uint32_t twin = d->twins->of_patched[function];
	const struct block *b = twin == NONE ? NULL : &g->blocks[twin];

	if (!b || !is_static_local(d->patched, variable))
		return;
	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
		uint32_t gone = g->edges[graph_meaning(g, r)].block;
		struct elfdiff_diag diag;

		if (gone == NONE || d->twins->of_orig[gone] != NONE || !is_static_local(g, gone) ||
		    size_of(g, gone) != size_of(d->patched, variable))
			continue;
		diag = diag_of_block(d, variable, ELFDIFF_REFUSAL, "static-local-lost");
		diag.cause = arena_printf(
			d->a,
			"the original `%s` has `%s` of the same size, which no longer exists: if both are the same "
			"variable, its state would be lost",
			graph_label(d->a, d->patched, function), graph_label(d->a, g, gone));
		diag.hint =
			"keep the variable's name and type; if it really is a different variable, make it global and "
			"give it a new name";
		diag_add(d->ds, diag, "`%s` is a new static variable in place of an old one", diag.symbol);
		return;
	}
}
