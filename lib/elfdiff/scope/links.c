/* SPDX-License-Identifier: GPL-2.0-or-later */
/* links.c - what has to be kept together: all that is connected by anything but a global name */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/text.h"
#include "elf/names.h"
#include "scope/internal.h"

/* --- sets of cells ------------------------------------------------------------------------ */

static uint32_t root_of(struct finder *f, uint32_t node)
{
	while (f->parent[node] != node) {
		f->parent[node] = f->parent[f->parent[node]];
		node = f->parent[node];
	}
	return node;
}

void link_pair(struct finder *f, uint32_t node, uint32_t other)
{
	uint32_t a = root_of(f, node), b = root_of(f, other), first = a < b ? a : b;

	f->parent[a] = f->parent[b] = first;
	f->kept[first] = f->kept[a] || f->kept[b];
}

/* No cell is linked to a later one. */
void shorten_links(struct finder *f)
{
	for (uint32_t n = 0; n < f->orig.cells.count + f->patched.cells.count; n++)
		f->parent[n] = f->parent[f->parent[n]];
}

void keep_cell(struct finder *f, const struct scope_side *s, uint32_t cell)
{
	f->kept[root_of(f, s->node + cell)] = true;
}

/* --- references ----------------------------------------------------------------------------- */

static bool is_trace_symbol(const struct arch *arch, const struct symbol *s)
{
	return arch->trace_symbol && !strcmp(s->name, arch->trace_symbol);
}

/*
 * A symbol that is more than a name to who refers to it: a local one. Of global ones, code that every module has of its
 * own comes along with who calls it; of data whose copies are as good, all users tell whether they are; and code that is
 * no function is a part of who refers to it.
 */
static bool find_sticky(const struct scope_side *s, uint32_t symbol)
{
	const struct symbol *sym = &s->o->symbols[symbol];
	const struct section *sec = &s->o->sections[sym->section];

	if (!sym->by_name)
		return true;
	if (arch_keeps_ordinary(s->o->arch, sym->name) && !is_trace_symbol(s->o->arch, sym))
		return true;
	if (sec->flags & SHF_EXECINSTR)
		return !symbol_starts_function(sym);
	return name_fresh(sym->name, sec->name, sec->flags & SHF_WRITE) != FRESH_NOT;
}

static bool is_sticky(const struct scope_side *s, uint32_t symbol)
{
	if (s->sticky[symbol] == NOT_ASKED)
		s->sticky[symbol] = find_sticky(s, symbol) ? STICKY : NOT_STICKY;
	return s->sticky[symbol] == STICKY;
}

/*
 * References that lead to a cell, and that one is kept or set aside together with the cell that they are of. Only its symbol's
 * name counts of one that nothing else connects.
 */
static bool connects(const struct scope_side *s, uint32_t reloc)
{
	const struct object *o = s->o;
	const struct reloc *r = &o->relocs[reloc];
	uint32_t to = s->to[reloc];

	/* in what is empty, there is nothing that two could share */
	if (to == NONE || s->empty[to] || r->type == o->arch->none_reloc)
		return false;
	return is_sticky(s, r->symbol) || (o->arch->confined && o->arch->confined(o, r)) || s->of_kpatch[r->section];
}

/* All that uses it is asked for, wherever it is defined. */
static bool is_asked(const struct finder *f, const struct symbol *sym)
{
	return sym->bind != STB_LOCAL && text_set_has(f->elsewhere, sym->name, strlen(sym->name));
}

static void keep_uses_of_asked(struct finder *f, const struct scope_side *s)
{
	for (uint32_t r = 0; r < s->o->reloc_count; r++)
		if (s->of[r] != NONE && is_asked(f, &s->o->symbols[s->o->relocs[r].symbol]))
			keep_cell(f, s, s->of[r]);
}

static void link_references(struct finder *f, const struct scope_side *s)
{
	uint32_t from = NONE, to = NONE;

	if (f->elsewhere->list.count)
		keep_uses_of_asked(f, s);
	for (uint32_t r = 0; r < s->o->reloc_count; r++) {
		/* neighbours lead to the same cell as a rule: the table about it, a function to its own data */
		if (s->of[r] == NONE || s->of[r] == s->to[r] || (s->of[r] == from && s->to[r] == to))
			continue;
		if (!connects(s, r))
			continue;
		from = s->of[r];
		to = s->to[r];
		link_pair(f, s->node + from, s->node + to);
	}
}

/* --- tables ------------------------------------------------------------------------------------ */

/* All that have the name: once they are linked to each other, to the first of them. */
static void link_named(struct finder *f, const struct scope_side *s, struct text_set *known, uint32_t cell,
		       const char *name)
{
	bool again = !text_set_add(f->a, known, name, strlen(name));
	struct namesakes n = object_named(s->o, name);

	while (next_namesake(&n)) {
		uint32_t to = symbol_cell(s, &s->o->symbols[n.symbol]);

		if (to == NONE)
			continue;
		link_pair(f, s->node + cell, s->node + to);
		if (again)
			return;
	}
}

/* The text that a relocation of data leads to, or NULL. */
static const char *text_at(const struct scope_side *s, const struct reloc *r)
{
	const struct symbol *sym = r ? &s->o->symbols[r->symbol] : NULL;
	const struct section *sec = sym && sym->place == SYMBOL_DEFINED ? &s->o->sections[sym->section] : NULL;
	uint64_t at = sym ? sym->value + (uint64_t)r->addend : 0;

	return sec && sec->data && at < sec->size && memchr(sec->data + at, 0, sec->size - at)
		       ? (const char *)sec->data + at
		       : NULL;
}

/* An entry may be about a function, or stand for a variable, by a name alone. */
static void link_by_name(struct finder *f, const struct scope_side *s, struct text_set *known, uint32_t table,
			 const struct entry *e)
{
	const struct special *row = row_of(s, table);
	const struct cell *c = &s->cells.items[e->owner];

	if (row->kind == SPECIAL_RUNTIME) {
		link_named(f, s, known, e->owner, special_variable(row, s->o->sections[table].name));
	} else if (row->func_offset) {
		const struct section *sec = &s->o->sections[c->section];
		const char *name = text_at(s, object_reloc_at(s->o, sec, c->start + row->func_offset));

		if (name)
			link_named(f, s, known, e->owner, name);
	}
}

static void link_names(struct finder *f, const struct scope_side *s, struct text_set *known, uint32_t table)
{
	struct entry e = { 0 };

	if (row_of(s, table)->kind != SPECIAL_RUNTIME && !row_of(s, table)->func_offset)
		return;
	while (next_entry(s, table, &e))
		if (e.owner != NOBODY)
			link_by_name(f, s, known, table, &e);
}

static void keep_asked(struct finder *f, const struct scope_side *s)
{
	for (uint32_t i = 0; i < f->elsewhere->list.count; i++) {
		struct namesakes n = object_named(s->o, f->elsewhere->list.items[i].text);

		while (next_namesake(&n)) {
			const struct symbol *sym = &s->o->symbols[n.symbol];
			uint32_t cell = sym->bind == STB_LOCAL ? NONE : symbol_cell(s, sym);

			if (cell != NONE)
				keep_cell(f, s, cell);
		}
	}
}

/* What is read as a whole is one thing as far as it is of one source. */
static void link_neighbours(struct finder *f, const struct scope_side *s, uint32_t section)
{
	for (uint32_t c = s->first[section]; c + 1 < s->first[section + 1]; c++)
		if (cell_source(s, c + 1) == NONE || cell_source(s, c) == cell_source(s, c + 1))
			link_pair(f, s->node + c, s->node + c + 1);
}

static void link_side(struct finder *f, const struct scope_side *s)
{
	struct text_set known = { 0 };

	keep_asked(f, s);
	link_references(f, s);
	for (uint32_t i = 1; i < s->o->section_count; i++)
		if (s->kinds[i] == HAS_ENTRIES)
			link_names(f, s, &known, i);
		else if (row_of(s, i) && row_of(s, i)->read == READ_WHOLE)
			link_neighbours(f, s, i);
}

void link_cells(struct finder *f)
{
	uint32_t count = f->orig.cells.count + f->patched.cells.count;

	f->parent = arena_array(f->a, count + 1, uint32_t);
	f->kept = arena_array(f->a, count + 1, bool);
	for (uint32_t i = 0; i < count; i++)
		f->parent[i] = i;
	for (uint32_t c = 0; c < f->orig.cells.count; c++) {
		f->kept[c] = f->orig.different[c];
		if (f->orig.twin[c] != NONE)
			link_pair(f, c, f->patched.node + f->orig.twin[c]);
	}
	for (uint32_t d = 0; d < f->patched.cells.count; d++)
		if (f->patched.different[d])
			keep_cell(f, &f->patched, d);
	link_side(f, &f->orig);
	link_side(f, &f->patched);
}
