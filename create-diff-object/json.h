/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.h - write JSON, and the report of a run in it
 *
 * The writer keeps commas and indentation; the caller keeps pairs. `key` is
 * NULL inside an array. What is written is always valid JSON in UTF-8: bytes
 * that are no UTF-8 become U+FFFD, one for each.
 */
#ifndef CREATE_DIFF_OBJECT_JSON_H
#define CREATE_DIFF_OBJECT_JSON_H

#include <stdio.h>

#include "elfdiff.h"
#include "options.h"

struct json {
	FILE *f;
	unsigned depth;
	bool filled; /* the innermost object or array has a member */
};

void json_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);
void json_string(struct json *j, const char *key, const char *s); /* NULL: null */
void json_number(struct json *j, const char *key, uint64_t n);
void json_number_if(struct json *j, const char *key, bool has, uint64_t n); /* else null */
void json_bool(struct json *j, const char *key, bool b);

/* ---- json_report.c -------------------------------------------------------- */

/* "ok", "error", "refused", "unchanged" */
const char *json_status_word(enum elfdiff_status s);
void json_texts(struct json *j, const char *key, const char *const *texts, size_t count);
void json_diag(struct json *j, const struct elfdiff_diag *d);
/* Four members: architecture, functions, items and references. */
void json_results(struct json *j, const struct elfdiff *run);

struct json_run {
	const struct elfdiff *run;
	const struct options *options;
	enum elfdiff_status status;
};

/* A json_document: the report of a struct json_run. */
void json_report(FILE *f, const void *run);

/* ---- json_file.c ---------------------------------------------------------- */

/*
 * Where the report goes. A regular file appears whole or not at all, under a
 * temporary name until json_file_finish(); a device or `-` is written to.
 */
struct json_file {
	const char *path;
	char *target, *temporary; /* of a regular file */
	FILE *f;
	struct json_file *next; /* of those that are unfinished */
};

typedef void (*json_document)(FILE *f, const void *arg);

/* False after reporting why the file cannot be written. */
bool json_file_open(struct json_file *jf, const char *path);
/*
 * Write the report of what is so far known into a temporary file, if it is one:
 * a full disk shows before the patch is written. False after reporting an error.
 */
bool json_file_try(struct json_file *jf, json_document put, const void *arg);
/* Write the report. False after reporting an error. */
bool json_file_finish(struct json_file *jf, json_document put, const void *arg);
/* Give it up, leaving nothing; harmless when it was finished or never opened. */
void json_file_discard(struct json_file *jf);

/* What is left of unfinished files goes; a signal handler may call it. */
void json_file_interrupted(void);

#endif
