/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared_section.c - offsets into a section that several variables share
 *
 * The assembler writes a reference to a local variable as an offset into its
 * section. What lies there need not be what was meant: the end of an array is
 * where the next variable begins, and `table[c - 'a']` counts from a place far
 * before the table. It makes no difference while the kernel has all variables
 * of the section at the same distances. Where it has not, only an operand that
 * is the memory which is read or written tells, because that is in the variable.
 */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "patch/internal.h"

enum { LAYOUT_UNKNOWN, LAYOUT_KEPT, LAYOUT_OPEN };

/* The kernel has it, and the patch refers to that. */
static bool is_kept(const struct diff *d, uint32_t block)
{
	const struct block *b = &d->patched->blocks[block];
	enum verdict v = d->verdicts->of[block];

	return d->twins->of_patched[block] != NONE && !b->fresh &&
	       (v == VERDICT_SAME || (v == VERDICT_CHANGED && b->kind == BLOCK_DATA));
}

static bool same_distance(const struct diff *d, uint32_t block, uint32_t first)
{
	const struct block *b = &d->orig->blocks[d->twins->of_patched[block]];
	const struct block *f = &d->orig->blocks[d->twins->of_patched[first]];
	const struct graph *g = d->patched;

	return b->section == f->section && b->start - f->start == g->blocks[block].start - g->blocks[first].start;
}

/* A section of one variable has no other that could be meant, and from a descriptor or a once-flag nothing is counted. */
static bool keeps_layout(const struct diff *d, uint32_t section)
{
	const struct graph *g = d->patched;
	uint32_t first = NONE, count = 0;
	bool kept = true, fresh = true;

	for (uint32_t c = g->first_block[section]; c < g->first_block[section + 1]; c++) {
		if (g->blocks[c].kind == BLOCK_PADDING)
			continue;
		if (!count++)
			first = c;
		fresh &= g->blocks[c].fresh;
		kept &= is_kept(d, c) && is_kept(d, first) && same_distance(d, c, first);
	}
	return kept || fresh || count < 2;
}

bool owner_is_open(const struct diff *d, uint8_t *sections, uint32_t from, uint32_t reloc)
{
	const struct graph *g = d->patched;
	uint32_t meaning = graph_meaning(g, reloc);
	const struct reloc *r = &g->relocs[meaning];
	const struct arch *arch = g->object->arch;
	uint8_t *layout = &sections[g->blocks[g->edges[meaning].block].section];

	/* what special entries point to is the thing itself */
	if (g->object->symbols[r->symbol].type != STT_SECTION || g->blocks[from].kind == BLOCK_ENTRY ||
	    (arch->dereferences_exactly && arch->dereferences_exactly(g->object, r)))
		return false;
	if (!*layout)
		*layout = keeps_layout(d, g->blocks[g->edges[meaning].block].section) ? LAYOUT_KEPT : LAYOUT_OPEN;
	return *layout == LAYOUT_OPEN;
}

void refuse_open_owner(const struct diff *d, uint32_t from, uint32_t reloc)
{
	const struct graph *g = d->patched;
	uint32_t to = g->edges[graph_meaning(g, reloc)].block;
	struct elfdiff_diag diag = diag_of_block(d, from, ELFDIFF_REFUSAL, "ambiguous-address");

	diag.has_offset = true;
	diag.offset = g->relocs[reloc].offset - g->blocks[from].start;
	diag.cause = arena_printf(d->a,
				  "it is an offset into `%s`, and may count from any of the variables there, which the "
				  "kernel and the patch do not have at the same distances",
				  graph_section_name(g, to));
	diag.hint = "put the new variable into a section of its own: compile with -fdata-sections, and without "
		    "__read_mostly or a similar attribute";
	diag_add(d->ds, diag, "cannot tell whether `%s` means `%s`", diag.symbol, graph_label(d->a, g, to));
}

void refuse_open_distances(const struct diff *d, uint32_t block)
{
	struct elfdiff_diag diag = diag_of_block(d, block, ELFDIFF_REFUSAL, "ambiguous-address");

	diag.cause =
		"they may count from themselves or from the start of a table, and lead to several functions of one "
		"section, which the patch does not have at the same distances";
	diag.hint = "give the functions that it leads to sections of their own: compile with -ffunction-sections, and "
		    "without __sched or a similar attribute";
	diag_add(d->ds, diag, "cannot tell what the distances in `%s` lead to", diag.symbol);
}
