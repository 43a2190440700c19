/* SPDX-License-Identifier: GPL-2.0-or-later */
/* locate_entry.c - which entries of the table can be a symbol of the object at all */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "locate/internal.h"
#include "elf/names.h"
#include "arch/special.h"

bool symbol_is_code(const struct object *o, const struct symbol *s)
{
	return s->place == SYMBOL_DEFINED && (o->sections[s->section].flags & SHF_EXECINSTR);
}

/* The kernel's link leaves the section out (.discard.*, .export_symbol). */
static bool is_dropped(const struct section *s)
{
	return s->row && s->row->kind == SPECIAL_IGNORED && s->row->quiet;
}

bool symbol_is_shown(const struct unit_place *p, uint32_t symbol)
{
	const struct symbol *s = &p->o->symbols[symbol];
	const struct section *sec = &p->o->sections[s->section];

	if (s->place != SYMBOL_DEFINED || s->type == STT_SECTION || s->type == STT_FILE || kallsyms_hides(s->name))
		return false;
	return section_is_alloc(sec) && !is_dropped(sec);
}

size_t name_numbered(const char *name)
{
	size_t n = strlen(name), digits = n;

	while (digits && name[digits - 1] >= '0' && name[digits - 1] <= '9')
		digits--;
	return digits < n && digits > 1 && name[digits - 1] == '.' ? digits - 1 : 0;
}

bool name_is_plain(const char *name)
{
	return name_stem(name) == strlen(name);
}

/* readelf text shows no sections: there, only functions with a type are known to be code. */
static bool kind_fits(const struct unit_place *p, const struct symbol *s, const struct kernel_symbol *e)
{
	if (s->place != SYMBOL_DEFINED || (s->type != STT_FUNC && s->type != STT_OBJECT))
		return true;
	return e->is_function == symbol_is_code(p->o, s);
}

bool entry_fits(const struct unit_place *p, const struct symbol *s, uint32_t id)
{
	const struct kernel_symbol *e = symbol_table_entry(p->t, id);

	if (p->t->has_binds && e->local != (s->bind == STB_LOCAL))
		return false;
	return kind_fits(p, s, e) && !strcmp(e->name, s->name);
}

uint32_t next_fitting(const struct unit_place *p, const struct symbol *s, uint32_t id)
{
	struct entries_named n = symbol_table_named_after(p->t, s->name, id);

	while (next_entry_named(&n))
		if (entry_fits(p, s, n.id))
			return n.id;
	return NONE;
}
