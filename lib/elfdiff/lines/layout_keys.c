/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines/layout_keys.h"

#include <string.h>

static uint64_t hash_of(const struct layout_key *k)
{
	return hash_mix(hash_mix((uint64_t)k->tag, hash_string(k->name)), hash_string(k->unit));
}

uint32_t layout_keys_find(const struct layout_keys *keys, const struct layout_key *like)
{
	const struct index *ix = &keys->by_hash;

	for (uint32_t e = index_first(ix, hash_of(like)); e != NONE; e = index_next(ix, e)) {
		const struct layout_key *k = &keys->list.items[ix->ids[e]];

		if (k->tag == like->tag && !strcmp(k->name, like->name) && !strcmp(k->unit, like->unit))
			return ix->ids[e];
	}
	return NONE;
}

bool layout_keys_add(struct arena *a, struct layout_keys *keys, struct layout_key key)
{
	if (layout_keys_find(keys, &key) != NONE)
		return false;
	index_add(a, &keys->by_hash, hash_of(&key), keys->list.count);
	*vec_push(a, &keys->list) = key;
	return true;
}
