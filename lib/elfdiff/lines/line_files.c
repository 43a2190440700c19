/* SPDX-License-Identifier: GPL-2.0-or-later */
/* line_files.c - the name of a file that a line table speaks of */
#include <dwarf.h>
#include <stdlib.h>

#include "lines/internal.h"

struct entry {
	const char *path;
	uint64_t directory;
};

struct names {
	struct arena *arena;
	const struct object *object;
	const struct debug_section *lines;
	const struct line_unit *unit;
};

/* A string in another section: the offset is relocated, against that section. */
static const char *other_string(const struct names *n, const char *section, struct cursor *c)
{
	const struct reloc *r = debug_section_reloc(n->lines, c->pos);
	uint64_t offset = cursor_fixed(c, n->unit->offset_size);
	struct debug_section strings;

	if (r)
		offset = n->object->symbols[r->symbol].value + (uint64_t)r->addend;
	if (!debug_section_read(n->arena, n->object, section, &strings))
		return NULL;
	cursor_skip(&strings.bytes, offset);
	return cursor_string(&strings.bytes);
}

/* The number that a form holds; 0 for a string, which is in *string. `want`: the string is worth fetching. */
static uint64_t read_form(const struct names *n, struct cursor *c, uint64_t form, bool want, const char **string)
{
	switch (form) {
	case DW_FORM_string:
		*string = cursor_string(c);
		return 0;
	case DW_FORM_line_strp:
	case DW_FORM_strp:
		if (want)
			*string = other_string(n, form == DW_FORM_strp ? ".debug_str" : ".debug_line_str", c);
		else
			cursor_skip(c, n->unit->offset_size);
		return 0;
	case DW_FORM_udata:
		return cursor_uleb(c);
	case DW_FORM_data1:
		return cursor_fixed(c, 1);
	case DW_FORM_data2:
		return cursor_fixed(c, 2);
	case DW_FORM_data4:
		return cursor_fixed(c, 4);
	case DW_FORM_data8:
		return cursor_fixed(c, 8);
	case DW_FORM_data16:
		cursor_skip(c, 16);
		return 0;
	case DW_FORM_block:
		cursor_skip(c, cursor_uleb(c));
		return 0;
	default:
		c->bad = true;
		return 0;
	}
}

/* One table of version 5: read to its end; entry number `wanted` is put to *ret. */
static bool read_table(const struct names *n, struct cursor *c, uint64_t wanted, struct entry *ret)
{
	struct cursor formats;
	uint64_t format_count = cursor_fixed(c, 1), count;

	formats = *c;
	for (uint64_t i = 0; i < format_count; i++)
		cursor_uleb(c), cursor_uleb(c);
	count = cursor_uleb(c);
	if (!format_count)
		return false;
	for (uint64_t i = 0; i < count && !c->bad; i++) {
		struct cursor f = formats;

		for (uint64_t k = 0; k < format_count; k++) {
			uint64_t content = cursor_uleb(&f), form = cursor_uleb(&f), number;
			bool path = i == wanted && content == DW_LNCT_path;
			const char *string = NULL;

			number = read_form(n, c, form, path, &string);
			if (path)
				ret->path = string;
			if (i == wanted && content == DW_LNCT_directory_index)
				ret->directory = number;
		}
	}
	return !c->bad && ret->path;
}

static bool find_v5(const struct names *n, struct cursor *c, uint64_t file, struct entry *ret, const char **directory)
{
	struct cursor directories = *c;
	struct entry e = { 0 };

	/* Files stand after the directories, of which the file's own is known only then. */
	read_table(n, c, UINT64_MAX, &e);
	if (c->bad || !read_table(n, c, file, ret))
		return false;
	e = (struct entry){ 0 };
	if (read_table(n, &directories, ret->directory, &e))
		*directory = e.path;
	return true;
}

/* String number `wanted` of a list that an empty string ends; counted from 1. */
static const char *listed(struct cursor *c, uint64_t wanted)
{
	const char *s, *found = NULL;

	for (uint64_t i = 1; (s = cursor_string(c)) && *s; i++)
		if (i == wanted)
			found = s;
	return found;
}

static bool find_v4(struct cursor *c, uint64_t file, struct entry *ret, const char **directory)
{
	struct cursor directories = *c;
	const char *s;

	listed(c, 0);
	for (uint64_t i = 1; (s = cursor_string(c)) && *s; i++) {
		uint64_t number = cursor_uleb(c);

		cursor_uleb(c);
		cursor_uleb(c);
		if (i != file)
			continue;
		*ret = (struct entry){ .path = s, .directory = number };
		*directory = number ? listed(&directories, number) : NULL;
		return true;
	}
	return false;
}

const char *line_unit_file(struct arena *a, const struct object *o, const struct debug_section *lines,
			   const struct line_unit *u, uint64_t file)
{
	struct names n = { a, o, lines, u };
	struct cursor c = lines->bytes;
	const char *directory = NULL;
	struct entry e = { 0 };
	bool found;

	c.pos = u->tables;
	c.end = u->program;
	found = u->version >= 5 ? find_v5(&n, &c, file, &e, &directory) : find_v4(&c, file, &e, &directory);
	if (!found)
		return NULL;
	if (*e.path == '/' || !directory || (u->version >= 5 && !e.directory))
		return e.path;
	return arena_printf(a, "%s/%s", directory, e.path);
}
