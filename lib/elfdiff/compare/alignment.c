/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alignment.c - variables that have to be aligned to more than the original's
 *
 * Code of the patch, and devices, may count on low bits of an address that the original's has not. An object tells the alignment of a
 * section, which is that of one of its variables: of a new or changed one, if such a one stands where it may be; else of
 * any other that does.
 */
#include <elf.h>

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

void judge_alignments(struct comparer *cmp, struct verdicts *v)
{
	const struct graph *g = cmp->orig, *h = cmp->patched;

	for (uint32_t s = 1; s < h->object->section_count; s++) {
		uint32_t was = original_section(cmp, s);

		if (!was || h->object->sections[s].align <= g->object->sections[was].align || is_explained(cmp, v, s))
			continue;
		for (uint32_t c = h->first_block[s]; c < h->first_block[s + 1]; c++) {
			if (!may_be_it(h, c))
				continue;
			v->of[c] = VERDICT_CHANGED;
			v->evidence[c] = evidence_of(DIFFERENT_ALIGNMENT, cmp->twins->of_patched[c], c);
		}
	}
}
