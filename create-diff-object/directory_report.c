// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "directory.h"
#include "json.h"
#include "memory.h"
#include "report.h"

/* ---- text -------------------------------------------------------------------- */

static void put_unit(FILE *f, const struct unit *u)
{
	report_text(f, u->path);
	if (!u->object)
		return;
	fputs(" (", f);
	report_text(f, u->object);
	putc(')', f);
}

static void put_result(FILE *f, const struct unit *u)
{
	put_unit(f, u);
	fputs(": ", f);
	if (u->state == UNIT_CHANGED)
		report_changes(f, u->run);
	else
		fputs(unit_state_name(u->state), f);
	putc('\n', f);
}

static bool explain(const struct directory_run *d)
{
	for (size_t i = 0; i < d->units.count; i++) {
		const struct unit *u = &d->units.items[i];

		if (!u->run)
			continue;
		put_unit(stdout, u);
		fputs(":\n\n", stdout);
		if (!report_explain(stdout, u->run, d->options->verbosity == VERBOSE)) {
			report_no_memory();
			return false;
		}
		putc('\n', stdout);
	}
	return true;
}

static void put_list(const struct diag_list *l, const struct options *o)
{
	for (size_t i = 0; i < l->count; i++)
		report_diag(&l->items[i], o);
}

static void put_outputs(FILE *f, const struct directory_run *d)
{
	for (size_t i = 0; i < d->units.count; i++) {
		const struct unit *u = &d->units.items[i];

		if (d->options->verbosity == VERBOSE || (u->state == UNIT_CHANGED && d->status == ELFDIFF_OK))
			put_result(f, u);
	}
	for (size_t i = 0; i < d->outputs.count; i++) {
		const struct output *out = &d->outputs.items[i];

		if (!out->written)
			continue;
		report_text(f, out->path);
		fprintf(f, ": %zu unit%s\n", out->count, out->count == 1 ? "" : "s");
	}
}

/* Each object once, so that the numbers add up. Those that are not there by rights are told where there are some. */
static void put_account(FILE *f, const struct directory_run *d)
{
	size_t of[UNIT_STATES] = { 0 };

	for (size_t i = 0; i < d->units.count; i++)
		of[d->units.items[i].state]++;
	fprintf(f, "%zu object%s", d->units.count, d->units.count == 1 ? "" : "s");
	for (int s = UNIT_EQUAL; s < UNIT_STATES; s++)
		if (of[s] || s <= UNIT_REFUSED)
			fprintf(f, "%s%zu %s", s == UNIT_EQUAL ? ": " : ", ", of[s],
				unit_state_name((enum unit_state)s));
	fputs(d->status == ELFDIFF_OK && d->options->dry_run ? " (dry run, nothing written)\n" : "\n", f);
}

bool directory_report(const struct directory_run *d)
{
	const struct options *o = d->options;

	if (o->explain && !explain(d))
		return false;
	fflush(stdout);
	report_diags(d->kernel, o, 0);
	for (size_t i = 0; i < d->units.count; i++)
		put_list(&d->units.items[i].diags, o);
	put_list(&d->diags, o);
	put_list(&d->outputs.diags, o);
	/* A summary would spoil a report on the same stream. */
	if (o->verbosity != QUIET && !options_report_on_stdout(o) && d->units.items) {
		put_outputs(stdout, d);
		put_account(stdout, d);
	}
	return report_stdout_is_well();
}

/* ---- modules -------------------------------------------------------------------- */

static int by_text(const void *pa, const void *pb)
{
	const char *const *a = pa, *const *b = pb;

	return strcmp(*a, *b);
}

bool directory_list_modules(const struct directory_run *d)
{
	const char **paths = memory_array(d->units.count, sizeof(*paths));
	size_t n = 0;

	for (size_t i = 0; i < d->units.count; i++)
		if (d->units.items[i].state == UNIT_TO_COMPARE && d->units.items[i].module)
			paths[n++] = d->units.items[i].module;
	if (n)
		qsort(paths, n, sizeof(*paths), by_text);
	for (size_t i = 0; i < n; i++) {
		if (i && !strcmp(paths[i], paths[i - 1]))
			continue;
		report_text(stdout, paths[i]);
		putchar('\n');
	}
	free(paths);
	return report_stdout_is_well();
}

/* ---- JSON ----------------------------------------------------------------------- */

static void put_files(struct json *j, const struct options *o)
{
	json_open(j, "files", '{');
	json_string(j, "original", o->orig);
	json_string(j, "patched", o->patched);
	json_texts(j, "kernel_symbols", o->kernel_symbols, o->kernel_symbols_count);
	json_texts(j, "symvers", o->symvers, o->symvers_count);
	json_close(j, '}');
}

static void put_diags(struct json *j, const struct diag_list *l)
{
	json_open(j, "diagnostics", '[');
	for (size_t i = 0; i < l->count; i++)
		json_diag(j, &l->items[i]);
	json_close(j, ']');
}

static void put_output(struct json *j, const struct output *out)
{
	json_open(j, NULL, '{');
	json_string(j, "object", out->object);
	json_string(j, "path", out->written ? out->path : NULL);
	json_number(j, "units", out->count);
	json_close(j, '}');
}

static void put_unit_json(struct json *j, const struct unit *u)
{
	json_open(j, NULL, '{');
	json_string(j, "path", u->path);
	json_string(j, "object", u->object);
	json_string(j, "state", unit_state_name(u->state));
	if (u->run) {
		json_open(j, "results", '{');
		json_results(j, u->run);
		json_close(j, '}');
	} else {
		json_string(j, "results", NULL);
	}
	put_diags(j, &u->diags);
	json_close(j, '}');
}

static void add_all(struct diag_list *to, const struct diag_list *from)
{
	for (size_t i = 0; i < from->count; i++)
		diags_add(to, &from->items[i]);
}

static void put_lists(struct json *j, const struct directory_run *d)
{
	struct diag_list own = { 0 };

	json_open(j, "outputs", '[');
	for (size_t i = 0; i < d->outputs.count; i++)
		put_output(j, &d->outputs.items[i]);
	json_close(j, ']');
	json_open(j, "units", '[');
	for (size_t i = 0; i < d->units.count; i++)
		put_unit_json(j, &d->units.items[i]);
	json_close(j, ']');
	diags_add_run(&own, d->kernel);
	add_all(&own, &d->diags);
	add_all(&own, &d->outputs.diags);
	put_diags(j, &own);
	diags_free(&own);
}

void directory_json(FILE *f, const void *run)
{
	const struct directory_run *d = run;
	struct json j = { .f = f };

	json_open(&j, NULL, '{');
	json_number(&j, "schema", 1);
	json_string(&j, "version", elfdiff_version());
	json_string(&j, "status", json_status_word(d->status));
	json_number(&j, "exit_status", d->status);
	json_bool(&j, "dry_run", d->options->dry_run);
	json_string(&j, "form", options_form_name(d->options->form));
	put_files(&j, d->options);
	put_lists(&j, d);
	json_close(&j, '}');
}
