/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symbol_cache.h - tables of symbols out of a cache, and into one */
#ifndef ELFDIFF_SYMBOL_CACHE_H
#define ELFDIFF_SYMBOL_CACHE_H

#include "kernel/cached.h"
#include "kernel/kernel_symbols.h"

enum symbol_array { CACHED_ENTRIES, CACHED_NAMES, CACHED_OF_FILES, CACHED_ORDER, CACHED_HOOKS, SYMBOL_ARRAYS };

/* Adds the tables of the source; false: it has no cache that can be used. */
bool symbol_cache_read(struct arena *a, struct diags *ds, const struct cache_source *s, const char *path,
		       struct kernel_symbols *ks);

/* Tables first to before `end` of ks are what a source has. Whether they are written or not, nobody is told. */
void symbol_cache_write(struct arena *a, const struct cache_source *s, const struct kernel_symbols *ks, uint32_t first,
			uint32_t end);

#endif
