/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state_loss.c - variables whose state a patch would lose, because they came back under another name */
#include "elf/names.h"
#include "patch/internal.h"

static bool is_variable(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];

	return b->kind == BLOCK_DATA && !b->fresh && !b->init && b->symbol != NONE &&
	       (block_is_local(g, block) || name_was_static(block_label(g, block)->name));
}

static bool is_static_local(const struct graph *g, uint32_t block)
{
	return name_is_static_local(block_label(g, block)->name);
}

static uint64_t size_of(const struct graph *g, uint32_t block)
{
	return g->blocks[block].end - g->blocks[block].start;
}

/* Variables of the original that no longer exist, by size. */
static struct index gone_variables(const struct diff *d)
{
	struct index by_size = { 0 };

	for (uint32_t b = 0; b < d->orig->block_count; b++)
		if (d->twins->of_orig[b] == NONE && is_variable(d->orig, b) && size_of(d->orig, b))
			index_add(d->a, &by_size, size_of(d->orig, b), b);
	return by_size;
}

static void refuse(const struct diff *d, uint32_t variable, uint32_t gone)
{
	bool locals = is_static_local(d->orig, gone) && is_static_local(d->patched, variable);
	struct elfdiff_diag diag =
		diag_of_block(d, variable, ELFDIFF_REFUSAL, locals ? "static-local-lost" : "state-lost");

	diag.cause =
		arena_printf(d->a,
			     "the original has `%s` of the same size, which no longer exists: if both are the same "
			     "variable, its state would be lost",
			     graph_label(d->a, d->orig, gone));
	diag.hint = "keep the variable's name, and the function that it is in; if it really is a different variable, "
		    "make it global and give it a new name";
	diag_add(d->ds, diag, "`%s` is a new static variable in place of an old one", diag.symbol);
}

void refuse_state_loss(const struct diff *d, const struct selection *s)
{
	struct index gone = gone_variables(d);

	for (uint32_t i = 0; i < s->items.count; i++) {
		uint32_t c = s->items.items[i].block;
		uint64_t size = size_of(d->patched, c);

		if (d->verdicts->of[c] != VERDICT_NEW || d->twins->unclear[c] || !is_variable(d->patched, c))
			continue;
		for (uint32_t e = index_first(&gone, size); e != NONE; e = index_next(&gone, e))
			if (size_of(d->orig, gone.ids[e]) == size) {
				refuse(d, c, gone.ids[e]);
				break;
			}
	}
}
