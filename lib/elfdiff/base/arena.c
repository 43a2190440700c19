/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static size_t rounded(size_t size)
{
	return (size + ALIGN - 1) / ALIGN * ALIGN;
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
		size = rounded(size);
		c = chunk_for(a, size);
	}
	if (!c)
		longjmp(*a->unwind, 1);
	p = c->bytes + c->used;
	c->used += size;
	return p;
}

/* What points to the chunk that has nothing else, or NULL. */
static struct arena_chunk **chunk_of(struct arena *a, const void *p, size_t size)
{
	for (struct arena_chunk **c = &a->chunks; *c; c = &(*c)->next)
		if ((*c)->bytes == p && (*c)->used == rounded(size))
			return c;
	return NULL;
}

static void *grow_chunk(struct arena *a, struct arena_chunk **link, size_t bigger)
{
	struct arena_chunk *c = bigger <= SIZE_MAX - sizeof(*c) - ALIGN && ++a->allocations != a->fail_after
					? realloc(*link, sizeof(*c) + rounded(bigger))
					: NULL;

	if (!c)
		longjmp(*a->unwind, 1);
	*link = c;
	c->size = c->used = rounded(bigger);
	return c->bytes;
}

void *arena_grow(struct arena *a, void *p, size_t size, size_t bigger)
{
	struct arena_chunk **link = size > CHUNK / 4 ? chunk_of(a, p, size) : NULL;
	void *moved;

	if (link)
		return grow_chunk(a, link, bigger);
	moved = arena_alloc(a, bigger);
	if (size)
		memcpy(moved, p, size);
	return moved;
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
