/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alignment.c - variables that have to be aligned to more than the original's
 *
 * Code of the patch, and devices, may count on low bits of an address that the original's has not. An object tells the alignment of a
 * section, which is that of one of its variables: of a new or changed one, if such a one stands where it may be; else of
 * any other that does. Where the section has that alignment already, as one of many units' has, what is left out before a
 * variable tells: no more than its alignment asks for, which is at most what its place in the original has.
 */
#include <elf.h>

#include "base/bytes.h"
#include "compare/internal.h"

/* The section of the original's in which the twins of a section's variables are, or 0. */
static uint32_t original_section(const struct comparer *cmp, uint32_t section)
{
	const struct graph *h = cmp->patched;

	for (uint32_t c = h->first_block[section]; c < h->first_block[section + 1]; c++)
		if (block_is_variable(&h->blocks[c]) && cmp->twins->of_patched[c] != NONE)
			return cmp->orig->blocks[cmp->twins->of_patched[c]].section;
	return 0;
}

static bool may_be_it(const struct graph *h, uint32_t c)
{
	const struct block *b = &h->blocks[c];

	return block_is_variable(b) && !(b->start % h->object->sections[b->section].align);
}

static bool is_explained(const struct comparer *cmp, const struct verdicts *v, uint32_t section)
{
	const struct graph *h = cmp->patched;

	for (uint32_t c = h->first_block[section]; c < h->first_block[section + 1]; c++)
		if (may_be_it(h, c) && v->of[c] != VERDICT_SAME)
			return true;
	return false;
}

static void set_changed(struct comparer *cmp, struct verdicts *v, uint32_t c)
{
	v->of[c] = VERDICT_CHANGED;
	v->evidence[c] = evidence_of(DIFFERENT_ALIGNMENT, cmp->twins->of_patched[c], c);
}

static void judge_sections(struct comparer *cmp, struct verdicts *v)
{
	const struct graph *g = cmp->orig, *h = cmp->patched;

	for (uint32_t s = 1; s < h->object->section_count; s++) {
		uint32_t was = original_section(cmp, s);

		if (!was || h->object->sections[s].align <= g->object->sections[was].align || is_explained(cmp, v, s))
			continue;
		for (uint32_t c = h->first_block[s]; c < h->first_block[s + 1]; c++) {
			if (may_be_it(h, c))
				set_changed(cmp, v, c);
		}
	}
}

/* --- within a section ------------------------------------------------------------------- */

/* Where what stands before a block ends, in its section. */
static uint64_t end_before(const struct graph *g, uint32_t block)
{
	uint32_t first = g->first_block[g->blocks[block].section];

	while (block > first && g->blocks[block - 1].kind == BLOCK_PADDING)
		block--;
	return block > first ? g->blocks[block - 1].end : 0;
}

uint64_t place_alignment(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];
	uint64_t low = b->start & -b->start, align = g->object->sections[b->section].align;

	return low && low < align ? low : align;
}

/* An alignment by which it would stand elsewhere: nearer to what is before it. */
static bool is_farther(const struct graph *g, uint32_t block, uint64_t align)
{
	return g->blocks[block].start > align_up(end_before(g, block), align);
}

/* What the unit of a new or changed variable may be aligned to because of it, in one section. */
static uint64_t most_of_changed(const struct comparer *cmp, const struct verdicts *v, uint32_t section)
{
	const struct graph *h = cmp->patched;
	uint64_t most = 0;

	for (uint32_t c = h->first_block[section]; c < h->first_block[section + 1]; c++)
		if (block_is_variable(&h->blocks[c]) && v->of[c] != VERDICT_SAME && place_alignment(h, c) > most)
			most = place_alignment(h, c);
	return most;
}

static bool stands_farther(const struct comparer *cmp, uint32_t c, uint64_t align)
{
	return is_farther(cmp->patched, c, align) && !is_farther(cmp->orig, cmp->twins->of_patched[c], align);
}

static void judge_places(struct comparer *cmp, struct verdicts *v, uint32_t section)
{
	const struct graph *h = cmp->patched;
	uint64_t others = most_of_changed(cmp, v, section);

	for (uint32_t c = h->first_block[section]; c < h->first_block[section + 1]; c++) {
		uint32_t b = block_is_variable(&h->blocks[c]) ? cmp->twins->of_patched[c] : NONE;
		uint64_t align = b == NONE ? 0 : place_alignment(cmp->orig, b);

		if (b != NONE && v->of[c] == VERDICT_SAME && others <= align && stands_farther(cmp, c, align))
			set_changed(cmp, v, c);
	}
}

void judge_alignments(struct comparer *cmp, struct verdicts *v)
{
	judge_sections(cmp, v);
	for (uint32_t s = 1; s < cmp->patched->object->section_count; s++)
		judge_places(cmp, v, s);
}
