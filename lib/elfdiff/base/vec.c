/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/vec.h"

void *vec_grow(struct arena *a, void *items, uint32_t count, uint32_t *room, size_t size)
{
	uint32_t bigger = *room ? *room * 2 : 8;
	size_t bytes;

	if (count < *room)
		return items;
	if (bigger <= *room) /* 2^31 elements: the last growth goes to what a number of 32 bits can count */
		bigger = UINT32_MAX;
	if (bigger == *room || __builtin_mul_overflow(bigger, size, &bytes))
		bytes = SIZE_MAX;
	items = arena_grow(a, items, *room * size, bytes);
	*room = bigger;
	return items;
}
