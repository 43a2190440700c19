/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pair_by_references.c - which static local is which: the twin of a variable is what the
 * corresponding functions use in the corresponding places
 *
 * Every pair of twins is laid side by side, reference by reference. Where both
 * refer to numbered data of one stem, that is a vote. Votes of functions whose
 * references are all alike count before those of functions that changed. Data
 * that the votes do not agree on stays without a twin.
 */
#include <string.h>

#include "compare/internal.h"
#include "elf/names.h"

struct vote {
	uint32_t b, c; /* block of the original, block of the patched */
	bool strong;
};

/* A reference is known again by what it leads to, and by the code around it. */
enum view {
	WITH_CODE,    /* first: whatever has come in between, it is not taken for another */
	WITHOUT_CODE, /* then, where the function refers to one variable of the stem */
};

/* How many variables of a stem, without a twin, a function and its twin refer to. */
struct stem {
	const char *name; /* of a variable that has it */
	uint32_t orig, patched;
};

struct ballot {
	struct arena *a;
	const struct graph *orig, *patched;
	struct twins *t;
	struct comparer cmp;
	enum view view;
	VEC(struct vote) votes;
	struct index by_pair;
	VEC(struct stem) stems; /* of the pair of functions at hand */
	struct index stem_by_hash;
	uint32_t *seen_orig, *seen_patched; /* by block: the round in which it was counted */
	uint32_t round;
};

/* The references of a block and of its special entries, in order. */
struct refs {
	uint32_t *relocs, *blocks; /* and the blocks they stand in */
	uint64_t *keys;
	uint32_t count;
};

static bool needs_vote(const struct graph *g, uint32_t block, const uint32_t *twin)
{
	const struct block *b;

	if (block == NONE || twin[block] != NONE)
		return false;
	b = &g->blocks[block];
	return block_is_variable(b) && b->symbol != NONE && !b->fresh;
}

static bool add_refs(const struct graph *g, uint32_t block, const uint32_t *twin, struct refs *ret)
{
	const struct block *b = &g->blocks[block];
	bool any = false;

	for (uint32_t i = b->reloc_first; i < b->reloc_first + b->reloc_count; i++) {
		if (ret->relocs) {
			ret->relocs[ret->count] = i;
			ret->blocks[ret->count] = block;
		}
		ret->count++;
		any |= needs_vote(g, g->edges[graph_meaning(g, i)].block, twin);
	}
	return any;
}

/* Counts, or collects when there is room; true when one of them needs a vote. */
static bool walk_refs(const struct graph *g, uint32_t block, const uint32_t *twin, struct refs *ret)
{
	const struct block *b = &g->blocks[block];
	bool any;

	ret->count = 0;
	any = add_refs(g, block, twin, ret);
	for (uint32_t i = 0; i < b->entry_count; i++) {
		const struct block *e = &g->blocks[g->entries[b->entry_first + i]];

		if (e->special->kind == SPECIAL_TABLE)
			any |= add_refs(g, g->entries[b->entry_first + i], twin, ret);
	}
	return any;
}

static struct refs collect_refs(struct arena *a, const struct graph *g, uint32_t block, const uint32_t *twin,
				enum view view)
{
	struct refs r = { 0 };

	walk_refs(g, block, twin, &r);
	r.relocs = arena_array(a, r.count + 1, uint32_t);
	r.blocks = arena_array(a, r.count + 1, uint32_t);
	r.keys = arena_array(a, r.count + 1, uint64_t);
	walk_refs(g, block, twin, &r);
	for (uint32_t i = 0; i < r.count; i++)
		r.keys[i] = view == WITH_CODE ? fingerprint_of_place(g, r.blocks[i], r.relocs[i])
					      : fingerprint_of_edge(g, r.relocs[i]);
	return r;
}

static struct stem *stem_of(struct ballot *bt, const struct graph *g, uint32_t block)
{
	const struct symbol *s = block_label(g, block);
	uint64_t h = hash_bytes(s->name, name_stem(s->name));
	struct stem *stem;

	for (uint32_t e = index_first(&bt->stem_by_hash, h); e != NONE; e = index_next(&bt->stem_by_hash, e)) {
		stem = &bt->stems.items[bt->stem_by_hash.ids[e]];
		if (name_same_stem(stem->name, s->name))
			return stem;
	}
	index_add(bt->a, &bt->stem_by_hash, h, bt->stems.count);
	stem = vec_push(bt->a, &bt->stems);
	stem->name = s->name;
	return stem;
}

/* Counts, for each stem, the variables without a twin that one side refers to. */
static void count_side(struct ballot *bt, const struct refs *r, bool patched)
{
	const struct graph *g = patched ? bt->patched : bt->orig;
	const uint32_t *twin = patched ? bt->t->of_patched : bt->t->of_orig;
	uint32_t *seen = patched ? bt->seen_patched : bt->seen_orig;

	for (uint32_t i = 0; i < r->count; i++) {
		uint32_t b = g->edges[graph_meaning(g, r->relocs[i])].block;
		struct stem *s;

		if (!needs_vote(g, b, twin) || seen[b] == bt->round)
			continue;
		seen[b] = bt->round;
		s = stem_of(bt, g, b);
		*(patched ? &s->patched : &s->orig) += 1;
	}
}

static void count_stems(struct ballot *bt, const struct refs *r, const struct refs *s)
{
	memset(&bt->stems, 0, sizeof(bt->stems));
	bt->stem_by_hash = (struct index){ 0 };
	bt->round++;
	count_side(bt, r, false);
	count_side(bt, s, true);
}

/* The two functions refer to one variable of the stem each. */
static bool only_one(struct ballot *bt, uint32_t b)
{
	const struct stem *s = stem_of(bt, bt->orig, b);

	return s->orig == 1 && s->patched == 1;
}

static void cast(struct ballot *bt, const struct refs *r, uint32_t i, const struct refs *s, uint32_t j, bool strong)
{
	uint32_t b = bt->orig->edges[graph_meaning(bt->orig, r->relocs[i])].block;
	uint32_t c = bt->patched->edges[graph_meaning(bt->patched, s->relocs[j])].block;
	uint64_t h = hash_mix(b, c);

	if (!needs_vote(bt->orig, b, bt->t->of_orig) || !needs_vote(bt->patched, c, bt->t->of_patched))
		return;
	if (bt->view == WITHOUT_CODE && !only_one(bt, b))
		return;
	for (uint32_t e = index_first(&bt->by_pair, h); e != NONE; e = index_next(&bt->by_pair, e)) {
		struct vote *v = &bt->votes.items[bt->by_pair.ids[e]];

		if (v->b == b && v->c == c) {
			v->strong |= strong;
			return;
		}
	}
	index_add(bt->a, &bt->by_pair, h, bt->votes.count);
	*vec_push(bt->a, &bt->votes) = (struct vote){ .b = b, .c = c, .strong = strong };
}

/* The first reference of a key, or NONE. */
static uint32_t first_of(const struct refs *r, const struct index *ix, uint64_t key)
{
	for (uint32_t e = index_first(ix, key); e != NONE; e = index_next(ix, e))
		if (r->keys[ix->ids[e]] == key)
			return ix->ids[e];
	return NONE;
}

/* The only reference of a key, or NONE. */
static uint32_t sole(const struct refs *r, const struct index *ix, uint64_t key)
{
	uint32_t found = NONE;

	for (uint32_t e = index_first(ix, key); e != NONE; e = index_next(ix, e)) {
		if (r->keys[ix->ids[e]] != key)
			continue;
		if (found != NONE)
			return NONE;
		found = ix->ids[e];
	}
	return found;
}

static struct index file_refs(struct arena *a, const struct refs *r)
{
	struct index ix = { 0 };

	for (uint32_t i = 0; i < r->count; i++)
		index_add(a, &ix, r->keys[i], i);
	return ix;
}

/*
 * Functions that are alike but for the numbers are laid side by side. Otherwise
 * a reference that looks like another one of the same function says nothing.
 */
static void compare_refs(struct ballot *bt, const struct refs *r, const struct refs *s, bool alike)
{
	struct index of_orig, of_patched;

	count_stems(bt, r, s);
	if (alike) {
		for (uint32_t i = 0; i < r->count && i < s->count; i++)
			cast(bt, r, i, s, i, true);
		return;
	}
	of_orig = file_refs(bt->a, r);
	of_patched = file_refs(bt->a, s);
	for (uint32_t i = 0; i < r->count; i++) {
		uint32_t e = bt->view == WITH_CODE ? sole(r, &of_orig, r->keys[i]) : i;
		uint32_t j = bt->view == WITH_CODE ? sole(s, &of_patched, r->keys[i])
						   : first_of(s, &of_patched, r->keys[i]);

		if (e != NONE && j != NONE)
			cast(bt, r, i, s, j, false);
	}
}

/* Pairs what the votes of one kind agree on. */
static void count_votes(struct ballot *bt, bool strong)
{
	uint32_t *votes_of_b = arena_array(bt->a, bt->orig->block_count + 1, uint32_t);
	uint32_t *votes_of_c = arena_array(bt->a, bt->patched->block_count + 1, uint32_t);

	for (int pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < bt->votes.count; i++) {
			const struct vote *v = &bt->votes.items[i];

			if (v->strong < strong)
				continue;
			if (!pass && bt->t->of_orig[v->b] == NONE && bt->t->of_patched[v->c] == NONE) {
				votes_of_b[v->b]++;
				votes_of_c[v->c]++;
			} else if (pass && votes_of_b[v->b] == 1 && votes_of_c[v->c] == 1) {
				bt->t->of_orig[v->b] = v->c;
				bt->t->of_patched[v->c] = v->b;
			}
		}
}

static void hold_vote(struct ballot *bt, enum view view)
{
	struct arena *a = bt->a;
	const struct graph *orig = bt->orig, *patched = bt->patched;
	struct twins *t = bt->t;

	bt->view = view;
	bt->votes.count = 0;
	bt->by_pair = (struct index){ 0 };
	for (uint32_t b = 0; b < orig->block_count; b++) {
		uint32_t c = t->of_orig[b];
		struct refs count = { 0 }, r, s;
		struct evidence ev;

		if (c == NONE || !walk_refs(orig, b, t->of_orig, &count) ||
		    !walk_refs(patched, c, t->of_patched, &count))
			continue;
		r = collect_refs(a, orig, b, t->of_orig, view);
		s = collect_refs(a, patched, c, t->of_patched, view);
		compare_refs(bt, &r, &s, view == WITH_CODE && same_block(&bt->cmp, b, c, &ev));
	}
	count_votes(bt, true);
	count_votes(bt, false);
}

void pair_by_references(struct arena *a, const struct graph *orig, const struct graph *patched,
			struct line_proof *lines, struct twins *t)
{
	struct ballot bt = { .a = a, .orig = orig, .patched = patched, .t = t };

	bt.cmp = (struct comparer){ .a = a, .orig = orig, .patched = patched, .twins = t, .by_fingerprint = true };
	bt.cmp.lines = lines;
	bt.cmp.user = NONE;
	bt.seen_orig = arena_array(a, orig->block_count + 1, uint32_t);
	bt.seen_patched = arena_array(a, patched->block_count + 1, uint32_t);
	hold_vote(&bt, WITH_CODE);
	hold_vote(&bt, WITHOUT_CODE);
}
