// SPDX-License-Identifier: GPL-2.0-or-later
/* page_code.c - functions before and after, side by side */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "align.h"
#include "disassemble.h"
#include "html.h"
#include "memory.h"
#include "page_internal.h"

/* Of a long run of rows that are the same: so many stay in view at each end. */
enum { CONTEXT = 4, FOLD_LEAST = 6 };

struct row {
	const struct instruction *orig, *patched; /* NULL: nothing stands there */
	bool differs;
};

struct rows {
	struct row *items;
	size_t count, room;
	bool lines; /* of the source are known */
};

static void add_row(struct rows *r, const struct instruction *orig, const struct instruction *patched, bool differs)
{
	r->items = memory_grow(r->items, r->count, &r->room, sizeof(*r->items));
	r->items[r->count++] = (struct row){ orig, patched, differs };
	r->lines |= (orig && orig->file) || (patched && patched->file);
}

/* ---- which stands beside which ------------------------------------------------------- */

static const char **keys_of(const struct instructions *l)
{
	const char **keys = memory_array(l->count, sizeof(*keys));

	for (size_t i = 0; i < l->count; i++)
		keys[i] = l->items[i].key;
	return keys;
}

/* The number of the instruction at an offset, or ALIGN_NONE. */
static size_t find_instruction(const struct instructions *l, uint64_t offset)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->items[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->count && l->items[low].offset == offset ? low : ALIGN_NONE;
}

/* Two branches of one kind are the same if their targets stand side by side. */
static bool same_target(const struct instructions *a, const struct instructions *b, const size_t *of_a, size_t i)
{
	const struct instruction *x = &a->items[i], *y = &b->items[of_a[i]];
	size_t to;

	if (x->target == NO_TARGET || y->target == NO_TARGET)
		return x->target == y->target;
	to = find_instruction(a, x->target);
	return to != ALIGN_NONE && of_a[to] != ALIGN_NONE && b->items[of_a[to]].offset == y->target;
}

static struct rows rows_of(const struct instructions *a, const struct instructions *b, bool *aligned)
{
	size_t *of_a = memory_array(a->count, sizeof(*of_a)), i = 0, k = 0;
	const char **a_keys = keys_of(a), **b_keys = keys_of(b);
	struct rows ret = { 0 };

	*aligned = align(a_keys, a->count, b_keys, b->count, of_a);
	while (i < a->count || k < b->count) {
		size_t next = i, end;

		while (next < a->count && of_a[next] == ALIGN_NONE)
			next++;
		end = next < a->count ? of_a[next] : b->count;
		/* what differs stands in pairs as far as it goes */
		while (i < next || k < end) {
			add_row(&ret, i < next ? &a->items[i] : NULL, k < end ? &b->items[k] : NULL, true);
			i += i < next;
			k += k < end;
		}
		if (i < a->count) {
			add_row(&ret, &a->items[i], &b->items[k], !same_target(a, b, of_a, i));
			i++;
			k++;
		}
	}
	free(of_a);
	free(a_keys);
	free(b_keys);
	return ret;
}

/* ---- the table -------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

enum { FILE_MOST = 9 };

/* Where the line begins; behind it the column stays empty. Of a long name the end stands there. */
static void put_line(FILE *f, const struct instruction *in, const struct instruction *before)
{
	const char *name = in ? base_name(in->file) : NULL;
	size_t length = name ? strlen(name) : 0, left = length > FILE_MOST ? length - FILE_MOST : 0;

	if (!name || (before && before->file == in->file && before->line == in->line)) {
		fputs("<td class=line></td>", f);
		return;
	}
	while (((unsigned char)name[left] & 0xc0) == 0x80)
		left++;
	html_printf(f, "<td class=line title=\"%s:%zu\">%s%s:%zu</td>", in->file, (size_t)in->line, left ? "…" : "",
		    name + left, (size_t)in->line);
}

static void put_side(FILE *f, const struct instruction *in, const struct instruction *before)
{
	if (!in) {
		fputs("<td class=line></td><td class=at></td><td class=none></td>", f);
		return;
	}
	put_line(f, in, before);
	fprintf(f, "<td class=at>%" PRIx64 "</td><td class=insn>", in->offset);
	html_text(f, in->text);
	fputs("</td>", f);
}

static void put_row(FILE *f, const struct row *r, const struct row *before)
{
	const char *mark = !r->differs ? "" : !r->orig ? "+" : !r->patched ? "-" : "|";
	const char *name = !r->differs ? "same" : !r->orig ? "added" : !r->patched ? "removed" : "changed";

	fprintf(f, "<tr class=%s>", name);
	put_side(f, r->orig, before ? before->orig : NULL);
	fprintf(f, "<td class=mark>%s</td>", mark);
	put_side(f, r->patched, before ? before->patched : NULL);
	fputs("</tr>\n", f);
}

static void open_table(FILE *f, bool head, bool lines)
{
	fputs(lines ? "<table class=code>" : "<table class=\"code bare\">", f);
	fputs("<colgroup><col class=line><col class=at><col class=insn><col class=mark>"
	      "<col class=line><col class=at><col class=insn></colgroup>\n",
	      f);
	if (head)
		fputs("<thead><tr><th colspan=3>before</th><th></th><th colspan=3>after</th></tr></thead>\n", f);
	fputs("<tbody>\n", f);
}

static void put_rows(FILE *f, const struct rows *r, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		put_row(f, &r->items[i], i > from ? &r->items[i - 1] : NULL);
}

static void put_table(FILE *f, const struct rows *r, size_t from, size_t to, bool head)
{
	open_table(f, head, r->lines);
	put_rows(f, r, from, to);
	fputs("</tbody></table>\n", f);
}

static void put_fold(FILE *f, const struct rows *r, size_t from, size_t to)
{
	fprintf(f, "<details class=fold><summary>%zu instructions that are the same</summary>\n", to - from);
	put_table(f, r, from, to, false);
	fputs("</details>\n", f);
}

static size_t next_difference(const struct rows *r, size_t i)
{
	while (i < r->count && !r->items[i].differs)
		i++;
	return i;
}

static size_t end_of_difference(const struct rows *r, size_t i)
{
	while (i < r->count && r->items[i].differs)
		i++;
	return i;
}

/* Tables of what differs, with what stands around it, and folds between them. */
static void put_code(FILE *f, const struct rows *r)
{
	size_t from = 0, shown = 0; /* rows of the table that is being gathered: shown to from */
	bool head = true;

	while (from < r->count) {
		size_t difference = next_difference(r, from);
		size_t before = from ? CONTEXT : 0, after = difference < r->count ? CONTEXT : 0;

		if (difference - from >= before + after + FOLD_LEAST) {
			if (from + before > shown || head)
				put_table(f, r, shown, from + before, head);
			head = false;
			put_fold(f, r, from + before, difference - after);
			shown = difference - after;
		}
		from = end_of_difference(r, difference);
	}
	if (shown < r->count)
		put_table(f, r, shown, r->count, head);
}

/* ---- a function -------------------------------------------------------------------------- */

static void put_pair(FILE *f, const char *architecture, const struct json_value *pair, bool first)
{
	struct instructions a = disassemble(architecture, json_get(pair, "original"));
	struct instructions b = disassemble(architecture, json_get(pair, "patched"));
	bool aligned;
	struct rows rows = rows_of(&a, &b, &aligned);
	size_t differ = 0;

	for (size_t i = 0; i < rows.count; i++)
		differ += rows.items[i].differs;
	if (!first)
		html_printf(f, "<h5><code>%s</code>, which the compiler moved out of it</h5>\n",
			    json_get_text(pair, "name"));
	html_printf(f,
		    differ ? "<p>%zu of %zu rows differ"
			   : "<p>The instructions are the same, and what differs is behind them",
		    differ, rows.count);
	fputs(aligned ? ".</p>\n" : "; it is too long for the two sides to be aligned.</p>\n", f);
	put_code(f, &rows);
	free(rows.items);
	instructions_free(&a);
	instructions_free(&b);
}

static void put_codes(FILE *f, const struct page_unit *u, const struct json_value *fn)
{
	const struct json_value *code = json_first(json_get(fn, "code"));
	const char *architecture = json_get_text(u->result, "architecture");

	if (!code) {
		fputs("<p>The report has no code of this function.</p>\n", f);
		return;
	}
	if (!disassemble_knows(architecture))
		html_printf(
			f,
			"<p class=note>Instructions of %s are not decoded here: each is shown as its bytes, with what its "
			"relocation refers to.</p>\n",
			architecture ? architecture : "this architecture");
	for (bool first = true; code; code = code->next, first = false)
		put_pair(f, architecture, code, first);
}

static void put_evidence_side(FILE *f, const char *word, const struct json_value *side)
{
	const char *text = json_get_text(side, "text");

	if (!side || side->type != JSON_OBJECT)
		return;
	html_printf(f, "<li>%s ", word);
	fprintf(f, "<code>+0x%" PRIx64 "</code> ", json_get_number(side, "offset"));
	html_printf(f, "<code>%s</code></li>", text ? text : "(ends here)");
}

static void put_why(FILE *f, const struct json_value *fn)
{
	const struct json_value *e = json_get(fn, "evidence");
	const char *reason = json_get_text(fn, "reason"), *what = json_get_text(e, "what");

	if (reason) {
		html_printf(f, "<p class=why><b>Why:</b> it did not change; %s.</p>\n", reason);
		return;
	}
	html_printf(f, "<p class=why><b>Why:</b> it changed; the first difference is of the kind <i>%s</i>:</p><ul>",
		    what ? what : "not recorded");
	put_evidence_side(f, "before", json_get(e, "original"));
	put_evidence_side(f, "after", json_get(e, "patched"));
	fputs("</ul>\n", f);
}

/* Where the build has found the symbol in the source. */
static void put_source(FILE *f, const struct page *p, const struct page_unit *u, const char *name)
{
	const struct json_value *s = json_first(json_get(p->build, "places"));

	for (; s; s = s->next) {
		const char *symbol = json_get_text(s, "symbol"), *unit = json_get_text(s, "unit");

		if (!symbol || !name || strcmp(symbol, name) || (unit && u->name && strcmp(unit, u->name)))
			continue;
		html_printf(f, " <span class=source>%s:%zu</span>", json_get_text(s, "file"),
			    (size_t)json_get_number(s, "line"));
		return;
	}
}

static const char *how_replaced(const struct json_value *fn)
{
	if (!json_get_bool(fn, "replaced"))
		return "not replaced itself: all its callers are";
	if (json_get_bool(fn, "by_kprobe"))
		return "redirected by a kprobe";
	return json_get_text(fn, "reason") ? "replaced" : "changed, and replaced";
}

static void put_function(FILE *f, const struct page *p, const struct page_unit *u, const struct json_value *fn,
			 const char *id)
{
	const char *name = json_get_text(fn, "name");
	size_t position = (size_t)json_get_number(fn, "position");

	html_printf(f, "<article class=function id=\"%s\">\n<h4><code>%s</code>", id, name);
	put_source(f, p, u, name);
	html_printf(f, "</h4>\n<p class=facts>%s; section <code>%s</code>; %zu bytes before, %zu after",
		    how_replaced(fn), json_get_text(fn, "section"), (size_t)json_get_number(fn, "original_size"),
		    (size_t)json_get_number(fn, "patched_size"));
	if (position)
		html_printf(f, "; number %zu of its name in its object", position);
	fputs(".</p>\n", f);
	put_why(f, fn);
	if (!json_get_text(fn, "reason"))
		put_codes(f, u, fn);
	fputs("</article>\n", f);
}

void page_functions(FILE *f, const struct page *p, const struct page_unit *u, size_t number)
{
	const struct json_value *fn = json_first(json_get(u->result, "functions"));

	for (size_t i = 0; fn; fn = fn->next, i++) {
		char *id = memory_printf("u%zu-f%zu", number, i);

		put_function(f, p, u, fn, id);
		free(id);
	}
}
