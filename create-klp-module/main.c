/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main.c - merge, rewrite, check, put in place */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "options.h"
#include "report.h"
#include "sandbox.h"
#include "work.h"

static struct elfdiff *new_run(void)
{
	struct elfdiff *run = elfdiff_new();

	if (!run)
		report_no_memory();
	return run;
}

static enum elfdiff_status add_kernel_symbols(struct elfdiff *run, const struct options *o)
{
	enum elfdiff_status status = ELFDIFF_OK;

	for (size_t i = 0; !status && i < o->kernel_symbols_count; i++)
		status = elfdiff_add_kernel_symbols(run, o->kernel_symbols[i]);
	return status;
}

static enum elfdiff_status convert(const struct options *o, const char *in, const char *out, enum elfdiff_form form,
				   struct alias alias)
{
	struct elfdiff *run = new_run();
	enum elfdiff_status status;

	if (!run)
		return ELFDIFF_ERROR;
	if (o->no_klp_arch)
		elfdiff_set_klp_arch(run, false);
	elfdiff_set_core(run, o->core);
	interrupt_hold();
	/* of which it has the addresses */
	status = form == ELFDIFF_FORM_KPATCH ? add_kernel_symbols(run, o) : ELFDIFF_OK;
	status = status ? status : elfdiff_convert(run, in, out, form);
	interrupt_release();
	report_run(run, o->verbose, alias);
	elfdiff_free(run);
	return status;
}

/* A linker would lose KLP sections: it gets every input in the form that it keeps. */
static enum elfdiff_status make_linkable(const struct options *o, char **files)
{
	enum elfdiff_status status = ELFDIFF_OK;

	for (size_t i = 0; i < o->input_count; i++) {
		enum elfdiff_status one;

		files[i] = work_file(i);
		if (!files[i])
			return ELFDIFF_ERROR;
		one = convert(o, o->inputs[i], files[i], ELFDIFF_FORM_LINKABLE,
			      (struct alias){ .path = files[i], .shown = o->inputs[i] });
		status = status ? status : one;
	}
	return status;
}

static bool run_linker(const struct options *o, char **files, char *merged)
{
	char **argv = calloc(o->input_count + 6, sizeof(*argv));
	char *ld = NULL;
	bool ok = false;

	if (!argv || asprintf(&ld, "%s%s", o->ld ? "" : o->ld_prefix, o->ld ? o->ld : "ld") < 0) {
		report_no_memory();
	} else {
		size_t n = 0;

		argv[n++] = ld;
		argv[n++] = (char[]){ "-r" };
		argv[n++] = (char[]){ "-znoexecstack" }; /* our objects have no mark for it, and ld would warn */
		argv[n++] = (char[]){ "-o" };
		argv[n++] = merged;
		memcpy(argv + n, files, o->input_count * sizeof(*files));
		ok = work_run(argv);
		free(ld);
	}
	free(argv);
	return ok;
}

static enum elfdiff_status merge(const struct options *o, char *merged)
{
	char **files = calloc(o->input_count, sizeof(*files));
	enum elfdiff_status status;

	if (!files) {
		report_no_memory();
		return ELFDIFF_ERROR;
	}
	status = make_linkable(o, files);
	if (!status && !run_linker(o, files, merged))
		status = ELFDIFF_ERROR;
	for (size_t i = 0; i < o->input_count; i++)
		free(files[i]);
	free(files);
	return status;
}

static enum elfdiff_status check(const struct options *o, const char *file)
{
	struct elfdiff *run = new_run();
	enum elfdiff_status status;

	if (!run)
		return ELFDIFF_ERROR;
	status = add_kernel_symbols(run, o);
	for (size_t i = 0; !status && i < o->symvers_count; i++)
		status = elfdiff_add_symvers(run, o->symvers[i]);
	status = status ? status : elfdiff_check(run, file);
	report_run(run, o->verbose, (struct alias){ .path = file, .shown = o->out });
	elfdiff_free(run);
	return status;
}

/* Only what the kernel reads is held to its rules. It is written twice, so that OUT never holds what broke them. */
static enum elfdiff_status put_in_place(const struct options *o, const char *in, const char *trial, struct alias alias)
{
	enum elfdiff_status status = ELFDIFF_OK;

	if (o->form == ELFDIFF_FORM_KLP) {
		status = convert(o, in, trial, o->form, alias);
		status = status ? status : check(o, trial);
	}
	return status ? status : convert(o, in, o->out, o->form, alias);
}

/* What is read from here on is not trusted. The linker, which merges several files, needs more rights. */
static void give_up_rights(const struct options *o, const char *trial)
{
	struct sandbox s;

	if (o->no_sandbox || o->input_count != 1)
		return;
	s = sandbox_new();
	sandbox_read(&s, o->inputs[0]);
	sandbox_read_each(&s, o->kernel_symbols, o->kernel_symbols_count);
	sandbox_read_each(&s, o->symvers, o->symvers_count);
	sandbox_write(&s, trial);
	sandbox_remove(&s, o->temporary);
	sandbox_write(&s, o->out);
	sandbox_enter(&s);
}

static enum elfdiff_status finish(const struct options *o)
{
	char *merged = work_file(o->input_count), *trial = work_file(o->input_count + 1);
	enum elfdiff_status status = ELFDIFF_ERROR;

	if (trial)
		give_up_rights(o, trial);
	if (merged && trial && o->input_count == 1)
		status = put_in_place(o, o->inputs[0], trial, (struct alias){ .path = trial, .shown = o->out });
	else if (merged && trial && !(status = merge(o, merged)))
		status = put_in_place(o, merged, trial, (struct alias){ .path = merged, .shown = o->out });
	free(merged);
	free(trial);
	return status;
}

int main(int argc, char **argv)
{
	struct options o;
	enum elfdiff_status status = ELFDIFF_OK;

	/* A file size limit is then an error to report and to clean up after, like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	switch (options_parse(argc, argv, &o)) {
	case OPTIONS_RUN:
		status = work_open(o.temporary) ? finish(&o) : ELFDIFF_ERROR;
		work_close();
		break;
	case OPTIONS_DONE:
		break;
	case OPTIONS_BAD:
		status = ELFDIFF_ERROR;
		break;
	}
	options_free(&o);
	if (fflush(stdout) || ferror(stdout))
		status = ELFDIFF_ERROR;
	return (int)status;
}
