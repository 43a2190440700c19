/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cached.h - arrays whose elements come from a cache when they are asked for
 *
 * The arrays are as long as they will be, and empty; a chunk of the cache fills some elements of one. Where a chunk turns
 * out to be damaged, all of them are filled from the source, in which the others are the same.
 */
#ifndef ELFDIFF_CACHED_H
#define ELFDIFF_CACHED_H

#include "base/diag.h"
#include "file/cache_file.h"
#include "kernel/name_order.h"

/* One array. Its elements lie in chunks of `per` each, from chunk `first` of the cache. */
struct cached_array {
	uint32_t first, per, count;
	/* Puts a chunk's elements where they belong, from number `start`; false: they cannot be such. */
	bool (*fill)(void *owner, uint32_t start, uint32_t count, const uint8_t *bytes, uint32_t size);
	void *owner;
};

enum { CACHED_MOST = 5 };

/* What the arrays of one cache have in common. */
struct cached_file {
	struct arena *a;
	struct diags *ds;
	struct cache_file *file;
	struct cache_source source;
	uint8_t *have; /* by chunk */
	bool whole;    /* all arrays were filled */
	/* Fills them from the source. */
	void (*fill_all)(void *owner);
	void *owner;
};

struct cached {
	struct cached_file *file;
	struct cached_array arrays[CACHED_MOST];
};

void cached_load(const struct cached *c, unsigned array, uint32_t chunk);

/* Element `i` of that array is there afterwards. NULL: all are. */
static inline void cached_need(const struct cached *c, unsigned array, uint32_t i)
{
	const struct cached_array *x;

	if (!c || c->file->whole)
		return;
	x = &c->arrays[array];
	if (!c->file->have[x->first + i / x->per])
		cached_load(c, array, i / x->per);
}

/* Tells that nothing is left that says what the file at `path` said: neither its cache nor itself. */
void cached_lost(struct cached_file *f, const char *path);

/* How many chunks an array has. */
static inline uint32_t cached_chunks(uint32_t count, uint32_t per)
{
	return count / per + (count % per != 0);
}

/* Of a chunk: what comes next in it. `bad` once something did not fit. */
struct cached_bytes {
	const uint8_t *at, *end;
	bool bad;
};
uint32_t cached_number(struct cached_bytes *b);
uint64_t cached_long(struct cached_bytes *b);
const char *cached_string(struct cached_bytes *b);

/* A chunk of an order by name, from item `start` on, of things numbered to before `most`; false: it is damaged. */
bool cached_fill_names(struct name_order *o, uint32_t start, uint32_t count, uint32_t most, const uint8_t *bytes,
		       uint32_t size);

/* The other way round. */
struct cached_text {
	VEC(uint8_t) bytes;
};
void cached_put(struct arena *a, struct cached_text *t, const void *bytes, size_t size);
void cached_put_number(struct arena *a, struct cached_text *t, uint32_t v);
void cached_put_long(struct arena *a, struct cached_text *t, uint64_t v);
void cached_put_string(struct arena *a, struct cached_text *t, const char *s);

#endif
