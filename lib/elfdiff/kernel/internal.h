/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - between kernel_symbols.c and the readers of its sources */
#ifndef ELFDIFF_KERNEL_INTERNAL_H
#define ELFDIFF_KERNEL_INTERNAL_H

#include "file/cache_file.h"
#include "file/text_lines.h"
#include "kernel/kernel_symbols.h"

/* The table(s) of a file, not out of a cache. *known: `source`, if there is one, knows what was read. */
ELFDIFF_CHECKED enum elfdiff_status symbols_from_source(struct arena *a, struct diags *ds, const char *path,
							struct cache_source *source, bool *known,
							struct kernel_symbols *ks);

/* The symbols of an ELF vmlinux or module. */
ELFDIFF_CHECKED enum elfdiff_status symbols_from_elf(struct arena *a, struct diags *ds, const struct input *in,
						     struct kernel_symbols *ks);

/* System.map or kallsyms. */
ELFDIFF_CHECKED enum elfdiff_status symbols_from_map(struct arena *a, struct diags *ds, struct lines *lines,
						     struct kernel_symbols *ks);

/* The text of `readelf -s`. */
ELFDIFF_CHECKED enum elfdiff_status symbols_from_readelf(struct arena *a, struct diags *ds, struct lines *lines,
							 struct kernel_symbols *ks);

/* An empty table, not yet among `ks`. */
struct symbol_table *symbol_table_new(struct arena *a, const char *object, const char *path);

/* Its next symbol, whose name has so many characters. */
void symbol_table_push(struct arena *a, struct symbol_table *t, const struct kernel_symbol *s, size_t length);

/* Of a table without symbols: room for so many. */
void symbol_table_reserve(struct arena *a, struct symbol_table *t, uint64_t symbols);

/* vmlinux: put the symbols in ascending order of address, equal ones as they are. */
void symbol_table_sort(struct arena *a, struct symbol_table *t);

/* Index the finished table and add it; a table without symbols is a failure. */
ELFDIFF_CHECKED enum elfdiff_status symbol_table_add(struct arena *a, struct diags *ds, struct symbol_table *t,
						     struct kernel_symbols *ks);

/* A module section whose symbols are gone once the module is up: init code, or never loaded at all. */
bool module_section_goes(const char *name);

#endif
