/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vec.h - growable arrays in an arena
 *
 *	VEC(struct reloc) v = { 0 };
 *	*vec_push(arena, &v) = (struct reloc){ ... };
 *	for (uint32_t i = 0; i < v.count; i++) use(&v.items[i]);
 */
#ifndef ELFDIFF_VEC_H
#define ELFDIFF_VEC_H

#include <stdint.h>
#include <string.h>

#include "base/arena.h"

#define VEC(type)                                                                                                      \
	struct {                                                                                                       \
		type *items;                                                                                           \
		uint32_t count;                                                                                        \
		uint32_t room;                                                                                         \
	}

/* Pointer to a new zeroed element; valid until the next push. */
#define vec_push(a, v)                                                                                                 \
	((v)->items = (v)->count < (v)->room ? (v)->items                                                              \
					     : vec_grow((a), (v)->items, (v)->count, &(v)->room, sizeof(*(v)->items)), \
	 memset(&(v)->items[(v)->count], 0, sizeof(*(v)->items)), &(v)->items[(v)->count++])

/* Room for `n` in an empty one. What is not used costs address space alone. */
#define vec_reserve(a, v, n) ((v)->items = arena_calloc((a), (n), sizeof(*(v)->items)), (v)->room = (n))

void *vec_grow(struct arena *a, void *items, uint32_t count, uint32_t *room, size_t size);

#endif
