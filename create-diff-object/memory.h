/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.h - memory that the command cannot do without
 *
 * None of these returns NULL: where there is no more, the command reports it and ends, leaving nothing unfinished.
 */
#ifndef CREATE_DIFF_OBJECT_MEMORY_H
#define CREATE_DIFF_OBJECT_MEMORY_H

#include <stddef.h>

/* Zeroed. */
void *memory_array(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
/* Room for one more element: *room elements of `size` bytes at `items`, of which `count` are used. */
void *memory_grow(void *items, size_t count, size_t *room, size_t size) __attribute__((returns_nonnull));
char *memory_text(const char *text, size_t length) __attribute__((malloc, returns_nonnull));
char *memory_printf(const char *fmt, ...) __attribute__((malloc, returns_nonnull, format(printf, 1, 2)));

#endif
