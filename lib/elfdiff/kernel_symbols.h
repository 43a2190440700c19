/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_symbols.h - the symbols of the running kernel and of its modules
 *
 * Read from what the user has: an ELF vmlinux or module, System.map, a saved
 * /proc/kallsyms, the text of `readelf -s`; plain or gzip. The table keeps for
 * each object ("vmlinux", "ext4") the symbols that kallsyms keeps, in the order
 * by which the kernel counts positions: ascending address in vmlinux, symbol
 * table order in a module.
 */
#ifndef ELFDIFF_KERNEL_SYMBOLS_H
#define ELFDIFF_KERNEL_SYMBOLS_H

#include "diag.h"
#include "object.h"

struct kernel_symbol {
	const char *name;
	uint64_t address; /* section-relative in a .ko */
	uint64_t size;    /* bytes; 0 when the source does not tell */
	uint32_t file;    /* number of its FILE symbol in the table's files[], or NONE */
	uint32_t section; /* section index in a .ko, else 0 */
	bool local;
	bool is_function; /* text, as far as the source tells */
};

/* The symbols of one object. */
struct symbol_table {
	const char *object; /* "vmlinux", "ext4"; NULL: the patched object, whatever its name */
	const char *path;   /* where it was read from */
	bool has_files;     /* the source had FILE symbols */
	bool has_sizes;
	VEC(struct kernel_symbol) symbols; /* in the kernel's counting order */
	VEC(const char *) files;           /* a name for every FILE symbol, in order; may repeat */
	VEC(const char *) depends;         /* a module's dependencies, from .modinfo */
	bool has_depends;
	struct index by_name;              /* hash_string(name) to number in symbols */
};

struct kernel_symbols {
	VEC(struct symbol_table *) tables;
};

/* Adds the table(s) found in the file: kallsyms may hold many modules. */
ELFDIFF_CHECKED enum elfdiff_status kernel_symbols_read(struct arena *a, struct diags *ds, const char *path,
							struct kernel_symbols *ks);

/*
 * The table of an object, or NULL. `object` is matched with '-' read as '_'.
 * A table without a name (readelf text) stands for `patched` when no other does.
 */
const struct symbol_table *kernel_symbols_of(const struct kernel_symbols *ks, const char *object,
					     const char *patched);

/* How many symbols of that name kallsyms shows in the table. */
uint32_t symbol_table_count(const struct symbol_table *t, const char *name);

/* 0 when the name is unique in the table, else 1..n for symbol number `id`. */
unsigned long symbol_table_position(const struct symbol_table *t, uint32_t id);

/* kallsyms leaves this name out (`__crc_`, `.L`, `$x`, `__pfx_` ...). */
bool kallsyms_hides(const char *name);

/*
 * Which entries of a table are the symbols of one translation unit?
 * locate_unit() looks once at all symbols that `o` defines and finds the place
 * of its source file in the table: by FILE symbol where the table has them
 * (several files of one name are told apart by what they define), otherwise by
 * its neighbours.
 */
struct unit_place;
const struct unit_place *locate_unit(struct arena *a, const struct symbol_table *t, const struct object *o);

enum locate_result { LOCATE_FOUND, LOCATE_MISSING, LOCATE_AMBIGUOUS };

/*
 * The entry that is symbol number `symbol` of the object that was located
 * (local or global). FOUND sets *id. `name` is usually the symbol's own; it may
 * differ where the twin's name is the kernel's.
 */
enum locate_result locate_symbol(const struct unit_place *p, uint32_t symbol, uint32_t *id);

#endif
