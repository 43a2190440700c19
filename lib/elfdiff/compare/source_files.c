/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source_files.c - which FILE symbols of two objects are of the same source
 *
 * Objects that `ld -r` merged have a FILE symbol for each unit, and these have the source's name without its directory. Where
 * one name stands on both sides once, it is the same source. Of several `core.c` their order proves nothing, for units come and go:
 * two are the same if they have more static functions' names in common than either has with any other.
 */
#include <elf.h>
#include <string.h>

#include "compare/internal.h"

enum { ORIG, PATCHED };

/* A name that more functions have tells nothing about their files. */
enum { NAMESAKES_MOST = 64 };

struct candidate {
	uint32_t symbol; /* the FILE symbol */
	uint32_t best;   /* candidate of the other side with most in common, or NONE */
	uint32_t common; /* so many names */
	bool clear;      /* no other has as many */
};

/* Names that two candidates have in common. */
struct in_common {
	uint32_t of_orig, of_patched;
	uint32_t names;
};

struct source_matcher {
	struct arena *a;
	const struct object *o[2];
	VEC(struct candidate) files[2];
	uint32_t *number[2];   /* by symbol: of a FILE symbol, its number in `files` */
	struct index names[2]; /* files by name */
	VEC(struct in_common) pairs;
	struct index by_files;
};

static const char *name_of(const struct source_matcher *m, int side, uint32_t file)
{
	return m->o[side]->symbols[m->files[side].items[file].symbol].name;
}

static void list_candidates(struct source_matcher *m, int side)
{
	const struct object *o = m->o[side];

	m->number[side] = arena_array(m->a, o->symbol_count, uint32_t);
	for (uint32_t i = 1; i < o->symbol_count; i++) {
		if (o->symbols[i].type != STT_FILE)
			continue;
		m->number[side][i] = m->files[side].count;
		index_add(m->a, &m->names[side], hash_string(o->symbols[i].name), m->files[side].count);
		*vec_push(m->a, &m->files[side]) = (struct candidate){ .symbol = i, .best = NONE };
	}
}

/* The only file of that name, NONE if there are none or several; *several tells which. */
static uint32_t only_file(const struct source_matcher *m, int side, const char *name, bool *several)
{
	const struct index *ix = &m->names[side];
	uint32_t found = NONE;

	*several = false;
	for (uint32_t e = index_first(ix, hash_string(name)); e != NONE && !*several; e = index_next(ix, e)) {
		if (strcmp(name_of(m, side, ix->ids[e]), name))
			continue;
		*several = found != NONE;
		found = ix->ids[e];
	}
	return *several ? NONE : found;
}

static bool is_static_function(const struct symbol *s)
{
	return s->type == STT_FUNC && s->bind == STB_LOCAL && s->file != NONE;
}

/* Number in `pairs`, or NONE. */
static uint32_t pair_of(const struct source_matcher *m, uint32_t of_orig, uint32_t of_patched)
{
	const struct index *ix = &m->by_files;

	for (uint32_t e = index_first(ix, hash_mix(of_orig, of_patched)); e != NONE; e = index_next(ix, e)) {
		const struct in_common *c = &m->pairs.items[ix->ids[e]];

		if (c->of_orig == of_orig && c->of_patched == of_patched)
			return ix->ids[e];
	}
	return NONE;
}

static void count_in_common(struct source_matcher *m, uint32_t of_orig, uint32_t of_patched)
{
	uint32_t pair = pair_of(m, of_orig, of_patched);

	if (pair == NONE) {
		pair = m->pairs.count;
		index_add(m->a, &m->by_files, hash_mix(of_orig, of_patched), pair);
		*vec_push(m->a, &m->pairs) = (struct in_common){ of_orig, of_patched, 0 };
	}
	m->pairs.items[pair].names++;
}

/* `functions`: static ones of the original, by name. */
static void compare_names(struct source_matcher *m, const struct index *functions, const struct symbol *s)
{
	uint32_t file = m->number[PATCHED][s->file];
	unsigned left = NAMESAKES_MOST;

	for (uint32_t e = index_first(functions, hash_string(s->name)); e != NONE && left;
	     e = index_next(functions, e), left--) {
		const struct symbol *t = &m->o[ORIG]->symbols[functions->ids[e]];
		uint32_t other = m->number[ORIG][t->file];

		if (!strcmp(s->name, t->name))
			count_in_common(m, other, file);
	}
}

static void better(struct candidate *c, uint32_t other, uint32_t names)
{
	if (names == c->common)
		c->clear = false;
	if (names <= c->common)
		return;
	c->best = other;
	c->common = names;
	c->clear = true;
}

static void find_best(struct source_matcher *m)
{
	struct index functions = { 0 };

	for (uint32_t i = 1; i < m->o[ORIG]->symbol_count; i++)
		if (is_static_function(&m->o[ORIG]->symbols[i]))
			index_add(m->a, &functions, hash_string(m->o[ORIG]->symbols[i].name), i);
	for (uint32_t i = 1; i < m->o[PATCHED]->symbol_count; i++)
		if (is_static_function(&m->o[PATCHED]->symbols[i]))
			compare_names(m, &functions, &m->o[PATCHED]->symbols[i]);
	for (uint32_t i = 0; i < m->pairs.count; i++) {
		const struct in_common *c = &m->pairs.items[i];

		if (strcmp(name_of(m, ORIG, c->of_orig), name_of(m, PATCHED, c->of_patched)))
			continue;
		better(&m->files[ORIG].items[c->of_orig], c->of_patched, c->names);
		better(&m->files[PATCHED].items[c->of_patched], c->of_orig, c->names);
	}
}

/* The original's file that a file of the patched object is, or NONE. */
static uint32_t twin_of(const struct source_matcher *m, uint32_t file)
{
	const struct candidate *c = &m->files[PATCHED].items[file];
	const char *name = name_of(m, PATCHED, file);
	bool here, there;
	uint32_t only = only_file(m, ORIG, name, &there);
	const struct candidate *other;

	only_file(m, PATCHED, name, &here);
	if (!here && !there)
		return only;
	other = c->best == NONE ? NULL : &m->files[ORIG].items[c->best];
	return other && c->clear && other->clear && other->best == file ? c->best : NONE;
}

static uint32_t *numbers(struct source_matcher *m, int side, const uint32_t *of_file)
{
	uint32_t *ret = arena_array(m->a, m->o[side]->symbol_count, uint32_t);

	for (uint32_t i = 0; i < m->files[side].count; i++)
		ret[m->files[side].items[i].symbol] = of_file[i];
	return ret;
}

struct source_files find_source_files(struct arena *a, const struct object *orig, const struct object *patched)
{
	struct source_matcher *m = arena_new(a, struct source_matcher);
	uint32_t *here, *there, count;

	*m = (struct source_matcher){ .a = a, .o = { orig, patched } };
	list_candidates(m, ORIG);
	list_candidates(m, PATCHED);
	find_best(m);
	count = m->files[ORIG].count;
	there = arena_array(a, count + 1, uint32_t);
	here = arena_array(a, m->files[PATCHED].count + 1, uint32_t);
	for (uint32_t i = 0; i < count; i++)
		there[i] = i;
	for (uint32_t i = 0; i < m->files[PATCHED].count; i++) {
		uint32_t twin = twin_of(m, i);

		here[i] = twin == NONE ? count++ : twin;
	}
	return (struct source_files){ .of_orig = numbers(m, ORIG, there),
				      .of_patched = numbers(m, PATCHED, here),
				      .matcher = m };
}

bool sources_share_functions(const struct source_files *f, uint32_t orig, uint32_t patched)
{
	const struct source_matcher *m = f->matcher;

	return pair_of(m, m->number[ORIG][orig], m->number[PATCHED][patched]) != NONE;
}
