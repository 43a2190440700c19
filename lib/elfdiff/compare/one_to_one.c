/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * one_to_one.c - once-flags, lock keys and rate limits have no identity outside a function; inside one they have: two
 * reports with a flag each are not two reports that share one. So those of a function and its outlined code, and
 * those of its twin, are paired as they are met, and each has one partner.
 */
#include "compare/internal.h"

struct fresh_pair {
	uint32_t function; /* see comparer.function */
	uint32_t b, c;
};

static const struct fresh_pair *find(const struct fresh_pairs *f, uint32_t function, uint32_t block, bool patched)
{
	const struct index *ix = patched ? &f->by_patched : &f->by_orig;
	uint64_t h = hash_mix((uint64_t)function << 32 | block, 0);

	for (uint32_t e = index_first(ix, h); e != NONE; e = index_next(ix, e)) {
		const struct fresh_pair *p = &f->pairs.items[ix->ids[e]];

		if (p->function == function && (patched ? p->c : p->b) == block)
			return p;
	}
	return NULL;
}

static void add(struct comparer *cmp, uint32_t b, uint32_t c)
{
	struct fresh_pairs *f = &cmp->fresh;

	index_add(cmp->a, &f->by_orig, hash_mix((uint64_t)cmp->function << 32 | b, 0), f->pairs.count);
	index_add(cmp->a, &f->by_patched, hash_mix((uint64_t)cmp->function << 32 | c, 0), f->pairs.count);
	*vec_push(cmp->a, &f->pairs) = (struct fresh_pair){ .function = cmp->function, .b = b, .c = c };
}

/* What has no bytes, as a lock key without lockdep, is like any other of its kind; so are constants of equal content. */
static bool has_state(const struct block *b)
{
	return b->kind == BLOCK_DATA && b->start != b->end;
}

bool one_to_one(struct comparer *cmp, uint32_t b, uint32_t c)
{
	const struct fresh_pair *p;

	if (cmp->function == NONE || cmp->user != NONE || !has_state(&cmp->orig->blocks[b]))
		return true;
	p = find(&cmp->fresh, cmp->function, b, false);
	if (p)
		return p->c == c;
	if (find(&cmp->fresh, cmp->function, c, true))
		return false;
	add(cmp, b, c);
	return true;
}
