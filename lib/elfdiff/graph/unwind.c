/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "graph/unwind.h"

#include <string.h>

#include "base/bytes.h"
#include "graph/internal.h"

static bool irregular(struct splitter *sp, uint32_t section, const char *cause)
{
	diag_add(
		sp->ds,
		(struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
				       .id = "irregular-table",
				       .object = sp->o->path,
				       .section = sp->o->sections[section].name,
				       .cause = cause,
				       .hint = "rebuild the object: objtool makes one table, and its records with it" },
		"the entries of `%s` cannot be told apart", sp->o->sections[section].name);
	return false;
}

/* How long a record is tells how many there are; and whoever states it. */
static bool has_records(const struct splitter *sp, const struct unwind_table *t)
{
	const struct section *records = &sp->o->sections[t->records];
	uint64_t stated = stated_size(sp->sizes, records->name);

	return t->records && records->data && !records->reloc_count && !(records->size % t->count) &&
	       (!stated || records->size == stated * t->count);
}

static bool find_table(struct splitter *sp, uint32_t section)
{
	const struct section *s = &sp->o->sections[section];
	struct unwind_table *t = &sp->g->unwind;

	if (t->count)
		return irregular(sp, section, "there are two sections of this name");
	*t = (struct unwind_table){ .section = section, .count = s->reloc_count, .size = sp->strides[section] };
	t->records = object_section(sp->o, sp->rows[section]->parallel, 0);
	if (!has_records(sp, t))
		return irregular(
			sp, section,
			arena_printf(sp->a, "`%s` does not have a record for each", sp->rows[section]->parallel));
	t->record_size = sp->o->sections[t->records].size / t->count;
	return true;
}

bool find_unwind(struct splitter *sp)
{
	for (uint32_t i = 1; i < sp->o->section_count; i++)
		if (is_special(sp, i, SPECIAL_UNWIND) && sp->rows[i]->parallel && sp->o->sections[i].reloc_count &&
		    !find_table(sp, i))
			return false;
	return true;
}

/* Not to where it ends: what holds behind the last byte is told, too. */
bool unwind_is_stray(const struct splitter *sp)
{
	const struct object *o = sp->o;

	for (uint32_t i = 0; i < sp->g->unwind.count; i++) {
		const struct reloc *r = unwind_reloc(sp->g, i);
		const struct symbol *s = &o->symbols[r->symbol];

		if (!range_ok(s->value + (uint64_t)r->addend, 0, o->sections[s->section].size))
			return true;
	}
	return false;
}

const struct reloc *unwind_reloc(const struct graph *g, uint32_t entry)
{
	return &g->object->relocs[g->object->sections[g->unwind.section].reloc_first + entry];
}

struct edge unwind_edge(const struct graph *g, uint32_t entry)
{
	struct boundary none = { .block = NONE };

	return edge_of(g, unwind_reloc(g, entry), g->first_block[g->unwind.section], &none);
}
