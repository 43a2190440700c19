// SPDX-License-Identifier: GPL-2.0-or-later
#include "outputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "memory.h"
#include "report.h"

/* ---- merging ------------------------------------------------------------------ */

static struct output *output_of(struct outputs *outs, const char *object, const struct options *o)
{
	const char *dir = o->out ? o->out : ".";

	for (size_t i = 0; i < outs->count; i++)
		if (!strcmp(outs->items[i].object, object))
			return &outs->items[i];
	outs->items = memory_grow(outs->items, outs->count, &outs->room, sizeof(*outs->items));
	outs->items[outs->count] =
		(struct output){ .object = object,
				 .path = memory_printf("%s/%s.o", dir, object),
				 .temporary = memory_printf("%s/.%s.o.%ld.new", dir, object, (long)getpid()) };
	return &outs->items[outs->count++];
}

static void add_part(struct output *out, const struct elfdiff *run)
{
	out->parts = memory_grow(out->parts, out->count, &out->room, sizeof(const struct elfdiff *));
	out->parts[out->count++] = run;
}

static enum elfdiff_status merge(struct output *out, const struct elfdiff *kernel, struct diag_list *diags)
{
	enum elfdiff_status status;

	out->run = elfdiff_new();
	if (!out->run) {
		report_no_memory();
		return ELFDIFF_ERROR;
	}
	status = elfdiff_share_kernel(out->run, kernel);
	if (status == ELFDIFF_OK)
		status = elfdiff_merge(out->run, out->parts, out->count);
	diags_add_run(diags, out->run);
	return status;
}

enum elfdiff_status outputs_merge(struct outputs *outs, const struct units *units, const struct options *o,
				  const struct elfdiff *kernel)
{
	enum elfdiff_status status = ELFDIFF_OK;

	for (size_t i = 0; i < units->count; i++)
		if (units->items[i].state == UNIT_CHANGED)
			add_part(output_of(outs, units->items[i].object, o), units->items[i].run);
	for (size_t i = 0; i < outs->count; i++) {
		enum elfdiff_status one = merge(&outs->items[i], kernel, &outs->diags);

		if (one == ELFDIFF_ERROR || status == ELFDIFF_OK)
			status = one;
	}
	return status;
}

/* ---- writing ------------------------------------------------------------------- */

static bool is_output(const struct outputs *outs, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < outs->count; i++)
		if (strlen(outs->items[i].object) + 2 == n && !strncmp(outs->items[i].object, name, n - 2))
			return true;
	return false;
}

/* An object that an earlier run left would be taken for a part of this patch. */
static bool has_no_others(const struct outputs *outs, const char *directory)
{
	const struct dirent *entry;
	DIR *d = opendir(directory);
	bool ok = true;

	while (d && ok && (entry = readdir(d))) {
		size_t n = strlen(entry->d_name);

		if (n < 3 || *entry->d_name == '.' || strcmp(entry->d_name + n - 2, ".o") ||
		    is_output(outs, entry->d_name))
			continue;
		ok = false;
		report_error("output-has-others", directory, "all objects in it are taken for the patch's",
			     "remove it, or name an empty directory",
			     "`%s` has an object that this run does not write: `%s`", directory, entry->d_name);
	}
	if (d)
		closedir(d);
	return ok;
}

static enum elfdiff_status write_all(struct outputs *outs, enum elfdiff_form form)
{
	for (size_t i = 0; i < outs->count; i++) {
		struct output *out = &outs->items[i];
		size_t told = elfdiff_diag_count(out->run);
		enum elfdiff_status status = elfdiff_write(out->run, out->temporary, form);

		for (size_t k = told; k < elfdiff_diag_count(out->run); k++)
			diags_add(&outs->diags, elfdiff_diag(out->run, k));
		if (status != ELFDIFF_OK)
			return status;
	}
	return ELFDIFF_OK;
}

static enum elfdiff_status put_in_place(struct outputs *outs)
{
	for (size_t i = 0; i < outs->count; i++) {
		struct output *out = &outs->items[i];

		if (rename(out->temporary, out->path)) {
			report_error("output-write", out->path, strerror(errno), "check the path and its permissions",
				     "cannot write `%s`", out->path);
			return ELFDIFF_ERROR;
		}
		out->written = true;
	}
	return ELFDIFF_OK;
}

enum elfdiff_status outputs_write(struct outputs *outs, const struct options *o)
{
	enum elfdiff_status status;

	if (!has_no_others(outs, o->out))
		return ELFDIFF_ERROR;
	interrupt_hold();
	status = write_all(outs, o->form);
	if (status == ELFDIFF_OK)
		status = put_in_place(outs);
	for (size_t i = 0; i < outs->count; i++)
		if (!outs->items[i].written)
			unlink(outs->items[i].temporary);
	interrupt_release();
	return status;
}

void outputs_free(struct outputs *outs)
{
	for (size_t i = 0; i < outs->count; i++) {
		elfdiff_free(outs->items[i].run);
		free(outs->items[i].parts);
		free(outs->items[i].path);
		free(outs->items[i].temporary);
	}
	free(outs->items);
	diags_free(&outs->diags);
	*outs = (struct outputs){ 0 };
}
