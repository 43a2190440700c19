// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * page_graph.c - the tree of reasons as a picture
 *
 * A column for each step from what changed, a row for each item that brings nothing along; whatever has no name of its own
 * (strings, entries of tables) and references out of the patch are counted in the box of what needs them.
 */
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "memory.h"
#include "page_internal.h"

enum {
	BOXES_MOST = 200,
	COLUMNS_MOST = 24,
	WIDE = 250,
	HIGH = 74,
	GAP_X = 46,
	GAP_Y = 12,
	LETTERS_MOST = 32,
};

#define NONE ((size_t)-1)

struct box {
	const struct json_value *item;
	size_t parent, first_child, last_child, next; /* numbers of boxes, or NONE */
	size_t column, row;
	size_t entries, strings, exported, klp, others; /* what is counted */
	size_t shown; /* the box that stands for it: itself, or the nearest above it */
	bool drawn;
};

struct picture {
	struct box *boxes;
	size_t count;
	size_t drawn, rows, columns;
};

static bool is_kind(const struct json_value *item, const char *kind)
{
	const char *text = json_get_text(item, "kind");

	return text && !strcmp(text, kind);
}

static size_t parent_of(const struct json_value *item, size_t count)
{
	const struct json_value *v = json_get(item, "parent");

	return v && v->type == JSON_NUMBER && v->number < count ? (size_t)v->number : NONE;
}

static bool is_entry(const struct json_value *item)
{
	return is_kind(item, "special entry") || is_kind(item, "special code");
}

static bool has_box(const struct json_value *item)
{
	return !is_entry(item) && !is_kind(item, "string") && !is_kind(item, "constant");
}

/* A parent stands before what it brings along. What has no box hands on what it needs to the box that needs it. */
static void count_item(struct picture *p, size_t i)
{
	struct box *b = &p->boxes[i];

	b->shown = b->parent == NONE || has_box(b->item) ? i : p->boxes[b->parent].shown;
	if (b->parent == NONE)
		return;
	b->parent = p->boxes[b->parent].shown;
	if (b->shown == i)
		return;
	if (is_entry(b->item))
		p->boxes[b->shown].entries++;
	else
		p->boxes[b->shown].strings++;
}

static void link_boxes(struct picture *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct box *b = &p->boxes[i], *parent;

		count_item(p, i);
		parent = b->parent == NONE ? NULL : &p->boxes[b->parent];
		b->column = parent ? parent->column + 1 : 0;
		b->drawn = b->shown == i && (!parent || parent->drawn) && b->column < COLUMNS_MOST &&
			   p->drawn < BOXES_MOST;
		p->drawn += b->drawn;
		if (!b->drawn || !parent)
			continue;
		if (parent->last_child == NONE)
			parent->first_child = i;
		else
			p->boxes[parent->last_child].next = i;
		parent->last_child = i;
	}
}

static void count_reference(struct box *b, const char *how)
{
	if (!strcmp(how, "klp"))
		b->klp++;
	else if (!strcmp(how, "exported"))
		b->exported++;
	else
		b->others++;
}

static void count_references(struct picture *p, const struct page_unit *u)
{
	const struct json_value *r = json_first(json_get(u->result, "references"));

	for (; r; r = r->next) {
		uint64_t item = json_get_number(r, "item");
		const char *how = json_get_text(r, "how");

		if (item >= p->count || !how)
			continue;
		count_reference(&p->boxes[p->boxes[item].shown], how);
	}
}

/* Rows in the order of a walk; the first child is in its parent's row. */
static void place(struct picture *p)
{
	for (size_t root = 0; root < p->count; root++) {
		size_t i = root;

		if (p->boxes[root].parent != NONE || !p->boxes[root].drawn)
			continue;
		for (;;) {
			struct box *b = &p->boxes[i];

			b->row = p->rows;
			if (b->column + 1 > p->columns)
				p->columns = b->column + 1;
			if (b->first_child != NONE) {
				i = b->first_child;
				continue;
			}
			p->rows++;
			while (i != root && p->boxes[i].next == NONE)
				i = p->boxes[i].parent;
			if (i == root)
				break;
			i = p->boxes[i].next;
		}
	}
}

/* ---- drawing --------------------------------------------------------------------------- */

static size_t left_of(const struct box *b)
{
	return b->column * (WIDE + GAP_X) + 2;
}

static size_t top_of(const struct box *b)
{
	return b->row * (HIGH + GAP_Y) + 2;
}

static void put_edge(FILE *f, const struct picture *p, const struct box *b, size_t number)
{
	const struct box *parent = b->parent == NONE ? NULL : &p->boxes[b->parent];
	size_t x, y, to;

	if (!parent)
		return;
	x = left_of(parent) + WIDE;
	y = top_of(parent) + HIGH / 2;
	to = top_of(b) + HIGH / 2;
	fprintf(f, "<path class=edge d=\"M%zu %zuH%dV%zuH%zu\" marker-end=\"url(#arrow%zu)\"/>\n", x, y,
		(int)x + GAP_X / 2 - 6, to, left_of(b) - 2, number);
}

/* Not in the middle of a character. */
static char *shortened(const char *text)
{
	size_t n = strlen(text);

	if (n <= LETTERS_MOST)
		return memory_text(text, n);
	for (n = LETTERS_MOST - 1; n && ((unsigned char)text[n] & 0xc0) == 0x80; n--)
		;
	return memory_printf("%.*s…", (int)n, text);
}

static void put_count(FILE *f, const char **before, size_t n, const char *one, const char *many)
{
	if (n)
		html_printf(f, "%s%zu %s", *before, n, n == 1 ? one : many);
	*before = n ? ", " : *before;
}

static void put_counts(FILE *f, const struct box *b, size_t x, size_t y)
{
	const char *before = "brings ";

	html_printf(f, "<text x=\"%zu\" y=\"%zu\">", x, y);
	put_count(f, &before, b->entries, "table entry", "table entries");
	put_count(f, &before, b->strings, "constant", "constants");
	html_printf(f, "</text><text x=\"%zu\" y=\"%zu\">", x, y + 16);
	before = "refers to ";
	put_count(f, &before, b->klp, "KLP", "KLP");
	put_count(f, &before, b->exported, "exported", "exported");
	put_count(f, &before, b->others, "other", "others");
	fputs("</text>", f);
}

static void put_box(FILE *f, const struct box *b)
{
	const char *name = json_get_text(b->item, "name"), *verdict = json_get_text(b->item, "verdict");
	char *text = shortened(name ? name : "?");
	size_t x = left_of(b), y = top_of(b);

	html_printf(f, "<g class=\"box %s%s\"><title>%s: %s</title>", verdict, b->parent == NONE ? " root" : "", name,
		    json_get_text(b->item, "reason"));
	fprintf(f, "<rect x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\" rx=\"5\"/>", x, y, WIDE, HIGH);
	html_printf(f, "<text class=name x=\"%zu\" y=\"%zu\">%s</text>", x + 9, y + 18, text);
	html_printf(f, "<text x=\"%zu\" y=\"%zu\">%s, %s, %zu bytes</text>", x + 9, y + 34, verdict,
		    json_get_text(b->item, "kind"), (size_t)json_get_number(b->item, "size"));
	put_counts(f, b, x + 9, y + 50);
	fputs("</g>\n", f);
	free(text);
}

static void draw(FILE *f, const struct picture *p, size_t number)
{
	size_t wide = p->columns * (WIDE + GAP_X) - GAP_X + 4, high = p->rows * (HIGH + GAP_Y) - GAP_Y + 4;

	fprintf(f,
		"<div class=scroll><svg class=graph role=img aria-label=\"what changed and what it brings along\" "
		"width=\"%zu\" height=\"%zu\" viewBox=\"0 0 %zu %zu\">\n",
		wide, high, wide, high);
	fprintf(f,
		"<defs><marker id=\"arrow%zu\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
		"markerHeight=\"7\" orient=\"auto\"><path class=head d=\"M0 0L8 4L0 8z\"/></marker></defs>\n",
		number);
	for (size_t i = 0; i < p->count; i++)
		if (p->boxes[i].drawn)
			put_edge(f, p, &p->boxes[i], number);
	for (size_t i = 0; i < p->count; i++)
		if (p->boxes[i].drawn)
			put_box(f, &p->boxes[i]);
	fputs("</svg></div>\n", f);
}

static void put_left_out(FILE *f, const struct picture *p)
{
	size_t all = 0;

	for (size_t i = 0; i < p->count; i++)
		all += p->boxes[i].shown == i;
	if (all > p->drawn)
		html_printf(f, "<p class=note>%zu of %zu items are drawn; all of them are listed below.</p>\n",
			    p->drawn, all);
}

void page_graph(FILE *f, const struct page_unit *u, size_t number)
{
	struct picture p = { 0 };
	const struct json_value **items = page_item_array(u, &p.count);

	p.boxes = memory_array(p.count, sizeof(*p.boxes));
	for (size_t i = 0; i < p.count; i++)
		p.boxes[i] = (struct box){ .item = items[i],
					   .parent = parent_of(items[i], i), /* of what stands before it */
					   .first_child = NONE,
					   .last_child = NONE,
					   .next = NONE };
	link_boxes(&p);
	count_references(&p, u);
	place(&p);
	if (p.drawn)
		draw(f, &p, number);
	put_left_out(f, &p);
	free(p.boxes);
	free(items);
}
