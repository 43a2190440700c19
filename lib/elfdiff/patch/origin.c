/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * origin.c - what a patch changed, where something else is to be told of
 *
 * Who has a table's address differs where the table does, and so on: code whose source nobody touched. The evidence of
 * each leads to the next, down to the one that differs by its own content.
 */
#include "patch/internal.h"

enum { LONGEST_CHAIN = 64 };

/* What a changed block refers to in the place where it was seen to differ, if that changed itself; or NONE. */
static uint32_t next_changed(const struct diff *d, uint32_t block)
{
	const struct evidence *ev = &d->verdicts->evidence[block];
	uint32_t orig, patched;

	if (d->verdicts->of[block] != VERDICT_CHANGED || ev->what != DIFFERENT_TARGET || ev->orig_reloc == NONE ||
	    ev->patched_reloc == NONE)
		return NONE;
	orig = d->orig->edges[ev->orig_reloc].block;
	patched = d->patched->edges[ev->patched_reloc].block;
	if (orig == NONE || patched == NONE || d->twins->of_patched[patched] != orig ||
	    d->verdicts->of[patched] != VERDICT_CHANGED)
		return NONE;
	return patched;
}

/* The block at the end of the chain, and how many there are behind the first one. NONE: there is no end. */
static uint32_t last_changed(const struct diff *d, uint32_t first, unsigned *links)
{
	uint32_t next;

	for (*links = 0; (next = next_changed(d, first)) != NONE; ++*links) {
		if (*links == LONGEST_CHAIN) /* or they refer to each other */
			return NONE;
		first = next;
	}
	return first;
}

static const char *describe_chain(const struct diff *d, uint32_t first, uint32_t last, unsigned links)
{
	const char *to = graph_label(d->a, d->patched, first), *end = graph_label(d->a, d->patched, last);

	if (!links)
		return arena_printf(d->a, "`%s`", to);
	if (links == 1)
		return arena_printf(d->a, "`%s`, and that to `%s`", to, end);
	return arena_printf(d->a, "`%s`, and that by way of %u more to `%s`", to, links - 1, end);
}

const char *origin_of(const struct diff *d, uint32_t block)
{
	uint32_t first = next_changed(d, block), last;
	const struct evidence *ev;
	unsigned links;

	last = first == NONE ? NONE : last_changed(d, first, &links);
	if (last == NONE)
		return NULL;
	ev = &d->verdicts->evidence[last];
	return arena_printf(d->a, "it refers to %s, which differs at +0x%llx (%s)",
			    describe_chain(d, first, last, links), (unsigned long long)ev->patched_offset,
			    ev->what == DIFFERENT_BYTES && d->patched->blocks[last].kind != BLOCK_TEXT
				    ? "value"
				    : difference_name(ev->what));
}
