/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symbol_cache.h - tables of symbols out of a cache, and into one */
#ifndef ELFDIFF_SYMBOL_CACHE_H
#define ELFDIFF_SYMBOL_CACHE_H

#include "kernel/cached.h"
#include "kernel/kernel_symbols.h"

enum symbol_array { CACHED_ENTRIES, CACHED_NAMES, CACHED_OF_FILES, CACHED_ORDER, CACHED_HOOKS, SYMBOL_ARRAYS };

/* ---- between symbol_cache.c and symbol_cache_write.c ---- */

/* Of a table. */
enum {
	HAS_SIZES = 1,
	HAS_BINDS = 2,
	WHOLE = 4,
	AFTER_INIT = 8,
	HAS_HOOKS = 16,
	HAS_ORDER = 32,
};

/* Of a symbol. */
enum { LOCAL = 1, WEAK = 2, FUNCTION = 4, KINDS = 3 /* bits */ };

/* Elements of each array in one chunk, and of a table. */
extern const uint32_t symbols_per_chunk[SYMBOL_ARRAYS];
void symbol_cache_count(const struct symbol_table *t, uint32_t counts[SYMBOL_ARRAYS]);

/* ---- for others ---- */

/* Adds the tables of the source; false: it has no cache that can be used. */
bool symbol_cache_read(struct arena *a, struct diags *ds, const struct cache_source *s, const char *path,
		       struct kernel_symbols *ks);

/* Tables first to before `end` of ks are what a source has. Whether they are written or not, nobody is told. */
void symbol_cache_write(struct arena *a, const struct cache_source *s, const struct kernel_symbols *ks, uint32_t first,
			uint32_t end);

#endif
