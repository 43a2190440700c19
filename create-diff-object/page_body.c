// SPDX-License-Identifier: GPL-2.0-or-later
/* page_body.c - a page from its head to its foot */
#include <string.h>

#include "elfdiff.h"
#include "html.h"
#include "page_internal.h"

/* ---- the head ------------------------------------------------------------------------- */

/* The names of the patches, or of what was compared. */
static void put_title(FILE *f, const struct page *p)
{
	const struct json_value *patch = json_first(json_get(p->build, "patches"));

	if (!patch)
		html_text(f, p->unit_count == 1 ? p->units[0].name
			     : p->unit_count    ? "Several units"
						: "Nothing was compared");
	for (; patch; patch = patch->next) {
		const char *slash = patch->text ? strrchr(patch->text, '/') : NULL;

		html_printf(f, "%s%s", slash ? slash + 1 : patch->text, patch->next ? " " : "");
	}
}

static const char *status_in_words(const struct page *p)
{
	if (!strcmp(p->status, "ok"))
		return "can be patched";
	if (!strcmp(p->status, "refused"))
		return "refused";
	return !strcmp(p->status, "unchanged") ? "nothing changed" : "error";
}

static void put_fact(FILE *f, const char *word, const char *text)
{
	if (text)
		html_printf(f, "<dt>%s</dt><dd><code>%s</code></dd>\n", word, text);
}

static void put_files(FILE *f, const char *word, const struct json_value *list)
{
	const struct json_value *v = json_first(list);

	if (!v)
		return;
	html_printf(f, "<dt>%s</dt><dd>", word);
	for (; v; v = v->next)
		html_printf(f, "<code>%s</code>%s", v->text, v->next ? ", " : "");
	fputs("</dd>\n", f);
}

static void put_compared(FILE *f, const struct page *p)
{
	const struct json_value *root = p->report_count && !p->build ? p->reports[0].root : NULL;
	const struct json_value *files = json_get(root, "files");

	fputs("<section id=compared><h2>What was compared</h2>\n<dl>\n", f);
	put_fact(f, "kernel", json_get_text(json_get(p->build, "kernel"), "release"));
	put_fact(f, "module", json_get_text(p->build, "output"));
	put_fact(f, "original", json_get_text(files, "original"));
	put_fact(f, "patched", json_get_text(files, "patched"));
	put_fact(f, "checked", json_get_text(files, "checked"));
	if (p->unit_count == 1) {
		put_fact(f, "patched object", p->units[0].object);
		put_fact(f, "architecture", json_get_text(p->units[0].result, "architecture"));
	}
	put_fact(f, "form", json_get_text(root, "form"));
	put_fact(f, "output", json_get_text(files, "output"));
	put_files(f, "kernel symbols", json_get(files, "kernel_symbols"));
	put_files(f, "exports", json_get(files, "symvers"));
	fputs("</dl></section>\n", f);
}

static void put_head(FILE *f, const struct page *p)
{
	fputs("<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
	      "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
	      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	      "<title>",
	      f);
	put_title(f, p);
	html_printf(f, ": %s</title>\n<style>\n", status_in_words(p));
	fputs(page_style, f);
	fputs("</style>\n</head>\n<body>\n<header>\n<h1>", f);
	put_title(f, p);
	html_printf(
		f,
		" <span class=\"badge %s\">%s</span></h1>\n</header>\n"
		"<nav><a href=\"#diagnostics\">Refusals and warnings</a><a href=\"#compared\">What was compared</a>",
		p->status, status_in_words(p));
	fputs("<a href=\"#functions\">Functions</a>", f);
	fputs(page_has_steps(p) ? "<a href=\"#time\">Time by step</a></nav>\n<main>\n" : "</nav>\n<main>\n", f);
}

/* ---- functions of all units, in one table ------------------------------------------------- */

static void put_rows(FILE *f, const struct page_unit *u, size_t number)
{
	const struct json_value *fn = json_first(json_get(u->result, "functions"));

	for (size_t i = 0; fn; fn = fn->next, i++) {
		const char *what = json_get_text(json_get(fn, "evidence"), "what"),
			   *reason = json_get_text(fn, "reason");

		html_printf(f,
			    "<tr><td><a href=\"#u%zu-f%zu\"><code>%s</code></a></td><td><code>%s</code></td><td>%s</td>"
			    "<td class=number>%zu</td><td class=number>%zu</td></tr>\n",
			    number, i, json_get_text(fn, "name"), u->name, reason ? reason : what,
			    (size_t)json_get_number(fn, "original_size"), (size_t)json_get_number(fn, "patched_size"));
	}
}

static void put_functions(FILE *f, const struct page *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->unit_count; i++)
		n += page_count(&p->units[i], "functions");
	html_printf(f, "<section id=functions><h2>%zu function%s changed or replaced</h2>\n", n, n == 1 ? "" : "s");
	if (n) {
		fputs("<table><thead><tr><th>function</th><th>unit</th><th>what differs first, or why it is replaced</th>"
		      "<th>bytes before</th><th>after</th></tr></thead><tbody>\n",
		      f);
		for (size_t i = 0; i < p->unit_count; i++)
			put_rows(f, &p->units[i], i);
		fputs("</tbody></table>\n", f);
	}
	fputs("</section>\n", f);
}

/* ---- a unit ----------------------------------------------------------------------------------- */

static void put_unit(FILE *f, const struct page *p, size_t i)
{
	const struct page_unit *u = &p->units[i];

	if (!page_count(u, "functions") && !page_count(u, "items"))
		return;
	html_printf(f, "<section class=unit id=\"u%zu\"><h2><code>%s</code>%s%s</h2>\n", i, u->name,
		    u->object ? ", a part of " : "", u->object);
	fputs("<h3>What is in the patch, and why</h3>\n<p class=note>From left to right: what changed, and what it brings "
	      "along. A thick frame is a root, a dashed one is new.</p>\n",
	      f);
	page_graph(f, u, i);
	page_items(f, u);
	if (page_count(u, "functions"))
		fputs("<h3>Functions before and after</h3>\n<p class=note><b>|</b> differs, <b>-</b> is gone, <b>+</b> is new. "
		      "Numbers in front are bytes from the start, in hexadecimal.</p>\n",
		      f);
	page_functions(f, p, u, i);
	fputs("<h3>References out of the patch</h3>\n", f);
	page_references(f, u);
	fputs("</section>\n", f);
}

void page_put(FILE *f, const struct page *p)
{
	put_head(f, p);
	page_diagnostics(f, p);
	page_build_files(f, p);
	put_compared(f, p);
	page_outputs(f, p);
	put_functions(f, p);
	for (size_t i = 0; i < p->unit_count; i++)
		put_unit(f, p, i);
	page_steps(f, p);
	html_printf(f, "</main>\n<footer>Made by create-diff-object %s.</footer>\n</body>\n</html>\n",
		    elfdiff_version());
}
