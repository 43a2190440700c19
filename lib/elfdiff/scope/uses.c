/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uses.c - what uses global things that changed, wherever it is
 *
 * Of changed data, every use may matter. A changed function that ftrace redirects is called by its name as before: who calls it
 * need not be known, but who has its address, or enters it in its middle, may be. That is asked of all code that may
 * be said to have changed, or be replaced because of what it calls: the suspects, all that is kept before it is
 * asked. Passes that see more than cells decide which of them it is (compare/, patch/callers.c); it is no other, because
 * what is the same and refers to nothing that differs but by a global function's name is the same to them, too,
 * and they go from a function to its callers by references and branches that link these.
 */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/text.h"
#include "elf/names.h"
#include "scope/internal.h"

/* --- what changed because of what it contains ------------------------------------------------- */

/* To the kernel: what the linker relocates in the image is written before that runs. */
static bool is_constant(const struct section *s)
{
	return !(s->flags & SHF_EXECINSTR) && (!(s->flags & SHF_WRITE) || starts_with(s->name, ".data.rel.ro"));
}

/* Content of whoever refers to it: constants, and code that was moved out of a function. */
static bool is_content(const struct scope_side *s, uint32_t cell)
{
	uint32_t section = s->cells.items[cell].section;

	return s->kinds[section] == HAS_PIECES || is_constant(&s->o->sections[section]) || is_outlined(s, cell);
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

/* A label in a function is a way into it. */
static enum uses uses_of(const struct finder *f, const struct scope_side *s, struct global g)
{
	const struct symbol *sym = &s->o->symbols[g.symbol];
	uint32_t cell = g.cell;

	if (!is_kept(f, s, cell))
		return NO_USES;
	if (!is_code(s, cell))
		return s->different[cell] ? ALL_USES : NO_USES;
	if (!s->suspect || !s->suspect[cell])
		return NO_USES;
	return names_part_of_code(s, sym, cell) ? ALL_USES : ADDRESSES;
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

	if (!s->suspect)
		return false;

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
	bool inside, outlined;

	list_kept(f, &f->orig);
	list_kept(f, &f->patched);
	outlined = either(link_outlined(f, &f->orig), link_outlined(f, &f->patched));
	if (outlined) {
		list_kept(f, &f->orig);
		list_kept(f, &f->patched);
	}
	while (either(spread_once(f, &f->orig), spread_once(f, &f->patched)) && next_round(f))
		;
	inside = either(link_insides(f, &f->orig), link_insides(f, &f->patched));

	return either(outlined || inside, either(link_new_uses(f, &f->orig), link_new_uses(f, &f->patched)));
}

/* Until then, uses of data alone have been asked for. */
void note_suspects(struct finder *f)
{
	f->orig.suspect = kept_of(f, &f->orig);
	f->patched.suspect = kept_of(f, &f->patched);
}
