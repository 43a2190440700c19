/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_definitions.c - which definition of a global name the kernel was linked to
 *
 * The objects tell what could have been linked, the kernel's symbols what was.
 * Of a weak definition the kernel may have another one instead, whose binding
 * or size differs. A name that is new in an object may be in the kernel all the
 * same, from another object: what was linked to it there keeps it.
 */
#include <elf.h>

#include "arch/arch.h"
#include "patch/internal.h"

uint32_t kernel_global(const struct symbol_table *t, const char *name)
{
	struct entries_named n;
	uint32_t found = NONE;

	if (!t)
		return NONE;
	n = symbol_table_named(t, name);
	while (next_entry_named(&n)) {
		if (t->has_binds && symbol_table_entry(t, n.id)->local)
			continue;
		if (found != NONE)
			return NONE; /* which of them is not known */
		found = n.id;
	}
	return found;
}

/* Sources that tell sizes tell visibilities, too. Of one entry of that name there is no other that it could be. */
uint32_t kernel_global_of(const struct symbol_table *t, const struct symbol *s)
{
	uint32_t id = kernel_global(t, s->name);
	struct entries_named n;

	if (id != NONE || !t || t->has_sizes || ELF64_ST_VISIBILITY(s->other) != STV_HIDDEN ||
	    symbol_table_count(t, s->name) != 1)
		return id;
	n = symbol_table_named(t, s->name);
	return next_entry_named(&n) ? n.id : NONE;
}

/* --- weak definitions ------------------------------------------------------------ */

bool kernel_has_definition(const struct symbol_table *t, uint32_t id, const struct symbol *s)
{
	const struct kernel_symbol *k = symbol_table_entry(t, id);

	return s->bind != STB_WEAK || (k->weak && (!t->has_sizes || k->size == s->size));
}

/* --- new names --------------------------------------------------------------------- */

static bool is_definition(const struct symbol *s)
{
	return s->by_name && (s->place == SYMBOL_DEFINED || s->place == SYMBOL_COMMON);
}

static bool defines(const struct object *o, const char *name)
{
	struct namesakes n = object_named(o, name);

	while (next_namesake(&n))
		if (is_definition(&o->symbols[n.symbol]))
			return true;
	return false;
}

/* Something else defines it, or the object could not have been linked. */
static bool imports(const struct object *o, const char *name)
{
	struct namesakes n = object_named(o, name);

	while (next_namesake(&n))
		if (o->symbols[n.symbol].place == SYMBOL_UNDEFINED && o->symbols[n.symbol].bind != STB_WEAK)
			return true;
	return false;
}

static bool has_global(const struct symbol_table *t, const char *name)
{
	struct entries_named n = symbol_table_named(t, name);

	while (next_entry_named(&n))
		if (!t->has_binds || !symbol_table_entry(t, n.id)->local)
			return true;
	return false;
}

static void refuse_taken(const struct diff *d, uint32_t symbol)
{
	struct elfdiff_diag diag = diag_of_block(d, d->patched->symbol_block[symbol], ELFDIFF_REFUSAL, "name-taken");

	diag.symbol = d->patched->object->symbols[symbol].name;
	diag.cause = "what was linked to that one keeps it, and the patch would have a second one";
	diag.hint = "give the new one another name, or leave the definition in the object where it was";
	diag_add(d->ds, diag, "`%s` is new in this object, but another one defines it already", diag.symbol);
}

void refuse_taken_names(const struct diff *d, const struct selection *s, const struct symbol_table *t)
{
	const struct object *o = d->patched->object, *orig = d->orig->object;

	for (uint32_t i = o->first_global; i < o->symbol_count; i++) {
		uint32_t block = d->patched->symbol_block[i];
		const char *name = o->symbols[i].name;

		if (is_definition(&o->symbols[i]) && block != NONE && s->item_of[block] != NONE &&
		    !arch_keeps_ordinary(o->arch, name) && !defines(orig, name) &&
		    (imports(orig, name) || (t && has_global(t, name))))
			refuse_taken(d, i);
	}
}
