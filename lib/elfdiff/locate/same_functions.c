/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * same_functions.c - has a source file the same functions in the table as in the object?
 *
 * Which of them were inlined, cloned or split, their names tell: where all are
 * the same, the compiler decided alike in both builds.
 */
#include "base/text.h"
#include "elf/names.h"
#include "locate/internal.h"

/* Names as a multiset: equal sums and counts, equal names. */
struct names {
	uint64_t sum;
	uint32_t count;
};

static void add_name(struct names *n, const char *name)
{
	n->sum += hash_mix(hash_string(name), 0);
	n->count++;
}

/* objtool makes __pfx_ symbols of a whole link, and then under no FILE. */
static bool counts(const char *name)
{
	return !kallsyms_hides(name) && !name_is_prefix_symbol(name);
}

/* Code that goes when a module does is not in every link. */
static bool is_exit_code(const struct object *o, const struct symbol *s)
{
	return starts_with(o->sections[s->section].name, ".exit");
}

static bool unit_agrees(const struct unit_place *p, const struct unit *u, const struct names *theirs)
{
	struct names kept = { 0 }, all = { 0 };

	for (uint32_t i = u->first; i < u->end; i++) {
		const struct symbol *s = &p->o->symbols[i];

		if (!symbol_is_shown(p, i) || !symbol_is_code(p->o, s) || !counts(s->name))
			continue;
		add_name(&all, s->name);
		if (!is_exit_code(p->o, s))
			add_name(&kept, s->name);
	}
	return (theirs->count == all.count && theirs->sum == all.sum) ||
	       (theirs->count == kept.count && theirs->sum == kept.sum);
}

static struct names functions_of_file(const struct symbol_table *t, uint32_t file)
{
	struct numbers all = symbol_table_of_file(t, file);
	struct names n = { 0 };

	for (uint32_t i = 0; i < all.count; i++) {
		const struct kernel_symbol *e = symbol_table_entry(t, all.items[i]);

		if (e->is_function && counts(e->name))
			add_name(&n, e->name);
	}
	return n;
}

void units_compare_functions(struct unit_place *p)
{
	for (uint32_t i = 0; i < p->units.count; i++) {
		struct unit *u = &p->units.items[i];
		struct names theirs = { 0 };

		if (u->group == NONE)
			continue;
		theirs = functions_of_file(p->t, u->group);
		u->same_functions = unit_agrees(p, u, &theirs);
	}
}
