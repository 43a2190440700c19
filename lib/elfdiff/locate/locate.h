/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * locate.h - which entries of a kernel's symbol table are the symbols of one object?
 *
 * Names are not enough: a kernel has hundreds of names that several source
 * files use for different functions.
 */
#ifndef ELFDIFF_LOCATE_H
#define ELFDIFF_LOCATE_H

#include "kernel/kernel_symbols.h"
#include "elf/object.h"

/*
 * Look once at all symbols that `o` defines and find the place of its source
 * file (or files: `ld -r` joins several) in the table: by FILE symbol where
 * the table has them, several files of one name being told apart by what they
 * define; otherwise by its neighbours.
 */
struct unit_place;
const struct unit_place *locate_unit(struct arena *a, const struct symbol_table *t, const struct object *o);

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

#endif
