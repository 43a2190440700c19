/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * name_order.h - things by their names, in 8 bytes each
 *
 * One array in ascending order of hash, then name, then number: what has one name stands side by side, by ascending number.
 * Where it stands is guessed from the hash, so that a search looks at one or two places of an array that may be
 * on a disk.
 */
#ifndef ELFDIFF_NAME_ORDER_H
#define ELFDIFF_NAME_ORDER_H

#include "base/index.h"

struct name_order {
	uint64_t *items; /* 32 bits of hash over 32 bits of number */
	uint32_t count;
};

/* The name of number `id`; what it points to lives as long as the arena. */
typedef const char *(*name_of_fn)(const void *of, uint32_t id);
/* Is called before item `i` is looked at; NULL: they are all there. */
typedef void (*need_item_fn)(const void *of, uint32_t i);

uint32_t name_order_hash(const char *name, size_t length);

/* Of numbers 0 to before `count`; hashes are those of their names. */
void name_order_build(struct arena *a, struct name_order *o, const uint32_t *hashes, uint32_t count, name_of_fn name_of,
		      const void *of);

struct name_range {
	uint32_t first, end;
};

/* The items of that name. */
struct name_range name_order_find(const struct name_order *o, const char *name, name_of_fn name_of, need_item_fn need,
				  const void *of);

static inline uint32_t name_order_number(uint64_t item)
{
	return (uint32_t)item;
}

#endif
