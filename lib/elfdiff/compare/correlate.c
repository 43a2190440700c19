/* SPDX-License-Identifier: GPL-2.0-or-later */
/* correlate.c - the same thing in both objects: by name, then by stem and content, then by who refers to it */
#include <elf.h>
#include <string.h>

#include "base/text_set.h"
#include "elf/names.h"
#include "compare/internal.h"

struct side {
	const struct graph *g;
	bool *used;                      /* by block of data: a function that has a twin refers to it */
	uint32_t *twin;                  /* by block */
	const struct text_set *numbered; /* stems */
	const uint32_t *files;           /* by symbol: of a FILE symbol, the number of its source */
	VEC(uint32_t) open; /* functions and variables that have no twin yet, but `.cold` ones: these follow */
};

struct pairing {
	struct arena *a;
	struct side orig, patched;
	struct source_files files;
	struct text_set numbered;
};

static void pair(struct pairing *p, uint32_t b, uint32_t c)
{
	p->orig.twin[b] = c;
	p->patched.twin[c] = b;
}

/* How closely names have to fit. Numbers of static locals and of clones are
 * not names: only the later rounds look at things that have them. */
enum closeness {
	BY_NAME_AND_FILE, /* and by binding */
	BY_NAME,          /* global became local, a file was renamed */
	CLONES_BY_FINGERPRINT_AND_FILE,
	CLONES_BY_NAME_AND_FILE,
	CLONES_BY_FINGERPRINT, /* functions: the same stem and the same content */
	CLONES_BY_NAME,        /* functions: the same name with its suffix */
	BY_STEM,               /* the same but for the suffix */
	LISTED_BY_CONTENT,     /* data that nothing refers to: the same stem, content and file */
};

/* Clang numbers the second `f.variable` first: one without a number may be any of them. */
static bool has_suffix(const struct side *s, const struct symbol *sym)
{
	size_t stem = name_stem(sym->name);

	if (sym->by_name)
		return false;
	return sym->name[stem] || (memchr(sym->name, '.', stem) && text_set_has(s->numbered, sym->name, stem));
}

/* The stems of numbered variables, of both objects. */
static void find_numbered(struct arena *a, const struct graph *g, struct text_set *ret)
{
	for (uint32_t b = 0; b < g->block_count; b++) {
		const struct symbol *s = block_symbol(g, b);
		size_t stem = s && g->blocks[b].kind != BLOCK_TEXT ? name_stem(s->name) : 0;

		if (stem && s->name[stem])
			text_set_add(a, ret, s->name, stem);
	}
}

/* Of most blocks, entries of tables and strings, nothing is asked here. */
static void list_open(struct arena *a, struct side *s)
{
	for (uint32_t b = 0; b < s->g->block_count; b++) {
		const struct symbol *sym = block_symbol(s->g, b);

		if (block_is_thing(&s->g->blocks[b]) && (!sym || !name_is_cold(sym->name)))
			*vec_push(a, &s->open) = b;
	}
}

static void drop_paired(struct side *s)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < s->open.count; i++)
		if (s->twin[s->open.items[i]] == NONE)
			s->open.items[kept++] = s->open.items[i];
	s->open.count = kept;
}

/* Of one that is open. */
static bool takes_part(const struct side *s, uint32_t b, enum closeness how)
{
	const struct block *bl = &s->g->blocks[b];
	const struct symbol *sym = block_symbol(s->g, b);
	bool code = bl->kind == BLOCK_TEXT;

	if (how <= BY_NAME)
		return !sym || !has_suffix(s, sym);
	if (how == LISTED_BY_CONTENT)
		return sym && !code && !bl->referenced;
	return sym && (code || how == BY_STEM);
}

/* Data moved from one source to another only where functions did. */
static bool may_cross(const struct pairing *p, uint32_t b, uint32_t c)
{
	const struct symbol *s = block_symbol(p->orig.g, b), *t = block_symbol(p->patched.g, c);
	if (p->orig.g->blocks[b].kind == BLOCK_TEXT || !s || !t || s->file == NONE || t->file == NONE ||
	    s->bind != STB_LOCAL || t->bind != STB_LOCAL)
		return true;
	return p->orig.files[s->file] == p->patched.files[t->file] ||
	       sources_share_functions(&p->files, s->file, t->file);
}

/*
 * Of a variable in a function, the code that uses it tells which it is: where that has not shown it, and there is
 * such code, the name proves nothing. A function that is gone may have had one of the name of a new function's.
 */
static bool may_be_same(const struct pairing *p, uint32_t b, uint32_t c, enum closeness how)
{
	if (how == BY_NAME)
		return may_cross(p, b, c);
	return how != BY_STEM || p->orig.g->blocks[b].kind != BLOCK_DATA || (!p->orig.used[b] && !p->patched.used[c]);
}

static bool by_fingerprint(enum closeness how)
{
	return how == CLONES_BY_FINGERPRINT || how == CLONES_BY_FINGERPRINT_AND_FILE || how == LISTED_BY_CONTENT;
}

static bool by_stem(enum closeness how)
{
	return by_fingerprint(how) || how == BY_STEM;
}

static bool by_file(enum closeness how)
{
	return how == BY_NAME_AND_FILE || how == CLONES_BY_FINGERPRINT_AND_FILE || how == CLONES_BY_NAME_AND_FILE ||
	       how == LISTED_BY_CONTENT;
}

static uint64_t key_of(const struct side *s, uint32_t b, enum closeness how)
{
	const struct block *bl = &s->g->blocks[b];
	const struct symbol *sym = block_symbol(s->g, b);
	uint64_t kind = (uint64_t)bl->kind, name;

	if (!sym) /* nameless code and writable data: as a rule one to a section */
		return hash_mix(hash_string(s->g->object->sections[bl->section].name), kind);
	name = hash_mix(by_stem(how) ? hash_bytes(sym->name, name_stem(sym->name)) : hash_string(sym->name), kind);
	if (by_file(how))
		name = hash_mix(name, sym->bind != STB_LOCAL ? 1 : sym->file == NONE ? 2 : 3 + s->files[sym->file]);
	if (by_fingerprint(how))
		return hash_mix(name, fingerprint_of(s->g, b));
	return hash_mix(name, how > BY_NAME && name_outlined_from(sym->name));
}

static bool same_file(const struct side *s, const struct symbol *x, const struct side *t, const struct symbol *y)
{
	if (x->bind != STB_LOCAL || y->bind != STB_LOCAL)
		return x->bind != STB_LOCAL && y->bind != STB_LOCAL;
	if (x->file == NONE || y->file == NONE)
		return x->file == y->file;
	return s->files[x->file] == t->files[y->file];
}

/* What key_of() hashes is the same; of fingerprints, which are hashes, the keys tell. */
static bool same_key(const struct side *s, uint32_t b, const struct side *t, uint32_t c, enum closeness how)
{
	const struct block *bl = &s->g->blocks[b], *cl = &t->g->blocks[c];
	const struct symbol *x = block_symbol(s->g, b), *y = block_symbol(t->g, c);

	if (bl->kind != cl->kind || !x != !y)
		return false;
	if (!x)
		return !strcmp(s->g->object->sections[bl->section].name, t->g->object->sections[cl->section].name);
	if (by_stem(how) ? !name_same_stem(x->name, y->name) : strcmp(x->name, y->name) != 0)
		return false;
	if (by_file(how) && !same_file(s, x, t, y))
		return false;
	return how <= BY_NAME || by_fingerprint(how) || !name_outlined_from(x->name) == !name_outlined_from(y->name);
}

/* The blocks of a side that take part in a round. */
struct filed {
	const struct side *s;
	enum closeness how;
	VEC(uint64_t) keys; /* by entry of the index */
	struct index by_key;
};

static struct filed file_by_key(struct pairing *p, struct side *s, enum closeness how)
{
	struct filed f = { .s = s, .how = how };

	drop_paired(s);
	for (uint32_t i = 0; i < s->open.count; i++)
		if (takes_part(s, s->open.items[i], how)) {
			uint64_t key = key_of(s, s->open.items[i], how);

			*vec_push(p->a, &f.keys) = key;
			index_add(p->a, &f.by_key, key, s->open.items[i]);
		}
	return f;
}

/* The first block with the key of block b of a side, behind entry `e` (NONE: of all), as an entry of the index; or NONE. */
static uint32_t next_of_key(const struct filed *f, const struct side *s, uint32_t b, uint64_t key, uint32_t e)
{
	const struct index *ix = &f->by_key;

	e = e == NONE ? index_first(ix, key) : index_next(ix, e);
	while (e != NONE && (f->keys.items[e] != key || !same_key(s, b, f->s, ix->ids[e], f->how)))
		e = index_next(ix, e);
	return e;
}

/* One that has the key is as good as another: of functions callers are compared, and of what nothing refers to nothing is asked. */
static bool any_will_do(bool code, enum closeness how)
{
	return code ? how > BY_NAME : how == LISTED_BY_CONTENT;
}

/* Pairs what has the same key: where it is unique on both sides, and one after the other where any will do. */
static void pair_round(struct pairing *p, enum closeness how)
{
	struct filed left = file_by_key(p, &p->orig, how), right = file_by_key(p, &p->patched, how);

	if (!right.by_key.count)
		return;
	for (uint32_t i = 0; i < left.by_key.count; i++) {
		uint32_t b = left.by_key.ids[i];
		uint64_t key = left.keys.items[i];
		uint32_t e = next_of_key(&left, &p->orig, b, key, NONE);
		uint32_t f = next_of_key(&right, &p->orig, b, key, NONE);
		bool code = p->orig.g->blocks[b].kind == BLOCK_TEXT;

		if (f == NONE)
			continue;
		if (next_of_key(&left, &p->orig, b, key, e) == NONE &&
		    next_of_key(&right, &p->orig, b, key, f) == NONE) {
			if (may_be_same(p, b, right.by_key.ids[f], how))
				pair(p, b, right.by_key.ids[f]);
			continue;
		}
		if (!any_will_do(code, how) || e != i)
			continue;
		for (; e != NONE && f != NONE;
		     e = next_of_key(&left, &p->orig, b, key, e), f = next_of_key(&right, &p->orig, b, key, f))
			pair(p, left.by_key.ids[e], right.by_key.ids[f]);
	}
}

/* --- second names ------------------------------------------------------------ */

enum { MANY = NONE - 1 };

struct named_pair {
	uint32_t b, c;
};

/*
 * A function or variable that gets another name, or loses one, is the same still, though the label that names it
 * may be another. Each of its names tells, but a weak one, which may be another object's.
 */
struct other_names {
	struct pairing *p;
	VEC(struct named_pair) found;
	uint32_t *of_orig, *of_patched; /* by block: the only one that is found, NONE, or MANY */
};

/* The symbol is a name of something that has no twin yet. */
static bool names_open(const struct side *s, uint32_t symbol)
{
	const struct symbol *sym = &s->g->object->symbols[symbol];
	uint32_t b = s->g->symbol_block[symbol];
	const struct symbol *label = b == NONE ? NULL : block_symbol(s->g, b);

	return label && s->twin[b] == NONE && block_is_thing(&s->g->blocks[b]) && sym->value == label->value &&
	       sym->type != STT_SECTION && sym->type != STT_NOTYPE && sym->bind != STB_WEAK && !has_suffix(s, sym) &&
	       !name_is_cold(label->name);
}

/* The only symbol of side t that is named as one of side s is, in the same source file and of a thing of the same kind; or NONE. */
static uint32_t only_namesake(const struct side *s, uint32_t symbol, const struct side *t)
{
	const struct symbol *sym = &s->g->object->symbols[symbol];
	struct namesakes n = object_named(t->g->object, sym->name);
	uint32_t found = NONE;

	while (next_namesake(&n)) {
		if (!names_open(t, n.symbol) || !same_file(s, sym, t, &t->g->object->symbols[n.symbol]) ||
		    s->g->blocks[s->g->symbol_block[symbol]].kind != t->g->blocks[t->g->symbol_block[n.symbol]].kind)
			continue;
		if (found != NONE)
			return NONE;
		found = n.symbol;
	}
	return found;
}

static void note(uint32_t *found, uint32_t other)
{
	*found = *found == NONE || *found == other ? other : MANY;
}

/* What the second names of side s show. */
static void find_by_second_names(struct other_names *o, const struct side *s, const struct side *t)
{
	for (uint32_t i = 1; i < s->g->object->symbol_count; i++) {
		uint32_t b = s->g->symbol_block[i], j;
		struct named_pair f;

		if (b == NONE || s->g->blocks[b].symbol == i || !names_open(s, i))
			continue;
		j = only_namesake(s, i, t);
		if (j == NONE || only_namesake(t, j, s) != i)
			continue;
		f = s == &o->p->orig ? (struct named_pair){ .b = b, .c = t->g->symbol_block[j] }
				     : (struct named_pair){ .b = t->g->symbol_block[j], .c = b };
		*vec_push(o->p->a, &o->found) = f;
		note(&o->of_orig[f.b], f.c);
		note(&o->of_patched[f.c], f.b);
	}
}

static void pair_by_second_names(struct pairing *p)
{
	struct other_names o = { .p = p,
				 .of_orig = none_array(p->a, p->orig.g->block_count + 1),
				 .of_patched = none_array(p->a, p->patched.g->block_count + 1) };

	find_by_second_names(&o, &p->orig, &p->patched);
	find_by_second_names(&o, &p->patched, &p->orig);
	for (uint32_t i = 0; i < o.found.count; i++) {
		const struct named_pair *f = &o.found.items[i];

		if (o.of_orig[f->b] == f->c && o.of_patched[f->c] == f->b)
			pair(p, f->b, f->c);
	}
}

/* --- what functions refer to ---------------------------------------------------- */

static void mark_used(struct side *s, uint32_t block)
{
	const struct block *b = &s->g->blocks[block];

	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
		uint32_t to = s->g->edges[graph_meaning(s->g, r)].block;

		if (to != NONE)
			s->used[to] = true;
	}
}

/* What functions and their special entries refer to. */
static void find_used(struct arena *a, struct side *s)
{
	s->used = arena_array(a, s->g->block_count + 1, bool);
	for (uint32_t b = 0; b < s->g->block_count; b++) {
		const struct block *bl = &s->g->blocks[b];

		if (bl->kind != BLOCK_TEXT)
			continue;
		mark_used(s, b);
		for (uint32_t e = bl->entry_first; e < bl->entry_first + bl->entry_count; e++)
			mark_used(s, s->g->entries[e]);
	}
}

/* The only one that was outlined of a function of the patched object, or NONE. */
static uint32_t only_cold_of(const struct pairing *p, const struct index *by_function, uint32_t function)
{
	uint32_t found = NONE;

	for (uint32_t e = index_first(by_function, function); e != NONE; e = index_next(by_function, e)) {
		if (p->patched.g->blocks[by_function->ids[e]].outlined_from != function)
			continue;
		if (found != NONE)
			return NONE;
		found = by_function->ids[e];
	}
	return found;
}

/* `f.cold` follows f. */
static void pair_cold(struct pairing *p)
{
	struct index by_function = { 0 };

	for (uint32_t c = 0; c < p->patched.g->block_count; c++) {
		const struct symbol *s = block_symbol(p->patched.g, c);

		if (s && p->patched.g->blocks[c].outlined_from != NONE)
			index_add(p->a, &by_function, p->patched.g->blocks[c].outlined_from, c);
	}
	for (uint32_t b = 0; b < p->orig.g->block_count; b++) {
		const struct symbol *s = block_symbol(p->orig.g, b);
		uint32_t function = p->orig.g->blocks[b].outlined_from, c;

		if (!s || function == NONE || p->orig.twin[function] == NONE)
			continue;
		c = only_cold_of(p, &by_function, p->orig.twin[function]);
		if (c != NONE)
			pair(p, b, c);
	}
}

/* Writable data that found no twin although the original has some of its stem. */
static void mark_unclear(struct pairing *p, struct twins *t)
{
	struct filed left = file_by_key(p, &p->orig, BY_STEM);

	drop_paired(&p->patched);
	for (uint32_t i = 0; i < p->patched.open.count; i++) {
		uint32_t c = p->patched.open.items[i];

		t->unclear[c] = p->patched.g->blocks[c].kind == BLOCK_DATA && takes_part(&p->patched, c, BY_STEM) &&
				next_of_key(&left, &p->patched, c, key_of(&p->patched, c, BY_STEM), NONE) != NONE;
	}
}

const struct twins *correlate(struct arena *a, const struct graph *orig, const struct graph *patched,
			      struct line_proof *lines)
{
	struct twins *t = arena_new(a, struct twins);
	struct pairing p = { .a = a };

	t->of_orig = none_array(a, orig->block_count + 1);
	t->of_patched = none_array(a, patched->block_count + 1);
	t->unclear = arena_array(a, patched->block_count + 1, bool);
	find_numbered(a, orig, &p.numbered);
	find_numbered(a, patched, &p.numbered);
	p.files = find_source_files(a, orig->object, patched->object);
	p.orig = (struct side){ .g = orig, .twin = t->of_orig, .numbered = &p.numbered, .files = p.files.of_orig };
	p.patched = (struct side){
		.g = patched, .twin = t->of_patched, .numbered = &p.numbered, .files = p.files.of_patched
	};
	list_open(a, &p.orig);
	list_open(a, &p.patched);

	pair_round(&p, BY_NAME_AND_FILE);
	pair_by_second_names(&p);
	pair_round(&p, BY_NAME);
	pair_round(&p, CLONES_BY_FINGERPRINT_AND_FILE);
	pair_round(&p, CLONES_BY_NAME_AND_FILE);
	pair_round(&p, CLONES_BY_FINGERPRINT);
	pair_round(&p, CLONES_BY_NAME);
	pair_cold(&p);
	pair_by_references(a, orig, patched, lines, t);
	find_used(a, &p.orig);
	find_used(a, &p.patched);
	pair_round(&p, BY_STEM);
	pair_cold(&p);
	mark_unclear(&p, t);
	pair_round(&p, LISTED_BY_CONTENT); /* the last: none of these proves what another of its stem is */
	return t;
}
