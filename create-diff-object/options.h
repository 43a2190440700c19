/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.h - the command line and the environment of create-diff-object */
#ifndef CREATE_DIFF_OBJECT_OPTIONS_H
#define CREATE_DIFF_OBJECT_OPTIONS_H

#include <stdio.h>

#include "elfdiff.h"

enum verbosity { QUIET, NORMAL, VERBOSE };

/* Strings are borrowed from argv. What was not given is NULL. */
struct options {
	const char *orig, *patched, *out;
	const char *check; /* --check: then orig, patched and out are NULL */
	const char *object, *json, *report;
	const char **from; /* --from: then orig, patched and out are NULL */
	const char **kernel_symbols, **symvers, **replace_callers;
	const char **skip_init_names; /* one by one */
	size_t from_count, kernel_symbols_count, symvers_count, replace_callers_count, skip_init_count, skip_init_room;
	size_t jobs; /* 0: as many as there are processors */
	enum elfdiff_form form;
	enum verbosity verbosity;
	bool explain, dry_run, form_given, klp_arch, core, no_sandbox, no_cache;
	bool skip_init; /* without a name */
	bool kprobe_redirect, code;
	bool directories;  /* orig and patched are such, and out is to be one */
	bool list_modules; /* and no more */
};

enum options_result {
	OPTIONS_RUN,  /* go on */
	OPTIONS_DONE, /* --help or --version was answered */
	OPTIONS_BAD,  /* an error was reported */
};

/* Fill *ret; options_free() afterwards, whatever the result. */
enum options_result options_parse(int argc, char **argv, struct options *ret);
void options_free(struct options *o);

/* `-`, the standard output; of a path that is not given, no. */
bool options_is_stdout(const char *path);
/* A report goes to the standard output: anything else there would spoil it. */
bool options_report_on_stdout(const struct options *o);

/* Is no file to be written one of those that are read, or the other one? Reports an error if so. */
bool options_files_distinct(const struct options *o);

/* Pass the entry sizes that kpatch-build puts into the environment on to the
 * run. False after reporting a value that is none. */
bool options_apply_environment(struct elfdiff *run);

/* Whether somebody sees how many units are done: a terminal, or a program that says so in the environment for one. */
bool options_show_progress(const struct options *o);

/* "klp", "linkable", "kpatch" */
const char *options_form_name(enum elfdiff_form form);

void options_help(FILE *f);

#endif
