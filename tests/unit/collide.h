// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * collide.h - an index in which all that is filed has one hash
 *
 * Who includes this links none other: whatever the program asks of the library,
 * every look-up meets everything else that is in the index.
 */
#ifndef ELFDIFF_TEST_COLLIDE_H
#define ELFDIFF_TEST_COLLIDE_H

#define index_add add_under_hash
#define index_look_up look_up_under_hash
#include "../../lib/elfdiff/base/index.c"
#undef index_add
#undef index_look_up

void index_add(struct arena *a, struct index *ix, uint64_t hash, uint32_t id);
uint32_t index_look_up(const struct index *ix, uint64_t hash);

static bool collide = true;
static size_t collisions;

void index_add(struct arena *a, struct index *ix, uint64_t hash, uint32_t id)
{
	collisions += collide && ix->count;
	add_under_hash(a, ix, collide ? 0 : hash, id);
}

uint32_t index_look_up(const struct index *ix, uint64_t hash)
{
	return look_up_under_hash(ix, collide ? 0 : hash);
}

/* The same of the order of names. */
static uint64_t hash_or_none(const void *bytes, size_t size)
{
	return collide ? 0 : hash_bytes(bytes, size);
}

#define hash_bytes hash_or_none
#include "../../lib/elfdiff/kernel/name_order.c"
#undef hash_bytes

#endif
