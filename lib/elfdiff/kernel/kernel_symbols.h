/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_symbols.h - the symbols of the running kernel and of its modules
 *
 * Read from what the user has: an ELF vmlinux or module, System.map, a saved
 * /proc/kallsyms, the text of `readelf -s`; plain or gzip. The table keeps for
 * each object ("vmlinux", "ext4") the symbols that kallsyms keeps, in the order
 * by which the kernel counts positions: ascending address in vmlinux, symbol
 * table order in a module. Symbols of one address keep the order of the source;
 * it cannot matter: a position selects among equal names, and any order of equal
 * names at an equal address leads to the same place.
 */
#ifndef ELFDIFF_KERNEL_SYMBOLS_H
#define ELFDIFF_KERNEL_SYMBOLS_H

#include <stdbool.h>

#include "base/diag.h"
#include "base/text_set.h"
#include "elf/object.h"
#include "kernel/name_order.h"

struct kernel_symbol {
	const char *name;
	uint64_t address;      /* section-relative in a .ko */
	uint64_t size;         /* bytes; 0 when the source does not tell */
	uint32_t file;         /* number of its FILE symbol in the table's files[], or NONE */
	uint32_t section : 29; /* section index in a .ko, else 0 */
	/* local: of one source file. What is hidden is local after the last link, too, and is none of these where the source tells. */
	bool local : 1, weak : 1;
	bool is_function : 1; /* text, as far as the source tells */
};
#define SECTION_MOST ((1u << 29) - 1)

/* Addresses from start to before end. */
struct address_range {
	uint64_t start, end;
};

/* Comparable with a symbol's section and address. */
struct code_place {
	uint64_t address;
	uint32_t section;
};

/*
 * A symbol that the kernel counts only while its module is being loaded, which is when klp_module_coming() asks: of init
 * sections, of such as are not loaded, absolute ones. mod->kallsyms is the whole symbol table until do_init_module() ends.
 */
struct passing_symbol {
	const char *name;
	uint32_t before; /* how many of the table's symbols are before it */
	bool unknown;    /* it is one of the table's symbols, and the source does not tell whether it passes */
};

/* How many passing symbols have an entry's name, and how many of them, or of those that may pass, are before it. */
struct passing_namesakes {
	uint32_t all, before, unknown_before;
};

/* The symbols of one object. */
struct symbol_table {
	const char *object; /* "vmlinux", "ext4"; NULL: the patched object, whatever its name */
	const char *path;   /* where it was read from */
	bool has_files;     /* the source had FILE symbols */
	bool has_sizes;
	bool has_binds;                    /* false for a module in kallsyms: symbol.local says nothing there */
	bool whole;                        /* all of the object's symbols: equal names can be counted */
	bool is_module;                    /* read from a module's ELF file, by whose sections addresses count */
	VEC(struct kernel_symbol) entries; /* in the kernel's counting order; ask symbol_table_entry() */
	VEC(struct passing_symbol) passing;
	bool after_init;           /* of a module, and the source does not tell those */
	VEC(const char *) files;   /* a name for every FILE symbol, in order; may repeat */
	VEC(const char *) depends; /* a module's dependencies, from .modinfo */
	bool has_depends;
	struct text_set imports; /* names that the object takes from others, where the source tells */
	VEC(uint32_t) hashes;    /* name_order_hash(), by symbol; while by_name is not there yet */
	struct name_order by_name;
	/* NULL without passing symbols: by the first symbol of a name, of all; by symbol, of those before it */
	struct passing_namesakes *passing_of_name, *passing_before;
	struct address_range init, per_cpu; /* of vmlinux: between the labels of its linker script; else empty */
	uint32_t *first_of_file;            /* by FILE symbol, and one more: where its symbols begin in of_files */
	uint32_t *of_files;                 /* those of each FILE symbol side by side, in counting order */
	uint32_t *order;                    /* by section and address; NULL: they are in ascending order as they are */
	VEC(struct code_place) hooks;       /* all ftrace locations of the object, ascending */
	bool has_hooks;                     /* the source has them */
	struct cached *cached;              /* NULL: all of it is in memory */
};

/* What is yet to be put into a cache: tables first to before `end`. */
struct symbols_to_keep {
	struct cache_source *source;
	uint32_t first, end;
};

struct kernel_symbols {
	VEC(struct symbol_table *) tables;
	bool use_caches;
	VEC(struct symbols_to_keep) to_keep;
};

/* Symbol number `id`, below t->entries.count. */
const struct kernel_symbol *symbol_table_entry(const struct symbol_table *t, uint32_t id);

/* The symbols of FILE symbol number `file`: their numbers, in counting order. */
struct numbers {
	const uint32_t *items;
	uint32_t count;
};
struct numbers symbol_table_of_file(const struct symbol_table *t, uint32_t file);

/* The number of the symbol that is `rank` others away from the first one in memory. */
uint32_t symbol_table_at_rank(const struct symbol_table *t, uint32_t rank);

/* ftrace location number `i`. */
const struct code_place *symbol_table_hook(const struct symbol_table *t, uint32_t i);

/* Adds the table(s) found in the file: kallsyms may hold many modules. */
ELFDIFF_CHECKED enum elfdiff_status kernel_symbols_read(struct arena *a, struct diags *ds, const char *path,
							struct kernel_symbols *ks);

/* Write the caches of what was read from files that have none. That none could be written is no error. */
void kernel_symbols_keep(struct arena *a, struct kernel_symbols *ks);

/*
 * The table of an object, or NULL. `object` is matched with '-' read as '_'.
 * A table without a name (readelf text) stands for `patched` when no other does.
 * Of several tables of one object, one with FILE symbols is preferred, then one with sizes.
 */
const struct symbol_table *kernel_symbols_of(const struct kernel_symbols *ks, const char *object, const char *patched);

/*
 * The table's entries of one name, in counting order:
 *
 *	struct entries_named n = symbol_table_named(t, name);
 *	while (next_entry_named(&n)) use(n.id);
 */
struct entries_named {
	const struct symbol_table *t;
	uint32_t next, end; /* of t->by_name */
	uint32_t id;        /* after next_entry_named() */
};
struct entries_named symbol_table_named(const struct symbol_table *t, const char *name);
/* Those after number `id`, which has that name; NONE: all. */
struct entries_named symbol_table_named_after(const struct symbol_table *t, const char *name, uint32_t id);
bool next_entry_named(struct entries_named *n);

/* How many symbols of that name kallsyms shows in the table. */
uint32_t symbol_table_count(const struct symbol_table *t, const char *name);

/* Of the name of symbol number `id`. */
struct passing_namesakes symbol_table_passing(const struct symbol_table *t, uint32_t id);

/* 0 when the name is unique in the table, and no passing symbol has it, else 1..n for symbol number `id`. */
unsigned long symbol_table_position(const struct symbol_table *t, uint32_t id);

/*
 * The kernel finds symbol number `id` by that position and no other one, while the module is being loaded and afterwards: no
 * passing symbol is before it, and the table has all of the object's symbols, or the position is 0, and the kernel
 * itself refuses a name that is not unique.
 */
bool symbol_table_proves_position(const struct symbol_table *t, uint32_t id);

/*
 * The module that the table was read from, or NULL: it was read from something else, or what it is besides its symbols
 * cannot be used (it is packed, or no module that a kernel would load).
 */
const struct object *module_image(struct arena *a, const struct symbol_table *t);

/* The symbol that the kernel finds by a name and a position, or NONE; where it refuses a name that is not unique, the first. */
uint32_t symbol_table_at(const struct symbol_table *t, const char *name, unsigned long position);

/* The object has an undefined symbol of this name, not a weak one: it is linked, so somebody exports it. */
bool symbol_table_imports(const struct symbol_table *t, const char *name);

/*
 * The memory of symbol number `id` is gone once vmlinux is up: init and exit code and data, but per-CPU data, whose
 * first copy lies among them on some architectures and is not what the kernel works with. A module's are not in its table.
 */
bool symbol_table_frees(const struct symbol_table *t, uint32_t id);

/* kallsyms leaves this name out (`__crc_`, `.L`, `$x`, `__pfx_` ...). */
bool kallsyms_hides(const char *name);
/* The same of a name of `length` characters, whatever is behind it. */
bool kallsyms_hides_name(const char *name, size_t length);

#endif
