/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report.h - diagnostics on the standard error output */
#ifndef CREATE_KLP_MODULE_REPORT_H
#define CREATE_KLP_MODULE_REPORT_H

#include "elfdiff.h"

/* A file that the user does not know by its path, and what it is to him. */
struct alias {
	const char *path, *shown;
};

/* Every diagnostic of a run; notices only when asked for. */
void report_run(const struct elfdiff *run, bool notices, struct alias alias);

/* An error of the command itself; `cause` may be NULL. */
void report_error(const char *id, const char *message, const char *cause, const char *hint);
void report_no_memory(void);

#endif
