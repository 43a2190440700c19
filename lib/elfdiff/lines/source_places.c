/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines/source_places.h"

#include <string.h>

#include "lines/dwarf_file.h"

struct source_places {
	struct arena *a;
	Dwfl_Module *module;
};

struct source_places *source_places_open(struct arena *a, const struct object *o)
{
	struct source_places *sp = arena_new(a, struct source_places);

	*sp = (struct source_places){ .a = a, .module = dwarf_file_open(a, o) };
	return sp->module ? sp : NULL;
}

static Dwarf_Addr address_of(Dwarf_Line *row)
{
	Dwarf_Addr at = 0;

	(void)dwarf_lineaddr(row, &at);
	return at;
}

/* The last row at `address` or before it: libdw has sorted them. */
static size_t row_of(Dwarf_Lines *rows, size_t count, Dwarf_Addr address)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (address_of(dwarf_onesrcline(rows, middle)) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : 0;
}

/* A row without a line is of no line of the source. */
static void add_row(struct source_places *sp, struct source_place_list *ret, Dwarf_Line *row, uint64_t offset,
		    Dwarf_Die *cu)
{
	const char *file = dwarf_linesrc(row, NULL, NULL);
	struct source_place *last = ret->list.count ? &ret->list.items[ret->list.count - 1] : NULL;
	int line = 0;

	if (!file || dwarf_lineno(row, &line) || line <= 0)
		return;
	file = dwarf_file_name(cu, file);
	if (last && last->line == (uint32_t)line && !strcmp(last->file, file))
		return;
	if (!last || last->offset != offset)
		last = vec_push(sp->a, &ret->list);
	*last = (struct source_place){ offset, file, (uint32_t)line };
}

struct source_place_list source_places_of(struct source_places *sp, uint32_t section, uint64_t start, uint64_t end)
{
	struct source_place_list ret = { 0 };
	Dwarf_Addr address, bias = 0;
	Dwarf_Lines *rows;
	Dwarf_Die *cu;
	size_t count;

	if (!sp || !dwarf_file_address(sp->module, section, start, &address))
		return ret;
	cu = dwfl_module_addrdie(sp->module, address, &bias);
	if (!cu || dwarf_getsrclines(cu, &rows, &count))
		return ret;
	address -= bias;
	for (size_t i = row_of(rows, count, address); i < count; i++) {
		Dwarf_Line *row = dwarf_onesrcline(rows, i);
		Dwarf_Addr at = address_of(row);
		bool ends = false;

		if (at >= address + (end - start))
			break;
		(void)dwarf_lineendsequence(row, &ends);
		if (!ends)
			add_row(sp, &ret, row, at < address ? start : start + (at - address), cu);
	}
	return ret;
}
