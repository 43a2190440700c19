/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symvers.h - what the kernel and its modules export: Module.symvers */
#ifndef ELFDIFF_SYMVERS_H
#define ELFDIFF_SYMVERS_H

#include "base/diag.h"
#include "kernel/name_order.h"

struct export
{
	const char *name;
	const char *object;     /* "vmlinux", or the module's name without path, '-' as '_' */
	const char *name_space; /* NULL: none */
	uint32_t crc;
	bool gpl_only;
	bool to_named_modules; /* a "module:" namespace: only the modules it names may use it */
};

struct symvers {
	VEC(struct export) exports;
	VEC(uint32_t) hashes; /* name_order_hash(), by export */
	struct name_order by_name;
	bool read; /* a file was given, even if it was empty */
	bool use_caches;
	struct cached *cached;        /* NULL: all of it is in memory */
	struct cache_source *to_keep; /* what it was read from, and is yet to be put into a cache; or NULL */
};

/* Adds a file, 4 columns or 5 (with namespace), plain or gzip. A line that is
 * neither is an error that names it. */
ELFDIFF_CHECKED enum elfdiff_status symvers_read(struct arena *a, struct diags *ds, const char *path,
						 struct symvers *sv);

/* Write the cache of a file that has none; only one file's is. That it could not be written is no error. */
void symvers_keep(struct arena *a, struct symvers *sv);

/* NULL when nothing exports the name. */
const struct export *symvers_find(const struct symvers *sv, const char *name);

#endif
