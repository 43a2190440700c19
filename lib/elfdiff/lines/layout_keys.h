/* SPDX-License-Identifier: GPL-2.0-or-later */
/* layout_keys.h - which type of the one object a type of the other is compared with */
#ifndef ELFDIFF_LAYOUT_KEYS_H
#define ELFDIFF_LAYOUT_KEYS_H

#include "base/index.h"

struct layout_key {
	int tag; /* structure or union */
	const char *name;
	const char *unit; /* of a single one nobody asks for its name */
};

/* Numbered as they were added. */
struct layout_keys {
	VEC(struct layout_key) list;
	struct index by_hash;
};

/* The number of the type of that key, or NONE. */
uint32_t layout_keys_find(const struct layout_keys *keys, const struct layout_key *like);

/* False: there is one of that key. */
bool layout_keys_add(struct arena *a, struct layout_keys *keys, struct layout_key key);

#endif
