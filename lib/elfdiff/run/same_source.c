/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * same_source.c - whether two objects are builds of one thing
 *
 * Of two objects that have nothing to do with each other everything in the one
 * is new and everything in the other gone: a comparison would call that a patch.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "base/text_set.h"
#include "run/internal.h"

enum {
	SHOWN = 3,           /* names of sources in a message */
	ALIKE_PER_CENT = 10, /* two builds of one source have more of their functions in common */
};

static enum elfdiff_status fail(struct diags *ds, const struct object *p, const char *id, const char *message,
				const char *cause, const char *hint)
{
	diag_add(ds,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_FAILURE, .id = id, .object = p->path, .cause = cause, .hint = hint },
		 "%s", message);
	return ELFDIFF_ERROR;
}

/* --- kinds ------------------------------------------------------------------------- */

static bool is_module(const struct object *o)
{
	return object_section(o, ".gnu.linkonce.this_module", 0);
}

static enum elfdiff_status check_kinds(struct arena *a, struct diags *ds, const struct object *o,
				       const struct object *p)
{
	const char *was = object_modinfo(o, "name"), *now = object_modinfo(p, "name");

	if (is_module(o) != is_module(p))
		return fail(ds, p, "different-kinds", "one of the two objects is a finished module, the other is not",
			    arena_printf(a, "`%s` has what the kernel makes its `struct module` of, `%s` has not",
					 is_module(o) ? o->path : p->path, is_module(o) ? p->path : o->path),
			    "give the same file of both builds");
	if (was && now && strcmp(was, now) != 0)
		return fail(ds, p, "different-sources", "the two objects are different modules",
			    arena_printf(a, ".modinfo of `%s` says `%s`, that of `%s` says `%s`", o->path, was, p->path,
					 now),
			    "give the same file of both builds");
	return ELFDIFF_OK;
}

/* --- the sources' names -------------------------------------------------------------- */

/* Without directories: where a tree lies tells nothing. Rust's compiler appends a hash and a number to a crate's name. */
static size_t source_name(const char **name)
{
	const char *slash = strrchr(*name, '/');
	const char *dot;

	if (slash)
		*name = slash + 1;
	dot = strstr(*name, "-cgu.") ? strchr(*name, '.') : NULL;
	return dot ? (size_t)(dot - *name) : strlen(*name);
}

static const char *add_name(struct arena *a, const char *list, const char *name, size_t n, uint32_t number)
{
	if (number == SHOWN)
		return arena_printf(a, "%s ...", list);
	return number > SHOWN ? list : arena_printf(a, "%s%s`%.*s`", list, *list ? ", " : "", (int)n, name);
}

/* The names of an object's sources that are not in `seen` are added to it; `list` is them for people. */
static uint32_t list_sources(struct arena *a, const struct object *o, struct text_set *seen, const char **list)
{
	uint32_t count = 0;

	*list = "";
	for (uint32_t i = 1; i < o->first_global; i++) {
		const char *name = o->symbols[i].name;
		size_t n;

		if (o->symbols[i].type != STT_FILE)
			continue;
		n = source_name(&name);
		if (n && text_set_add(a, seen, name, n))
			*list = add_name(a, *list, name, n, count++);
	}
	return count;
}

/* Objects that were linked have several: one in common is enough. */
static enum elfdiff_status check_sources(struct arena *a, struct diags *ds, const struct object *o,
					 const struct object *p)
{
	struct text_set all = { 0 }, of_patched = { 0 };
	const char *was, *now, *rest;
	uint32_t count = list_sources(a, o, &all, &was), in_patched = list_sources(a, p, &of_patched, &now);

	if (!count || !in_patched || list_sources(a, p, &all, &rest) < in_patched)
		return ELFDIFF_OK;
	return fail(
		ds, p, "different-sources", "the two objects are compiled from different sources",
		arena_printf(a, "`%s` is made of %s, `%s` of %s (the names that the compiler was given)", o->path, was,
			     p->path, now),
		"give the two builds of one source; if these are copies of one, compile both under the name it has in "
		"the kernel: static functions and variables are found in the kernel's symbols by it");
}

enum elfdiff_status check_same_thing(struct arena *a, struct diags *ds, const struct object *o, const struct object *p)
{
	enum elfdiff_status st = check_kinds(a, ds, o, p);

	return st ? st : check_sources(a, ds, o, p);
}

/* --- what they have in common -------------------------------------------------------- */

static bool is_function(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];
	const struct symbol *s = block_symbol(g, block);

	return b->kind == BLOCK_TEXT && s && s->type == STT_FUNC && b->outlined_from == NONE;
}

static uint32_t count_functions(const struct graph *g)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < g->block_count; i++)
		count += is_function(g, i);
	return count;
}

static bool has_sources(const struct object *o)
{
	for (uint32_t i = 1; i < o->first_global; i++)
		if (o->symbols[i].type == STT_FILE && *o->symbols[i].name)
			return true;
	return false;
}

/*
 * A source whose only function was renamed has none in common with the old
 * one, and a file's name proves it the same source: there it takes two.
 */
enum elfdiff_status check_in_common(const struct diff *d)
{
	uint32_t was = count_functions(d->orig), now = count_functions(d->patched);
	uint32_t common = 0;
	uint32_t fewer = was < now ? was : now;
	bool named = has_sources(d->orig->object) && has_sources(d->patched->object);

	for (uint32_t i = 0; i < d->patched->block_count; i++)
		common += is_function(d->patched, i) && d->twins->of_patched[i] != NONE;
	if (fewer < (named ? 2 : 1) || (uint64_t)common * 100 >= (uint64_t)fewer * ALIKE_PER_CENT)
		return ELFDIFF_OK;
	return fail(d->ds, d->patched->object, "nothing-in-common", "the two objects have nothing in common",
		    arena_printf(d->a, "of %u functions of `%s` and %u of `%s`, %u %s the same", was,
				 d->orig->object->path, now, d->patched->object->path, common,
				 common == 1 ? "is" : "are"),
		    "give the two builds of one source; put functions that are all new into a file of their own");
}
