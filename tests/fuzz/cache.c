/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache.c - caches that somebody forged: whatever their chunks say, their checksums are right
 *
 * A byte, even for tables of symbols and odd for exports; then chunks, each behind its size in two bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "file/cache_file.h"
#include "kernel/hooks.h"
#include "kernel/symvers.h"

static char directory[256], sources[2][300];
static struct content contents[2];

static void remove_sources(void)
{
	char path[320];

	for (unsigned i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s" CACHE_SUFFIX, sources[i]);
		unlink(path);
		unlink(sources[i]);
	}
	rmdir(directory);
}

static void make_source(unsigned n, const char *name, const char *line)
{
	char text[CACHE_FROM + 100];
	size_t size = 0;
	FILE *f;

	snprintf(sources[n], sizeof(sources[n]), "%s/%s", directory, name);
	f = fopen(sources[n], "w");
	for (; size < CACHE_FROM; size += strlen(line))
		strcpy(text + size, line);
	if (!f || fwrite(text, 1, size, f) != size || fclose(f))
		finding("no file can be made", sources[n]);
	contents[n].size = size;
	content_add(&contents[n], 0, size, (const uint8_t *)text);
}

static void make_sources(void)
{
	const char *base = getenv("TMPDIR");

	if (*directory)
		return;
	snprintf(directory, sizeof(directory), "%s/elfdiff-cache.XXXXXX", base ? base : "/dev/shm");
	if (!mkdtemp(directory))
		finding("no directory can be made", directory);
	make_source(0, "System.map", "ffffffff81000000 T name\n");
	make_source(1, "Module.symvers", "0x00000000\tname\tvmlinux\tEXPORT_SYMBOL\t\n");
	atexit(remove_sources);
}

/* Sizes and bytes in a row; how many, and into the writer where there is one. */
static uint32_t chunks(const uint8_t *data, size_t size, struct cache_writer *w)
{
	uint32_t count = 0;

	while (size >= 2) {
		size_t n = data[0] | (size_t)data[1] << 8;

		data += 2;
		size -= 2;
		if (n > size)
			n = size;
		if (w)
			cache_add(w, data, (uint32_t)n);
		data += n;
		size -= n;
		count++;
	}
	return count;
}

static volatile size_t touched;

static void ask_table(const struct symbol_table *t)
{
	for (uint32_t i = t->entries.count; i--;) {
		const struct kernel_symbol *s = symbol_table_entry(t, i);

		touched += strlen(s->name) + symbol_table_position(t, i) + symbol_table_count(t, s->name);
		touched += symbol_table_at(t, s->name, 2) + symbol_table_at_rank(t, i) + symbol_table_frees(t, i);
		touched += hook_of(t, i, 16) + (s->file == NONE ? 0 : strlen(t->files.items[s->file]));
	}
	for (uint32_t f = 0; f < t->files.count; f++) {
		struct numbers all = symbol_table_of_file(t, f);

		for (uint32_t i = 0; i < all.count; i++)
			touched += strlen(symbol_table_entry(t, all.items[i])->name);
	}
}

static void ask(struct arena *a, unsigned kind)
{
	struct diags ds = { .arena = a };
	struct kernel_symbols ks = { .use_caches = true };
	struct symvers sv = { .use_caches = true };
	const struct export *e;

	if (kind ? symvers_read(a, &ds, sources[1], &sv) : kernel_symbols_read(a, &ds, sources[0], &ks))
		finding("a source cannot be read", sources[kind]);
	for (uint32_t i = 0; i < ks.tables.count; i++)
		ask_table(ks.tables.items[i]);
	e = symvers_find(&sv, "name");
	if (e)
		touched += strlen(e->name) + strlen(e->object) + (e->name_space ? strlen(e->name_space) : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct cache_source s;
	struct cache_writer *w;
	unsigned kind = size ? data[0] & 1 : 0;

	if (!size)
		return 0;
	make_sources();
	if (!cache_source_open(&a, sources[kind], &s))
		finding("a source has no cache", sources[kind]);
	s.read = contents[kind];
	w = cache_create(&a, &s, kind ? CACHE_SYMVERS : CACHE_SYMBOLS, chunks(data + 1, size - 1, NULL));
	if (!w)
		finding("a cache cannot be written", sources[kind]);
	chunks(data + 1, size - 1, w);
	cache_finish(w);
	ask(&a, kind);
	arena_free(&a);
	return 0;
}
