/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_definitions.c - which definition of a global name the kernel was linked to
 *
 * The objects tell what could have been linked, the kernel's symbols what was.
 * Of a weak definition the kernel may have another one instead, whose binding
 * or size differs, or which lies elsewhere: a declaration that says weak makes
 * the overriding one weak as well. A name that is new in an object may be in the kernel all the
 * same, from another object: what was linked to it there keeps it.
 *
 * A module's units are linked with each other first (`ld -r`), and then, by the
 * loader, with what is exported. So what such a unit refers to is the module's
 * own wherever that has it, and never what vmlinux has without exporting it.
 */
#include <elf.h>
#include <string.h>

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

const char *why_no_global(const struct diff *d, const struct symbol_table *t, const char *name)
{
	switch (symbol_table_count(t, name)) {
	case 0:
		return arena_printf(d->a, "it is not among the symbols of `%s`", d->object);
	case 1:
		return arena_printf(d->a, "`%s` has this name as a local one", d->object);
	default:
		return arena_printf(d->a, "`%s` has this name several times, and nothing tells which is meant",
				    d->object);
	}
}

/* --- references of a module ------------------------------------------------------- */

enum own { OWN_NOT_TOLD, OWN_NONE, OWN_PERHAPS, OWN_GLOBAL };

/* kallsyms shows a module's exports as such; all else of it may be global, or static in another unit. */
static enum own own_global(const struct symbol_table *t, const char *name, uint32_t *id)
{
	struct entries_named n;
	uint32_t first = NONE, count = 0;

	*id = NONE;
	if (!t)
		return OWN_NOT_TOLD;
	n = symbol_table_named(t, name);
	while (next_entry_named(&n)) {
		if (!symbol_table_entry(t, n.id)->local) {
			*id = n.id;
			return OWN_GLOBAL;
		}
		first = n.id;
		count += !t->has_binds;
	}
	if (count)
		*id = count == 1 ? first : NONE;
	else
		return t->whole ? OWN_NONE : OWN_NOT_TOLD;
	return OWN_PERHAPS;
}

/* modpost gives each module one, and what it is linked to cannot be exported. */
static bool every_module_has(const char *name)
{
	return !strcmp(name, "__this_module");
}

struct name_link module_name_link(const struct name_question *q)
{
	const struct export *e = symvers_find(q->symvers, q->name);
	bool unexported = every_module_has(q->name) || (q->linked && q->symvers->exports.count && !e);
	bool others = e ? strcmp(e->object, q->module) != 0 : !unexported && kernel_global(q->vmlinux, q->name) != NONE;
	struct name_link link = { .whose = NAME_OUTSIDE };

	switch (own_global(q->table, q->name, &link.entry)) {
	case OWN_GLOBAL:
		link.whose = NAME_OWN;
		break;
	case OWN_PERHAPS:
		link.whose = others || link.entry == NONE ? NAME_OF_EITHER : NAME_OWN;
		break;
	case OWN_NONE:
		if (unexported && !symbol_table_imports(q->table, q->name))
			link.whose = NAME_OF_NOBODY;
		break;
	case OWN_NOT_TOLD:
		if (unexported)
			link.whose = NAME_OWN;
		break;
	}
	return link;
}

struct unlocated why_unlinked(const struct diff *d, enum name_owner whose)
{
	struct unlocated either = {
		arena_printf(d->a,
			     "the symbols of `%s` show this name without telling whether it is static in one of its "
			     "sources, and so which of the kernel's symbols of this name the linker would take",
			     d->object),
		"give the module's .ko: it tells which symbols are global",
	};
	struct unlocated nobody = {
		arena_printf(d->a,
			     "the original object refers to it, but it is not among the symbols of `%s`, and nobody "
			     "exports it",
			     d->object),
		"check that the objects, the symbols and Module.symvers are of the same kernel and configuration",
	};

	return whose == NAME_OF_EITHER ? either : nobody;
}

/* --- weak definitions ------------------------------------------------------------ */

const char *why_other_definition(const struct diff *d, const struct symbol_table *t, const struct unit_place *place,
				 uint32_t orig, uint32_t id)
{
	const struct kernel_symbol *k = symbol_table_entry(t, id);

	if (!k->weak || (t->has_sizes && k->size != d->orig->object->symbols[orig].size))
		return "the original defines it as weak, and the kernel's has another binding or size";
	if (locate_denies(place, orig, id))
		return "the original defines it as weak, and the kernel's lies among functions of another object, "
		       "apart from what the original has in this section, which a linker keeps together";
	return NULL;
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
