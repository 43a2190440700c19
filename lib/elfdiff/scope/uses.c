/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uses.c - what uses global things that changed, wherever it is
 *
 * A changed function that ftrace redirects is called by its name as before: who calls it need not be known, but who has
 * its address may be. The address of one that ftrace cannot redirect says that replacing its callers is not enough. Of
 * changed data, every use may matter.
 */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "elf/names.h"
#include "scope/internal.h"

static bool calls_trace(const struct scope_side *s, uint32_t cell)
{
	uint32_t count, first = cell_relocs(s, cell, &count);

	for (uint32_t r = first; r < first + count; r++) {
		const struct symbol *sym = &s->o->symbols[s->o->relocs[r].symbol];

		if (sym->place == SYMBOL_UNDEFINED && !strcmp(sym->name, s->o->arch->trace_symbol))
			return true;
	}
	return false;
}

void find_traced(const struct scope_side *s)
{
	for (uint32_t i = 1; i < s->o->section_count; i++) {
		struct entry e = { 0 };

		while (s->kinds[i] == HAS_ENTRIES && row_of(s, i)->kind == SPECIAL_TRACE && next_entry(s, i, &e))
			s->traced[e.owner] = true;
	}
}

/* Of what is kept: the calls of others are not asked for. */
static void find_trace_calls(const struct scope_side *s)
{
	for (uint32_t i = 0; s->o->arch->trace_symbol && i < s->kept.count; i++) {
		uint32_t c = s->kept.items[i];

		s->traced[c] |= is_code(s, c) && calls_trace(s, c);
	}
}

/* --- what changed because of what it contains ------------------------------------------------- */

/* Content of whoever refers to it: constants, and code that was moved out of a function. */
static bool is_content(const struct scope_side *s, uint32_t cell)
{
	uint32_t section = s->cells.items[cell].section;

	if (s->kinds[section] == HAS_PIECES || !(s->o->sections[section].flags & (SHF_WRITE | SHF_EXECINSTR)))
		return true;
	return is_outlined(s, cell);
}

static bool has_changed_content(const struct scope_side *s, uint32_t cell)
{
	uint32_t count, first = cell_relocs(s, cell, &count);

	for (uint32_t r = first; r < first + count; r++)
		if (s->to[r] != NONE && s->different[s->to[r]] && is_content(s, s->to[r]))
			return true;
	return false;
}

static bool spread_once(struct finder *f, const struct scope_side *s)
{
	bool any = false;

	for (uint32_t i = 0; i < s->kept.count; i++) {
		uint32_t c = s->kept.items[i];

		if (s->different[c] || !has_changed_content(s, c))
			continue;
		mark_different(f, s == &f->orig ? c : NONE, s == &f->orig ? NONE : c);
		any = true;
	}
	return any;
}

/* Whether or not anything refers to it. */
static bool link_outlined(struct finder *f, const struct scope_side *s)
{
	bool any = false;

	for (uint32_t i = 0; i < s->kept.count; i++) {
		uint32_t c = s->kept.items[i];
		struct outlined_from of = outlined_from(f->a, s, c);

		while (next_outlined_from(s, &of)) {
			any |= !is_kept(f, s, of.function);
			link_pair(f, s->node + c, s->node + of.function);
		}
	}
	return any;
}

/* --- uses ----------------------------------------------------------------------------------------- */

static bool names_part_of_code(const struct scope_side *s, const struct symbol *sym, uint32_t cell)
{
	uint8_t lead = s->o->arch->lead ? s->o->arch->lead(s->o, sym) : 0;

	return s->o->sections[sym->section].flags & SHF_EXECINSTR && sym->value - lead != s->cells.items[cell].start;
}

static bool leads_into_code(const struct scope_side *s, const struct reloc *r)
{
	const struct symbol *sym = &s->o->symbols[r->symbol];

	return s->o->sections[sym->section].flags & SHF_EXECINSTR &&
	       r->addend + s->o->arch->bias(s->o, r, r->offset + 1) != 0;
}

/* What others refer to by its name, and the relocations that do. */
static void list_globals(struct arena *a, struct scope_side *s)
{
	bool *known = arena_array(a, s->o->symbol_count + 1, bool);

	s->has_globals = true;
	for (uint32_t i = s->o->first_global; i < s->o->symbol_count; i++) {
		const struct symbol *sym = &s->o->symbols[i];
		uint32_t cell = sym->by_name ? symbol_cell(s, sym) : NONE;

		if (cell == NONE)
			continue;
		known[i] = true;
		*vec_push(a, &s->globals) = (struct global){ .symbol = i, .cell = cell };
	}
	for (uint32_t r = 0; r < s->o->reloc_count; r++)
		if (known[s->o->relocs[r].symbol] && s->of[r] != NONE)
			*vec_push(a, &s->by_name) = r;
}

static enum uses uses_of(const struct finder *f, const struct scope_side *s, struct global g)
{
	const struct symbol *sym = &s->o->symbols[g.symbol];
	uint32_t cell = g.cell;

	if (!is_kept(f, s, cell))
		return NO_USES;
	if (s->different[cell]) /* a label in a function is a way into it */
		return is_code(s, cell) && !names_part_of_code(s, sym, cell) ? ADDRESSES : ALL_USES;
	return is_code(s, cell) && (s->replaced[cell] || f->elsewhere->list.count) ? ADDRESSES : NO_USES;
}

/* Of which symbols the uses are asked for; false: of none that is new. */
static bool find_asked(const struct finder *f, struct scope_side *s)
{
	bool any = false;

	for (uint32_t i = 0; i < s->globals.count; i++) {
		uint8_t *asked = &s->asked[s->globals.items[i].symbol];
		enum uses uses = uses_of(f, s, s->globals.items[i]);

		any |= uses > *asked;
		*asked = uses > *asked ? uses : *asked;
	}
	return any;
}

static bool is_use(const struct scope_side *s, const struct reloc *r)
{
	enum uses asked = s->asked[r->symbol];

	if (asked == NO_USES || r->type == s->o->arch->none_reloc)
		return false;
	return asked == ALL_USES || !s->o->arch->is_branch(s->o, r) || leads_into_code(s, r);
}

/* Who refers, and what to: then nothing is left to be linked. */
static bool are_kept(const struct finder *f, const struct scope_side *s, uint32_t reloc)
{
	return is_kept(f, s, s->of[reloc]) && is_kept(f, s, s->to[reloc]);
}

static void link_side(struct finder *f, const struct scope_side *s)
{
	for (uint32_t i = 0; i < s->by_name.count; i++) {
		uint32_t r = s->by_name.items[i];

		if (s->asked[s->o->relocs[r].symbol] && !are_kept(f, s, r) && is_use(s, &s->o->relocs[r]))
			link_pair(f, s->node + s->of[r], s->node + s->to[r]);
	}
}

/* --- what is kept refers to the middle of ----------------------------------------------------------- */

/*
 * A patch takes a copy of code that it refers to but not by where a function begins: all of it is needed. And of what is
 * empty, as lock keys are, which connects nothing. Of a relocation that leads to a cell.
 */
static bool needs_content(const struct scope_side *s, uint32_t reloc)
{
	const struct reloc *r = &s->o->relocs[reloc];
	const struct symbol *sym = &s->o->symbols[r->symbol];
	uint32_t to = s->to[reloc];

	if (cell_is_empty(s, to))
		return true;
	return sym->bind != STB_LOCAL && is_code(s, to) && r->type != s->o->arch->none_reloc &&
	       (names_part_of_code(s, sym, to) || leads_into_code(s, r));
}

static bool link_insides(struct finder *f, const struct scope_side *s)
{
	bool any = false;

	for (uint32_t i = 0; i < s->kept.count; i++) {
		uint32_t c = s->kept.items[i], count, first = cell_relocs(s, c, &count);

		if (s->followed[c])
			continue;
		s->followed[c] = true;
		for (uint32_t r = first; r < first + count; r++)
			if (s->to[r] != NONE && !is_kept(f, s, s->to[r]) && needs_content(s, r)) {
				keep_cell(f, s, s->to[r]);
				any = true;
			}
	}
	return any;
}

static bool link_new_uses(struct finder *f, struct scope_side *s)
{
	if (!s->has_globals)
		list_globals(f->a, s);
	if (!find_asked(f, s))
		return false;
	link_side(f, s);
	return true;
}

static void list_kept(const struct finder *f, struct scope_side *s)
{
	s->kept.count = 0;
	for (uint32_t c = 0; c < s->cells.count; c++)
		if (is_kept(f, s, c))
			*vec_push(f->a, &s->kept) = c;
}

bool link_uses(struct finder *f)
{
	bool inside;

	list_kept(f, &f->orig);
	list_kept(f, &f->patched);
	if (either(link_outlined(f, &f->orig), link_outlined(f, &f->patched))) {
		list_kept(f, &f->orig);
		list_kept(f, &f->patched);
	}
	while (either(spread_once(f, &f->orig), spread_once(f, &f->patched)) && next_round(f))
		;
	inside = either(link_insides(f, &f->orig), link_insides(f, &f->patched));
	find_trace_calls(&f->orig);
	find_trace_calls(&f->patched);
	find_replaced(f);

	return either(inside, either(link_new_uses(f, &f->orig), link_new_uses(f, &f->patched)));
}
