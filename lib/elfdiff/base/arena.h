/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.h - all memory of a run
 *
 * Memory is zeroed, aligned to 16 bytes, and freed all at once. When there is
 * none left, arena_alloc() does not return: it jumps to the arena's `unwind`,
 * which the entry points of elfdiff.c set (see run_guard()). What is not
 * memory (descriptors, libelf handles, temporary files) is registered with
 * arena_defer(), so an unwound run leaks nothing.
 */
#ifndef ELFDIFF_ARENA_H
#define ELFDIFF_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

struct arena_chunk;
struct arena_cleanup;

struct arena {
	struct arena_chunk *chunks;
	struct arena_cleanup *cleanups;
	jmp_buf *unwind;
	size_t allocations; /* made so far */
	size_t fail_after;  /* tests: the allocation of this number fails; 0 never */
};

void arena_free(struct arena *a);

void *arena_alloc(struct arena *a, size_t size) __attribute__((malloc, returns_nonnull));
/* `count` elements of `size` bytes; an overflowing product is out of memory. */
void *arena_calloc(struct arena *a, size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/*
 * `size` bytes become `bigger`, which may be elsewhere: the old ones are not to be used any more. What is added is not
 * zeroed. A large one is freed where it was, so that what grows does not leave all its former selves behind.
 */
void *arena_grow(struct arena *a, void *p, size_t size, size_t bigger) __attribute__((returns_nonnull));

char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* Run `fn(arg)` at arena_free(), last registered first. */
void arena_defer(struct arena *a, void (*fn)(void *), void *arg);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, count, type) ((type *)arena_calloc((a), (count), sizeof(type)))

#endif
