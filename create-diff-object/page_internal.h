/* SPDX-License-Identifier: GPL-2.0-or-later */
/* page_internal.h - the parts of a page */
#ifndef CREATE_DIFF_OBJECT_PAGE_INTERNAL_H
#define CREATE_DIFF_OBJECT_PAGE_INTERNAL_H

#include <stdio.h>

#include "json_tree.h"

/* One pair of objects: a report of its own, or one of the units of a report about directories. */
struct page_unit {
	const char *name;                /* the path of the object, below the directory of the build */
	const char *object;              /* the patched object, or NULL */
	const char *state;               /* "changed", "refused" */
	const struct json_value *files;  /* of the report, or NULL */
	const struct json_value *result; /* has functions, items, references */
	const struct json_value *diagnostics;
};

/* What this command has said. */
struct page_report {
	const struct json_value *root;
};

struct page {
	struct json_tree *documents;
	size_t document_count;
	const struct json_value *build; /* the report of a build; or NULL */
	struct page_report *reports;
	size_t report_count, report_room;
	const struct json_value *steps; /* of the build or the run; or NULL */
	struct page_unit *units;
	size_t unit_count, unit_room;
	const char *status; /* "ok", "error", "refused", "unchanged" */
};

/* page_body.c: all of it. */
void page_put(FILE *f, const struct page *p);

/* page_style.c */
extern const char page_style[];

/* page_code.c: the functions that changed, each with its code side by side. `number` is the unit's. */
void page_functions(FILE *f, const struct page *p, const struct page_unit *u, size_t number);

/* page_graph.c: what changed and what it brings along. */
void page_graph(FILE *f, const struct page_unit *u, size_t number);

/* page_diagnostics.c */
void page_diagnostics(FILE *f, const struct page *p);

/* page_tables.c */
void page_build_files(FILE *f, const struct page *p);
void page_outputs(FILE *f, const struct page *p);
void page_references(FILE *f, const struct page_unit *u);
void page_items(FILE *f, const struct page_unit *u);
bool page_has_steps(const struct page *p);
void page_steps(FILE *f, const struct page *p);
size_t page_count(const struct page_unit *u, const char *list);

/* The item of a result by its number, of `items` in an array; NULL: none. */
const struct json_value **page_item_array(const struct page_unit *u, size_t *count);

#endif
