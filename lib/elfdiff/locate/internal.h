/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - between locate.c and its ways to tell equal names apart */
#ifndef ELFDIFF_LOCATE_INTERNAL_H
#define ELFDIFF_LOCATE_INTERNAL_H

#include "locate/locate.h"

/* The local symbols of the object that stand under one FILE symbol. */
struct unit {
	uint32_t file_symbol; /* NONE: those before the first FILE symbol */
	uint32_t first, end;  /* symbol numbers */
	const char *name;     /* of the source file, without directories */
	uint32_t telling;     /* how many of its symbols tell it from other units */
	uint32_t group;       /* the table's FILE that it is; NONE: not proved */
	bool same_functions;  /* with the same names in both, all of them */
};

/* Symbols of one unit (or FILE of the table) whose names differ in a number alone: `__key.0`, `__key.1`. */
struct family {
	uint64_t owner;   /* unit or FILE, see family_find() */
	const char *name; /* of a member; `length` characters are the name without the number */
	size_t length;
	uint64_t sum; /* of a hash of each member's name and size: equal sums, equal members */
	uint32_t count;
};

struct unit_place {
	const struct symbol_table *t;
	const struct object *o;

	/* By FILE symbol: locate_by_file.c */
	VEC(struct unit) units;
	uint32_t *unit_of; /* by FILE symbol number; number 0: no FILE */
	VEC(struct family) families;
	struct index family_by_key;
	struct index own_by_name,
		entry_by_name; /* symbols by name and unit, entries by name and FILE: of units that were found */

	/* By neighbours: locate_order.c, locate_by_neighbours.c */
	uint32_t *order, *rank, *class_of; /* order: defined symbols as they lie in memory; rank, class_of: by symbol */
	uint32_t order_count;
	bool many_files;      /* the object has several FILE symbols: made by `ld -r` */
	bool is_part;         /* most of what the object defines is in the table */
	uint32_t *table_rank; /* the same of the table; NULL: as it is */

	/* By code: locate_by_code.c */
	const struct code_places *code; /* NULL: there is no module to be read */
};

/* The entry has the object symbol's name, and neither binding nor kind speak against it. */
bool entry_fits(const struct unit_place *p, const struct symbol *s, uint32_t id);

/* Walk the entries that fit: start with NONE. Returns the next one's number, or NONE. */
uint32_t next_fitting(const struct unit_place *p, const struct symbol *s, uint32_t id);

bool symbol_is_code(const struct object *o, const struct symbol *s);
/* The table can have it: a named thing that is in memory once the object is up. */
bool symbol_is_shown(const struct unit_place *p, uint32_t symbol);
/* `name.12`: the length of `name`; 0 when it does not end in a number. */
size_t name_numbered(const char *name);
/* The compiler has put nothing behind the name, so that it is the same in every build. */
bool name_is_plain(const char *name);

/* Of a source file: its name without directories. */
const char *file_base_name(const char *path);

void units_find(struct arena *a, struct unit_place *p);
/* same_functions.c: fills same_functions of the units, whose groups are known. */
void units_compare_functions(struct unit_place *p);
/* The unit of a local symbol when the table knows where it is, else NULL. */
const struct unit *unit_located(const struct unit_place *p, const struct symbol *s);
enum locate_result locate_by_file(const struct unit_place *p, const struct unit *u, uint32_t symbol, uint32_t *id);

void neighbours_prepare(struct arena *a, struct unit_place *p);
enum locate_result locate_by_neighbours(const struct unit_place *p, uint32_t symbol, uint32_t *id);

/* The module's code, where the table was read from a module; else NULL. */
struct code_places *places_by_code(struct arena *a, const struct unit_place *p, const struct graph *g);
/* MISSING: it says nothing of the symbol. AMBIGUOUS: it says that what the object names so has another name there. */
enum locate_result locate_by_code(const struct unit_place *p, uint32_t symbol, uint32_t *id);

#endif
