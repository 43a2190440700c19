/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.h - from a 64-bit hash to the numbers filed under it
 *
 * Serves every look-up by name, address or content. The caller compares the
 * real key, also where the hash is a number that would do for one; several
 * numbers may share one hash and come out in the order in which they were
 * added. tests/unit/test_collisions.c files everything under one hash.
 *
 *	for (uint32_t i = index_first(&ix, h); i != NONE; i = index_next(&ix, i))
 *		if (!strcmp(names[ix.ids[i]], name)) ...
 */
#ifndef ELFDIFF_INDEX_H
#define ELFDIFF_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

/* "No such thing", for every 32-bit index of the library. */
#define NONE UINT32_MAX

/* `count` numbers, all of them NONE. */
uint32_t *none_array(struct arena *a, uint32_t count);

struct index {
	uint32_t *ids;    /* the numbers, by entry */
	uint32_t *hashes; /* by entry: the lower half */
	uint32_t *next;   /* by entry: next entry of the same bucket; behind the last one comes the first */
	uint32_t *last;   /* by bucket: its last entry, or NONE */
	uint32_t count, room, buckets;
};

/* Room for `count` entries in an empty one. */
void index_reserve(struct arena *a, struct index *ix, uint32_t count);

void index_add(struct arena *a, struct index *ix, uint64_t hash, uint32_t id);
/* Of an index that has entries. */
uint32_t index_look_up(const struct index *ix, uint64_t hash);

/* Entries (not numbers: see ix->ids) under `hash`, or NONE. An index without any has no arrays either. */
static inline uint32_t index_first(const struct index *ix, uint64_t hash)
{
	return ix->count ? index_look_up(ix, hash) : NONE;
}

uint32_t index_next(const struct index *ix, uint32_t entry);

/* `id` is filed under `hash`. */
static inline bool index_has(const struct index *ix, uint64_t hash, uint32_t id)
{
	for (uint32_t e = index_first(ix, hash); e != NONE; e = index_next(ix, e))
		if (ix->ids[e] == id)
			return true;
	return false;
}

uint64_t hash_bytes(const void *data, size_t size);
uint64_t hash_string(const char *s);
uint64_t hash_mix(uint64_t a, uint64_t b);

#endif
