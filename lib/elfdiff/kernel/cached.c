// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/cached.h"

#include <string.h>

static bool fill_chunk(const struct cached *c, const struct cached_array *x, uint32_t chunk)
{
	struct cached_file *f = c->file;
	uint32_t start = chunk * x->per, count = x->count - start < x->per ? x->count - start : x->per;
	uint32_t size = cache_chunk_size(f->file, x->first + chunk);
	uint8_t *bytes = arena_alloc(f->a, size);

	return cache_chunk_read(f->file, x->first + chunk, bytes) && x->fill(x->owner, start, count, bytes, size);
}

void cached_load(const struct cached *c, unsigned array, uint32_t chunk)
{
	const struct cached_array *x = &c->arrays[array];
	struct cached_file *f = c->file;

	if (fill_chunk(c, x, chunk)) {
		f->have[x->first + chunk] = true;
		return;
	}
	f->whole = true;
	f->fill_all(f->owner);
}

void cached_lost(struct cached_file *f, const char *path)
{
	diag_add(f->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = "input-unreadable",
					.object = path,
					.cause = "its cache is damaged, and it is not what it was when this run began",
					.hint = "run the command again" },
		 "`%s` cannot be read", path);
}

/* ---- what chunks are made of ---- */

/* Where there are no more, what is there stays. */
static void take(struct cached_bytes *b, void *to, size_t size)
{
	b->bad |= (size_t)(b->end - b->at) < size;
	if (b->bad)
		return;
	memcpy(to, b->at, size);
	b->at += size;
}

uint32_t cached_number(struct cached_bytes *b)
{
	uint32_t v = 0;

	take(b, &v, sizeof(v));
	return v;
}

uint64_t cached_long(struct cached_bytes *b)
{
	uint64_t v = 0;

	take(b, &v, sizeof(v));
	return v;
}

const char *cached_string(struct cached_bytes *b)
{
	const char *s = (const char *)b->at;
	const uint8_t *end = b->bad ? NULL : memchr(b->at, 0, (size_t)(b->end - b->at));

	b->bad |= !end;
	if (!end)
		return "";
	b->at = end + 1;
	return s;
}

bool cached_fill_names(struct name_order *o, uint32_t start, uint32_t count, uint32_t most, const uint8_t *bytes,
		       uint32_t size)
{
	struct cached_bytes b = { bytes, bytes + size, false };

	for (uint32_t i = start; i < start + count; i++) {
		o->items[i] = cached_long(&b);
		if (name_order_number(o->items[i]) >= most) {
			b.bad = true;
			o->items[i] = 0;
		}
	}
	return !b.bad && b.at == b.end;
}

void cached_put(struct arena *a, struct cached_text *t, const void *bytes, size_t size)
{
	while (t->bytes.room - t->bytes.count < size) {
		uint32_t room = t->bytes.room;

		t->bytes.items = vec_grow(a, t->bytes.items, room, &t->bytes.room, 1);
	}
	if (size)
		memcpy(t->bytes.items + t->bytes.count, bytes, size);
	t->bytes.count += (uint32_t)size;
}

void cached_put_number(struct arena *a, struct cached_text *t, uint32_t v)
{
	cached_put(a, t, &v, sizeof(v));
}

void cached_put_long(struct arena *a, struct cached_text *t, uint64_t v)
{
	cached_put(a, t, &v, sizeof(v));
}

void cached_put_string(struct arena *a, struct cached_text *t, const char *s)
{
	cached_put(a, t, s, strlen(s) + 1);
}
