/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * locate.h - which entries of a kernel's symbol table are the symbols of one object?
 *
 * Names are not enough: a kernel has hundreds of names that several source
 * files use for different functions.
 */
#ifndef ELFDIFF_LOCATE_H
#define ELFDIFF_LOCATE_H

#include "graph/graph.h"
#include "kernel/kernel_symbols.h"

/*
 * Look once at all symbols that an object defines and find the place of its
 * source file (or files: `ld -r` joins several) in the table: by FILE symbol
 * where the table has them, several files of one name being told apart by what
 * they define; by what the code of the module refers to, where the table was
 * read from one; otherwise by its neighbours.
 */
struct unit_place;
const struct unit_place *locate_unit(struct arena *a, const struct symbol_table *t, const struct graph *g);

enum locate_result {
	LOCATE_FOUND,
	LOCATE_MISSING,   /* no entry of that name, or none that can be this one */
	LOCATE_AMBIGUOUS, /* several could be it, or nothing proves which */
};

/*
 * The entry that is symbol number `symbol` of the object that was located
 * (local or global, defined or undefined), by its exact name. FOUND sets *id.
 */
enum locate_result locate_symbol(const struct unit_place *p, uint32_t symbol, uint32_t *id);

/*
 * Entry number `id`, a function of the symbol's name, is not this object's: the object's others of the section, which the
 * linker keeps together, lie elsewhere. Of an object without others, or of several sources, nothing is denied.
 */
bool locate_denies(const struct unit_place *p, uint32_t symbol, uint32_t id);

/* What the module's code says of a symbol that was not found. */
enum code_says {
	CODE_UNKNOWN,     /* there is no module to be read */
	CODE_OF_OTHERS,   /* nothing of the object is in it with the same bytes and references */
	CODE_SILENT,      /* nothing that is the same in both refers to the symbol */
	CODE_DENIES,      /* something that is the same in both refers to another thing there */
	CODE_CONTRADICTS, /* what is the same in both tells two places for it */
};

struct code_doubt {
	enum code_says says;
	const char *by;      /* DENIES: what refers to it */
	const char *instead; /* DENIES: what that refers to there, or NULL: no symbol stands there */
};
struct code_doubt locate_doubt(const struct unit_place *p, uint32_t symbol);

#endif
