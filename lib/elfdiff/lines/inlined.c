/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines/inlined.h"

#include <dwarf.h>
#include <stdlib.h>

#include "lines/dwarf_file.h"

/* Code that was inlined, and the line of the call; sorted by line and start, `high` is the farthest end so far. */
struct call {
	uint32_t line;
	Dwarf_Addr low, high;
};

struct unit {
	Dwarf_Off offset; /* of its entry in .debug_info */
	VEC(struct call) calls;
};

struct inlined {
	struct arena *a;
	Dwfl_Module *module;
	uint64_t calls_most; /* of one unit */
	VEC(struct unit) units;
	struct index by_offset; /* of units that were asked for */
};

struct inlined *inlined_open(struct arena *a, const struct object *o)
{
	struct inlined *in = arena_new(a, struct inlined);

	*in = (struct inlined){ .a = a, .module = dwarf_file_open(a, o), .calls_most = o->image_size };
	return in->module ? in : NULL;
}

/* ---- the calls of one unit, listed once ---- */

/* Deeper than any compiler inlines. */
enum { DEPTH = 256 };

/* False: the unit names more ranges than the file has bytes, because entries share a list. */
static bool add_call(struct inlined *in, struct unit *u, Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	Dwarf_Addr base, low, high;
	Dwarf_Word line;
	ptrdiff_t next = 0;

	if (dwarf_tag(die) != DW_TAG_inlined_subroutine || !dwarf_attr(die, DW_AT_call_line, &attribute) ||
	    dwarf_formudata(&attribute, &line) || line > UINT32_MAX)
		return true;
	while ((next = dwarf_ranges(die, next, &base, &low, &high)) > 0) {
		if (u->calls.count >= in->calls_most)
			return false;
		*vec_push(in->a, &u->calls) = (struct call){ (uint32_t)line, low, high };
	}
	return true;
}

static int by_line(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->low > y->low) - (x->low < y->low);
}

/* Without recursion: the file says how deep it goes. */
static void walk_unit(struct inlined *in, struct unit *u, Dwarf_Die *cu)
{
	Dwarf_Die path[DEPTH];
	unsigned depth = 0;

	if (dwarf_child(cu, &path[0]))
		return;
	for (;;) {
		if (!add_call(in, u, &path[depth]))
			return;
		if (depth + 1 < DEPTH && !dwarf_child(&path[depth], &path[depth + 1])) {
			depth++;
			continue;
		}
		while (dwarf_siblingof(&path[depth], &path[depth]))
			if (!depth--)
				return;
	}
}

static void list_calls(struct inlined *in, struct unit *u, Dwarf_Die *cu)
{
	struct call *c;

	walk_unit(in, u, cu);
	c = u->calls.items;
	if (u->calls.count)
		qsort(c, u->calls.count, sizeof(*c), by_line);
	for (uint32_t i = 1; i < u->calls.count; i++)
		if (c[i].line == c[i - 1].line && c[i].high < c[i - 1].high)
			c[i].high = c[i - 1].high;
}

static const struct unit *unit_of(struct inlined *in, Dwarf_Die *cu)
{
	Dwarf_Off offset = dwarf_dieoffset(cu);
	struct unit *u;

	for (uint32_t i = index_first(&in->by_offset, offset); i != NONE; i = index_next(&in->by_offset, i))
		if (in->units.items[in->by_offset.ids[i]].offset == offset)
			return &in->units.items[in->by_offset.ids[i]];
	index_add(in->a, &in->by_offset, offset, in->units.count);
	u = vec_push(in->a, &in->units);
	*u = (struct unit){ .offset = offset };
	list_calls(in, u, cu);
	return u;
}

/* The last call of the line that begins at `address` or before it ends where the farthest of them does. */
static bool has_call(const struct unit *u, Dwarf_Addr address, uint32_t line)
{
	const struct call wanted = { .line = line, .low = address };
	uint32_t low = 0, high = u->calls.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (by_line(&u->calls.items[middle], &wanted) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low && u->calls.items[low - 1].line == line && address < u->calls.items[low - 1].high;
}

bool inlined_from(struct inlined *in, uint32_t section, uint64_t offset, uint32_t line)
{
	Dwarf_Addr address, bias = 0;
	Dwarf_Die *cu;

	if (!dwarf_file_address(in->module, section, offset, &address))
		return false;
	cu = dwfl_module_addrdie(in->module, address, &bias);
	return cu && has_call(unit_of(in, cu), address - bias, line);
}
