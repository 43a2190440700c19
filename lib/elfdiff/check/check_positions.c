/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_positions.c - will the kernel find a symbol by its name and position? (klp_find_object_symbol()) */
#include "check/internal.h"

#include <string.h>

#include "kernel/hooks.h"

static void breach(struct check *c, const struct sought *s, enum elfdiff_severity severity, const char *id,
		   const char *cause, const char *hint, const char *message)
{
	report(c, severity,
	       (struct elfdiff_diag){ .id = id,
				      .section = s->section,
				      .symbol = s->symbol,
				      .has_offset = s->has_offset,
				      .offset = s->offset,
				      .cause = cause,
				      .hint = hint },
	       "%s", message);
}

static void check_count(struct check *c, const struct sought *s, uint32_t count, struct passing_namesakes passing)
{
	if (!count)
		breach(c, s, ELFDIFF_REFUSAL, "symbol-not-in-kernel",
		       "klp_find_object_symbol() returns -EINVAL: symbol not found in symbol table",
		       "check that the given kernel symbols are those of the kernel to be patched",
		       arena_printf(c->a, "there is no `%s` in `%s`", s->name, s->object));
	else if (count + passing.all > 1 && !s->position)
		breach(c, s, ELFDIFF_REFUSAL, "symbol-ambiguous",
		       "klp_find_object_symbol() returns -EINVAL: unresolvable ambiguity",
		       "state the position: 1 for the first symbol of that name",
		       arena_printf(c->a, "`%s` has position 0, but there are %u symbols of that name in `%s`", s->name,
				    count + passing.all, s->object));
	else if (passing.before)
		breach(c, s, ELFDIFF_REFUSAL, "symbol-position",
		       "while a module is being loaded, klp_find_object_symbol() counts its symbols of init code too, and "
		       "afterwards no more",
		       "no position is right in both cases: leave what uses the symbol out of the patch",
		       arena_printf(c->a, "`%s` of `%s` has position %lu only once the module is up", s->name,
				    s->object, s->position));
	else if (s->position > count)
		breach(c, s, ELFDIFF_REFUSAL, "symbol-position",
		       "klp_find_object_symbol() returns -EINVAL: symbol position not found",
		       "check that the given kernel symbols are those of the kernel to be patched",
		       arena_printf(c->a, "`%s` has position %lu, but there are only %u of that name in `%s`", s->name,
				    s->position, count, s->object));
	else if (count + passing.all == 1 && s->position && s->is_function)
		breach(c, s, ELFDIFF_WARNING, "symbol-position-not-zero",
		       "before Linux 6.18 klp_find_func() treats `name,0` and `name,1` as different functions: a "
		       "patch that uses one cannot replace a loaded patch that uses the other (-EEXIST)",
		       "use one convention in all patches of a kernel: 0 for unique names, or 1 as kpatch does",
		       arena_printf(c->a, "`%s` is unique in `%s` and has position %lu instead of 0", s->name,
				    s->object, s->position));
}

/* Where its own location is, the file does not tell: only what the kernel's list shows counts. */
static void check_hook(struct check *c, const struct sought *s, const struct symbol_table *t, uint32_t id)
{
	if (id != NONE && hook_of(t, id, 0) == HOOK_AMBIGUOUS)
		breach(c, s, ELFDIFF_REFUSAL, "hooked-elsewhere",
		       "ftrace_location() takes any ftrace location up to the next symbol, and there are two: one may be "
		       "that of a weak function that another definition took the place of",
		       "leave the function as it is, and change what calls it",
		       arena_printf(c->a, "ftrace may not hook `%s` of `%s`, though the kernel calls it patched",
				    s->name, s->object));
}

void check_position(struct check *c, const struct sought *s)
{
	const struct symbol_table *t = kernel_symbols_of(c->ks, s->object, c->patched);
	uint32_t id = t ? symbol_table_at(t, s->name, s->position) : NONE;
	struct passing_namesakes none = { 0 };

	if (!t || (!t->whole && !symbol_table_count(t, s->name))) {
		text_set_add(c->a, &c->unknown, s->object, strlen(s->object));
		return;
	}
	check_count(c, s, symbol_table_count(t, s->name), id == NONE ? none : symbol_table_passing(t, id));
	if (s->is_function)
		check_hook(c, s, t, id);
}

/* `a, b, c` */
static const char *names_of(struct arena *a, const struct text_set *set)
{
	VEC(char) list = { 0 };

	for (uint32_t i = 0; i < set->list.count; i++) {
		const char *comma = i ? ", " : "";

		while (*comma)
			*vec_push(a, &list) = *comma++;
		for (size_t n = 0; n < set->list.items[i].length; n++)
			*vec_push(a, &list) = set->list.items[i].text[n];
	}
	*vec_push(a, &list) = 0;
	return list.items;
}

void report_unchecked_positions(struct check *c)
{
	if (!c->unknown.list.count)
		return;
	report(c, ELFDIFF_NOTICE,
	       (struct elfdiff_diag){ .id = "unchecked-positions",
				      .cause = "the symbols of these objects were not given, or a part of them",
				      .hint = "give the kernel's vmlinux, System.map or kallsyms, and the modules" },
	       "names and positions of symbols were not checked for: %s", names_of(c->a, &c->unknown));
}
