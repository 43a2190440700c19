// SPDX-License-Identifier: GPL-2.0-or-later
/* page_tables.c - the parts of a page that are lists */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "memory.h"
#include "order.h"
#include "page_internal.h"

size_t page_count(const struct page_unit *u, const char *list)
{
	const struct json_value *v = json_get(u->result, list);

	return v ? v->count : 0;
}

const struct json_value **page_item_array(const struct page_unit *u, size_t *count)
{
	const struct json_value **items, *v = json_first(json_get(u->result, "items"));
	size_t n = 0;

	*count = page_count(u, "items");
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): of pointers */
	items = memory_array(*count, sizeof(*items));
	for (; v; v = v->next)
		items[n++] = v;
	return items;
}

/* ---- the build -------------------------------------------------------------------- */

/* Without words it is one word: a run that ended before its account knows no more. */
static const char *outcome_of(const struct json_value *file)
{
	const char *words = json_get_text(file, "words"), *kind = json_get_text(file, "kind");

	if (words)
		return words;
	return kind && !strcmp(kind, "unknown") ? "the run ended before its account" : kind;
}

void page_build_files(FILE *f, const struct page *p)
{
	const struct json_value *v = json_first(json_get(p->build, "files"));

	if (!v)
		return;
	fputs("<section id=files><h2>Files of the patch</h2>\n<table><thead><tr><th>file</th><th>what became of it</th></tr>"
	      "</thead><tbody>\n",
	      f);
	for (; v; v = v->next)
		html_printf(f, "<tr><td><code>%s</code></td><td>%s</td></tr>\n", json_get_text(v, "path"),
			    outcome_of(v));
	fputs("</tbody></table></section>\n", f);
}

void page_outputs(FILE *f, const struct page *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->report_count; i++) {
		const struct json_value *o = json_first(json_get(p->reports[i].root, "outputs"));

		for (; o; o = o->next) {
			const char *path = json_get_text(o, "path");

			fputs(n++ ? "" : "<section id=outputs><h2>Outputs</h2><ul>\n", f);
			html_printf(f, "<li><code>%s</code>: %zu units of %s</li>\n", path ? path : "(not written)",
				    (size_t)json_get_number(o, "units"), json_get_text(o, "object"));
		}
	}
	fputs(n ? "</ul></section>\n" : "", f);
}

/* ---- references ------------------------------------------------------------------------ */

static struct order_target target_of(const struct json_value *r)
{
	return (struct order_target){ .how = json_get_text(r, "how"),
				      .object = json_get_text(r, "object"),
				      .name = json_get_text(r, "name"),
				      .position = json_get_number(r, "position") };
}

static int by_target(const struct json_value *a, const struct json_value *b)
{
	struct order_target x = target_of(a), y = target_of(b);

	return order_targets(&x, &y);
}

static int by_target_and_place(const void *pa, const void *pb)
{
	const struct json_value *a = *(const struct json_value *const *)pa, *b = *(const struct json_value *const *)pb;
	int d = by_target(a, b);

	d = d ? d : order_number(json_get_number(a, "item"), json_get_number(b, "item"));
	return d ? d : order_number(json_get_number(a, "item_offset"), json_get_number(b, "item_offset"));
}

static const char *kind_in_words(const char *how)
{
	if (how && !strcmp(how, "klp"))
		return "KLP relocations: found in the running kernel by object, name and position";
	if (how && !strcmp(how, "exported"))
		return "Exported symbols: found as for any module";
	if (how && !strcmp(how, "undefined"))
		return "Undefined symbols: another object of the patch has to define them";
	return "References that are refused: a diagnostic says why";
}

static bool is_klp(const struct json_value *r)
{
	const char *how = json_get_text(r, "how");

	return how && !strcmp(how, "klp");
}

static void put_reference(FILE *f, const struct json_value *const *r, size_t places,
			  const struct json_value *const *items, size_t count)
{
	const char *object = json_get_text(*r, "object");
	uint64_t item = json_get_number(*r, "item");

	html_printf(f, "<tr><td>%s</td><td><code>%s</code></td>", object ? object : "unknown",
		    json_get_text(*r, "name"));
	if (is_klp(*r))
		html_printf(f, "<td>%zu</td><td>%s</td>", (size_t)json_get_number(*r, "position"),
			    json_get_text(*r, "when"));
	html_printf(f, "<td><code>%s", item < count ? json_get_text(items[item], "name") : "?");
	fprintf(f, "+0x%" PRIx64 "</code>", json_get_number(*r, "item_offset"));
	if (places > 1)
		fprintf(f, " and %zu more place%s", places - 1, places == 2 ? "" : "s");
	fputs("</td></tr>\n", f);
}

/* `r` to `end` are of one kind. */
static void put_kind(FILE *f, const struct json_value *const *r, const struct json_value *const *end,
		     const struct json_value *const *items, size_t count)
{
	html_printf(f, "<h4>%s</h4>\n<table class=references data-how=\"%s\"><thead><tr><th>object</th><th>symbol</th>",
		    kind_in_words(json_get_text(*r, "how")), json_get_text(*r, "how"));
	fputs(is_klp(*r) ? "<th>position</th><th>resolved with</th>" : "", f);
	fputs("<th>needed by</th></tr></thead><tbody>\n", f);
	while (r < end) {
		const struct json_value *const *next = r + 1;

		while (next < end && !by_target(*r, *next))
			next++;
		put_reference(f, r, (size_t)(next - r), items, count);
		r = next;
	}
	fputs("</tbody></table>\n", f);
}

void page_references(FILE *f, const struct page_unit *u)
{
	size_t n = page_count(u, "references"), count, k = 0;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): of pointers */
	const struct json_value **list = memory_array(n, sizeof(*list)), **items = page_item_array(u, &count);
	const struct json_value *r = json_first(json_get(u->result, "references"));

	for (; r; r = r->next)
		list[k++] = r;
	if (n)
		/* NOLINTNEXTLINE(bugprone-sizeof-expression): of pointers */
		qsort(list, n, sizeof(*list), by_target_and_place);
	for (size_t i = 0, next; i < n; i = next) {
		const char *how = json_get_text(list[i], "how");

		for (next = i + 1; next < n && !order_text(how, json_get_text(list[next], "how")); next++)
			;
		put_kind(f, (const struct json_value *const *)list + i, (const struct json_value *const *)list + next,
			 (const struct json_value *const *)items, count);
	}
	if (!n)
		fputs("<p>None.</p>\n", f);
	free(list);
	free(items);
}

/* ---- items ------------------------------------------------------------------------------ */

static void put_item(FILE *f, const struct json_value *const *items, size_t i)
{
	const struct json_value *parent = json_get(items[i], "parent");
	bool has = parent && parent->type == JSON_NUMBER && parent->number < i;

	html_printf(
		f,
		"<tr><td><code>%s</code></td><td>%s</td><td>%s</td><td class=number>%zu</td><td><code>%s</code></td><td>%s</td></tr>\n",
		json_get_text(items[i], "name"), json_get_text(items[i], "kind"), json_get_text(items[i], "verdict"),
		(size_t)json_get_number(items[i], "size"), has ? json_get_text(items[parent->number], "name") : "",
		json_get_text(items[i], "reason"));
}

void page_items(FILE *f, const struct page_unit *u)
{
	size_t count, entries = 0;
	const struct json_value **items = page_item_array(u, &count);

	fputs("<details class=items><summary>The same as a list</summary>\n<table><thead><tr><th>item</th><th>kind</th>"
	      "<th>verdict</th><th>bytes</th><th>needed by</th><th>because</th></tr></thead><tbody>\n",
	      f);
	for (size_t i = 0; i < count; i++) {
		if (order_text(json_get_text(items[i], "kind"), "special entry"))
			put_item(f, (const struct json_value *const *)items, i);
		else
			entries++;
	}
	fprintf(f, "</tbody></table>\n<p>Entries of tables, not listed: %zu.</p></details>\n", entries);
	free(items);
}

/* ---- time --------------------------------------------------------------------------------- */

/* Milliseconds with one digit behind the point, or seconds. */
static void put_time(FILE *f, uint64_t us)
{
	if (us < 1000000)
		fprintf(f, "%" PRIu64 ".%" PRIu64 " ms", us / 1000, us / 100 % 10);
	else
		fprintf(f, "%" PRIu64 ".%" PRIu64 " s", us / 1000000, us / 100000 % 10);
}

/* Microseconds; a build tells seconds. */
static uint64_t time_of(const struct json_value *step)
{
	const struct json_value *seconds = json_get(step, "seconds");

	return seconds ? seconds->number * 1000000 + seconds->millionths : json_get_number(step, "microseconds");
}

static void put_step(FILE *f, const struct json_value *s, uint64_t most)
{
	uint64_t us = time_of(s);

	html_printf(f, "<tr><td>%s</td><td class=number>", json_get_text(s, "name"));
	put_time(f, us);
	fprintf(f, "</td><td class=bar><span style=\"width:%" PRIu64 "%%\"></span></td></tr>\n",
		most ? us / (most / 100 + 1) : 0);
}

static uint64_t longest(const struct page *p)
{
	const struct json_value *s = json_first(p->steps);
	uint64_t most = 0;

	for (; s; s = s->next)
		if (time_of(s) > most)
			most = time_of(s);
	return most;
}

bool page_has_steps(const struct page *p)
{
	return longest(p) > 0;
}

void page_steps(FILE *f, const struct page *p)
{
	uint64_t most = longest(p);

	if (!page_has_steps(p))
		return;
	fputs("<section id=time><h2>Time by step</h2>\n<table class=steps><tbody>\n", f);
	for (const struct json_value *s = json_first(p->steps); s; s = s->next)
		put_step(f, s, most);
	fputs("</tbody></table></section>\n", f);
}
