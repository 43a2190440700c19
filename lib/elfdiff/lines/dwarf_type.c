/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines/dwarf_type.h"

#include <dwarf.h>

/* More typedefs, qualifiers and dimensions than a type has. */
enum { CHAIN = 64 };

bool dwarf_number(Dwarf_Die *die, unsigned attribute, uint64_t *ret)
{
	Dwarf_Attribute a;
	Dwarf_Word word;

	if (!dwarf_attr(die, attribute, &a) || dwarf_formudata(&a, &word))
		return false;
	*ret = word;
	return true;
}

static bool is_wrapper(int tag)
{
	switch (tag) {
	case DW_TAG_typedef:
	case DW_TAG_const_type:
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
		return true;
	}
	return false;
}

bool dwarf_type_read(Dwarf_Die *die, struct dwarf_type *ret)
{
	const char *given = NULL;

	*ret = (struct dwarf_type){ .die = *die };
	for (unsigned i = 0; i < CHAIN; i++) {
		Dwarf_Attribute a;

		ret->tag = dwarf_tag(&ret->die);
		if (!is_wrapper(ret->tag)) {
			ret->name = dwarf_diename(&ret->die);
			ret->name = ret->name ? ret->name : given;
			return ret->tag != DW_TAG_invalid;
		}
		if (ret->tag == DW_TAG_typedef)
			given = dwarf_diename(&ret->die);
		if (!dwarf_attr(&ret->die, DW_AT_type, &a)) {
			ret->tag = 0; /* void */
			return true;
		}
		if (!dwarf_formref_die(&a, &ret->die))
			return false;
	}
	return false;
}

bool dwarf_type_of(Dwarf_Die *die, struct dwarf_type *ret)
{
	Dwarf_Attribute a;
	Dwarf_Die type;

	if (!dwarf_attr_integrate(die, DW_AT_type, &a)) {
		*ret = (struct dwarf_type){ 0 }; /* void */
		return true;
	}
	return dwarf_formref_die(&a, &type) && dwarf_type_read(&type, ret);
}

static bool length_of(Dwarf_Die *dimension, uint64_t *ret)
{
	uint64_t last;

	if (dwarf_number(dimension, DW_AT_count, ret))
		return true;
	if (!dwarf_number(dimension, DW_AT_upper_bound, &last))
		return false;
	*ret = last + 1;
	return true;
}

/* All elements of all dimensions. A dimension without a length is a flexible array: none. */
static uint64_t count_elements(const struct dwarf_type *array)
{
	Dwarf_Die at = array->die, dimension;
	uint64_t count = 1, n;

	if (dwarf_child(&at, &dimension))
		return 0;
	do {
		if (!length_of(&dimension, &n) || __builtin_mul_overflow(count, n, &count))
			return 0;
	} while (!dwarf_siblingof(&dimension, &dimension));
	return count;
}

bool dwarf_type_size(const struct dwarf_type *t, uint64_t *ret)
{
	struct dwarf_type at = *t;
	uint64_t count = 1, size;

	for (unsigned i = 0; i < CHAIN; i++) {
		Dwarf_Die die = at.die;
		bool known;

		if (!at.tag)
			return false;
		known = dwarf_number(&die, DW_AT_byte_size, &size);
		if (!known && at.tag == DW_TAG_pointer_type) {
			size = 8;
			known = true;
		}
		if (known)
			return !__builtin_mul_overflow(count, size, ret);
		if (at.tag != DW_TAG_array_type || __builtin_mul_overflow(count, count_elements(&at), &count) ||
		    !dwarf_type_of(&die, &at))
			return false;
	}
	return false;
}

bool dwarf_type_elements(const struct dwarf_type *array, struct dwarf_type *element, uint64_t *row)
{
	Dwarf_Die at = array->die, dimension, more;

	*row = 1;
	if (!dwarf_type_of(&at, element) || dwarf_child(&at, &dimension))
		return false;
	if (dwarf_siblingof(&dimension, &dimension))
		return true;
	return dwarf_siblingof(&dimension, &more) && length_of(&dimension, row) && *row;
}
