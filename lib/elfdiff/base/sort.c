/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/sort.h"

#include <stdbool.h>
#include <string.h>

static bool keys_sorted(const struct sort_key *keys, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (keys[i - 1].key > keys[i].key)
			return false;
	return true;
}

static void merge(const struct sort_key *from, struct sort_key *to, uint32_t start, uint32_t middle, uint32_t end)
{
	uint32_t i = start, j = middle;

	for (uint32_t k = start; k < end; k++)
		to[k] = j >= end || (i < middle && from[i].key <= from[j].key) ? from[i++] : from[j++];
}

void sort_keys(struct arena *a, struct sort_key *keys, uint32_t count)
{
	struct sort_key *from = keys, *to;

	if (keys_sorted(keys, count))
		return;
	to = arena_array(a, count, struct sort_key);
	for (uint64_t width = 1; width < count; width *= 2) {
		struct sort_key *swap = from;

		for (uint64_t i = 0; i < count; i += 2 * width) {
			uint64_t middle = i + width < count ? i + width : count;
			uint64_t end = i + 2 * width < count ? i + 2 * width : count;

			merge(from, to, (uint32_t)i, (uint32_t)middle, (uint32_t)end);
		}
		from = to;
		to = swap;
	}
	if (from != keys)
		memcpy(keys, from, count * sizeof(*keys));
}
