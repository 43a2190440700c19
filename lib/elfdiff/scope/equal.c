/* SPDX-License-Identifier: GPL-2.0-or-later */
/* equal.c - which cells of two objects are the same by name, content and what they refer to */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "scope/internal.h"

/* --- twins, by name ------------------------------------------------------------------- */

/* The symbols have one name, one binding, and stand under one source file. */
static bool same_name(const struct finder *f, uint32_t orig, uint32_t patched)
{
	const struct symbol *x = &f->orig.o->symbols[orig], *y = &f->patched.o->symbols[patched];

	if (x->bind != y->bind || (x->file == NONE) != (y->file == NONE))
		return false;
	return (x->file == NONE || f->orig.files[x->file] == y->file) && !strcmp(x->name, y->name);
}

static void pair(struct finder *f, uint32_t c, uint32_t d)
{
	f->orig.twin[c] = d;
	f->patched.twin[d] = c;
}

static bool same_label(const struct finder *f, uint32_t c, uint32_t d)
{
	uint32_t x = cell_label(&f->orig, c), y = cell_label(&f->patched, d);

	return x == NONE || y == NONE ? x == y : same_name(f, x, y);
}

/* Those of a section that have not found one, by the names of their labels. */
static void pair_rest(struct finder *f, uint32_t c, uint32_t c_end, uint32_t d, uint32_t d_end)
{
	struct index by_name = { 0 };

	for (uint32_t i = d; i < d_end; i++) {
		uint32_t label = cell_label(&f->patched, i);

		if (label != NONE)
			index_add(f->a, &by_name, hash_string(f->patched.o->symbols[label].name), i);
	}
	for (; c < c_end; c++) {
		uint32_t label = cell_label(&f->orig, c), e;

		if (label == NONE)
			continue;
		for (e = index_first(&by_name, hash_string(f->orig.o->symbols[label].name)); e != NONE;
		     e = index_next(&by_name, e))
			if (f->patched.twin[by_name.ids[e]] == NONE && same_label(f, c, by_name.ids[e])) {
				pair(f, c, by_name.ids[e]);
				break;
			}
	}
}

static void pair_labelled(struct finder *f, uint32_t x, uint32_t y)
{
	uint32_t c = f->orig.first[x], c_end = f->orig.first[x + 1];
	uint32_t d = f->patched.first[y], d_end = f->patched.first[y + 1];

	for (; c < c_end && d < d_end && same_label(f, c, d); c++, d++)
		pair(f, c, d);
	if (c < c_end && d < d_end)
		pair_rest(f, c, c_end, d, d_end);
}

/* Pieces that stand where they stood; others are found by what refers to them. */
static void pair_pieces(struct finder *f, uint32_t x, uint32_t y)
{
	uint32_t c = f->orig.first[x], d = f->patched.first[y], count = f->orig.first[x + 1] - c;

	if (f->patched.first[y + 1] - d != count || f->orig.o->sections[x].size != f->patched.o->sections[y].size)
		return;
	for (uint32_t i = 0; i < count; i++)
		if (f->orig.cells.items[c + i].start != f->patched.cells.items[d + i].start)
			return;
	for (uint32_t i = 0; i < count; i++)
		pair(f, c + i, d + i);
}

bool same_section(const struct finder *f, uint32_t x, uint32_t y)
{
	const struct section *s = &f->orig.o->sections[x], *t = &f->patched.o->sections[y];

	return f->orig.kinds[x] == f->patched.kinds[y] && s->type == t->type && s->flags == t->flags &&
	       s->align == t->align && s->entsize == t->entsize;
}

/* Things of both objects by name, in order. */
struct named {
	const char *name;
	uint32_t count[2]; /* by object */
	uint32_t first;    /* in `ids`: where the second object's begin */
	uint32_t filled, taken;
};

struct by_name {
	struct arena *a;
	VEC(struct named) names;
	struct index index;     /* names */
	VEC(uint32_t) found[2]; /* by object: a name and a thing, in turns */
};

static void add_named(struct by_name *b, int object, const char *name, uint32_t id)
{
	uint64_t h = hash_string(name);
	uint32_t e = index_first(&b->index, h);

	while (e != NONE && strcmp(b->names.items[b->index.ids[e]].name, name) != 0)
		e = index_next(&b->index, e);
	if (e == NONE) {
		index_add(b->a, &b->index, h, b->names.count);
		*vec_push(b->a, &b->names) = (struct named){ .name = name };
	}
	*vec_push(b->a, &b->found[object]) = e == NONE ? b->names.count - 1 : b->index.ids[e];
	*vec_push(b->a, &b->found[object]) = id;
}

/* The second object's, those of a name side by side. */
static uint32_t *list_by_name(struct by_name *b)
{
	uint32_t *ids = arena_array(b->a, b->found[1].count / 2 + 1, uint32_t), at = 0;

	for (int object = 0; object < 2; object++)
		for (uint32_t i = 0; i < b->found[object].count; i += 2)
			b->names.items[b->found[object].items[i]].count[object]++;
	for (uint32_t i = 0; i < b->names.count; i++) {
		b->names.items[i].first = at;
		at += b->names.items[i].count[1];
	}
	for (uint32_t i = 0; i < b->found[1].count; i += 2) {
		struct named *n = &b->names.items[b->found[1].items[i]];

		ids[n->first + n->filled++] = b->found[1].items[i + 1];
	}
	return ids;
}

/* One after the other: ret[a thing of the first object] is that of the second, of the names that have `as_many` in both. */
static void pair_in_order(struct by_name *b, bool as_many, uint32_t *ret)
{
	const uint32_t *ids = list_by_name(b);

	for (uint32_t i = 0; i < b->found[0].count; i += 2) {
		struct named *n = &b->names.items[b->found[0].items[i]];

		if (n->taken < n->count[1] && (!as_many || n->count[0] == n->count[1]))
			ret[b->found[0].items[i + 1]] = ids[n->first + n->taken++];
	}
}

/* Source files of one name are the same one after the other where both objects have as many. */
static void pair_files(struct finder *f)
{
	struct by_name b = { .a = f->a };
	const struct scope_side *sides[2] = { &f->orig, &f->patched };

	for (int i = 0; i < 2; i++)
		for (uint32_t n = 1; n < sides[i]->o->first_global; n++)
			if (sides[i]->o->symbols[n].type == STT_FILE)
				add_named(&b, i, sides[i]->o->symbols[n].name, n);
	f->orig.files = none_array(f->a, f->orig.o->symbol_count);
	pair_in_order(&b, true, f->orig.files);
}

static uint32_t *pair_sections(struct finder *f)
{
	struct by_name b = { .a = f->a };
	const struct scope_side *sides[2] = { &f->orig, &f->patched };
	uint32_t *pairs = none_array(f->a, f->orig.o->section_count);

	for (int i = 0; i < 2; i++)
		for (uint32_t n = 1; n < sides[i]->o->section_count; n++)
			if (kind_has_cells(sides[i]->kinds[n]))
				add_named(&b, i, sides[i]->o->sections[n].name, n);
	pair_in_order(&b, false, pairs);
	return pairs;
}

void find_twins(struct finder *f)
{
	const uint32_t *sections;

	pair_files(f);
	sections = pair_sections(f);
	for (uint32_t x = 1; x < f->orig.o->section_count; x++) {
		uint32_t y = sections[x];

		if (y == NONE || !same_section(f, x, y))
			continue;
		if (f->orig.kinds[x] == HAS_PIECES)
			pair_pieces(f, x, y);
		else
			pair_labelled(f, x, y);
	}
}

/* --- the same content ------------------------------------------------------------------- */

void mark_different(struct finder *f, uint32_t orig, uint32_t patched)
{
	if (orig != NONE) {
		f->orig.different[orig] = true;
		if (f->orig.twin[orig] != NONE)
			f->patched.different[f->orig.twin[orig]] = true;
	}
	if (patched != NONE) {
		f->patched.different[patched] = true;
		if (f->patched.twin[patched] != NONE)
			f->orig.different[f->patched.twin[patched]] = true;
	}
}

static uint64_t size_of(const struct scope_side *s, uint32_t cell)
{
	return cell_end(s, cell) - s->cells.items[cell].start;
}

static bool same_size(const struct finder *f, uint32_t c, uint32_t d)
{
	return size_of(&f->orig, c) == size_of(&f->patched, d);
}

/* Of two cells of one size. */
static bool same_bytes(const struct finder *f, uint32_t c, uint32_t d)
{
	const uint8_t *p = f->orig.o->sections[f->orig.cells.items[c].section].data;
	const uint8_t *q = f->patched.o->sections[f->patched.cells.items[d].section].data;

	return p && q ? !memcmp(p + f->orig.cells.items[c].start, q + f->patched.cells.items[d].start,
				size_of(&f->orig, c))
		      : p == q;
}

/* A piece is paired with what is referred to in the same place. */
static bool same_cell(struct finder *f, uint32_t c, uint32_t d)
{
	uint32_t section = f->orig.cells.items[c].section;

	if (f->orig.twin[c] == NONE && f->patched.twin[d] == NONE && f->orig.kinds[section] == HAS_PIECES &&
	    same_section(f, section, f->patched.cells.items[d].section) && same_size(f, c, d) && same_bytes(f, c, d)) {
		pair(f, c, d);
		*vec_push(f->a, &f->to_judge) = c;
	}
	return f->orig.twin[c] == d;
}

/* Two relocations of one type whose bytes are the same, and which symbols they have in common. */
struct twins {
	uint32_t r, s;  /* in object.relocs of the original and of the patched object */
	bool distances; /* they may be distances */
};

/* All that is in the symbol's section. */
static bool is_only_cell(const struct scope_side *s, const struct symbol *sym)
{
	return s->first[sym->section + 1] - s->first[sym->section] == 1;
}

static bool same_place(struct finder *f, const struct twins *t)
{
	const struct reloc *r = &f->orig.o->relocs[t->r], *s = &f->patched.o->relocs[t->s];
	const struct symbol *x = &f->orig.o->symbols[r->symbol], *y = &f->patched.o->symbols[s->symbol];
	uint32_t c = f->orig.to[t->r], d = f->patched.to[t->s];

	if (place_of(&f->orig, r) - f->orig.cells.items[c].start !=
		    place_of(&f->patched, s) - f->patched.cells.items[d].start ||
	    !same_cell(f, c, d) || (t->distances && (is_distance(&f->orig, r) || is_distance(&f->patched, s))))
		return false;
	/* twins stay twins */
	if (x->value == y->value && is_only_cell(&f->orig, x) && is_only_cell(&f->patched, y))
		f->same_symbols[r->symbol] = s->symbol + 1;
	return true;
}

/* One global name means one thing, whatever becomes of it. */
static bool same_global(const struct finder *f, const struct symbol *x, const struct symbol *y)
{
	const uint64_t kind = SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR | SHF_TLS;

	return x->bind == y->bind && x->type == y->type && !strcmp(x->name, y->name) &&
	       !((f->orig.o->sections[x->section].flags ^ f->patched.o->sections[y->section].flags) & kind);
}

static bool same_outside(const struct symbol *x, const struct symbol *y)
{
	return x->bind == y->bind && !strcmp(x->name, y->name) && (x->place != SYMBOL_ABSOLUTE || x->value == y->value);
}

/* What is referred to by its name alone. */
static bool is_name(const struct symbol *x, const struct symbol *y)
{
	return x->place != SYMBOL_DEFINED || x->by_name || y->by_name;
}

static bool same_name_elsewhere(struct finder *f, uint32_t orig, uint32_t patched)
{
	const struct symbol *x = &f->orig.o->symbols[orig], *y = &f->patched.o->symbols[patched];

	if (x->place != SYMBOL_DEFINED ? !same_outside(x, y) : !same_global(f, x, y))
		return false;
	f->same_symbols[orig] = patched + 1;
	return true;
}

/* A label there is what is referred to: those of others may have come before. */
static bool same_where_nobody_reads(const struct finder *f, const struct reloc *r, const struct reloc *s)
{
	const struct symbol *x = &f->orig.o->symbols[r->symbol], *y = &f->patched.o->symbols[s->symbol];

	if (strcmp(f->orig.o->sections[x->section].name, f->patched.o->sections[y->section].name) != 0)
		return false;
	if (symbol_names(x))
		return r->addend == s->addend && !strcmp(x->name, y->name);
	return place_of(&f->orig, r) == place_of(&f->patched, s);
}

static bool same_target(struct finder *f, const struct twins *t)
{
	const struct reloc *r = &f->orig.o->relocs[t->r], *s = &f->patched.o->relocs[t->s];
	const struct symbol *x = &f->orig.o->symbols[r->symbol], *y = &f->patched.o->symbols[s->symbol];
	uint8_t kind;

	if (f->same_symbols[r->symbol] == s->symbol + 1)
		return r->addend == s->addend;
	if (x->place != y->place)
		return false;
	if (is_name(x, y))
		return r->addend == s->addend && same_name_elsewhere(f, r->symbol, s->symbol);
	kind = f->orig.kinds[x->section];
	if (kind != f->patched.kinds[y->section] || symbol_names(x) != symbol_names(y))
		return false;
	if (kind_has_cells(kind))
		return same_place(f, t);
	return kind == NOT_COMPARED && same_where_nobody_reads(f, r, s);
}

bool same_relocations(struct finder *f, uint32_t orig, uint32_t patched, uint32_t count, uint64_t orig_start,
		      uint64_t patched_start)
{
	const struct reloc *r = &f->orig.o->relocs[orig], *s = &f->patched.o->relocs[patched];
	struct twins t = { .r = orig, .s = patched };

	if (!count)
		return true;
	t.distances = may_have_distances(&f->orig, r->section) || may_have_distances(&f->patched, s->section);
	for (; count; count--, r++, s++, t.r++, t.s++)
		if (r->type != s->type || r->offset - orig_start != s->offset - patched_start || !same_target(f, &t))
			return false;
	return true;
}

static bool same_symbol(const struct finder *f, uint32_t c, uint32_t d, uint32_t orig, uint32_t patched)
{
	const struct symbol *x = &f->orig.o->symbols[orig], *y = &f->patched.o->symbols[patched];

	return same_name(f, orig, patched) && x->size == y->size && x->type == y->type && x->other == y->other &&
	       x->value - f->orig.cells.items[c].start == y->value - f->patched.cells.items[d].start;
}

static bool same_symbols(const struct finder *f, uint32_t c, uint32_t d)
{
	uint32_t x = f->orig.cells.items[c].first_label, y = f->patched.cells.items[d].first_label;
	uint32_t count = cell_label_end(&f->orig, c) - x;

	if (cell_label_end(&f->patched, d) - y != count)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!same_symbol(f, c, d, f->orig.labels.symbols[x + i], f->patched.labels.symbols[y + i]))
			return false;
	return true;
}

static bool is_same(struct finder *f, uint32_t c, uint32_t d)
{
	uint64_t start = f->orig.cells.items[c].start, there = f->patched.cells.items[d].start;
	uint32_t count, count_there, first, first_there;

	if (!same_size(f, c, d) || !same_symbols(f, c, d) || !same_bytes(f, c, d))
		return false;
	first = cell_relocs(&f->orig, c, &count);
	first_there = cell_relocs(&f->patched, d, &count_there);
	return count == count_there && same_relocations(f, first, first_there, count, start, there);
}

/* What is read from its start to its end has an order. */
static void judge_order(struct finder *f, uint32_t section)
{
	const struct scope_side *s = &f->orig;
	uint32_t last = NONE;

	for (uint32_t c = s->first[section]; c < s->first[section + 1]; c++) {
		if (s->twin[c] == NONE)
			continue;
		if (last != NONE && s->twin[c] < s->twin[last]) {
			mark_different(f, c, NONE);
			mark_different(f, last, NONE);
		}
		last = c;
	}
}

void judge_cells(struct finder *f)
{
	for (uint32_t i = 1; i < f->orig.o->section_count; i++)
		if (row_of(&f->orig, i) && row_of(&f->orig, i)->read)
			judge_order(f, i);
	for (uint32_t c = 0; c < f->orig.cells.count; c++)
		if (f->orig.twin[c] != NONE && !is_same(f, c, f->orig.twin[c]))
			mark_different(f, c, NONE);
}

void judge_found(struct finder *f)
{
	while (f->to_judge.count) {
		uint32_t c = f->to_judge.items[--f->to_judge.count];

		if (!is_same(f, c, f->orig.twin[c]))
			mark_different(f, c, NONE);
	}
}
