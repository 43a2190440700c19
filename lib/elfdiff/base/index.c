/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/index.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint32_t *none_array(struct arena *a, uint32_t count)
{
	uint32_t *numbers = arena_array(a, count, uint32_t);

	memset(numbers, 0xff, (size_t)count * sizeof(*numbers));
	return numbers;
}

static void file_under_bucket(struct index *ix, uint32_t entry)
{
	uint32_t b = (uint32_t)ix->hashes[entry] & (ix->buckets - 1);

	ix->next[entry] = NONE;
	if (ix->head[b] == NONE)
		ix->head[b] = entry;
	else
		ix->next[ix->tail[b]] = entry;
	ix->tail[b] = entry;
}

/* Buckets are numbered in 32 bits, and there are two for each entry. */
enum { MOST_ENTRIES = 1 << 30 };

static void grow(struct arena *a, struct index *ix)
{
	uint32_t room = ix->room ? ix->room * 2 : 16;
	uint32_t *ids = arena_calloc(a, room > MOST_ENTRIES ? SIZE_MAX : room, sizeof(*ids));
	uint64_t *hashes = arena_array(a, room, uint64_t);

	if (ix->count) {
		memcpy(ids, ix->ids, ix->count * sizeof(*ids));
		memcpy(hashes, ix->hashes, ix->count * sizeof(*hashes));
	}
	ix->ids = ids;
	ix->hashes = hashes;
	ix->next = arena_array(a, room, uint32_t);
	ix->room = room;
	ix->buckets = room * 2;
	ix->head = arena_array(a, ix->buckets, uint32_t);
	ix->tail = arena_array(a, ix->buckets, uint32_t);
	memset(ix->head, 0xff, ix->buckets * sizeof(*ix->head));
	for (uint32_t i = 0; i < ix->count; i++)
		file_under_bucket(ix, i);
}

void index_add(struct arena *a, struct index *ix, uint64_t hash, uint32_t id)
{
	if (ix->count == ix->room)
		grow(a, ix);
	ix->ids[ix->count] = id;
	ix->hashes[ix->count] = hash;
	file_under_bucket(ix, ix->count++);
}

static uint32_t skip_others(const struct index *ix, uint32_t entry, uint64_t hash)
{
	while (entry != NONE && ix->hashes[entry] != hash)
		entry = ix->next[entry];
	return entry;
}

uint32_t index_look_up(const struct index *ix, uint64_t hash)
{
	return skip_others(ix, ix->head[(uint32_t)hash & (ix->buckets - 1)], hash);
}

uint32_t index_next(const struct index *ix, uint32_t entry)
{
	return skip_others(ix, ix->next[entry], ix->hashes[entry]);
}

uint64_t hash_bytes(const void *data, size_t size)
{
	return XXH3_64bits(data, size);
}

uint64_t hash_string(const char *s)
{
	return XXH3_64bits(s, strlen(s));
}

uint64_t hash_mix(uint64_t a, uint64_t b)
{
	uint64_t pair[2] = { a, b };

	return XXH3_64bits(pair, sizeof(pair));
}
