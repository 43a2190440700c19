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

static uint32_t *last_of(const struct index *ix, uint32_t hash)
{
	return &ix->last[hash & (ix->buckets - 1)];
}

/* The entries of a bucket are a ring. */
static void file_under_bucket(struct index *ix, uint32_t entry)
{
	uint32_t *last = last_of(ix, ix->hashes[entry]);

	if (*last == NONE) {
		ix->next[entry] = entry;
	} else {
		ix->next[entry] = ix->next[*last];
		ix->next[*last] = entry;
	}
	*last = entry;
}

/* Buckets are numbered in 32 bits, and there are two for each entry. */
enum { MOST_ENTRIES = 1 << 30 };

static void make_room(struct arena *a, struct index *ix, uint32_t room)
{
	uint32_t *ids = arena_calloc(a, room > MOST_ENTRIES ? SIZE_MAX : room, sizeof(*ids));
	uint32_t *hashes = arena_array(a, room, uint32_t);

	if (ix->count) {
		memcpy(ids, ix->ids, ix->count * sizeof(*ids));
		memcpy(hashes, ix->hashes, ix->count * sizeof(*hashes));
	}
	ix->ids = ids;
	ix->hashes = hashes;
	ix->next = arena_array(a, room, uint32_t);
	ix->room = room;
	ix->buckets = room * 2;
	ix->last = none_array(a, ix->buckets);
	for (uint32_t i = 0; i < ix->count; i++)
		file_under_bucket(ix, i);
}

void index_reserve(struct arena *a, struct index *ix, uint32_t count)
{
	uint32_t room = 16;

	while (room < count && room < MOST_ENTRIES)
		room *= 2;
	make_room(a, ix, room);
}

void index_add(struct arena *a, struct index *ix, uint64_t hash, uint32_t id)
{
	if (ix->count == ix->room)
		make_room(a, ix, ix->room ? ix->room * 2 : 16);
	ix->ids[ix->count] = id;
	ix->hashes[ix->count] = (uint32_t)hash;
	file_under_bucket(ix, ix->count++);
}

/* The first of that hash behind an entry of its bucket, or NONE. */
static uint32_t next_of(const struct index *ix, uint32_t entry, uint32_t hash, uint32_t last)
{
	while (entry != last) {
		entry = ix->next[entry];
		if (ix->hashes[entry] == hash)
			return entry;
	}
	return NONE;
}

uint32_t index_look_up(const struct index *ix, uint64_t hash)
{
	uint32_t last = *last_of(ix, (uint32_t)hash), first = last == NONE ? NONE : ix->next[last];

	return first == NONE || ix->hashes[first] == (uint32_t)hash ? first : next_of(ix, first, (uint32_t)hash, last);
}

uint32_t index_next(const struct index *ix, uint32_t entry)
{
	return next_of(ix, entry, ix->hashes[entry], *last_of(ix, ix->hashes[entry]));
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
