/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

enum { CHUNK = 1 << 18, ALIGN = 16 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t size, used;
	_Alignas(ALIGN) char bytes[];
};

struct arena_cleanup {
	struct arena_cleanup *next;
	void (*fn)(void *);
	void *arg;
};

void arena_free(struct arena *a)
{
	for (struct arena_cleanup *c = a->cleanups; c; c = c->next)
		c->fn(c->arg);
	a->cleanups = NULL;
	for (struct arena_chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	a->chunks = NULL;
}

/* A chunk with room for `size` bytes; a large request gets one of its own behind the current one. */
static struct arena_chunk *chunk_for(struct arena *a, size_t size)
{
	struct arena_chunk *c = a->chunks;
	size_t room = size > CHUNK / 4 ? size : CHUNK;

	if (c && size <= c->size - c->used)
		return c;
	if (size > SIZE_MAX - sizeof(*c))
		return NULL;
	c = calloc(1, sizeof(*c) + room);
	if (!c)
		return NULL;
	c->size = room;
	if (room != CHUNK && a->chunks) {
		c->next = a->chunks->next;
		a->chunks->next = c;
	} else {
		c->next = a->chunks;
		a->chunks = c;
	}
	return c;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_chunk *c = NULL;
	void *p;

	a->allocations++;
	if (size <= SIZE_MAX - ALIGN && a->allocations != a->fail_after) {
		size = (size + ALIGN - 1) / ALIGN * ALIGN;
		c = chunk_for(a, size);
	}
	if (!c)
		longjmp(*a->unwind, 1);
	p = c->bytes + c->used;
	c->used += size;
	return p;
}

void *arena_calloc(struct arena *a, size_t count, size_t size)
{
	size_t bytes;

	return arena_alloc(a, __builtin_mul_overflow(count, size, &bytes) ? SIZE_MAX : bytes);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	p = arena_alloc(a, n < 0 ? 1 : (size_t)n + 1);
	if (n > 0)
		vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct arena_cleanup *c = arena_new(a, struct arena_cleanup);

	*c = (struct arena_cleanup){ .next = a->cleanups, .fn = fn, .arg = arg };
	a->cleanups = c;
}

void *vec_grow(struct arena *a, void *items, uint32_t count, uint32_t *room, size_t size)
{
	uint32_t bigger = *room ? *room * 2 : 8;
	void *p;

	if (count < *room)
		return items;
	if (bigger <= *room) /* 2^31 elements: the last growth goes to what a number of 32 bits can count */
		bigger = UINT32_MAX;
	p = arena_calloc(a, bigger > *room ? bigger : SIZE_MAX, bigger > *room ? size : SIZE_MAX);
	if (count)
		memcpy(p, items, count * size);
	*room = bigger;
	return p;
}
