// SPDX-License-Identifier: GPL-2.0-or-later
#include "locate/locate.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "locate/internal.h"
#include "elf/names.h"
#include "arch/special.h"

const struct unit_place *locate_unit(struct arena *a, const struct symbol_table *t, const struct graph *g)
{
	struct unit_place *p = arena_new(a, struct unit_place);

	p->t = t;
	p->o = g->object;
	if (t->has_files)
		units_find(a, p);
	neighbours_prepare(a, p);
	p->code = places_by_code(a, p, g);
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
		*id = first;
		return LOCATE_FOUND;
	}
	/* Bindings are unknown here: the others are local symbols of other files. */
	if (!p->t->has_binds && s->place == SYMBOL_DEFINED)
		return locate_by_neighbours(p, symbol, id);
	return LOCATE_AMBIGUOUS;
}

/* The entry stands under the FILE symbol of a source that is not the symbol's. */
static bool is_of_other_file(const struct unit_place *p, const struct symbol *s, uint32_t id)
{
	uint32_t file = symbol_table_entry(p->t, id)->file;

	return s->file != NONE && file != NONE &&
	       strcmp(file_base_name(p->o->symbols[s->file].name), file_base_name(p->t->files.items[file]));
}

enum locate_result locate_symbol(const struct unit_place *p, uint32_t symbol, uint32_t *id)
{
	const struct symbol *s = &p->o->symbols[symbol];
	enum locate_result found;
	const struct unit *u;

	if (!symbol || s->type == STT_SECTION || s->type == STT_FILE || kallsyms_hides(s->name))
		return LOCATE_MISSING;
	if (s->bind != STB_LOCAL)
		return locate_global(p, symbol, id);
	u = unit_located(p, s);
	found = u ? locate_by_file(p, u, symbol, id) : LOCATE_AMBIGUOUS;
	if (found != LOCATE_AMBIGUOUS)
		return found;
	found = locate_by_code(p, symbol, id);
	if (u || found != LOCATE_MISSING)
		return found == LOCATE_FOUND ? found : LOCATE_AMBIGUOUS;
	found = locate_by_neighbours(p, symbol, id);
	return found == LOCATE_FOUND && is_of_other_file(p, s, *id) ? LOCATE_MISSING : found;
}
