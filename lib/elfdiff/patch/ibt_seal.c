/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ibt_seal.c - pointers to functions that the kernel may have sealed
 *
 * With IBT the kernel overwrites the ENDBR of functions whose address nobody
 * took at link time (apply_seal_endbr() in arch/x86/kernel/alternative.c). A
 * patch that takes such an address first would make the CPU fault on the call.
 */
#include <string.h>

#include "arch/arch.h"
#include "patch/internal.h"

/* The relocation stores or loads a function's address. */
static bool takes_address(const struct graph *g, uint32_t block, uint32_t reloc)
{
	const struct edge *e = &g->edges[reloc];

	return e->block != NONE && g->blocks[e->block].kind == BLOCK_TEXT && g->blocks[block].kind != BLOCK_ENTRY &&
	       g->blocks[block].kind != BLOCK_IGNORED && graph_takes_address(g, reloc);
}

bool *blocks_with_address_taken(struct arena *a, const struct graph *g)
{
	bool *taken = arena_array(a, g->block_count + 1, bool);

	for (uint32_t b = 0; b < g->block_count; b++)
		for (uint32_t r = g->blocks[b].reloc_first; r < g->blocks[b].reloc_first + g->blocks[b].reloc_count;
		     r++)
			if (takes_address(g, b, r))
				taken[g->edges[r].block] = true;
	return taken;
}

static bool has_landing_pad(const struct graph *g, uint32_t block)
{
	const struct arch *arch = g->object->arch;
	const struct block *b = &g->blocks[block];
	uint64_t at = graph_label_offset(g, block);
	const uint8_t *data = block_data(g, b);

	return arch->landing_pad && data && at + arch->landing_pad_size <= b->end - b->start &&
	       !memcmp(data + at, arch->landing_pad, arch->landing_pad_size);
}

static void warn(const struct diff *d, uint32_t block)
{
	struct elfdiff_diag diag = diag_of_block(d, block, ELFDIFF_WARNING, "sealed-function");

	diag.cause =
		"nothing in the original object took its address: a kernel with IBT may have overwritten its ENDBR";
	diag.hint = "make sure that another object takes its address, or call a new function through the pointer";
	diag_add(d->ds, diag, "the address of `%s` is taken for the first time", diag.symbol);
}

void warn_ibt_seal(const struct diff *d, const struct selection *s)
{
	bool *taken = d->patched->object->arch->landing_pad ? blocks_with_address_taken(d->a, d->orig) : NULL;

	for (uint32_t i = 0; taken && i < s->cuts.count; i++) {
		const struct cut_edge *cut = &s->cuts.items[i];
		uint32_t twin = cut->block == NONE ? NONE : d->twins->of_patched[cut->block];

		if (twin == NONE || taken[twin] ||
		    !takes_address(d->patched, s->items.items[cut->item].block, cut->reloc) ||
		    !has_landing_pad(d->orig, twin))
			continue;
		taken[twin] = true;
		warn(d, cut->block);
	}
}
