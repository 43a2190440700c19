// SPDX-License-Identifier: GPL-2.0-or-later
/* explain.c - the evidence for each change, and the tree of reasons */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"
#include "report.h"

#define NONE ((size_t)-1)

/* ---- evidence -------------------------------------------------------------- */

static void put_side(FILE *f, const char *word, bool has, uint64_t offset, const char *text)
{
	if (!has)
		return;
	fprintf(f, "  %-9s+0x%-6" PRIx64, word, offset);
	report_text(f, text ? text : "(ends here)");
	putc('\n', f);
}

static void put_function(FILE *f, const struct elfdiff_function *fn)
{
	const struct elfdiff_evidence *e = &fn->evidence;

	fputs(fn->reason ? "replaced " : "changed ", f);
	report_text(f, fn->name);
	fputs("  ", f);
	report_text(f, fn->section);
	fprintf(f, "  %" PRIu64 " -> %" PRIu64 " bytes", fn->orig_size, fn->patched_size);
	if (fn->position)
		fprintf(f, "  position %lu", fn->position);
	if (fn->reason) {
		fputs("  because ", f);
		report_text(f, fn->reason);
		putc('\n', f);
		return;
	}
	if (!fn->replaced)
		fputs("  its callers are replaced", f);
	if (fn->by_kprobe)
		fputs("  by a kprobe", f);
	fputs("  evidence: ", f);
	report_text(f, e->what ? e->what : "none recorded");
	putc('\n', f);
	if (e->origin) {
		fputs("  origin   ", f);
		report_text(f, e->origin);
		putc('\n', f);
	}
	put_side(f, "original", e->has_orig, e->orig_offset, e->orig_text);
	put_side(f, "patched", e->has_patched, e->patched_offset, e->patched_text);
}

/* ---- the tree ------------------------------------------------------------------ */

/*
 * Everything linear: children are lists threaded through arrays, references
 * are sorted once, and the walk keeps no stack but the drawing's.
 */
struct tree {
	const struct elfdiff *run;
	size_t items, references;
	size_t *first_child, *last_child, *next; /* by item; number `items` stands for the root of roots */
	size_t *sorted;                          /* references by item and target */
	size_t *first_reference;                 /* by item, in `sorted`; one more at the end */
	bool every_item;                         /* also those that are all alike */
	bool *open;                              /* by depth: does the line of this level go on below? */
};

static size_t parent_of(const struct tree *t, size_t i)
{
	size_t parent = elfdiff_item(t->run, i)->parent;

	return parent < t->items ? parent : t->items;
}

static int by_target(const struct elfdiff_reference *a, const struct elfdiff_reference *b)
{
	struct order_target x = { elfdiff_how_name(a->how), a->object, a->name, a->position };
	struct order_target y = { elfdiff_how_name(b->how), b->object, b->name, b->position };

	return order_targets(&x, &y);
}

static int by_item_and_target(const void *pa, const void *pb, void *run)
{
	const struct elfdiff_reference *a = elfdiff_reference(run, *(const size_t *)pa);
	const struct elfdiff_reference *b = elfdiff_reference(run, *(const size_t *)pb);
	int d = order_number(a->item, b->item);

	d = d ? d : by_target(a, b);
	d = d ? d : order_number(a->item_offset, b->item_offset);
	return d ? d : order_number(*(const size_t *)pa, *(const size_t *)pb);
}

static bool tree_alloc(struct tree *t)
{
	size_t n = t->items + 2;

	t->first_child = malloc(n * sizeof(size_t));
	t->last_child = malloc(n * sizeof(size_t));
	t->next = malloc(n * sizeof(size_t));
	t->sorted = malloc((t->references + 1) * sizeof(size_t));
	t->first_reference = calloc(n, sizeof(size_t));
	t->open = calloc(n, sizeof(bool));
	return t->first_child && t->last_child && t->next && t->sorted && t->first_reference && t->open;
}

static void tree_free(struct tree *t)
{
	free(t->first_child);
	free(t->last_child);
	free(t->next);
	free(t->sorted);
	free(t->first_reference);
	free(t->open);
}

static void link_children(struct tree *t)
{
	for (size_t i = 0; i <= t->items; i++)
		t->first_child[i] = t->last_child[i] = t->next[i] = NONE;
	for (size_t i = 0; i < t->items; i++) {
		size_t parent = parent_of(t, i);

		if (t->last_child[parent] == NONE)
			t->first_child[parent] = i;
		else
			t->next[t->last_child[parent]] = i;
		t->last_child[parent] = i;
	}
}

static void sort_references(struct tree *t)
{
	for (size_t i = 0; i < t->references; i++) {
		size_t item = elfdiff_reference(t->run, i)->item;

		t->sorted[i] = i;
		t->first_reference[(item < t->items ? item : t->items) + 1]++;
	}
	for (size_t i = 0; i <= t->items; i++)
		t->first_reference[i + 1] += t->first_reference[i];
	qsort_r(t->sorted, t->references, sizeof(size_t), by_item_and_target, (void *)t->run);
}

/* ---- drawing ----------------------------------------------------------------------- */

/* Of a long chain the columns of its last levels: else a line would be as long as the chain is. */
enum { COLUMNS_MOST = 24 };

static void put_branch(FILE *f, const struct tree *t, size_t depth, bool last)
{
	size_t first = depth > COLUMNS_MOST ? depth - COLUMNS_MOST : 1;

	if (first > 1)
		fprintf(f, "[%zu] ", depth);
	for (size_t i = first; i < depth; i++)
		fputs(t->open[i] ? "│  " : "   ", f);
	if (depth)
		fputs(last ? "└─ " : "├─ ", f);
}

/* `more`: how many items like this one follow that are not drawn. */
static void put_item(FILE *f, const struct elfdiff_item *item, size_t more)
{
	report_text(f, item->name);
	fprintf(f, "  %s, %s, %" PRIu64 " byte%s: ", elfdiff_kind_name(item->kind), elfdiff_verdict_name(item->verdict),
		item->size, item->size == 1 ? "" : "s");
	report_text(f, item->reason ? item->reason : "no reason recorded");
	if (item->has_parent_offset)
		fprintf(f, " at +0x%" PRIx64, item->parent_offset);
	if (more)
		fprintf(f, ", and %zu more of this section", more);
	putc('\n', f);
}

static void put_reference(FILE *f, const struct elfdiff_reference *r, size_t places)
{
	fprintf(f, "→ %s ", elfdiff_how_name(r->how));
	if (r->object && r->how != ELFDIFF_HOW_EXPORTED) {
		report_text(f, r->object);
		putc(':', f);
	}
	report_text(f, r->name);
	if (r->how == ELFDIFF_HOW_KLP)
		fprintf(f, ",%lu", r->position);
	if (r->when && r->object && strcmp(r->when, r->object)) {
		fputs(" when ", f);
		report_text(f, r->when);
		fputs(" is loaded", f);
	}
	fprintf(f, " at +0x%" PRIx64, r->item_offset);
	if (places > 1)
		fprintf(f, " and %zu more place%s", places - 1, places == 2 ? "" : "s");
	putc('\n', f);
}

/* The references of one item, equal targets in one line; `more`: children follow. */
static void put_references(FILE *f, const struct tree *t, size_t item, size_t depth, bool more)
{
	size_t end = t->first_reference[item + 1];

	for (size_t i = t->first_reference[item], next; i < end; i = next) {
		const struct elfdiff_reference *r = elfdiff_reference(t->run, t->sorted[i]);

		for (next = i + 1; next < end; next++)
			if (by_target(r, elfdiff_reference(t->run, t->sorted[next])))
				break;
		put_branch(f, t, depth, next == end && !more);
		put_reference(f, r, next - i);
	}
}

static bool is_plain_entry(const struct tree *t, size_t i)
{
	return t->first_child[i] == NONE && t->first_reference[i] == t->first_reference[i + 1] &&
	       elfdiff_item(t->run, i)->kind == ELFDIFF_KIND_SPECIAL_ENTRY;
}

/* A function has an unwind entry for every few instructions. Returns the last of the brothers from `i` on that differ
 * in nothing but their offset in one section; *count is how many come after `i`. */
static size_t last_alike(const struct tree *t, size_t i, size_t *count)
{
	const struct elfdiff_item *a = elfdiff_item(t->run, i);

	*count = 0;
	if (t->every_item || !is_plain_entry(t, i))
		return i;
	for (size_t next = t->next[i]; next != NONE && is_plain_entry(t, next); next = t->next[next]) {
		const struct elfdiff_item *b = elfdiff_item(t->run, next);

		if (order_text(a->section, b->section) || a->verdict != b->verdict ||
		    order_text(a->reason, b->reason) || a->size != b->size || a->parent_offset != b->parent_offset)
			break;
		i = next;
		++*count;
	}
	return i;
}

static void put_tree(FILE *f, struct tree *t)
{
	size_t depth = 0, alike;

	for (size_t i = t->first_child[t->items]; i != NONE;) {
		const struct elfdiff_item *item = elfdiff_item(t->run, i);

		i = last_alike(t, i, &alike);
		put_branch(f, t, depth, t->next[i] == NONE);
		put_item(f, item, alike);
		t->open[depth] = t->next[i] != NONE;
		put_references(f, t, i, depth + 1, t->first_child[i] != NONE);
		if (t->first_child[i] != NONE) {
			i = t->first_child[i];
			depth++;
			continue;
		}
		for (; i != t->items && t->next[i] == NONE; depth--)
			i = parent_of(t, i);
		i = i == t->items ? NONE : t->next[i];
	}
}

bool report_explain(FILE *f, const struct elfdiff *run, bool every_item)
{
	struct tree t = { .run = run,
			  .items = elfdiff_item_count(run),
			  .references = elfdiff_reference_count(run),
			  .every_item = every_item };
	bool ok = tree_alloc(&t);

	if (ok) {
		for (size_t i = 0; i < elfdiff_function_count(run); i++)
			put_function(f, elfdiff_function(run, i));
		if (elfdiff_function_count(run) && t.items)
			putc('\n', f);
		link_children(&t);
		sort_references(&t);
		put_tree(f, &t);
	}
	tree_free(&t);
	return ok;
}
