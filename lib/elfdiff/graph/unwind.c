/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "graph/unwind.h"

#include <elf.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "graph/internal.h"

static void irregular(struct splitter *sp, uint32_t section, const char *cause)
{
	diag_add(sp->ds,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_FAILURE,
			 .id = "irregular-table",
			 .object = sp->o->path,
			 .section = sp->o->sections[section].name,
			 .cause = cause,
			 .hint = "rebuild the object: objtool makes one table, and one section of records" },
		 "`%s` cannot be read as a table of unwind data", sp->o->sections[section].name);
}

/* Data with bytes of their own, and the only section of that name: of several the kernel reads one. */
static bool is_plain(const struct object *o, uint32_t section)
{
	const struct section *s = &o->sections[section];

	return section && s->data && !(s->flags & SHF_EXECINSTR) && !object_section(o, s->name, section);
}

/* A place of code, or behind its last byte: that nothing holds there is told, too. */
static bool leads_to_code(const struct object *o, const struct reloc *r)
{
	const struct symbol *s = &o->symbols[r->symbol];

	return s->place == SYMBOL_DEFINED && o->sections[s->section].flags & SHF_EXECINSTR &&
	       range_ok(s->value + (uint64_t)r->addend, 0, o->sections[s->section].size);
}

/* Why the entries are none, in words, or NULL. Each is the field of its relocation. */
static const char *why_no_entries(const struct object *o, const struct section *s, struct unwind_table *t)
{
	const struct reloc *first = &o->relocs[s->reloc_first];
	struct reloc_field field;

	if (!o->arch->field(first->type, &field) || !field.size || s->size != (uint64_t)field.size * s->reloc_count)
		return "it does not have a relocation for each entry";
	for (uint32_t i = 0; i < s->reloc_count; i++) {
		if (first[i].type != first->type || first[i].offset != (uint64_t)field.size * i)
			return "its relocations do not repeat, so its entries cannot be told apart";
		if (!leads_to_code(o, &first[i]))
			return "an entry of it leads out of the code that it is about";
	}
	t->count = s->reloc_count;
	t->size = field.size;
	return NULL;
}

/* They have the size that the kernel's header gives them, or whoever states another one. */
static bool find_records(struct splitter *sp, const struct special *row, struct unwind_table *t)
{
	const struct section *records = &sp->o->sections[t->records];
	uint64_t stated = stated_size(sp->sizes, row->parallel);

	if (!is_plain(sp->o, t->records) || records->reloc_count || records->size % t->count)
		return false;
	t->record_size = records->size / t->count;
	if (t->record_size == row->record_size && stated && stated != t->record_size)
		contradicted(sp, records, stated, t->record_size, "there is a record of that size for each entry");
	return t->record_size == row->record_size || t->record_size == stated;
}

static void find_table(struct splitter *sp, uint32_t section)
{
	const struct object *o = sp->o;
	const struct special *row = sp->rows[section];
	struct unwind_table t = { .section = section, .records = object_section(o, row->parallel, 0) };
	const char *why;

	if (!is_plain(o, section))
		why = "it is code by its flags, or there are two sections of this name";
	else
		why = why_no_entries(o, &o->sections[section], &t);
	if (!why && !find_records(sp, row, &t))
		why = arena_printf(sp->a, "`%s` does not have a record of %u bytes for each entry", row->parallel,
				   row->record_size);
	if (why)
		irregular(sp, section, why);
	else
		sp->g->unwind = t;
}

void split_unwind(struct splitter *sp, uint32_t section, const struct special *row)
{
	const struct section *s = &sp->o->sections[section];

	if (row->parallel && (s->size || s->reloc_count) && object_section(sp->o, s->name, 0) == section)
		find_table(sp, section);
	if (s->size)
		add_block(sp, section, 0, s->size, BLOCK_IGNORED, NONE);
}

const struct reloc *unwind_reloc(const struct graph *g, uint32_t entry)
{
	return &g->object->relocs[g->object->sections[g->unwind.section].reloc_first + entry];
}

struct edge unwind_edge(const struct graph *g, uint32_t entry)
{
	const struct reloc *r = unwind_reloc(g, entry);
	const struct symbol *s = &g->object->symbols[r->symbol];

	return edge_to_place(g, s->section, s->value + (uint64_t)r->addend);
}
