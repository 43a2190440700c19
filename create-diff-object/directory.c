// SPDX-License-Identifier: GPL-2.0-or-later
#include "directory.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compare_units.h"
#include "memory.h"
#include "prepare.h"
#include "report.h"
#include "reports.h"
#include "sandbox.h"
#include "workers.h"

/* ---- the directories ------------------------------------------------------------- */

static bool is_inside(const char *inner, const char *outer)
{
	size_t n = strlen(outer);

	return !strncmp(inner, outer, n) && (!inner[n] || inner[n] == '/');
}

static bool refuse_inside(const char *a, const char *b)
{
	char in[PATH_MAX], out[PATH_MAX];

	if (!a || !b || !realpath(a, in) || !realpath(b, out) || !is_inside(in, out))
		return false;
	report_error("directory-inside", a, "all objects below a directory are taken for its own",
		     "name directories that lie side by side", "`%s` is inside of `%s`", a, b);
	return true;
}

static bool are_apart(const struct options *o)
{
	return !refuse_inside(o->patched, o->orig) && !refuse_inside(o->orig, o->patched) &&
	       !refuse_inside(o->out, o->orig) && !refuse_inside(o->out, o->patched);
}

/* `*made`: it was not there. */
static bool make_output_directory(const struct options *o, bool *made)
{
	struct stat st;

	*made = false;
	if (!o->out || o->dry_run)
		return true;
	*made = !mkdir(o->out, 0777);
	if (*made || (errno == EEXIST && !stat(o->out, &st) && S_ISDIR(st.st_mode)))
		return true;
	report_error("output-write", o->out, errno == EEXIST ? "it exists and is not a directory" : strerror(errno),
		     "name a directory, or a name in one that is writable", "cannot make the directory `%s`", o->out);
	return false;
}

/* ---- options that are about one object --------------------------------------------- */

static bool refuse_option(const char *option, const char *cause, const char *hint)
{
	report_error("usage", NULL, cause, hint, "`%s` cannot be combined with directories", option);
	return false;
}

static bool options_fit(const struct options *o)
{
	if (o->object)
		return refuse_option("--object", "each object is of the module that kbuild's .cmd file beside it names",
				     "leave it out");
	for (size_t i = 0; i < o->replace_callers_count; i++)
		if (!strchr(o->replace_callers[i], ':'))
			return refuse_option("--replace-callers NAME",
					     "it does not say of which module the function is",
					     "give it as OBJECT:NAME, such as vmlinux:schedule");
	return true;
}

/* ---- the work ------------------------------------------------------------------------- */

static void give_up_rights(const struct options *o, bool made)
{
	struct sandbox s;

	if (o->no_sandbox)
		return;
	s = sandbox_new();
	sandbox_read_all(&s, o->orig);
	sandbox_read_all(&s, o->patched);
	sandbox_read_each(&s, o->kernel_symbols, o->kernel_symbols_count);
	sandbox_read_each(&s, o->symvers, o->symvers_count);
	if (!o->dry_run)
		sandbox_write_in(&s, o->out);
	if (made) {
		char *copy = memory_text(o->out, strlen(o->out));

		sandbox_remove(&s, dirname(copy));
		free(copy);
	}
	sandbox_write(&s, o->json);
	sandbox_write(&s, o->report);
	sandbox_enter(&s);
}

static void tell_unknown_name(struct directory_run *d, const char *name)
{
	char *message = memory_printf("there is no `%s` to leave out", name);
	struct elfdiff_diag diag = { .severity = ELFDIFF_FAILURE,
				     .id = "skip-init-unknown",
				     .message = message,
				     .cause = "no object that differs has this name in an init or exit section",
				     .hint = "check the spelling; the refusal tells the name" };

	diags_add(&d->diags, &diag);
	free(message);
}

static void compare_all(struct directory_run *d, struct jobserver *js)
{
	const struct options *o = d->options;
	struct comparison c = { .options = o,
				.kernel = d->kernel,
				.units = &d->units,
				.skipped = memory_array(o->skip_init_count, sizeof(*c.skipped)),
				.keep_all = o->json || o->report || o->explain };
	struct workers w = { .work = compare_unit,
			     .arg = &c,
			     .count = d->units.count,
			     .most = o->jobs,
			     .js = js,
			     .progress = options_show_progress(o) };

	workers_run(&w);
	for (size_t i = 0; i < o->skip_init_count && !o->list_modules; i++)
		if (!atomic_load(&c.skipped[i]))
			tell_unknown_name(d, o->skip_init_names[i]);
	free(c.skipped);
}

/* An error counts more than a refusal, a refusal more than a change, a change more than none. */
static enum elfdiff_status status_of(const struct units *u)
{
	bool of[UNIT_STATES] = { false };

	for (size_t i = 0; i < u->count; i++)
		of[u->items[i].state] = true;
	if (of[UNIT_FAILED])
		return ELFDIFF_ERROR;
	if (of[UNIT_REFUSED])
		return ELFDIFF_REFUSED;
	return of[UNIT_CHANGED] ? ELFDIFF_OK : ELFDIFF_UNCHANGED;
}

static bool is_defined(const struct units *u, const char *name)
{
	for (size_t i = 0; name && i < u->count; i++)
		if (u->items[i].run && elfdiff_defines(u->items[i].run, name))
			return true;
	return false;
}

/* A function that another unit of the patch defines is no matter for a warning. */
static void drop_what_is_defined(struct units *u)
{
	for (size_t i = 0; i < u->count; i++) {
		struct diag_list *l = &u->items[i].diags, left = { 0 };

		for (size_t k = 0; k < l->count; k++)
			if (strcmp(l->items[k].id, "undefined-reference") || !is_defined(u, l->items[k].symbol))
				diags_add(&left, &l->items[k]);
		diags_free(l);
		*l = left;
	}
}

/* Other directories than were meant, or without kbuild's files, would look as if nothing had changed. */
static bool has_units(const struct directory_run *d)
{
	for (size_t i = 0; i < d->units.count; i++)
		if (d->units.items[i].is_unit || d->units.items[i].state == UNIT_REFUSED)
			return true;
	report_error("no-units", d->options->orig,
		     "what an object is, the .cmd files tell that kbuild writes beside it",
		     "name the top of two directories in which kbuild has built the kernel, or some objects of it",
		     "`%s` and `%s` have no unit of a kernel in common", d->options->orig, d->options->patched);
	return false;
}

static enum elfdiff_status write_outputs(struct directory_run *d, struct reports *reports)
{
	enum elfdiff_status status;

	steps_next(&reports->steps, "write and check");
	status = outputs_write(&d->outputs, d->options);
	steps_next(&reports->steps, NULL);
	return status;
}

static void work(struct directory_run *d, struct jobserver *js, struct reports *reports)
{
	const struct options *o = d->options;

	steps_next(&reports->steps, "read symbols and directories");
	if (!prepare_kernel(d->kernel, o) || !tree_read(o->orig, &d->orig) || !tree_read(o->patched, &d->patched))
		return;
	d->units = units_pair(&d->orig, &d->patched);
	if (!has_units(d)) {
		units_free(&d->units);
		return;
	}
	steps_next(&reports->steps, "compare");
	compare_all(d, js);
	steps_next(&reports->steps, "merge");
	drop_what_is_defined(&d->units);
	d->status = d->diags.count ? ELFDIFF_ERROR : status_of(&d->units);
	if (o->list_modules && d->status != ELFDIFF_ERROR)
		d->status = ELFDIFF_OK;
	if (o->list_modules)
		return;
	if (d->status == ELFDIFF_OK)
		d->status = outputs_merge(&d->outputs, &d->units, o, d->kernel);
	steps_next(&reports->steps, NULL);
	if (d->status != ELFDIFF_OK || o->dry_run)
		return;
	if (reports_try(reports, directory_json, d))
		d->status = write_outputs(d, reports);
	else
		d->status = ELFDIFF_ERROR;
}

static enum elfdiff_status finish(struct directory_run *d, struct reports *reports)
{
	bool list = d->options->list_modules && d->status == ELFDIFF_OK;

	if (!(list ? directory_list_modules(d) : directory_report(d)) || !reports_finish(reports, directory_json, d))
		return ELFDIFF_ERROR;
	return report_stdout_is_well() ? d->status : ELFDIFF_ERROR;
}

static void free_all(struct directory_run *d)
{
	outputs_free(&d->outputs);
	units_free(&d->units);
	diags_free(&d->diags);
	tree_free(&d->orig);
	tree_free(&d->patched);
	elfdiff_free(d->kernel);
}

enum elfdiff_status directory_run(const struct options *o)
{
	struct directory_run d = { .options = o, .kernel = elfdiff_new(), .status = ELFDIFF_ERROR };
	enum elfdiff_status status = ELFDIFF_ERROR;
	struct reports reports = { 0 };
	struct jobserver js;
	bool made = false;

	if (!options_fit(o) || !are_apart(o) || !options_files_distinct(o)) {
		elfdiff_free(d.kernel);
		return ELFDIFF_ERROR;
	}
	js = jobserver_open();
	if (!d.kernel)
		report_no_memory();
	else if (options_apply_environment(d.kernel) && make_output_directory(o, &made) && are_apart(o) &&
		 reports_open(&reports, o)) {
		give_up_rights(o, made);
		work(&d, &js, &reports);
		status = finish(&d, &reports);
	}
	reports_discard(&reports);
	jobserver_close(&js);
	if (made && status != ELFDIFF_OK)
		rmdir(o->out);
	free_all(&d);
	return status;
}
