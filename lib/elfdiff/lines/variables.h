/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * variables.h - which member of a variable is it?
 *
 * For C that is shown to people: `limits.most[3]` is what stands at an offset of
 * `limits`. Read from the types in DWARF.
 */
#ifndef ELFDIFF_VARIABLES_H
#define ELFDIFF_VARIABLES_H

#include "elf/object.h"

struct variables;

/* NULL: no debug information that can be read. */
struct variables *variables_open(struct arena *a, const struct object *o);

enum scalar_kind { SCALAR_UNSIGNED, SCALAR_SIGNED, SCALAR_POINTER };

/* A number or a pointer in a variable. */
struct scalar {
	const char *name;      /* in C */
	uint64_t offset, size; /* bytes, in the variable */
	enum scalar_kind kind;
};

/*
 * The scalar that covers `offset` of a file's variable. False where there is none: padding, bit fields, floating point, keys
 * by which code was patched; or no variable, or several, of that name.
 */
bool variables_scalar(struct variables *v, const char *variable, uint64_t offset, struct scalar *ret);

#endif
