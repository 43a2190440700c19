// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare_units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "prepare.h"
#include "report.h"

/* ---- files ------------------------------------------------------------------- */

static void tell_unreadable(struct unit *u, const char *path)
{
	char *message = memory_printf("cannot read `%s`", path);

	unit_say(u, UNIT_FAILED,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = "unreadable",
					.message = message,
					.cause = strerror(errno),
					.hint = "check the path and its permissions" });
	free(message);
}

/* All of a file, or NULL after telling why not. */
static char *read_all(struct unit *u, const char *path, uint64_t size)
{
	FILE *f = fopen(path, "re");
	char *bytes = f ? memory_array(size, 1) : NULL;

	errno = f ? EIO : errno; /* shorter than it was */
	if (f && fread(bytes, 1, size, f) != size) {
		free(bytes);
		bytes = NULL;
	}
	if (!bytes)
		tell_unreadable(u, path);
	if (f)
		fclose(f);
	return bytes;
}

/* ---- functions whose callers are replaced ------------------------------------------ */

/* The function's name in OBJECT:NAME, if it may be of this unit's object. Where that is not known, it is a module. */
static const char *function_of(const char *stated, const struct unit *u)
{
	size_t n = strcspn(stated, ":");
	const char *object = u->object ? u->object : "vmlinux";
	bool same = strlen(object) == n && !strncmp(stated, object, n);

	return same == !!u->object ? stated + n + 1 : NULL;
}

/* Whoever refers to a function has its name among the names of its symbols, or at the end of one. */
static bool has_name(const char *bytes, uint64_t size, const char *name)
{
	return memmem(bytes, size, name, strlen(name) + 1) != NULL;
}

static const char *called(const struct options *o, const struct unit *u, const char *bytes)
{
	for (size_t i = 0; u->is_unit && i < o->replace_callers_count; i++) {
		const char *name = function_of(o->replace_callers[i], u);

		if (name && has_name(bytes, u->orig_size, name))
			return name;
	}
	return NULL;
}

/* ---- bytes ------------------------------------------------------------------- */

/* The files have the same bytes, and nothing is to be done all the same. */
static bool is_equal(const struct comparison *c, struct unit *u, const char *orig, const char *patched)
{
	char *a, *b;
	bool equal;

	if (u->orig_size != u->patched_size)
		return false;
	a = read_all(u, orig, u->orig_size);
	b = a ? read_all(u, patched, u->patched_size) : NULL;
	equal = a && b && !memcmp(a, b, u->orig_size);
	u->calls = equal ? called(c->options, u, a) : NULL;
	free(a);
	free(b);
	return equal && !u->calls;
}

/* ---- units that cannot be patched -------------------------------------------------- */

static void refuse_several(struct unit *u)
{
	char *message = memory_printf("`%s` is part of several modules", u->path);
	char *cause = memory_printf("each of these has a copy of it: %s", u->several);

	unit_say(u, UNIT_REFUSED,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_REFUSAL,
			 .id = "several-modules",
			 .message = message,
			 .cause = cause,
			 .hint = "a patch of one would leave the others as they are; put the change into what "
				 "each has of its own" });
	free(message);
	free(cause);
}

static void refuse_assembler(struct unit *u)
{
	char *message = u->calls ? memory_printf("`%s` refers to `%s`", u->path, u->calls)
				 : memory_printf("`%s` is assembled to something else", u->path);

	unit_say(
		u, UNIT_REFUSED,
		(struct elfdiff_diag){
			.severity = ELFDIFF_REFUSAL,
			.id = "assembler",
			.message = message,
			.cause =
				"functions written in assembler cannot be replaced: they have no ftrace location, and what "
				"they rely on stands in no object",
			.hint = u->calls ? "leave the function as it is, and change those that call it"
					 : "leave alone what the assembler reads of the headers that it includes" });
	free(message);
}

/* That is the reason, whatever else the comparison found. */
static void refuse_if_changed(struct unit *u)
{
	if (u->state != UNIT_CHANGED && u->state != UNIT_REFUSED)
		return;
	diags_free(&u->diags);
	if (u->assembled)
		refuse_assembler(u);
	else
		refuse_several(u);
}

/* ---- a pair --------------------------------------------------------------------------- */

static enum elfdiff_status prepare(const struct comparison *c, const struct unit *u, struct elfdiff *run)
{
	const struct options *o = c->options;

	if (!options_apply_environment(run) || prepare_run(run, o) || elfdiff_share_kernel(run, c->kernel) ||
	    (u->object && elfdiff_set_object_name(run, u->object)))
		return ELFDIFF_ERROR;
	elfdiff_set_skip_init_elsewhere(run, true);
	for (size_t i = 0; i < o->replace_callers_count; i++) {
		const char *name = function_of(o->replace_callers[i], u);

		if (name && elfdiff_replace_callers(run, name))
			return ELFDIFF_ERROR;
	}
	return ELFDIFF_OK;
}

static void take_result(const struct comparison *c, struct unit *u, struct elfdiff *run, enum elfdiff_status status)
{
	static const enum unit_state states[] = { [ELFDIFF_OK] = UNIT_CHANGED,
						  [ELFDIFF_ERROR] = UNIT_FAILED,
						  [ELFDIFF_REFUSED] = UNIT_REFUSED,
						  [ELFDIFF_UNCHANGED] = UNIT_UNCHANGED };

	u->state = states[status];
	diags_add_run(&u->diags, run);
	if (status == ELFDIFF_OK || (status == ELFDIFF_REFUSED && c->keep_all))
		u->run = run;
	else
		elfdiff_free(run);
}

static void note_skipped(const struct comparison *c, const struct elfdiff *run)
{
	for (size_t i = 0; i < c->options->skip_init_count; i++)
		if (elfdiff_has_init(run, c->options->skip_init_names[i]))
			atomic_store(&c->skipped[i], true);
}

static void diff(const struct comparison *c, struct unit *u, const char *orig, const char *patched)
{
	struct elfdiff *run = elfdiff_new();
	enum elfdiff_status status;

	if (!run) {
		report_no_memory();
		exit(ELFDIFF_ERROR);
	}
	status = prepare(c, u, run);
	if (status == ELFDIFF_OK)
		status = elfdiff_compare(run, orig, patched);
	note_skipped(c, run);
	take_result(c, u, run, status);
	if (u->assembled || u->several)
		refuse_if_changed(u);
}

void compare_unit(void *comparison, size_t i)
{
	const struct comparison *c = comparison;
	struct unit *u = &c->units->items[i];
	char *orig, *patched;

	if (u->state != UNIT_TO_COMPARE)
		return;
	orig = memory_printf("%s/%s", c->options->orig, u->path);
	patched = memory_printf("%s/%s", c->options->patched, u->path);
	if (is_equal(c, u, orig, patched))
		u->state = UNIT_EQUAL;
	else if (u->state != UNIT_TO_COMPARE)
		; /* what cannot be read has been told */
	else if (!u->is_unit)
		unit_tell_unknown(u);
	else if (!c->options->list_modules)
		diff(c, u, orig, patched);
	free(orig);
	free(patched);
}
