/* SPDX-License-Identifier: GPL-2.0-or-later */
/* correlate.c - the same thing in both objects: by name, then by stem and content, then by who refers to it */
#include <elf.h>
#include <string.h>

#include "elf/names.h"
#include "compare/internal.h"

struct side {
	const struct graph *g;
	struct index *file_set;       /* hashes of its FILE symbols */
	bool *used;                   /* by block of data: a function that has a twin refers to it */
	uint32_t *twin;               /* by block */
	const struct index *numbered; /* hashes of stems */
	uint64_t *files;              /* by symbol: hash of a FILE symbol's name and its number */
};

struct pairing {
	struct arena *a;
	struct side orig, patched;
};

static void pair(struct pairing *p, uint32_t b, uint32_t c)
{
	p->orig.twin[b] = c;
	p->patched.twin[c] = b;
}

/*
 * FILE symbols tell apart local things of one name in objects that `ld -r`
 * merged. A file is its name and its number among those of that name.
 */
static uint64_t *hash_files(struct arena *a, const struct object *o)
{
	uint64_t *hash = arena_array(a, o->symbol_count, uint64_t);
	struct index last = { 0 };
	uint32_t *seen = arena_array(a, o->symbol_count, uint32_t); /* by first symbol of a name: how many so far */

	for (uint32_t i = 1; i < o->symbol_count; i++) {
		uint64_t name;
		uint32_t e;

		if (o->symbols[i].type != STT_FILE)
			continue;
		name = hash_string(o->symbols[i].name);
		e = index_first(&last, name);
		if (e == NONE)
			index_add(a, &last, name, i);
		hash[i] = hash_mix(name, e == NONE ? 0 : ++seen[last.ids[e]]);
	}
	return hash;
}

/* How closely names have to fit. Numbers of static locals and of clones are
 * not names: only the later rounds look at things that have them. */
enum closeness {
	BY_NAME_AND_FILE,      /* and by binding */
	BY_NAME,               /* global became local, a file was renamed */
	CLONES_BY_FINGERPRINT, /* functions: the same stem and the same content */
	CLONES_BY_NAME,        /* functions: the same name with its suffix */
	BY_STEM,               /* the same but for the suffix */
};

/* Clang numbers the second `f.variable` first: one without a number may be any of them. */
static bool has_suffix(const struct side *s, const struct symbol *sym)
{
	size_t stem = name_stem(sym->name);

	if (sym->bind != STB_LOCAL)
		return false;
	return sym->name[stem] ||
	       (memchr(sym->name, '.', stem) && index_first(s->numbered, hash_bytes(sym->name, stem)) != NONE);
}

/* The stems of numbered variables, of both objects. */
static void file_numbered(struct arena *a, const struct graph *g, struct index *ret)
{
	for (uint32_t b = 0; b < g->block_count; b++) {
		const struct symbol *s = block_symbol(g, b);
		size_t stem = s && g->blocks[b].kind != BLOCK_TEXT ? name_stem(s->name) : 0;

		if (stem && s->name[stem])
			index_add(a, ret, hash_bytes(s->name, stem), b);
	}
}

static bool takes_part(const struct side *s, uint32_t b, enum closeness how)
{
	const struct block *bl = &s->g->blocks[b];
	const struct symbol *sym = block_symbol(s->g, b);
	bool code = bl->kind == BLOCK_TEXT;

	if (s->twin[b] != NONE || (!code && bl->kind != BLOCK_DATA && bl->kind != BLOCK_RODATA))
		return false;
	if (sym && name_is_cold(sym->name))
		return false; /* follows its function */
	if (how <= BY_NAME)
		return !sym || !has_suffix(s, sym);
	return sym && (code || how == BY_STEM);
}

/* Data moved from one source file to another only where one of the files is not on both sides. */
static bool may_cross(const struct pairing *p, uint32_t b, uint32_t c)
{
	const struct symbol *s = block_symbol(p->orig.g, b), *t = block_symbol(p->patched.g, c);
	uint64_t from, to;

	if (p->orig.g->blocks[b].kind == BLOCK_TEXT || !s || !t || s->file == NONE || t->file == NONE ||
	    s->bind != STB_LOCAL || t->bind != STB_LOCAL)
		return true;
	from = p->orig.files[s->file];
	to = p->patched.files[t->file];
	return from == to || index_first(p->patched.file_set, from) == NONE ||
	       index_first(p->orig.file_set, to) == NONE;
}

/*
 * A variable that functions on both sides refer to, of which none is another's
 * twin, is two variables of one name.
 */
static bool may_be_same(const struct pairing *p, uint32_t b, uint32_t c, enum closeness how)
{
	if (how == BY_NAME)
		return may_cross(p, b, c);
	return how != BY_STEM || p->orig.g->blocks[b].kind != BLOCK_DATA || !p->orig.used[b] || !p->patched.used[c];
}

static uint64_t key_of(struct side *s, uint32_t b, enum closeness how)
{
	const struct block *bl = &s->g->blocks[b];
	const struct symbol *sym = block_symbol(s->g, b);
	uint64_t kind = (uint64_t)bl->kind, name;

	if (!sym) /* nameless code and writable data: as a rule one to a section */
		return hash_mix(hash_string(s->g->object->sections[bl->section].name), kind);
	name = hash_mix(how == CLONES_BY_FINGERPRINT || how == BY_STEM ? hash_bytes(sym->name, name_stem(sym->name))
								       : hash_string(sym->name),
			kind);
	if (how == BY_NAME_AND_FILE)
		return hash_mix(name, sym->bind != STB_LOCAL ? 1 : sym->file == NONE ? 2 : s->files[sym->file]);
	if (how == CLONES_BY_FINGERPRINT)
		return hash_mix(name, fingerprint_of(s->g, b));
	return hash_mix(name, how != BY_NAME && name_outlined_from(sym->name));
}

static struct index file_by_key(struct pairing *p, struct side *s, enum closeness how, uint64_t *keys)
{
	struct index ix = { 0 };

	for (uint32_t b = 0; b < s->g->block_count; b++)
		if (takes_part(s, b, how)) {
			keys[b] = key_of(s, b, how);
			index_add(p->a, &ix, keys[b], b);
		}
	return ix;
}

/*
 * Pairs what has the same key: where it is unique on both sides, and functions
 * also one after the other where it is not.
 */
static void pair_round(struct pairing *p, enum closeness how)
{
	uint64_t *keys = arena_array(p->a, p->orig.g->block_count + 1, uint64_t);
	uint64_t *other = arena_array(p->a, p->patched.g->block_count + 1, uint64_t);
	struct index of_orig = file_by_key(p, &p->orig, how, keys);
	struct index of_patched = file_by_key(p, &p->patched, how, other);

	for (uint32_t i = 0; i < of_orig.count; i++) {
		uint32_t b = of_orig.ids[i];
		uint32_t e = index_first(&of_orig, keys[b]), f = index_first(&of_patched, keys[b]);
		bool code = p->orig.g->blocks[b].kind == BLOCK_TEXT;
		bool unique = f != NONE && index_next(&of_orig, e) == NONE && index_next(&of_patched, f) == NONE;

		if (unique) {
			if (may_be_same(p, b, of_patched.ids[f], how))
				pair(p, b, of_patched.ids[f]);
			continue;
		}
		if (!code || how <= BY_NAME || e != i)
			continue;
		for (; e != NONE && f != NONE; e = index_next(&of_orig, e), f = index_next(&of_patched, f))
			pair(p, of_orig.ids[e], of_patched.ids[f]);
	}
}

static void mark_used(struct side *s, uint32_t block)
{
	const struct block *b = &s->g->blocks[block];

	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
		uint32_t to = s->g->edges[graph_meaning(s->g, r)].block;

		if (to != NONE)
			s->used[to] = true;
	}
}

/* What functions with twins, and their special entries, refer to. */
static void find_used(struct arena *a, struct side *s)
{
	s->used = arena_array(a, s->g->block_count + 1, bool);
	for (uint32_t b = 0; b < s->g->block_count; b++) {
		const struct block *bl = &s->g->blocks[b];

		if (bl->kind != BLOCK_TEXT || s->twin[b] == NONE)
			continue;
		mark_used(s, b);
		for (uint32_t e = bl->entry_first; e < bl->entry_first + bl->entry_count; e++)
			mark_used(s, s->g->entries[e]);
	}
}

static struct index *file_set(struct arena *a, const struct object *o, const uint64_t *files)
{
	struct index *ix = arena_new(a, struct index);

	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (o->symbols[i].type == STT_FILE)
			index_add(a, ix, files[i], i);
	return ix;
}

/* `f.cold` follows f. */
static void pair_cold(struct pairing *p)
{
	struct index by_function = { 0 };

	for (uint32_t c = 0; c < p->patched.g->block_count; c++) {
		const struct symbol *s = block_symbol(p->patched.g, c);

		if (s && p->patched.g->blocks[c].outlined_from != NONE && name_is_cold(s->name))
			index_add(p->a, &by_function, p->patched.g->blocks[c].outlined_from, c);
	}
	for (uint32_t b = 0; b < p->orig.g->block_count; b++) {
		const struct symbol *s = block_symbol(p->orig.g, b);
		uint32_t function = p->orig.g->blocks[b].outlined_from, e;

		if (!s || function == NONE || !name_is_cold(s->name) || p->orig.twin[function] == NONE)
			continue;
		e = index_first(&by_function, p->orig.twin[function]);
		if (e != NONE && index_next(&by_function, e) == NONE)
			pair(p, b, by_function.ids[e]);
	}
}

/* Writable data that found no twin although the original has some of its stem. */
static void mark_unclear(struct pairing *p, struct twins *t)
{
	uint64_t *keys = arena_array(p->a, p->orig.g->block_count + 1, uint64_t);
	struct index left = file_by_key(p, &p->orig, BY_STEM, keys);

	for (uint32_t c = 0; c < p->patched.g->block_count; c++)
		t->unclear[c] = p->patched.g->blocks[c].kind == BLOCK_DATA && takes_part(&p->patched, c, BY_STEM) &&
				index_first(&left, key_of(&p->patched, c, BY_STEM)) != NONE;
}

static uint32_t *no_twins(struct arena *a, uint32_t count)
{
	uint32_t *twin = arena_array(a, count + 1, uint32_t);

	memset(twin, 0xff, (count + 1) * sizeof(*twin));
	return twin;
}

const struct twins *correlate(struct arena *a, const struct graph *orig, const struct graph *patched,
			      struct line_proof *lines)
{
	struct twins *t = arena_new(a, struct twins);
	struct pairing p = { .a = a };
	struct index numbered = { 0 };

	t->of_orig = no_twins(a, orig->block_count);
	t->of_patched = no_twins(a, patched->block_count);
	t->unclear = arena_array(a, patched->block_count + 1, bool);
	file_numbered(a, orig, &numbered);
	file_numbered(a, patched, &numbered);
	p.orig = (struct side){
		.g = orig, .twin = t->of_orig, .numbered = &numbered, .files = hash_files(a, orig->object)
	};
	p.patched = (struct side){
		.g = patched, .twin = t->of_patched, .numbered = &numbered, .files = hash_files(a, patched->object)
	};
	p.orig.file_set = file_set(a, orig->object, p.orig.files);
	p.patched.file_set = file_set(a, patched->object, p.patched.files);

	pair_round(&p, BY_NAME_AND_FILE);
	pair_round(&p, BY_NAME);
	pair_round(&p, CLONES_BY_FINGERPRINT);
	pair_round(&p, CLONES_BY_NAME);
	pair_cold(&p);
	pair_by_references(a, orig, patched, lines, t);
	find_used(a, &p.orig);
	find_used(a, &p.patched);
	pair_round(&p, BY_STEM);
	pair_cold(&p);
	mark_unclear(&p, t);
	return t;
}
