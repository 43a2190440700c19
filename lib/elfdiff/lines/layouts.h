/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layouts.h - which types have another layout than before?
 *
 * Structures and unions of one kind and name, of units of one name, are compared by what DWARF says of their size and
 * members. Where a member is, how wide it is, and what it is as far as memory goes: a number, a pointer, and to what. A
 * member that has only another name is the same.
 */
#ifndef ELFDIFF_LAYOUTS_H
#define ELFDIFF_LAYOUTS_H

#include "elf/object.h"

struct layout_change {
	const char *type;  /* `struct foo`; of a type without a name that of its typedef */
	const char *what;  /* the first difference, in words */
	const char *units; /* the names of the first sources */
	const char *place; /* where the patched source of the first one declares it, `fs/file.h:17`; NULL: not known */
	uint32_t count;    /* of the sources */
};

struct layout_changes {
	VEC(struct layout_change) list;
};

/* None where an object has no debug information that can be read. In the order of the patched object's types. */
void layouts_compare(struct arena *a, const struct object *orig, const struct object *patched,
		     struct layout_changes *ret);

#endif
