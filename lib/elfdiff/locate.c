// SPDX-License-Identifier: GPL-2.0-or-later
#include "locate.h"

#include <elf.h>
#include <string.h>

#include "arch.h"
#include "locate_place.h"
#include "names.h"
#include "special.h"

bool symbol_is_code(const struct object *o, const struct symbol *s)
{
	return s->place == SYMBOL_DEFINED && (o->sections[s->section].flags & SHF_EXECINSTR);
}

/* The kernel's link leaves the section out (.discard.*, .export_symbol). */
static bool is_dropped(const struct object *o, const struct section *s)
{
	const struct special *row = o->arch ? special_find(s->name, o->arch->bit) : NULL;

	return row && row->kind == SPECIAL_IGNORED && row->quiet;
}

bool symbol_is_shown(const struct unit_place *p, uint32_t symbol)
{
	const struct symbol *s = &p->o->symbols[symbol];
	const struct section *sec = &p->o->sections[s->section];

	if (s->place != SYMBOL_DEFINED || s->type == STT_SECTION || s->type == STT_FILE || kallsyms_hides(s->name))
		return false;
	return section_is_alloc(sec) && !is_dropped(p->o, sec);
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
	const struct kernel_symbol *e = &p->t->symbols.items[id];

	if (p->t->has_binds && e->local != (s->bind == STB_LOCAL))
		return false;
	return kind_fits(p, s, e) && !strcmp(e->name, s->name);
}

uint32_t next_fitting(const struct unit_place *p, const struct symbol *s, uint32_t entry)
{
	const struct index *ix = &p->t->by_name;

	entry = entry == NONE ? index_first(ix, hash_string(s->name)) : index_next(ix, entry);
	while (entry != NONE && !entry_fits(p, s, ix->ids[entry]))
		entry = index_next(ix, entry);
	return entry;
}

const struct unit_place *locate_unit(struct arena *a, const struct symbol_table *t, const struct object *o)
{
	struct unit_place *p = arena_new(a, struct unit_place);

	p->t = t;
	p->o = o;
	if (t->has_files)
		units_find(a, p);
	neighbours_prepare(a, p);
	return p;
}

/* Code and data of an object have one global of a name, and so has all of vmlinux. */
static enum locate_result locate_global(const struct unit_place *p, uint32_t symbol, uint32_t *id)
{
	const struct symbol *s = &p->o->symbols[symbol];
	uint32_t first = next_fitting(p, s, NONE);

	if (first == NONE)
		return LOCATE_MISSING;
	if (next_fitting(p, s, first) == NONE) {
		*id = place_entry(p, first);
		return LOCATE_FOUND;
	}
	/* Bindings are unknown here: the others are local symbols of other files. */
	if (!p->t->has_binds && s->place == SYMBOL_DEFINED)
		return locate_by_neighbours(p, symbol, id);
	return LOCATE_AMBIGUOUS;
}

enum locate_result locate_symbol(const struct unit_place *p, uint32_t symbol, uint32_t *id)
{
	const struct symbol *s = &p->o->symbols[symbol];
	const struct unit *u;

	if (!symbol || s->type == STT_SECTION || s->type == STT_FILE || kallsyms_hides(s->name))
		return LOCATE_MISSING;
	if (s->bind != STB_LOCAL)
		return locate_global(p, symbol, id);
	u = unit_located(p, s);
	return u ? locate_by_file(p, u, symbol, id) : locate_by_neighbours(p, symbol, id);
}
