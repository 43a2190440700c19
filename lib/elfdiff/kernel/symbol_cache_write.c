// SPDX-License-Identifier: GPL-2.0-or-later
/* symbol_cache_write.c - what symbol_cache.c reads */
#include "kernel/symbol_cache.h"

struct table_writer {
	struct arena *a;
	struct cache_writer *w;
	const struct symbol_table *t;
	struct cached_text text; /* of the chunk that is being made */
};

static void put_entry(struct table_writer *w, uint32_t i)
{
	const struct kernel_symbol *s = &w->t->entries.items[i];

	cached_put_long(w->a, &w->text, s->address);
	cached_put_long(w->a, &w->text, s->size);
	cached_put_number(w->a, &w->text, s->file);
	cached_put_number(w->a, &w->text,
			  (uint32_t)s->section << KINDS | (s->local ? LOCAL : 0) | (s->weak ? WEAK : 0) |
				  (s->is_function ? FUNCTION : 0));
	cached_put_string(w->a, &w->text, s->name);
}

static void put_element(struct table_writer *w, enum symbol_array array, uint32_t i)
{
	switch (array) {
	case CACHED_ENTRIES:
		put_entry(w, i);
		break;
	case CACHED_NAMES:
		cached_put_long(w->a, &w->text, w->t->by_name.items[i]);
		break;
	case CACHED_OF_FILES:
		cached_put_number(w->a, &w->text, w->t->of_files[i]);
		break;
	case CACHED_ORDER:
		cached_put_number(w->a, &w->text, w->t->order[i]);
		break;
	case CACHED_HOOKS:
		cached_put_long(w->a, &w->text, w->t->hooks.items[i].address);
		break;
	case SYMBOL_ARRAYS:
		break;
	}
}

static void write_arrays(struct table_writer *w)
{
	uint32_t counts[SYMBOL_ARRAYS];

	symbol_cache_count(w->t, counts);
	for (unsigned array = 0; array < SYMBOL_ARRAYS; array++)
		for (uint32_t i = 0; i < counts[array]; i++) {
			put_element(w, array, i);
			if ((i + 1) % symbols_per_chunk[array] && i + 1 < counts[array])
				continue;
			cache_add(w->w, w->text.bytes.items, w->text.bytes.count);
			w->text.bytes.count = 0;
		}
}

static uint32_t count_chunks(const struct symbol_table *t)
{
	uint32_t counts[SYMBOL_ARRAYS], chunks = 0;

	symbol_cache_count(t, counts);
	for (unsigned i = 0; i < SYMBOL_ARRAYS; i++)
		chunks += cached_chunks(counts[i], symbols_per_chunk[i]);
	return chunks;
}

static void put_table(struct table_writer *w, uint32_t first)
{
	const struct symbol_table *t = w->t;
	uint32_t files = t->files.count;

	cached_put_string(w->a, &w->text, t->object);
	cached_put_number(w->a, &w->text,
			  (t->has_sizes ? HAS_SIZES : 0) | (t->has_binds ? HAS_BINDS : 0) | (t->whole ? WHOLE : 0) |
				  (t->after_init ? AFTER_INIT : 0) | (t->has_hooks ? HAS_HOOKS : 0) |
				  (t->order ? HAS_ORDER : 0));
	cached_put_number(w->a, &w->text, first);
	cached_put_number(w->a, &w->text, t->entries.count);
	cached_put_number(w->a, &w->text, t->hooks.count);
	cached_put_long(w->a, &w->text, t->init.start);
	cached_put_long(w->a, &w->text, t->init.end);
	cached_put_long(w->a, &w->text, t->per_cpu.start);
	cached_put_long(w->a, &w->text, t->per_cpu.end);
	cached_put_number(w->a, &w->text, files);
	for (uint32_t f = 0; files && f <= files; f++)
		cached_put_number(w->a, &w->text, t->first_of_file[f]);
	for (uint32_t f = 0; f < files; f++)
		cached_put_string(w->a, &w->text, t->files.items[f]);
}

/* A module's own file is small, and has what no cache keeps; so has a table without a name. */
static bool can_be_cached(const struct symbol_table *t)
{
	if (!t->object || t->cached || t->is_module || t->has_depends || t->passing.count || t->imports.list.count)
		return false;
	for (uint32_t i = 0; i < t->hooks.count; i++)
		if (t->hooks.items[i].section)
			return false;
	return true;
}

void symbol_cache_write(struct arena *a, const struct cache_source *s, const struct kernel_symbols *ks, uint32_t first,
			uint32_t end)
{
	struct table_writer w = { .a = a };
	uint32_t chunks = 1;

	for (uint32_t i = first; i < end; i++) {
		if (!can_be_cached(ks->tables.items[i]))
			return;
		chunks += count_chunks(ks->tables.items[i]);
	}
	w.w = cache_create(a, s, CACHE_SYMBOLS, chunks);
	if (!w.w)
		return;
	cached_put_number(a, &w.text, end - first);
	chunks = 1;
	for (uint32_t i = first; i < end; i++) {
		w.t = ks->tables.items[i];
		put_table(&w, chunks);
		chunks += count_chunks(w.t);
	}
	cache_add(w.w, w.text.bytes.items, w.text.bytes.count);
	w.text.bytes.count = 0;
	for (uint32_t i = first; i < end; i++) {
		w.t = ks->tables.items[i];
		write_arrays(&w);
	}
	cache_finish(w.w);
}
