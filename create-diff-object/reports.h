/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reports.h - the files that --json and --report ask for, of one run */
#ifndef CREATE_DIFF_OBJECT_REPORTS_H
#define CREATE_DIFF_OBJECT_REPORTS_H

#include "json.h"
#include "steps.h"

struct reports {
	struct json_file json, page; /* those that were asked for */
	struct steps steps;          /* for the page alone: a report in JSON is the same whenever it is made */
};

/* False after reporting why one of them cannot be written. */
bool reports_open(struct reports *r, const struct options *o);
/* json_file_try() and json_file_finish() of both; `put` makes the JSON. */
bool reports_try(struct reports *r, json_document put, const void *arg);
bool reports_finish(struct reports *r, json_document put, const void *arg);
void reports_discard(struct reports *r);

#endif
