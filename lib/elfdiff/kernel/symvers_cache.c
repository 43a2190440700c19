// SPDX-License-Identifier: GPL-2.0-or-later
/* symvers_cache.c - chunk 0 has the number of exports; the others are these, and their order by name */
#include "kernel/symvers_cache.h"

#include <string.h>

static const uint32_t per_chunk[] = { 64, 128 };

enum { GPL_ONLY = 1, TO_NAMED_MODULES = 2, HAS_NAME_SPACE = 4 };

static bool fill_exports(void *owner, uint32_t start, uint32_t count, const uint8_t *bytes, uint32_t size)
{
	struct symvers *sv = owner;
	struct cached_bytes b = { bytes, bytes + size, false };

	for (uint32_t i = 0; i < count; i++) {
		struct export *e = &sv->exports.items[start + i];
		uint32_t flags = cached_number(&b);

		*e = (struct export){ .crc = cached_number(&b),
				      .gpl_only = (flags & GPL_ONLY) != 0,
				      .to_named_modules = (flags & TO_NAMED_MODULES) != 0 };
		e->name = cached_string(&b);
		e->object = cached_string(&b);
		e->name_space = flags & HAS_NAME_SPACE ? cached_string(&b) : NULL;
	}
	return !b.bad && b.at == b.end;
}

static bool fill_names(void *owner, uint32_t start, uint32_t count, const uint8_t *bytes, uint32_t size)
{
	struct symvers *sv = owner;

	return cached_fill_names(&sv->by_name, start, count, sv->exports.count, bytes, size);
}

/* ---- a damaged chunk: all from the source ---- */

struct cached_symvers {
	struct cached_file file;
	struct symvers *sv;
	const char *path;
};

/* One that exports nothing any more; what was asked of it remains true. */
static void fail(struct cached_symvers *c)
{
	cached_lost(&c->file, c->path);
	for (uint32_t i = 0; i < c->sv->exports.count; i++)
		if (!c->sv->exports.items[i].name)
			c->sv->exports.items[i] = (struct export){ .name = "", .object = "" };
	c->sv->by_name.count = 0;
}

static void fill_all(void *owner)
{
	struct cached_symvers *c = owner;
	struct diags unheard = { .arena = c->file.a };
	struct symvers fresh = { 0 };
	uint32_t n = c->sv->exports.count;
	bool known, same = !symvers_from_source(c->file.a, &unheard, c->path, &c->file.source, &known, &fresh);

	if (!same || !known || !content_same(&c->file.source.read, &c->file.file->source) || fresh.exports.count != n) {
		fail(c);
		return;
	}
	memcpy(c->sv->exports.items, fresh.exports.items, n * sizeof(*fresh.exports.items));
	memcpy(c->sv->by_name.items, fresh.by_name.items, n * sizeof(*fresh.by_name.items));
}

/* ---- reading ---- */

static bool read_count(struct cache_file *f, uint32_t *count)
{
	if (cache_chunk_size(f, 0) != sizeof(*count) || !cache_chunk_read(f, 0, count) || !*count)
		return false;
	return (uint64_t)cached_chunks(*count, per_chunk[CACHED_EXPORTS]) +
		       cached_chunks(*count, per_chunk[CACHED_EXPORT_NAMES]) ==
	       (uint64_t)f->count - 1;
}

bool symvers_cache_read(struct arena *a, struct diags *ds, const struct cache_source *s, const char *path,
			struct symvers *sv)
{
	struct cached_symvers *all = arena_new(a, struct cached_symvers);
	struct cached *c = arena_new(a, struct cached);
	uint32_t n;

	all->file = (struct cached_file){ .a = a, .ds = ds, .source = *s, .fill_all = fill_all, .owner = all };
	all->file.file = cache_open(a, s, CACHE_SYMVERS);
	all->sv = sv;
	all->path = arena_strdup(a, path);
	if (!all->file.file || !read_count(all->file.file, &n))
		return false;
	all->file.have = arena_alloc(a, all->file.file->count);
	sv->exports.items = arena_array(a, n, struct export);
	sv->exports.count = sv->exports.room = n;
	sv->by_name = (struct name_order){ arena_array(a, n, uint64_t), n };
	c->file = &all->file;
	c->arrays[CACHED_EXPORTS] = (struct cached_array){ 1, per_chunk[CACHED_EXPORTS], n, fill_exports, sv };
	c->arrays[CACHED_EXPORT_NAMES] = (struct cached_array){ 1 + cached_chunks(n, per_chunk[CACHED_EXPORTS]),
								per_chunk[CACHED_EXPORT_NAMES], n, fill_names, sv };
	sv->cached = c;
	return true;
}

/* ---- writing ---- */

static void put_export(struct arena *a, struct cached_text *t, const struct export *e)
{
	cached_put_number(a, t,
			  (e->gpl_only ? GPL_ONLY : 0) | (e->to_named_modules ? TO_NAMED_MODULES : 0) |
				  (e->name_space ? HAS_NAME_SPACE : 0));
	cached_put_number(a, t, e->crc);
	cached_put_string(a, t, e->name);
	cached_put_string(a, t, e->object);
	if (e->name_space)
		cached_put_string(a, t, e->name_space);
}

void symvers_cache_write(struct arena *a, const struct cache_source *s, const struct symvers *sv)
{
	uint32_t n = sv->exports.count;
	struct cached_text text = { 0 };
	struct cache_writer *w = cache_create(a, s, CACHE_SYMVERS,
					      1 + cached_chunks(n, per_chunk[CACHED_EXPORTS]) +
						      cached_chunks(n, per_chunk[CACHED_EXPORT_NAMES]));

	if (!w)
		return;
	cache_add(w, &n, sizeof(n));
	for (unsigned array = CACHED_EXPORTS; array <= CACHED_EXPORT_NAMES; array++)
		for (uint32_t i = 0; i < n; i++) {
			if (array == CACHED_EXPORTS)
				put_export(a, &text, &sv->exports.items[i]);
			else
				cached_put_long(a, &text, sv->by_name.items[i]);
			if ((i + 1) % per_chunk[array] && i + 1 < n)
				continue;
			cache_add(w, text.bytes.items, text.bytes.count);
			text.bytes.count = 0;
		}
	cache_finish(w);
}
