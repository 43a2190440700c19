/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * same_layouts.c - the debug information of types, entry beside entry
 *
 * Nearly always no type has another layout, while .debug_info differs by the code that changed. Two entries are the same if
 * they have the same tag and attributes, but for places in the source, and if so have their children and what they refer to. What
 * refers to each other is taken for the same once it was put beside each other, as in compare/content.c.
 */
#include "lines/same_layouts.h"

#include <dwarf.h>
#include <string.h>

#include "lines/die_reader.h"
#include "lines/layout_keys.h"

/* Longer than chains of typedefs and qualifiers are. */
enum { CHAIN = 64 };

struct side {
	struct die_reader r;
	struct layout_keys keys; /* of named types that have members */
	VEC(uint64_t) entries;   /* by key */
};

struct beside {
	uint64_t x, y;
	bool defined; /* else one refers to them */
};

struct comparison {
	struct arena *a;
	struct side orig, patched;
	VEC(struct beside) pairs;
	struct index by_patched; /* pairs, by y */
	uint64_t left; /* attributes that may still be read: entries that share others must not multiply them */
};

/* What an entry says of itself. */
struct summary {
	int tag;
	bool has_children, declaration;
	const char *name;
	uint64_t type, sibling; /* entries, or 0 */
};

static bool is_noted(uint16_t attribute)
{
	return attribute == DW_AT_name || attribute == DW_AT_type || attribute == DW_AT_sibling ||
	       attribute == DW_AT_declaration;
}

static void note(struct summary *s, const struct die_attribute *at, const struct die_value *v)
{
	if (at->name == DW_AT_name && v->kind == DIE_TEXT)
		s->name = v->text;
	else if (at->name == DW_AT_type && v->kind == DIE_REFERENCE)
		s->type = v->number;
	else if (at->name == DW_AT_sibling && v->kind == DIE_REFERENCE)
		s->sibling = v->number;
	else if (at->name == DW_AT_declaration)
		s->declaration = true;
}

/* The entry at the cursor, which is behind its attributes afterwards. A tag of 0: the list ends. */
static bool read_summary(const struct die_reader *r, const struct die_unit *u, struct cursor *c, struct summary *ret)
{
	const struct die_abbreviation *abbreviation = die_begin(u, c);
	struct die_value v;

	*ret = (struct summary){ 0 };
	if (!abbreviation)
		return !c->bad;
	ret->tag = abbreviation->tag;
	ret->has_children = abbreviation->has_children;
	for (uint32_t i = 0; i < abbreviation->count; i++) {
		const struct die_attribute *at = &abbreviation->attributes[i];

		if (at->size && !is_noted(at->name))
			cursor_pass(c, at->size);
		else if (!die_value_read(r, u, c, at, &v))
			return false;
		else
			note(ret, at, &v);
	}
	return !c->bad;
}

static bool summary_at(const struct die_reader *r, uint64_t at, struct summary *ret)
{
	const struct die_unit *u = die_unit_at(r, at);
	struct cursor c = r->info;

	c.pos = at;
	return u && read_summary(r, u, &c, ret);
}

static bool has_members(int tag)
{
	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

/* --- what is compared ------------------------------------------------------------------ */

static bool is_wrapper(int tag)
{
	return tag == DW_TAG_typedef || tag == DW_TAG_const_type || tag == DW_TAG_volatile_type ||
	       tag == DW_TAG_restrict_type || tag == DW_TAG_atomic_type;
}

/* The same types as layouts.c has: with a name, or with a typedef's. */
static bool add_type(struct arena *a, struct side *s, const char *unit, uint64_t at, struct summary t)
{
	bool is_typedef = t.tag == DW_TAG_typedef;
	const char *given = NULL;

	for (unsigned i = 0; is_wrapper(t.tag); i++) {
		given = t.tag == DW_TAG_typedef ? t.name : given;
		at = t.type;
		if (!at)
			return true;
		if (i == CHAIN || !summary_at(&s->r, at, &t))
			return false;
	}
	if (!has_members(t.tag) || t.declaration || (is_typedef && t.name) || (!t.name && !given))
		return true;
	if (layout_keys_add(a, &s->keys, (struct layout_key){ t.tag, t.name ? t.name : given, unit }))
		*vec_push(a, &s->entries) = at;
	return true;
}

/* Behind the children of an entry that was read. */
static bool skip_children(const struct die_reader *r, const struct die_unit *u, struct cursor *c,
			  const struct summary *of)
{
	struct summary s;
	uint32_t depth = 1;

	if (!of->has_children)
		return true;
	if (of->sibling > c->pos && of->sibling < u->end) {
		c->pos = of->sibling;
		return true;
	}
	while (depth) {
		if (!read_summary(r, u, c, &s))
			return false;
		depth = !s.tag ? depth - 1 : depth + s.has_children;
	}
	return true;
}

static bool list_unit(struct arena *a, struct side *s, const struct die_unit *u)
{
	struct cursor c = s->r.info;
	struct summary root, t;
	const char *unit;

	c.pos = u->first;
	if (!read_summary(&s->r, u, &c, &root) || !root.tag)
		return false;
	unit = root.name && s->r.units.count > 1 ? root.name : "";
	while (root.has_children && c.pos < u->end) {
		uint64_t at = c.pos;

		if (!read_summary(&s->r, u, &c, &t))
			return false;
		if (!t.tag)
			break;
		if ((has_members(t.tag) || t.tag == DW_TAG_typedef) && !add_type(a, s, unit, at, t))
			return false;
		if (!skip_children(&s->r, u, &c, &t))
			return false;
	}
	return true;
}

static bool read_side(struct arena *a, const struct object *o, struct side *s)
{
	if (!die_reader_open(a, o, &s->r))
		return false;
	for (uint32_t i = 0; i < s->r.units.count; i++)
		if (!list_unit(a, s, &s->r.units.items[i]))
			return false;
	return true;
}

/* --- one entry beside another ------------------------------------------------------------ */

/* To be compared if they were not; false: the patched one stands beside another already. */
static bool put_beside(struct comparison *c, struct beside pair)
{
	for (uint32_t e = index_first(&c->by_patched, pair.y); e != NONE; e = index_next(&c->by_patched, e))
		if (c->pairs.items[c->by_patched.ids[e]].y == pair.y)
			return c->pairs.items[c->by_patched.ids[e]].x == pair.x;
	index_add(c->a, &c->by_patched, pair.y, c->pairs.count);
	*vec_push(c->a, &c->pairs) = pair;
	return true;
}

static bool same_value(struct comparison *c, const struct die_value *x, const struct die_value *y)
{
	if (x->kind != y->kind)
		return false;
	switch (x->kind) {
	case DIE_NUMBER:
		return x->number == y->number;
	case DIE_TEXT:
		return !strcmp(x->text, y->text);
	case DIE_REFERENCE:
		return put_beside(c, (struct beside){ x->number, y->number, false });
	case DIE_BLOCK:
		return x->number == y->number && !memcmp(x->block, y->block, x->number);
	case DIE_PLACE:
		break;
	}
	return false;
}

/* Where it is in the source, and in .debug_info. */
static bool is_ignored(uint16_t attribute)
{
	return attribute == DW_AT_decl_file || attribute == DW_AT_decl_line || attribute == DW_AT_decl_column ||
	       attribute == DW_AT_sibling;
}

/* An entry that is read attribute by attribute. */
struct walk {
	const struct die_reader *r;
	const struct die_unit *unit;
	struct cursor c;
	const struct die_abbreviation *abbreviation;
	uint32_t next;
	bool bad;
};

/* The next attribute that counts, or 0 behind the last. */
static uint16_t next_attribute(struct comparison *c, struct walk *w, struct die_value *v)
{
	while (!w->bad && w->next < w->abbreviation->count) {
		const struct die_attribute *at = &w->abbreviation->attributes[w->next++];

		if (at->size && is_ignored(at->name))
			cursor_pass(&w->c, at->size);
		else if (!c->left-- || !die_value_read(w->r, w->unit, &w->c, at, v))
			w->bad = true;
		else if (!is_ignored(at->name))
			return at->name;
	}
	return 0;
}

static bool same_attributes(struct comparison *c, struct walk *x, struct walk *y)
{
	struct die_value v, w;
	uint16_t name;

	x->next = y->next = 0;
	do {
		name = next_attribute(c, x, &v);
		if (next_attribute(c, y, &w) != name || x->bad || y->bad || (name && !same_value(c, &v, &w)))
			return false;
	} while (name);
	return true;
}

/* The next entry of both, or the end of a list of both. */
static bool begin_both(struct comparison *c, struct walk *x, struct walk *y)
{
	if (!c->left--)
		return false;
	x->abbreviation = die_begin(x->unit, &x->c);
	y->abbreviation = die_begin(y->unit, &y->c);
	if (x->c.bad || y->c.bad || !x->abbreviation || !y->abbreviation)
		return !x->c.bad && !y->c.bad && x->abbreviation == y->abbreviation;
	return x->abbreviation->tag == y->abbreviation->tag &&
	       x->abbreviation->has_children == y->abbreviation->has_children;
}

static bool same_children(struct comparison *c, struct walk *x, struct walk *y)
{
	uint32_t depth = 1;

	while (depth) {
		if (!begin_both(c, x, y) || (x->abbreviation && !same_attributes(c, x, y)))
			return false;
		depth = !x->abbreviation ? depth - 1 : depth + x->abbreviation->has_children;
	}
	return true;
}

/* Its children tell how it lies in memory. A structure that has a name is compared where it is defined. */
static bool counts_by_children(const struct die_abbreviation *abbreviation, bool defined)
{
	if (abbreviation->tag == DW_TAG_enumeration_type || !abbreviation->has_children)
		return false;
	for (uint32_t i = 0; !defined && i < abbreviation->count; i++)
		if (abbreviation->attributes[i].name == DW_AT_name)
			return !has_members(abbreviation->tag);
	return true;
}

static bool same_pair(struct comparison *c, struct beside p)
{
	struct walk x = { .r = &c->orig.r, .unit = die_unit_at(&c->orig.r, p.x), .c = c->orig.r.info };
	struct walk y = { .r = &c->patched.r, .unit = die_unit_at(&c->patched.r, p.y), .c = c->patched.r.info };

	x.c.pos = p.x;
	y.c.pos = p.y;
	if (!x.unit || !y.unit || !begin_both(c, &x, &y) || !x.abbreviation)
		return false;
	if (x.abbreviation->tag == DW_TAG_subroutine_type) /* code is not memory */
		return true;
	return same_attributes(c, &x, &y) &&
	       (!counts_by_children(x.abbreviation, p.defined) || same_children(c, &x, &y));
}

bool layouts_are_same(struct arena *a, const struct object *orig, const struct object *patched)
{
	struct comparison c = { .a = a };

	if (!read_side(a, orig, &c.orig) || !read_side(a, patched, &c.patched))
		return false;
	c.left = 4 * (c.orig.r.info.end + c.patched.r.info.end);
	for (uint32_t i = 0; i < c.patched.entries.count; i++) {
		uint32_t b = layout_keys_find(&c.orig.keys, &c.patched.keys.list.items[i]);
		uint64_t y = c.patched.entries.items[i];

		if (b != NONE && !put_beside(&c, (struct beside){ c.orig.entries.items[b], y, true }))
			return false;
	}
	for (uint32_t i = 0; i < c.pairs.count; i++)
		if (!same_pair(&c, c.pairs.items[i]))
			return false;
	return true;
}
