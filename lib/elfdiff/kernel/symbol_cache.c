// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbol_cache.c - the cache of tables of symbols
 *
 * Chunk 0 has what each table is; the others its arrays. What a chunk says is checked like any input: its checksum tells
 * that it is as it was written, not by whom.
 */
#include "kernel/symbol_cache.h"

#include <string.h>

#include "kernel/internal.h"

const uint32_t symbols_per_chunk[SYMBOL_ARRAYS] = { 64, 128, 1024, 1024, 512 };

void symbol_cache_count(const struct symbol_table *t, uint32_t counts[SYMBOL_ARRAYS])
{
	counts[CACHED_ENTRIES] = counts[CACHED_NAMES] = t->entries.count;
	counts[CACHED_OF_FILES] = t->files.count ? t->first_of_file[t->files.count] : 0;
	counts[CACHED_ORDER] = t->order ? t->entries.count : 0;
	counts[CACHED_HOOKS] = t->hooks.count;
}

/* ---- chunks to arrays ---- */

static bool fill_entries(void *owner, uint32_t start, uint32_t count, const uint8_t *bytes, uint32_t size)
{
	struct symbol_table *t = owner;
	struct cached_bytes b = { bytes, bytes + size, false };

	for (uint32_t i = 0; i < count; i++) {
		struct kernel_symbol *s = &t->entries.items[start + i];
		uint32_t kinds;

		s->address = cached_long(&b);
		s->size = cached_long(&b);
		s->file = cached_number(&b);
		kinds = cached_number(&b);
		s->section = kinds >> KINDS & SECTION_MOST;
		s->local = (kinds & LOCAL) != 0;
		s->weak = (kinds & WEAK) != 0;
		s->is_function = (kinds & FUNCTION) != 0;
		s->name = cached_string(&b);
		if (s->file != NONE && s->file >= t->files.count) {
			b.bad = true;
			s->file = NONE;
		}
	}
	return !b.bad && b.at == b.end;
}

static bool fill_names(void *owner, uint32_t start, uint32_t count, const uint8_t *bytes, uint32_t size)
{
	struct symbol_table *t = owner;

	return cached_fill_names(&t->by_name, start, count, t->entries.count, bytes, size);
}

static bool fill_numbers(const struct symbol_table *t, uint32_t *to, uint32_t count, const uint8_t *bytes,
			 uint32_t size)
{
	struct cached_bytes b = { bytes, bytes + size, false };

	for (uint32_t i = 0; i < count; i++) {
		to[i] = cached_number(&b);
		if (to[i] >= t->entries.count) {
			b.bad = true;
			to[i] = 0;
		}
	}
	return !b.bad && b.at == b.end;
}

static bool fill_of_files(void *owner, uint32_t start, uint32_t count, const uint8_t *bytes, uint32_t size)
{
	struct symbol_table *t = owner;

	return fill_numbers(t, t->of_files + start, count, bytes, size);
}

static bool fill_order(void *owner, uint32_t start, uint32_t count, const uint8_t *bytes, uint32_t size)
{
	struct symbol_table *t = owner;

	return fill_numbers(t, t->order + start, count, bytes, size);
}

static bool fill_hooks(void *owner, uint32_t start, uint32_t count, const uint8_t *bytes, uint32_t size)
{
	struct symbol_table *t = owner;
	struct cached_bytes b = { bytes, bytes + size, false };

	for (uint32_t i = 0; i < count; i++)
		t->hooks.items[start + i] = (struct code_place){ .address = cached_long(&b) };
	return !b.bad && b.at == b.end;
}

/* ---- a damaged chunk: all from the source ---- */

struct cached_tables {
	struct cached_file file;
	struct kernel_symbols tables;
	const char *path;
};

static bool is_like(const struct symbol_table *x, const struct symbol_table *y)
{
	uint32_t m[SYMBOL_ARRAYS], n[SYMBOL_ARRAYS];

	if (strcmp(x->object, y->object ? y->object : "") || x->files.count != y->files.count)
		return false;
	symbol_cache_count(x, m);
	symbol_cache_count(y, n);
	return !memcmp(m, n, sizeof(m));
}

static void copy_arrays(struct symbol_table *to, const struct symbol_table *from)
{
	uint32_t n[SYMBOL_ARRAYS];

	symbol_cache_count(to, n);
	memcpy(to->entries.items, from->entries.items, n[CACHED_ENTRIES] * sizeof(*to->entries.items));
	memcpy(to->by_name.items, from->by_name.items, n[CACHED_NAMES] * sizeof(*to->by_name.items));
	if (n[CACHED_OF_FILES])
		memcpy(to->of_files, from->of_files, n[CACHED_OF_FILES] * sizeof(*to->of_files));
	if (n[CACHED_ORDER])
		memcpy(to->order, from->order, n[CACHED_ORDER] * sizeof(*to->order));
	if (n[CACHED_HOOKS])
		memcpy(to->hooks.items, from->hooks.items, n[CACHED_HOOKS] * sizeof(*to->hooks.items));
}

/* Of a table that has nothing to say any more; what was asked of it remains true. */
static void silence(struct symbol_table *t)
{
	for (uint32_t i = 0; i < t->entries.count; i++)
		if (!t->entries.items[i].name)
			t->entries.items[i] = (struct kernel_symbol){ .name = "", .file = NONE };
	t->by_name.count = 0;
}

static void fail(struct cached_tables *c)
{
	cached_lost(&c->file, c->path);
	for (uint32_t i = 0; i < c->tables.tables.count; i++)
		silence(c->tables.tables.items[i]);
}

static void fill_all(void *owner)
{
	struct cached_tables *c = owner;
	struct diags unheard = { .arena = c->file.a };
	struct kernel_symbols fresh = { 0 };
	uint32_t n = c->tables.tables.count;
	bool known, same = !symbols_from_source(c->file.a, &unheard, c->path, &c->file.source, &known, &fresh);

	same = same && known && content_same(&c->file.source.read, &c->file.file->source) && fresh.tables.count == n;
	for (uint32_t i = 0; same && i < n; i++)
		same = is_like(c->tables.tables.items[i], fresh.tables.items[i]);
	if (!same) {
		fail(c);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		copy_arrays(c->tables.tables.items[i], fresh.tables.items[i]);
}

/* ---- reading ---- */

static void read_flags(struct symbol_table *t, uint32_t flags)
{
	t->has_sizes = (flags & HAS_SIZES) != 0;
	t->has_binds = (flags & HAS_BINDS) != 0;
	t->whole = (flags & WHOLE) != 0;
	t->after_init = (flags & AFTER_INIT) != 0;
	t->has_hooks = (flags & HAS_HOOKS) != 0;
}

static void read_files(struct arena *a, struct cached_bytes *b, struct symbol_table *t, uint32_t files)
{
	b->bad |= files > (size_t)(b->end - b->at) / sizeof(uint32_t);
	if (b->bad || !files)
		return;
	t->has_files = true;
	t->first_of_file = arena_array(a, (size_t)files + 1, uint32_t);
	for (uint32_t f = 0; f <= files; f++) {
		t->first_of_file[f] = cached_number(b);
		b->bad |= f && t->first_of_file[f] < t->first_of_file[f - 1];
	}
	b->bad |= t->first_of_file[0] != 0;
	vec_reserve(a, &t->files, files);
	for (t->files.count = 0; t->files.count < files && !b->bad;)
		t->files.items[t->files.count++] = cached_string(b);
}

static void reserve_arrays(struct arena *a, struct symbol_table *t, uint32_t hooks, bool has_order)
{
	uint32_t n = t->entries.count;

	t->entries.items = arena_array(a, n, struct kernel_symbol);
	t->by_name = (struct name_order){ arena_array(a, n, uint64_t), n };
	if (t->files.count)
		t->of_files = arena_array(a, t->first_of_file[t->files.count], uint32_t);
	if (has_order)
		t->order = arena_array(a, n, uint32_t);
	t->hooks.items = arena_array(a, hooks, struct code_place);
	t->hooks.count = hooks;
}

static bool has_chunks(const struct cached *c, const struct cached_array *x)
{
	uint32_t chunks = cached_chunks(x->count, x->per);

	return x->first <= c->file->file->count && chunks <= c->file->file->count - x->first;
}

static struct cached *arrays_of(struct cached_tables *all, struct symbol_table *t, uint32_t first)
{
	static bool (*const fills[])(void *, uint32_t, uint32_t, const uint8_t *,
				     uint32_t) = { fill_entries, fill_names, fill_of_files, fill_order, fill_hooks };
	struct cached *c = arena_new(all->file.a, struct cached);
	uint32_t counts[SYMBOL_ARRAYS];

	c->file = &all->file;
	symbol_cache_count(t, counts);
	for (unsigned i = 0; i < SYMBOL_ARRAYS; i++) {
		c->arrays[i] = (struct cached_array){ first, symbols_per_chunk[i], counts[i], fills[i], t };
		if (!has_chunks(c, &c->arrays[i]))
			return NULL;
		first += cached_chunks(counts[i], symbols_per_chunk[i]);
	}
	return c;
}

static bool is_possible(const struct cached_tables *all, uint32_t count)
{
	return count && count / symbols_per_chunk[CACHED_ENTRIES] <= all->file.file->count;
}

static struct symbol_table *read_table(struct cached_tables *all, struct cached_bytes *b)
{
	struct arena *a = all->file.a;
	struct symbol_table *t = symbol_table_new(a, cached_string(b), all->path);
	uint32_t flags = cached_number(b), first = cached_number(b), hooks, files;

	read_flags(t, flags);
	t->entries.count = cached_number(b);
	hooks = cached_number(b);
	t->init.start = cached_long(b);
	t->init.end = cached_long(b);
	t->per_cpu.start = cached_long(b);
	t->per_cpu.end = cached_long(b);
	files = cached_number(b);
	read_files(a, b, t, files);
	if (b->bad || !is_possible(all, t->entries.count) ||
	    hooks / symbols_per_chunk[CACHED_HOOKS] > all->file.file->count)
		return NULL;
	if (files && t->first_of_file[files] > t->entries.count)
		return NULL;
	reserve_arrays(a, t, hooks, flags & HAS_ORDER);
	t->cached = arrays_of(all, t, first);
	return t->cached ? t : NULL;
}

static bool read_tables(struct cached_tables *all)
{
	uint32_t size = cache_chunk_size(all->file.file, 0), count;
	uint8_t *bytes = arena_alloc(all->file.a, size);
	struct cached_bytes b = { bytes, bytes + size, false };

	if (!size || !cache_chunk_read(all->file.file, 0, bytes))
		return false;
	count = cached_number(&b);
	for (uint32_t i = 0; i < count; i++) {
		struct symbol_table *t = read_table(all, &b);

		if (!t)
			return false;
		/* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
		*vec_push(all->file.a, &all->tables.tables) = t;
	}
	return count && !b.bad && b.at == b.end;
}

bool symbol_cache_read(struct arena *a, struct diags *ds, const struct cache_source *s, const char *path,
		       struct kernel_symbols *ks)
{
	struct cached_tables *all = arena_new(a, struct cached_tables);

	all->path = arena_strdup(a, path);
	all->file = (struct cached_file){ .a = a, .ds = ds, .source = *s, .fill_all = fill_all, .owner = all };
	all->file.file = cache_open(a, s, CACHE_SYMBOLS);
	if (!all->file.file)
		return false;
	all->file.have = arena_alloc(a, all->file.file->count);
	if (!read_tables(all))
		return false;
	for (uint32_t i = 0; i < all->tables.tables.count; i++)
		/* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
		*vec_push(a, &ks->tables) = all->tables.tables.items[i];
	return true;
}
