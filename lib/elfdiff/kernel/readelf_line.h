/* SPDX-License-Identifier: GPL-2.0-or-later */
/* readelf_line.h - a symbol as `readelf -s` prints it */
#ifndef ELFDIFF_READELF_LINE_H
#define ELFDIFF_READELF_LINE_H

#include <elf.h>

#include "file/digits.h"
#include "file/text_lines.h"

/* Of what the line is about, in the words of an ELF file. */
enum place { IN_SECTION, UNDEFINED, ELSEWHERE };

struct readelf_line {
	uint64_t address, size, section; /* where it is IN_SECTION */
	uint8_t type, bind;              /* STT_*, STB_*; STT_NOTYPE, STB_NUM: another one */
	bool hidden;                     /* or internal */
	enum place place;
	struct word name;
};

/* readelf has truncated the name. */
static inline bool readelf_cut_off(const struct word *name)
{
	return name->length > 5 && !memcmp(name->text + name->length - 5, "[...]", 5);
}

/* Where columns of a usual line begin; before a column that is aligned at the right is a blank. */
enum { COLON = 6, ADDRESS = 8, SIZE = 25, TYPE = 31, BIND = 39, VISIBILITY = 46, SECTION = 54, NAME = 59 };

static inline bool usual_kind(const char *p, struct readelf_line *e)
{
	bool function = !memcmp(p + TYPE, "FUNC    ", 8), local = !memcmp(p + BIND, "LOCAL  ", 7),
	     global = !memcmp(p + BIND, "GLOBAL ", 7);

	e->type = function ? STT_FUNC : STT_NOTYPE;
	e->bind = local ? STB_LOCAL : global ? STB_GLOBAL : STB_WEAK;
	e->hidden = false;
	return (function || !memcmp(p + TYPE, "NOTYPE  ", 8) || !memcmp(p + TYPE, "OBJECT  ", 8)) &&
	       (local || global || !memcmp(p + BIND, "WEAK   ", 7)) && !memcmp(p + VISIBILITY, "DEFAULT ", 8);
}

static inline bool usual_numbers(const char *p, struct readelf_line *e)
{
	uint64_t number = bytes_get((const uint8_t *)p, 8, false) << 16 | 0x2020;

	return column_number(number, &number) && number_of_16(p + ADDRESS, &e->address) &&
	       column_before(p + TYPE - 1, TYPE - 1 - SIZE, &e->size) &&
	       column_before(p + NAME - 1, NAME - 1 - SECTION, &e->section);
}

/*
 * As readelf of binutils prints most lines of a kernel, whose numbers are not too long for their columns; what readelf_parse_columns()
 * would make of it. False: it is otherwise, or no such line.
 */
static inline bool readelf_parse_usual(const struct line *l, struct readelf_line *e)
{
	const char *p = l->text;

	if (l->length <= NAME || p[COLON] != ':' || p[ADDRESS - 1] != ' ' || p[SIZE - 1] != ' ' || p[TYPE - 1] != ' ' ||
	    p[NAME - 1] != ' ')
		return false;
	e->place = IN_SECTION;
	e->name = (struct word){ p + NAME, l->length - NAME };
	return usual_kind(p, e) && usual_numbers(p, e) && p[NAME] > ' ' && p[l->length - 1] > ' ' &&
	       !readelf_cut_off(&e->name);
}

/* Any line of a symbol, from behind its number; false: a column is not what it has to be. */
bool readelf_parse_columns(const struct line *l, size_t pos, struct readelf_line *e);

#endif
