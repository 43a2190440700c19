// SPDX-License-Identifier: GPL-2.0-or-later
#include "page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "page_internal.h"
#include "report.h"
#include "sandbox.h"

/* ---- what a page is made of --------------------------------------------------------- */

/* Of a report about two directories, a unit that is the same has nothing to show. */
static void add_unit(struct page *p, struct page_unit u)
{
	p->units = memory_grow(p->units, p->unit_count, &p->unit_room, sizeof(*p->units));
	p->units[p->unit_count++] = u;
}

static const char *name_of(const struct json_value *report)
{
	const struct json_value *files = json_get(report, "files");
	const char *patched = json_get_text(files, "patched"), *checked = json_get_text(files, "checked");

	return patched ? patched : checked ? checked : "?";
}

static void add_report(struct page *p, const struct json_value *report)
{
	add_unit(p, (struct page_unit){ .name = name_of(report),
					.object = json_get_text(report, "object"),
					.state = json_get_text(report, "status"),
					.files = json_get(report, "files"),
					.result = report,
					.diagnostics = json_get(report, "diagnostics") });
}

static void add_units(struct page *p, const struct json_value *units)
{
	const struct json_value *u = json_first(units);

	for (; u; u = u->next) {
		const struct json_value *result = json_get(u, "results"), *diagnostics = json_get(u, "diagnostics");

		if (json_first(result) || json_first(diagnostics))
			add_unit(p, (struct page_unit){ .name = json_get_text(u, "path"),
							.object = json_get_text(u, "object"),
							.state = json_get_text(u, "state"),
							.result = result,
							.diagnostics = diagnostics });
	}
}

/* What the build says counts; of several reports the worst. */
static unsigned rank(const char *status)
{
	static const char *const order[] = { "unchanged", "ok", "refused", "error" };

	for (unsigned i = 0; status && i < sizeof(order) / sizeof(*order); i++)
		if (!strcmp(status, order[i]))
			return i + 1;
	return 0;
}

static void add_own(struct page *p, const struct json_value *report)
{
	const char *status = json_get_text(report, "status");

	if (json_get(report, "units"))
		add_units(p, json_get(report, "units"));
	else if (json_get(report, "functions"))
		add_report(p, report);
	if (rank(status) > rank(p->status))
		p->status = status;
	p->reports = memory_grow(p->reports, p->report_count, &p->report_room, sizeof(*p->reports));
	p->reports[p->report_count++].root = report;
}

/* A build's report has that of its comparison in it. */
static void add_document(struct page *p, const struct json_value *root)
{
	if (json_get(root, "steps"))
		p->steps = json_get(root, "steps");
	if (!json_get(root, "patches"))
		return add_own(p, root);
	p->build = root;
	if (json_get(root, "comparison"))
		add_own(p, json_get(root, "comparison"));
}

static void gather(struct page *p)
{
	for (size_t i = 0; i < p->document_count; i++)
		add_document(p, p->documents[i].root);
	if (p->build)
		p->status = json_get_text(p->build, "status");
	if (!rank(p->status))
		p->status = "error";
}

static void free_page(struct page *p)
{
	for (size_t i = 0; i < p->document_count; i++)
		json_tree_free(&p->documents[i]);
	free(p->documents);
	free(p->reports);
	free(p->units);
}

/* ---- of a run ------------------------------------------------------------------------------------ */

static struct json_tree parse(json_document put, const void *arg)
{
	struct json_tree ret = { 0 };
	char *text = NULL;
	size_t length;
	FILE *f = open_memstream(&text, &length);

	if (f)
		put(f, arg);
	if (!f || fclose(f) || !json_tree_read(&ret, text, length)) {
		report_no_memory();
		json_file_interrupted();
		exit(ELFDIFF_ERROR);
	}
	free(text);
	return ret;
}

static void put_steps(FILE *f, const void *arg)
{
	const struct steps *s = arg;
	struct json j = { .f = f };

	json_open(&j, NULL, '{');
	json_open(&j, "steps", '[');
	for (size_t i = 0; i < s->count; i++) {
		json_open(&j, NULL, '{');
		json_string(&j, "name", s->items[i].name);
		json_number(&j, "microseconds", s->items[i].microseconds);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
}

void page_of_run(FILE *f, const void *run)
{
	const struct page_run *r = run;
	struct page p = { .documents = memory_array(2, sizeof(*p.documents)) };

	p.documents[p.document_count++] = parse(r->put, r->arg);
	if (r->steps)
		p.documents[p.document_count++] = parse(put_steps, r->steps);
	gather(&p);
	page_put(f, &p);
	free_page(&p);
}

/* ---- of reports -------------------------------------------------------------------------------------- */

static bool cannot_read(const char *path, const char *why)
{
	report_error("report-unreadable", path, why, "name a report that --json --code, or a build, has written",
		     "cannot read the report `%s`", path);
	return false;
}

/* NULL after reporting why not. */
static char *read_all(const char *path, size_t *length)
{
	FILE *in = fopen(path, "re"), *to;
	char *text = NULL, part[65536];
	size_t n = 0;
	bool ok = in != NULL;

	to = ok ? open_memstream(&text, length) : NULL;
	while (ok && to && (n = fread(part, 1, sizeof(part), in)))
		ok = fwrite(part, 1, n, to) == n;
	ok = ok && to && !ferror(in);
	if (!ok)
		cannot_read(path, strerror(errno));
	if (in)
		fclose(in);
	if (to)
		fclose(to);
	if (ok)
		return text;
	free(text);
	return NULL;
}

static bool is_report(const struct json_tree *t)
{
	return json_get_number(t->root, "schema") == 1 &&
	       (json_get(t->root, "functions") || json_get(t->root, "units"));
}

static bool read_report(struct page *p, const char *path)
{
	struct json_tree *t = &p->documents[p->document_count];
	size_t length;
	char *text = read_all(path, &length);
	bool ok;

	if (!text)
		return false;
	ok = json_tree_read(t, text, length);
	p->document_count++;
	free(text);
	return ok ? is_report(t) || cannot_read(path, "it is JSON, and no report of a version that this command knows")
		  : cannot_read(path, "it is no JSON");
}

static void put_from(FILE *f, const void *page)
{
	page_put(f, page);
}

static void give_up_rights(const struct options *o)
{
	struct sandbox s;

	if (o->no_sandbox)
		return;
	s = sandbox_new();
	sandbox_read_each(&s, o->from, o->from_count);
	sandbox_write(&s, o->report);
	sandbox_enter(&s);
}

enum elfdiff_status page_from_files(const struct options *o)
{
	struct page p = { .documents = memory_array(o->from_count, sizeof(*p.documents)) };
	struct json_file file = { 0 };
	bool ok = options_files_distinct(o) && json_file_open(&file, o->report);

	if (ok)
		give_up_rights(o);
	for (size_t i = 0; ok && i < o->from_count; i++)
		ok = read_report(&p, o->from[i]);
	if (ok) {
		gather(&p);
		ok = json_file_finish(&file, put_from, &p) && report_stdout_is_well();
	}
	json_file_discard(&file);
	free_page(&p);
	return ok ? ELFDIFF_OK : ELFDIFF_ERROR;
}
