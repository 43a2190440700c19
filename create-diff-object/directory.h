/* SPDX-License-Identifier: GPL-2.0-or-later */
/* directory.h - two build directories instead of two objects */
#ifndef CREATE_DIFF_OBJECT_DIRECTORY_H
#define CREATE_DIFF_OBJECT_DIRECTORY_H

#include "outputs.h"
#include "tree.h"
#include "units.h"

struct directory_run {
	const struct options *options;
	struct tree orig, patched;
	struct units units;
	struct outputs outputs;
	struct diag_list diags; /* of no unit */
	struct elfdiff *kernel; /* has what all runs have in common */
	enum elfdiff_status status;
};

/* All of the command, from its options to its reports. */
enum elfdiff_status directory_run(const struct options *o);

/* ---- directory_report.c ------------------------------------------------------ */

/* What was found, and the account of all objects. False when memory is short or the output cannot be written. */
bool directory_report(const struct directory_run *d);
/* The modules of units that are not equal. False when the output cannot be written. */
bool directory_list_modules(const struct directory_run *d);
/* A json_document of a struct directory_run: docs/directory-report.schema.json. */
void directory_json(FILE *f, const void *run);

#endif
