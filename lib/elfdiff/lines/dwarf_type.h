/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dwarf_type.h - types in DWARF, from files that nobody trusts
 *
 * What libdw has for it follows chains of types to their end, which a damaged file may not have; here every chain is short.
 */
#ifndef ELFDIFF_DWARF_TYPE_H
#define ELFDIFF_DWARF_TYPE_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

/* A type without qualifiers and names that it was given; of C's `void` `tag` is 0. */
struct dwarf_type {
	Dwarf_Die die;
	int tag;
	const char *name; /* its own, or the last that a typedef gives it, or NULL */
};

bool dwarf_number(Dwarf_Die *die, unsigned attribute, uint64_t *ret);

/* The type that a die, which may be ret->die, refers to; false: it cannot be read. */
bool dwarf_type_of(Dwarf_Die *die, struct dwarf_type *ret);

/* The same of a die that is a type. */
bool dwarf_type_read(Dwarf_Die *die, struct dwarf_type *ret);

/* Bytes of an object of the type; false: it is not known. */
bool dwarf_type_size(const struct dwarf_type *t, uint64_t *ret);

/* The elements of an array, and how many there are in one row of the first dimension; false: not known, or more than two. */
bool dwarf_type_elements(const struct dwarf_type *array, struct dwarf_type *element, uint64_t *row);

static inline bool dwarf_type_has_members(const struct dwarf_type *t)
{
	return t->tag == 0x13 || t->tag == 0x17; /* DW_TAG_structure_type, DW_TAG_union_type */
}

#endif
