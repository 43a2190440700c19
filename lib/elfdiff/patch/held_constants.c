/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * held_constants.c - constants of which a changed copy does not do
 *
 * A changed constant is copied, and all code that refers to it is replaced. What
 * lives keeps the address of the original: the object that was given a table of
 * operations still has the old one, and no comparison of what it has with the
 * address of the copy comes out equal.
 */
#include "arch/arch.h"
#include "patch/internal.h"

struct held_constants {
	const struct diff *d;
	const struct directives *w;
	const struct selection *s;
	struct users orig, patched;
	bool *orig_tables, *patched_tables; /* by block: see find_tables() */
};

/* --- tables of functions ---------------------------------------------------------- */

static bool may_be_function(const struct graph *g, uint32_t reloc)
{
	const struct edge *e = &g->edges[reloc];

	if (e->block == NONE)
		return e->symbol && g->object->symbols[e->symbol].place == SYMBOL_UNDEFINED;
	return g->blocks[e->block].kind == BLOCK_TEXT && graph_at_function(g, e);
}

static bool is_constant(const struct graph *g, uint32_t block)
{
	return g->blocks[block].kind == BLOCK_RODATA || g->blocks[block].kind == BLOCK_CONST;
}

static bool has_functions(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];

	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++)
		if (may_be_function(g, r))
			return true;
	return false;
}

/* Constants with pointers to functions, and those that point to such constants. */
static bool *find_tables(const struct diff *d, const struct users *u)
{
	const struct graph *g = u->g;
	bool *table = arena_array(d->a, g->block_count + 1, bool);
	VEC(uint32_t) todo = { 0 };

	for (uint32_t b = 0; b < g->block_count; b++)
		if (is_constant(g, b) && has_functions(g, b)) {
			table[b] = true;
			*vec_push(d->a, &todo) = b;
		}
	while (todo.count) {
		uint32_t b = todo.items[--todo.count];

		for (uint32_t e = next_user(u, b, NONE); e != NONE; e = next_user(u, b, e)) {
			uint32_t user = user_block(u, e);

			if (!is_constant(g, user) || table[user])
				continue;
			table[user] = true;
			*vec_push(d->a, &todo) = user;
		}
	}
	return table;
}

/* What is loaded from it may be the address of another constant that changed. `twin_of`: see twins; NULL: the patched object. */
static bool points_to_changed(const struct diff *d, const struct graph *g, const uint32_t *twin_of, uint32_t block)
{
	const struct block *b = &g->blocks[block];

	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
		uint32_t to = g->edges[graph_meaning(g, r)].block;
		uint32_t c = to == NONE || !twin_of ? to : twin_of[to];

		if (c != NONE && d->patched->blocks[c].kind == BLOCK_RODATA && d->verdicts->of[c] == VERDICT_CHANGED)
			return true;
	}
	return false;
}

static enum address_depth depth_of(const struct diff *d, uint32_t c)
{
	const struct block *b = &d->patched->blocks[c];

	if (!points_to_changed(d, d->patched, NULL, c) &&
	    !points_to_changed(d, d->orig, d->twins->of_orig, d->twins->of_patched[c]))
		return ADDRESS_ITSELF;
	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
		uint32_t to = d->patched->edges[graph_meaning(d->patched, r)].block;

		if (to != NONE && is_constant(d->patched, to) && points_to_changed(d, d->patched, NULL, to))
			return ADDRESS_AND_ALL;
	}
	return ADDRESS_AND_CONTENT;
}

/* --- who holds it ----------------------------------------------------------------- */

/* Of a constant of bytes: the values that are handed out stay what they were, as all values do. */
enum { HELD = ADDRESS_STORED | ADDRESS_RETURNED | ADDRESS_IN_DATA };

/* What makes a copy wrong, and where; uses 0: nothing. */
struct holder {
	unsigned uses;
	const char *name;
	bool of_content; /* it may be an address that the constant contains */
};

static bool is_slot(const struct block *b)
{
	return b->special && b->special->kind == SPECIAL_SLOTS;
}

/* A constant that contains the address and is copied with it is judged itself. */
static bool data_is_judged(const struct held_constants *h, const struct graph *g, uint32_t block)
{
	const struct diff *d = h->d;
	uint32_t c = g == d->patched ? block : d->twins->of_orig[block];

	return g->blocks[block].kind == BLOCK_RODATA && c != NONE && d->verdicts->of[c] == VERDICT_CHANGED &&
	       h->s->item_of[c] != NONE && block_is_local(g, block);
}

static unsigned uses_of_user(const struct held_constants *h, const struct users *u, uint32_t user, uint32_t thing,
			     enum address_depth depth)
{
	const struct block *b = &u->g->blocks[user];

	if (b->kind == BLOCK_IGNORED || b->kind == BLOCK_DIRECTIVE || is_slot(b))
		return 0;
	if (u->g == h->d->patched && h->w->ignored[user])
		return 0;
	if (b->kind == BLOCK_TEXT || b->kind == BLOCK_PAYLOAD)
		return address_uses(u, user, thing, depth);
	return data_is_judged(h, u->g, user) ? 0 : ADDRESS_IN_DATA;
}

/* The first user that does one of `wanted` with the address of a constant. */
static struct holder find_holder(const struct held_constants *h, const struct users *u, uint32_t thing,
				 enum address_depth depth, unsigned wanted)
{
	uint32_t last = NONE;

	for (uint32_t e = next_user(u, thing, NONE); e != NONE; e = next_user(u, thing, e)) {
		uint32_t user = user_block(u, e);
		unsigned uses = user == last ? 0 : uses_of_user(h, u, user, thing, depth) & wanted;

		last = user;
		if (uses)
			return (struct holder){ .uses = uses,
						.name = graph_label(h->d->a, u->g, user),
						.of_content = depth > ADDRESS_ITSELF };
	}
	return (struct holder){ 0 };
}

static const char *cause_of(const struct diff *d, const struct holder *by)
{
	static const struct {
		enum address_use use;
		const char *does, *so;
	} causes[] = {
		{ ADDRESS_COMPARED, "compares", ", and what lives has that of the original" },
		{ ADDRESS_STORED, "stores", ": what lives has that of the original, and keeps it" },
		{ ADDRESS_IN_DATA, "contains", ", and keeps that of the original" },
		{ ADDRESS_PASSED, "passes on", ": what lives may have that of the original, and keeps it" },
		{ ADDRESS_RETURNED, "returns", ": what lives may have that of the original, and keeps it" },
		{ ADDRESS_UNKNOWN, "uses",
		  " in a way that cannot be followed: what lives may have that of the original" },
	};

	if (by->uses == ADDRESS_COPIED)
		return arena_printf(d->a,
				    "`%s` copies what it contains: what lives has that of the original, and keeps it",
				    by->name);
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (by->uses & causes[i].use)
			return arena_printf(d->a, "`%s` %s its address%s%s", by->name, causes[i].does,
					    by->of_content ? ", or one that it contains" : "", causes[i].so);
	return NULL;
}

static void refuse_table(const struct held_constants *h, uint32_t c, const struct holder *by)
{
	struct elfdiff_diag diag = diag_of_block(h->d, c, ELFDIFF_REFUSAL, "table-held");

	diag.cause = cause_of(h->d, by);
	diag.hint = "leave the table as it is and change the functions that it names, which are redirected wherever "
		    "their addresses are; or set the pointers from a pre-patch callback";
	diag_add(h->d->ds, diag, "the table of functions `%s` changed, and a copy does not take its place",
		 diag.symbol);
}

static void refuse_compared(const struct held_constants *h, uint32_t c, const struct holder *by)
{
	struct elfdiff_diag diag = diag_of_block(h->d, c, ELFDIFF_REFUSAL, "constant-compared");

	diag.cause = cause_of(h->d, by);
	diag.hint = "leave the constant as it is, and change the code that reads it";
	diag_add(h->d->ds, diag, "`%s` changed, and its address matters", diag.symbol);
}

static void warn_held(const struct held_constants *h, uint32_t c, const struct holder *by)
{
	struct elfdiff_diag diag = diag_of_block(h->d, c, ELFDIFF_WARNING, "constant-held");

	diag.cause = cause_of(h->d, by);
	diag.hint = "where that matters, set the pointers from a callback, or change the code that reads through them";
	diag_add(h->d->ds, diag,
		 "`%s` changed, and whoever has the original's address continues to read the old values", diag.symbol);
}

static void judge_table(const struct held_constants *h, uint32_t c)
{
	enum address_depth depth = depth_of(h->d, c);
	struct holder by = find_holder(h, &h->patched, c, depth, ~0u);

	if (!by.uses)
		by = find_holder(h, &h->orig, h->d->twins->of_patched[c], depth, ~0u);
	if (by.uses)
		refuse_table(h, c, &by);
}

/* What is loaded from it may be the address of what is copied with it. */
static bool leads_to_copy(const struct held_constants *h, uint32_t c)
{
	const struct graph *g = h->d->patched;
	const struct block *b = &g->blocks[c];

	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
		uint32_t to = g->edges[graph_meaning(g, r)].block;

		if (to != NONE && block_is_copied(&g->blocks[to]) && h->s->item_of[to] != NONE)
			return true;
	}
	return false;
}

static void judge_constant(const struct held_constants *h, uint32_t c)
{
	enum address_depth depth = depth_of(h->d, c);
	enum address_depth compared = depth == ADDRESS_ITSELF && leads_to_copy(h, c) ? ADDRESS_AND_CONTENT : depth;
	struct holder by = find_holder(h, &h->patched, c, ADDRESS_ITSELF, ADDRESS_COMPARED | ADDRESS_UNKNOWN);

	if (!by.uses && compared != ADDRESS_ITSELF)
		by = find_holder(h, &h->patched, c, compared, ADDRESS_COMPARED);
	if (by.uses) {
		refuse_compared(h, c, &by);
		return;
	}
	by = find_holder(h, &h->patched, c, depth, HELD);
	if (!by.uses)
		by = find_holder(h, &h->orig, h->d->twins->of_patched[c], depth, HELD);
	if (by.uses)
		warn_held(h, c, &by);
}

void refuse_held_constants(const struct diff *d, const struct directives *w, const struct selection *s)
{
	struct held_constants h = { .d = d, .w = w, .s = s };
	const struct graph *g = d->patched;
	bool ready = false;

	for (uint32_t i = 0; i < s->items.count; i++) {
		uint32_t c = s->items.items[i].block;

		if (g->blocks[c].kind != BLOCK_RODATA || d->verdicts->of[c] != VERDICT_CHANGED ||
		    !block_is_local(g, c) || graph_holds_labels(g, c))
			continue;
		if (!ready) {
			h.orig = find_users(d->a, d->orig);
			h.patched = find_users(d->a, d->patched);
			h.orig_tables = find_tables(d, &h.orig);
			h.patched_tables = find_tables(d, &h.patched);
			ready = true;
		}
		if (h.patched_tables[c] || h.orig_tables[d->twins->of_patched[c]])
			judge_table(&h, c);
		else
			judge_constant(&h, c);
	}
}
