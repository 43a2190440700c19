/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gone_callbacks.c - functions that no longer exist, and whose address the original hands out
 *
 * A timer that is armed, an object that lives has that address, and the original's code stays where it is. It goes on to
 * call what the patch replaces, and was compiled for the functions as they were. And code of the patch that
 * compares an address with that of a new function does not know the one that lives.
 */
#include "patch/internal.h"

#include "graph/address_uses.h"

struct gone_callbacks {
	const struct diff *d;
	const struct selection *s;
	struct users orig, patched;
	bool *handed_out; /* by block of the original: such a function */
	bool *replaced;   /* the same: a function that the patch replaces */
};

/* Entries of tables are about code, and what is not of the kernel's memory hands out nothing. */
static bool hands_out(const struct graph *g, uint32_t reloc)
{
	uint32_t from = graph_block_at(g, g->relocs[reloc].section, g->relocs[reloc].offset);

	return from != NONE && (g->blocks[from].kind == BLOCK_TEXT || block_is_variable(&g->blocks[from])) &&
	       graph_takes_address(g, reloc);
}

static bool is_gone(const struct diff *d, uint32_t b)
{
	const struct graph *g = d->orig;

	return b != NONE && g->blocks[b].kind == BLOCK_TEXT && g->blocks[b].symbol != NONE && !g->blocks[b].init &&
	       !graph_is_outlined(g, b) && d->twins->of_orig[b] == NONE;
}

static bool find_handed_out(struct gone_callbacks *gc)
{
	const struct graph *g = gc->d->orig;
	bool any = false;

	for (uint32_t r = 0; r < g->reloc_count; r++) {
		uint32_t to = g->edges[graph_meaning(g, r)].block;

		if (is_gone(gc->d, to) && hands_out(g, r))
			any = gc->handed_out[to] = true;
	}
	return any;
}

static void find_replaced(struct gone_callbacks *gc)
{
	for (uint32_t i = 0; i < gc->s->replaced.count; i++)
		gc->replaced[gc->d->orig->symbol_block[gc->s->replaced.items[i].orig]] = true;
}

/* --- what such a function calls ------------------------------------------------------ */

static void warn_calls(const struct gone_callbacks *gc, uint32_t b, uint32_t callee)
{
	const struct diff *d = gc->d;
	const char *name = graph_label(d->a, d->orig, b);
	struct elfdiff_diag diag = { .severity = ELFDIFF_WARNING,
				     .id = "gone-callback",
				     .object = d->orig->object->path,
				     .section = graph_section_name(d->orig, b),
				     .symbol = name };

	diag.cause =
		arena_printf(d->a,
			     "the original hands out its address, so that what lives may still call it; it calls `%s`, "
			     "which is the patch's then",
			     graph_label(d->a, d->orig, callee));
	diag.hint = "keep the function under its name, or see that what it calls takes and returns what it did";
	diag_add(d->ds, diag, "`%s` is gone, and may still run", name);
}

static void judge_calls(const struct gone_callbacks *gc, uint32_t b)
{
	const struct graph *g = gc->d->orig;
	const struct block *x = &g->blocks[b];

	for (uint32_t r = x->reloc_first; r < x->reloc_first + x->reloc_count; r++) {
		uint32_t to = g->edges[graph_meaning(g, r)].block;

		if (to == NONE || g->blocks[to].kind != BLOCK_TEXT || !gc->replaced[to])
			continue;
		warn_calls(gc, b, to);
		return;
	}
}

/* --- who compares its address --------------------------------------------------------- */

static void refuse_compared(const struct gone_callbacks *gc, uint32_t function, uint32_t gone, uint32_t added)
{
	const struct diff *d = gc->d;
	struct elfdiff_diag diag = diag_of_block(d, function, ELFDIFF_REFUSAL, "callback-renamed");

	diag.cause =
		arena_printf(d->a,
			     "the original compares with `%s`, which is gone, and what lives may have that address: "
			     "the new code would not know it",
			     graph_label(d->a, d->orig, gone));
	diag.hint = "keep the function under its name: it is replaced then, and its address stays the original's";
	diag_add(d->ds, diag, "`%s` compares an address with that of the new `%s`", diag.symbol,
		 graph_label(d->a, d->patched, added));
}

/* A function that the code of `function` refers to, of those that count, and whose address it compares; or NONE. */
static uint32_t compared_by(const struct gone_callbacks *gc, const struct users *u, uint32_t function)
{
	const struct graph *g = u->g;
	const struct block *b = &g->blocks[function];

	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
		uint32_t to = g->edges[graph_meaning(g, r)].block;
		bool counts;

		if (to == NONE || g->blocks[to].kind != BLOCK_TEXT || !graph_takes_address(g, r))
			continue;
		counts = g == gc->d->orig ? gc->handed_out[to] : gc->d->verdicts->of[to] == VERDICT_NEW;
		if (counts && address_uses(u, function, to, ADDRESS_ITSELF) & ADDRESS_COMPARED)
			return to;
	}
	return NONE;
}

static void judge_comparison(const struct gone_callbacks *gc, struct function_pair pair)
{
	uint32_t b = gc->d->orig->symbol_block[pair.orig], c = gc->d->patched->symbol_block[pair.patched];
	uint32_t gone = compared_by(gc, &gc->orig, b), added;

	added = gone == NONE ? NONE : compared_by(gc, &gc->patched, c);
	if (added != NONE)
		refuse_compared(gc, c, gone, added);
}

void judge_gone_callbacks(const struct diff *d, const struct selection *s)
{
	struct gone_callbacks gc = { .d = d,
				     .s = s,
				     .handed_out = arena_array(d->a, d->orig->block_count + 1, bool),
				     .replaced = arena_array(d->a, d->orig->block_count + 1, bool) };

	if (!find_handed_out(&gc))
		return;
	find_replaced(&gc);
	gc.orig = users_alone(d->a, d->orig);
	gc.patched = users_alone(d->a, d->patched);
	for (uint32_t b = 0; b < d->orig->block_count; b++)
		if (gc.handed_out[b])
			judge_calls(&gc, b);
	for (uint32_t i = 0; i < s->replaced.count; i++)
		judge_comparison(&gc, s->replaced.items[i]);
}
