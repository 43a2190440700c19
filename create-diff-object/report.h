/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report.h - what a run has to say, as text */
#ifndef CREATE_DIFF_OBJECT_REPORT_H
#define CREATE_DIFF_OBJECT_REPORT_H

#include <stdio.h>

#include "elfdiff.h"
#include "options.h"

/* Length of the well-formed UTF-8 sequence at `s` (Unicode 15, table 3-7), or 0. */
unsigned report_utf8_length(const unsigned char *s);

/* A string from an object file: what would break the line or the terminal (control characters, bytes that are no
 * UTF-8) becomes \xNN. */
void report_text(FILE *f, const char *text);

/* A failure of the command itself, to stderr. */
void report_error(const char *id, const char *object, const char *cause, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void report_no_memory(void);

/* What was printed so far reached its reader; false after reporting that it did not. */
bool report_stdout_is_well(void);

/* A diagnostic, if the user wants to see its like, to stderr. */
void report_diag(const struct elfdiff_diag *d, const struct options *o);

/* Diagnostics `from` and later that the user wants to see, to stderr. */
void report_diags(const struct elfdiff *run, const struct options *o, size_t from);

/* What a patch has, in words. */
void report_changes(FILE *f, const struct elfdiff *run);

/* One line for a run that ended well. */
void report_summary(FILE *f, const struct elfdiff *run, const struct options *o, enum elfdiff_status status);

/* explain.c: changed functions with their evidence, then the tree of reasons. Without `every_item`, one of several
 * entries of a special section stands for all that are alike. False when memory is short. */
bool report_explain(FILE *f, const struct elfdiff *run, bool every_item);

#endif
