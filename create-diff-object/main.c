// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - the command: options in, a run of the library, reports out */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "elfdiff.h"
#include "interrupt.h"
#include "jobserver.h"
#include "directory.h"
#include "disassemble.h"
#include "json.h"
#include "options.h"
#include "page.h"
#include "prepare.h"
#include "report.h"
#include "reports.h"
#include "sandbox.h"

static bool explain(const struct elfdiff *run, const struct options *o)
{
	if (report_explain(stdout, run, o->verbosity == VERBOSE))
		return report_stdout_is_well();
	report_no_memory();
	return false;
}

static enum elfdiff_status make_patch(struct elfdiff *run, const struct options *o, struct reports *reports)
{
	enum elfdiff_status status;

	steps_next(&reports->steps, "compare");
	status = elfdiff_compare(run, o->orig, o->patched);
	steps_next(&reports->steps, NULL);
	if (o->explain && (status == ELFDIFF_OK || status == ELFDIFF_REFUSED) && !explain(run, o))
		return ELFDIFF_ERROR;
	if (status != ELFDIFF_OK || o->dry_run)
		return status;
	if (!reports_try(reports, json_report, &(struct json_run){ run, o, status })) {
		reports_discard(reports);
		return ELFDIFF_ERROR;
	}
	steps_next(&reports->steps, "write and check");
	interrupt_hold();
	status = elfdiff_write(run, o->out, o->form);
	interrupt_release();
	return status;
}

/* Goes on after a bad name or file, so that one run names them all. */
static enum elfdiff_status prepare(struct elfdiff *run, const struct options *o)
{
	enum elfdiff_status status = prepare_run(run, o);

	elfdiff_set_caches(run, !o->no_cache);
	if (!prepare_kernel(run, o))
		status = ELFDIFF_ERROR;
	for (size_t i = 0; i < o->replace_callers_count; i++)
		if (elfdiff_replace_callers(run, o->replace_callers[i]))
			status = ELFDIFF_ERROR;
	return status;
}

/* An ended run: diagnostics, the report, the summary. */
static enum elfdiff_status finish(struct elfdiff *run, const struct options *o, struct reports *reports,
				  enum elfdiff_status status)
{
	report_diags(run, o, 0);
	if (!reports_finish(reports, json_report, &(struct json_run){ run, o, status }))
		return ELFDIFF_ERROR;
	if (status != ELFDIFF_OK && status != ELFDIFF_UNCHANGED)
		return status;
	/* A summary would spoil a report on the same stream. */
	if (o->verbosity != QUIET && !options_report_on_stdout(o))
		report_summary(stdout, run, o, status);
	return report_stdout_is_well() ? status : ELFDIFF_ERROR;
}

/* Beside the file itself, wherever the path leads to it. */
static void allow_cache(struct sandbox *s, const char *path)
{
	struct stat st;
	char *real = stat(path, &st) || !S_ISREG(st.st_mode) ? NULL : realpath(path, NULL), *cache = NULL;

	if (real && asprintf(&cache, "%s" ELFDIFF_CACHE_SUFFIX, real) >= 0) {
		sandbox_write(s, cache);
		free(cache);
	}
	free(real);
}

static void allow_caches(struct sandbox *s, const struct options *o)
{
	for (size_t i = 0; i < o->kernel_symbols_count; i++)
		allow_cache(s, o->kernel_symbols[i]);
	for (size_t i = 0; i < o->symvers_count; i++)
		allow_cache(s, o->symvers[i]);
}

/* What is read from here on is not trusted. */
static void give_up_rights(const struct options *o, bool caches)
{
	struct sandbox s;

	if (o->no_sandbox)
		return;
	s = sandbox_new();
	sandbox_read(&s, o->orig);
	sandbox_read(&s, o->patched);
	sandbox_read(&s, o->check);
	sandbox_read_each(&s, o->kernel_symbols, o->kernel_symbols_count);
	sandbox_read_each(&s, o->symvers, o->symvers_count);
	sandbox_write(&s, o->out);
	sandbox_write(&s, o->json);
	sandbox_write(&s, o->report);
	if (caches)
		allow_caches(&s, o);
	sandbox_enter(&s);
}

static bool has_symbols(const struct options *o)
{
	return o->kernel_symbols_count || o->symvers_count;
}

/* While objects are read, there is no right any more to write beside the symbols. */
static enum elfdiff_status write_caches(struct elfdiff *run, const struct options *o)
{
	enum elfdiff_status status;

	if (o->no_cache || !has_symbols(o))
		return ELFDIFF_OK;
	interrupt_hold();
	status = elfdiff_write_caches(run);
	interrupt_release();
	give_up_rights(o, false);
	return status;
}

static enum elfdiff_status work(struct elfdiff *run, const struct options *o, struct reports *reports)
{
	enum elfdiff_status status;

	give_up_rights(o, !o->no_cache && has_symbols(o));
	steps_next(&reports->steps, "read symbols");
	status = prepare(run, o);
	if (status == ELFDIFF_OK)
		status = write_caches(run, o);
	if (status != ELFDIFF_OK)
		return status;
	if (!o->check)
		return make_patch(run, o, reports);
	steps_next(&reports->steps, "check");
	return elfdiff_check(run, o->check);
}

static enum elfdiff_status run_command(const struct options *o)
{
	enum elfdiff_status status = ELFDIFF_ERROR;
	struct reports reports = { 0 };
	struct elfdiff *run;

	if (!options_files_distinct(o))
		return ELFDIFF_ERROR;
	run = elfdiff_new();
	if (!run)
		report_no_memory();
	else if (!options_apply_environment(run))
		report_diags(run, o, 0);
	else if (reports_open(&reports, o))
		status = finish(run, o, &reports, work(run, o, &reports));
	reports_discard(&reports);
	elfdiff_free(run);
	return status;
}

static void leave_nothing(void)
{
	json_file_interrupted();
	jobserver_interrupted();
}

int main(int argc, char **argv)
{
	enum elfdiff_status status = ELFDIFF_ERROR;
	struct options o;

	/* A file size limit is then an error to report and to clean up after, like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	interrupt_catch(leave_nothing);
	switch (options_parse(argc, argv, &o)) {
	case OPTIONS_BAD:
		break;
	case OPTIONS_DONE:
		status = report_stdout_is_well() ? ELFDIFF_OK : ELFDIFF_ERROR;
		break;
	case OPTIONS_RUN:
		if (o.report && !disassemble_load())
			break;
		status = o.from_count ? page_from_files(&o) : o.directories ? directory_run(&o) : run_command(&o);
		break;
	}
	options_free(&o);
	return (int)status;
}
