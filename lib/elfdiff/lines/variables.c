/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines/variables.h"

#include <dwarf.h>
#include <string.h>

#include "lines/dwarf_file.h"
#include "lines/dwarf_type.h"

struct variables {
	struct arena *a;
	Dwfl_Module *module;
	const char *last; /* that was asked for, or NULL */
	bool found;
	struct dwarf_type type; /* of it */
};

struct variables *variables_open(struct arena *a, const struct object *o)
{
	struct variables *v = arena_new(a, struct variables);

	*v = (struct variables){ .a = a, .module = dwarf_file_open(a, o) };
	return v->module ? v : NULL;
}

/* A declaration alone has no place. */
static bool is_definition(Dwarf_Die *die, const char *name)
{
	const char *own = dwarf_tag(die) == DW_TAG_variable ? dwarf_diename(die) : NULL;

	return own && !strcmp(own, name) && dwarf_hasattr(die, DW_AT_location);
}

static bool find_variable(const struct variables *v, const char *name, struct dwarf_type *type)
{
	Dwarf_Die *cu = NULL, die;
	Dwarf_Addr bias;
	unsigned found = 0;

	while ((cu = dwfl_module_nextcu(v->module, cu, &bias))) {
		if (dwarf_child(cu, &die))
			continue;
		do {
			if (is_definition(&die, name) && dwarf_type_of(&die, type))
				found++;
		} while (!dwarf_siblingof(&die, &die));
	}
	return found == 1;
}

static bool is_number(struct dwarf_type *type, struct scalar *ret)
{
	uint64_t encoding = DW_ATE_unsigned;

	ret->kind = type->tag == DW_TAG_pointer_type ? SCALAR_POINTER : SCALAR_UNSIGNED;
	if (type->tag == DW_TAG_pointer_type || type->tag == DW_TAG_enumeration_type)
		return true;
	if (type->tag != DW_TAG_base_type || !dwarf_number(&type->die, DW_AT_encoding, &encoding))
		return false;
	ret->kind = encoding == DW_ATE_signed || encoding == DW_ATE_signed_char ? SCALAR_SIGNED : SCALAR_UNSIGNED;
	return ret->kind == SCALAR_SIGNED || encoding == DW_ATE_unsigned || encoding == DW_ATE_unsigned_char ||
	       encoding == DW_ATE_boolean;
}

/* Into the element that covers ret->offset + *at: names it, and leaves in *at what is beyond its start. */
static bool enter_array(struct variables *v, struct dwarf_type *type, uint64_t *at, struct scalar *ret)
{
	struct dwarf_type element;
	uint64_t row, n, size;

	if (!dwarf_type_elements(type, &element, &row) || !dwarf_type_size(&element, &size) || !size)
		return false;
	n = *at / size;
	ret->name = row == 1 ? arena_printf(v->a, "%s[%llu]", ret->name, (unsigned long long)n)
			     : arena_printf(v->a, "%s[%llu][%llu]", ret->name, (unsigned long long)(n / row),
					    (unsigned long long)(n % row));
	ret->offset += n * size;
	*at -= n * size;
	*type = element;
	return true;
}

static bool covers(Dwarf_Die *member, uint64_t at, uint64_t *start, struct dwarf_type *type)
{
	uint64_t size;

	*start = 0; /* of a union's member */
	dwarf_number(member, DW_AT_data_member_location, start);
	return dwarf_tag(member) == DW_TAG_member && !dwarf_hasattr(member, DW_AT_bit_size) &&
	       dwarf_type_of(member, type) && dwarf_type_size(type, &size) && at >= *start && at - *start < size;
}

static bool enter_member(struct variables *v, struct dwarf_type *type, uint64_t *at, struct scalar *ret)
{
	struct dwarf_type of;
	Dwarf_Die member;
	uint64_t start;

	if (dwarf_child(&type->die, &member))
		return false;
	do {
		if (!covers(&member, *at, &start, &of))
			continue;
		if (dwarf_diename(&member))
			ret->name = arena_printf(v->a, "%s.%s", ret->name, dwarf_diename(&member));
		ret->offset += start;
		*at -= start;
		*type = of;
		return true;
	} while (!dwarf_siblingof(&member, &member));
	return false;
}

/* Keys of static branches and calls: the kernel has patched code by what they say, and to set one alone is wrong. */
static bool is_key(const struct dwarf_type *t)
{
	return t->name && (!strncmp(t->name, "static_key", 10) || !strncmp(t->name, "static_call_key", 15));
}

/* Deeper than any type of C. */
enum { DEPTH = 64 };

bool variables_scalar(struct variables *v, const char *variable, uint64_t offset, struct scalar *ret)
{
	struct dwarf_type type;

	*ret = (struct scalar){ .name = variable };
	if (!v->last || strcmp(v->last, variable)) {
		v->last = variable;
		v->found = find_variable(v, variable, &v->type);
	}
	if (!v->found)
		return false;
	type = v->type;
	for (unsigned depth = 0; depth < DEPTH && !is_key(&type); depth++) {
		bool entered = type.tag == DW_TAG_array_type   ? enter_array(v, &type, &offset, ret)
			       : dwarf_type_has_members(&type) ? enter_member(v, &type, &offset, ret)
							       : false;

		if (!entered)
			return is_number(&type, ret) && dwarf_type_size(&type, &ret->size);
	}
	return false;
}
