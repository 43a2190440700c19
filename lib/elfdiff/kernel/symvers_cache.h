/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symvers_cache.h - the exports of one file out of a cache, and into one */
#ifndef ELFDIFF_SYMVERS_CACHE_H
#define ELFDIFF_SYMVERS_CACHE_H

#include "kernel/cached.h"
#include "kernel/symvers.h"

enum symvers_array { CACHED_EXPORTS, CACHED_EXPORT_NAMES };

/* symvers.c: adds a file, not out of a cache. *known: `source`, if there is one, knows what was read. */
ELFDIFF_CHECKED enum elfdiff_status symvers_from_source(struct arena *a, struct diags *ds, const char *path,
							struct cache_source *source, bool *known, struct symvers *sv);

/* Into an empty sv; false: the source has no cache that can be used. */
bool symvers_cache_read(struct arena *a, struct diags *ds, const struct cache_source *s, const char *path,
			struct symvers *sv);
void symvers_cache_write(struct arena *a, const struct cache_source *s, const struct symvers *sv);

#endif
