/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * anchors.c - variables that the kernel's code addresses together
 *
 * Objects are compiled with a section for each variable (-fdata-sections), kernels mostly without. On some architectures GCC then
 * takes the address of one place in a section, an anchor, and reaches all variables of the unit in that section by their
 * distance from it (-fsection-anchors, in varasm.c: what is in an object_block); LLVM merges such variables. So another number of
 * instructions gets the same addresses. That concerns what this unit defines, but not what the linker may merge (strings).
 */
#include "graph/anchors.h"

#include <elf.h>

#include "arch/arch.h"

static bool is_anchored(const struct graph *g, const struct edge *e)
{
	const struct block *to = e->block == NONE ? NULL : &g->blocks[e->block];

	return to && to->kind != BLOCK_TEXT && !(g->object->sections[to->section].flags & SHF_MERGE);
}

bool has_open_anchor(const struct graph *g, uint32_t symbol)
{
	const struct symbol *s = &g->object->symbols[symbol];
	const struct block *b = &g->blocks[g->symbol_block[symbol]];
	uint32_t end = b->reloc_first + b->reloc_count;

	if (!g->object->arch->shares_anchors)
		return false;
	for (uint32_t i = graph_first_reloc(g, b, s->value - b->start); i < end; i++) {
		if (g->relocs[i].offset >= s->value + s->size)
			break;
		if (g->relocs[i].from != NONE && is_anchored(g, &g->edges[i]))
			return true;
	}
	return false;
}
