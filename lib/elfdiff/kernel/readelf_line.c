/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/readelf_line.h"

#include <elf.h>

#include "kernel/kernel_symbols.h"

/* Large sizes are printed in hexadecimal. */
static bool size_number(const struct word *w, uint64_t *ret)
{
	bool hex = w->length > 2 && w->text[0] == '0' && w->text[1] == 'x';

	return word_number(w, hex ? 16 : 10, ret);
}

/* The column after Vis that is none of "[<other>: 8]". */
static bool section_column(const struct line *l, size_t *pos, struct word *ret)
{
	bool bracket = false;

	while (line_word(l, pos, ret)) {
		bracket |= ret->text[0] == '[';
		if (!bracket)
			return true;
		if (ret->text[ret->length - 1] == ']')
			bracket = false;
	}
	return false;
}

/* What is left of the line: the name, which may be absent and may have blanks (FILE). */
static struct word rest(const struct line *l, size_t pos)
{
	size_t end = l->length;

	while (pos < end && l->text[pos] == ' ')
		pos++;
	while (end > pos && l->text[end - 1] == ' ')
		end--;
	return (struct word){ l->text + pos, end - pos };
}

static uint8_t type_of(const struct word *w)
{
	return word_is(w, "FUNC")      ? STT_FUNC
	       : word_is(w, "FILE")    ? STT_FILE
	       : word_is(w, "SECTION") ? STT_SECTION
				       : STT_NOTYPE;
}

static uint8_t bind_of(const struct word *w)
{
	return word_is(w, "LOCAL")    ? STB_LOCAL
	       : word_is(w, "GLOBAL") ? STB_GLOBAL
	       : word_is(w, "WEAK")   ? STB_WEAK
				      : STB_NUM;
}

bool readelf_parse_columns(const struct line *l, size_t pos, struct readelf_line *e)
{
	struct word address, size, type, bind, visibility, section;

	if (!line_word(l, &pos, &address) || !word_number(&address, 16, &e->address))
		return false;
	if (!line_word(l, &pos, &size) || !size_number(&size, &e->size))
		return false;
	if (!line_word(l, &pos, &type) || !line_word(l, &pos, &bind) || !line_word(l, &pos, &visibility))
		return false;
	if (!section_column(l, &pos, &section))
		return false;
	e->type = type_of(&type);
	e->bind = bind_of(&bind);
	e->hidden = word_is(&visibility, "HIDDEN") || word_is(&visibility, "INTERNAL");
	e->name = rest(l, pos);
	e->place = word_number(&section, 10, &e->section) ? IN_SECTION
		   : word_is(&section, "UND")             ? UNDEFINED
							  : ELSEWHERE;
	return e->place != IN_SECTION || e->section <= SECTION_MOST;
}
