// SPDX-License-Identifier: GPL-2.0-or-later
#include "units.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

const char *unit_state_name(enum unit_state state)
{
	static const char *const names[UNIT_STATES] = {
		[UNIT_TO_COMPARE] = "not compared",
		[UNIT_EQUAL] = "equal",
		[UNIT_UNCHANGED] = "unchanged",
		[UNIT_CHANGED] = "changed",
		[UNIT_REFUSED] = "refused",
		[UNIT_FAILED] = "failed",
		[UNIT_GONE] = "gone",
		[UNIT_UNKNOWN] = "unknown",
		[UNIT_LEFT_OUT] = "left out",
	};

	return names[state];
}

void unit_say(struct unit *u, enum unit_state state, struct elfdiff_diag d)
{
	d.object = u->path;
	diags_add(&u->diags, &d);
	u->state = state;
}

/* ---- what a path is ---------------------------------------------------------- */

enum part { NOTHING, UNKNOWN, NO_UNIT, UNIT };

static enum part part_of(const struct tree_object *o)
{
	if (!o)
		return NOTHING;
	if (o->program && !o->made.in_module)
		return NO_UNIT;
	if (o->made.as == MADE_UNKNOWN)
		return UNKNOWN;
	return o->made.as == MADE_UNIT ? UNIT : NO_UNIT;
}

static void refuse_new(struct unit *u)
{
	char *message = memory_printf("`%s` is a new unit", u->path);

	unit_say(u, UNIT_REFUSED,
		 (struct elfdiff_diag){ .severity = ELFDIFF_REFUSAL,
					.id = "new-unit",
					.message = message,
					.cause = "the running kernel has no object of this name that could be patched",
					.hint = "put the new code into a source file that is built already" });
	free(message);
}

/* What is compiled of it stays in the kernel; whoever used it and does no more has changed. */
static void tell_gone(struct unit *u)
{
	char *message = memory_printf("`%s` is not built any more", u->path);

	unit_say(u, UNIT_GONE,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_WARNING,
			 .id = "gone-unit",
			 .message = message,
			 .cause = "the running kernel keeps what it has of it, with whoever still uses that",
			 .hint = "check that nothing has to be undone" });
	free(message);
}

void unit_tell_unknown(struct unit *u)
{
	char *message = memory_printf("it is not known what `%s` is", u->path);

	if (u->linked)
		unit_say(
			u, UNIT_REFUSED,
			(struct elfdiff_diag){
				.severity = ELFDIFF_REFUSAL,
				.id = "unknown-object",
				.message = message,
				.cause =
					"it is not the same in both directories, a link reads it, and no .cmd file beside it "
					"says how it was made",
				.hint = "build both directories with kbuild" });
	else
		unit_say(
			u, UNIT_UNKNOWN,
			(struct elfdiff_diag){
				.severity = ELFDIFF_WARNING,
				.id = "unknown-object",
				.message = message,
				.cause =
					"it is not the same in both directories, and no .cmd file beside it says how it "
					"was made",
				.hint = "if it is part of the kernel, build both directories with kbuild" });
	free(message);
}

static void refuse_other_part(struct unit *u)
{
	char *message = memory_printf("`%s` is not the same part of the kernel in both directories", u->path);

	unit_say(u, UNIT_REFUSED,
		 (struct elfdiff_diag){ .severity = ELFDIFF_REFUSAL,
					.id = "other-part",
					.message = message,
					.cause = "its .cmd files say of one module and of another one, or of none",
					.hint = "build both directories with the same configuration" });
	free(message);
}

/* NULL: more than one, or kbuild does not say which. */
static char *object_name(const struct tree_object *o)
{
	if (o->made.several || (o->made.in_module && !o->made.module))
		return NULL;
	return command_file_module_name(o->made.module ? o->made.module : "vmlinux");
}

static bool is_same_part(const struct unit *u, const struct tree_object *o, const struct tree_object *p,
			 const char *other)
{
	return o->made.in_module == p->made.in_module && (!u->object || !other || !strcmp(u->object, other));
}

static void take_pair(struct unit *u, const struct tree_object *o, const struct tree_object *p)
{
	char *other = object_name(p);

	u->is_unit = true;
	u->object = object_name(o);
	u->module = u->object ? o->made.module : NULL;
	u->several = o->made.several ? o->made.several : p->made.several;
	u->assembled = o->made.assembled || p->made.assembled;
	if (!is_same_part(u, o, p, other))
		refuse_other_part(u);
	free(other);
}

static void classify(struct unit *u, const struct tree_object *o, const struct tree_object *p)
{
	enum part in_orig = part_of(o), in_patched = part_of(p);

	u->linked = (o && o->named) || (p && p->named);
	if (in_orig == UNIT && in_patched == UNIT)
		take_pair(u, o, p);
	else if (in_orig == NOTHING && in_patched == UNIT)
		refuse_new(u);
	else if (in_orig == UNIT && in_patched == NOTHING)
		tell_gone(u);
	else if (in_orig == UNIT || in_patched == UNIT)
		refuse_other_part(u);
	else if (in_orig == NO_UNIT || in_patched == NO_UNIT)
		u->state = UNIT_LEFT_OUT;
	else if (!o || !p)
		unit_tell_unknown(u);
}

/* ---- both lists ----------------------------------------------------------------- */

static void add_unit(struct units *u, const struct tree_object *o, const struct tree_object *p)
{
	struct unit *unit = &u->items[u->count++];

	if (o) {
		unit->path = o->path;
		unit->orig_size = o->size;
	}
	if (p) {
		unit->path = p->path;
		unit->patched_size = p->size;
	}
	classify(unit, o, p);
}

struct units units_pair(const struct tree *orig, const struct tree *patched)
{
	struct units u = { .items = memory_array(orig->count + patched->count, sizeof(*u.items)) };
	size_t i = 0, k = 0;

	while (i < orig->count && k < patched->count) {
		const struct tree_object *o = &orig->objects[i], *p = &patched->objects[k];
		int d = strcmp(o->path, p->path);

		add_unit(&u, d <= 0 ? o : NULL, d >= 0 ? p : NULL);
		i += d <= 0;
		k += d >= 0;
	}
	while (i < orig->count)
		add_unit(&u, &orig->objects[i++], NULL);
	while (k < patched->count)
		add_unit(&u, NULL, &patched->objects[k++]);
	return u;
}

void units_free(struct units *u)
{
	for (size_t i = 0; i < u->count; i++) {
		elfdiff_free(u->items[i].run);
		diags_free(&u->items[i].diags);
		free(u->items[i].object);
	}
	free(u->items);
	*u = (struct units){ 0 };
}
