/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text_set.h"

#include <string.h>

bool text_set_has(const struct text_set *set, const char *text, size_t length)
{
	const struct index *ix = &set->by_text;

	for (uint32_t e = index_first(ix, hash_bytes(text, length)); e != NONE; e = index_next(ix, e))
		if (set->list.items[ix->ids[e]].length == length &&
		    !memcmp(set->list.items[ix->ids[e]].text, text, length))
			return true;
	return false;
}

bool text_set_add(struct arena *a, struct text_set *set, const char *text, size_t length)
{
	uint32_t n = set->list.count;

	if (text_set_has(set, text, length))
		return false;
	index_add(a, &set->by_text, hash_bytes(text, length), n);
	vec_push(a, &set->list);
	set->list.items[n].text = text;
	set->list.items[n].length = length;
	return true;
}
