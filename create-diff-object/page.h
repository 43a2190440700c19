/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page.h - reports as one HTML page
 *
 * One renderer, fed by data: whatever a page shows is in the JSON that docs/report.schema.json, directory-report.schema.json
 * and build-report.schema.json describe. The page of a run is made from the report that --json --code would write, that of
 * a build from the report that kpatch-build --json writes.
 */
#ifndef CREATE_DIFF_OBJECT_PAGE_H
#define CREATE_DIFF_OBJECT_PAGE_H

#include "json.h"
#include "steps.h"

struct page_run {
	json_document put; /* makes the report */
	const void *arg;
	const struct steps *steps; /* or NULL */
};

/* A json_document, of a struct page_run. */
void page_of_run(FILE *f, const void *run);

/* --report FILE --from JSON...: OK, or ERROR after reporting it. */
enum elfdiff_status page_from_files(const struct options *o);

#endif
