// SPDX-License-Identifier: GPL-2.0-or-later
/* page_diagnostics.c - what is refused, and what is worth knowing: with cause and hint */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "memory.h"
#include "page_internal.h"

static void put_member(FILE *f, const struct json_value *d, const char *key)
{
	const char *text = json_get_text(d, key);

	if (text)
		html_printf(f, "<dt>%s</dt><dd>%s</dd>\n", key, text);
}

static void put_place(FILE *f, const struct json_value *d)
{
	const struct json_value *offset = json_get(d, "offset");

	put_member(f, d, "object");
	put_member(f, d, "section");
	put_member(f, d, "symbol");
	if (offset && offset->type == JSON_NUMBER)
		fprintf(f, "<dt>offset</dt><dd>+0x%" PRIx64 "</dd>\n", offset->number);
}

/* As C is indented: what HTML obeys is escaped, and lines stay lines. */
static void put_stub(FILE *f, const char *stub)
{
	if (!stub)
		return;
	fputs("<details><summary>a callback that does it, to be pasted at the end of the source</summary><pre>", f);
	while (*stub) {
		size_t n = strcspn(stub, "\n\t");
		char *part = memory_text(stub, n);

		html_text(f, part);
		free(part);
		stub += n;
		if (*stub)
			putc(*stub++, f);
	}
	fputs("</pre></details>\n", f);
}

/* A report of this command tells apart what it refuses and what it cannot do; that of a build has one word for both. */
static const char *word_of(const char *severity)
{
	if (severity && (!strcmp(severity, "refusal") || !strcmp(severity, "failure") || !strcmp(severity, "error")))
		return "error";
	return severity && !strcmp(severity, "warning") ? "warning" : "note";
}

static void put_diagnostic(FILE *f, const struct json_value *d, const char *unit)
{
	const char *severity = json_get_text(d, "severity");

	html_printf(
		f,
		"<article class=\"diagnostic %s\"><h3><span class=severity>%s</span> <code>%s</code> %s</h3>\n<dl>\n",
		severity, word_of(severity), json_get_text(d, "id"), json_get_text(d, "message"));
	if (unit)
		html_printf(f, "<dt>unit</dt><dd>%s</dd>\n", unit);
	put_place(f, d);
	put_member(f, d, "origin");
	put_member(f, d, "cause");
	put_member(f, d, "hint");
	fputs("</dl>\n", f);
	put_stub(f, json_get_text(d, "stub"));
	fputs("</article>\n", f);
}

static size_t put_those(FILE *f, const struct json_value *list, const char *word, const char *unit)
{
	const struct json_value *d = json_first(list);
	size_t n = 0;

	for (; d; d = d->next)
		if (!strcmp(word_of(json_get_text(d, "severity")), word)) {
			if (f)
				put_diagnostic(f, d, unit);
			n++;
		}
	return n;
}

/* Of no unit, then of each. Only counted where `f` is NULL. */
static size_t put_all(FILE *f, const struct page *p, const char *word)
{
	size_t n = put_those(f, json_get(p->build, "diagnostics"), word, NULL);

	for (size_t i = 0; i < p->report_count; i++)
		if (json_get(p->reports[i].root, "units"))
			n += put_those(f, json_get(p->reports[i].root, "diagnostics"), word, NULL);
	for (size_t i = 0; i < p->unit_count; i++)
		n += put_those(f, p->units[i].diagnostics, word, p->unit_count > 1 ? p->units[i].name : NULL);
	return n;
}

void page_diagnostics(FILE *f, const struct page *p)
{
	size_t notes = put_all(NULL, p, "note");

	fputs("<section id=diagnostics><h2>Refusals and warnings</h2>\n", f);
	if (!(put_all(f, p, "error") + put_all(f, p, "warning")))
		fputs("<p>None.</p>\n", f);
	if (notes) {
		fprintf(f, "<details><summary>%zu note%s</summary>\n", notes, notes == 1 ? "" : "s");
		put_all(f, p, "note");
		fputs("</details>\n", f);
	}
	fputs("</section>\n", f);
}
