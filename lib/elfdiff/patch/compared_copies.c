/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compared_copies.c - copies of strings and nameless constants whose addresses are compared
 *
 * The kernel's own has no symbol by which a patch could refer to it, so the
 * patch has a copy. Code that compares its address with what objects hold finds
 * them different: those that live were given the kernel's own, and those that
 * the patched code sets up get the copy, which code that stays does not know.
 */
#include "patch/internal.h"

struct copies {
	const struct diff *d;
	const struct selection *s;
	struct users users;
	bool *told;       /* by block */
	uint32_t *listed; /* by block: the last function that refers to it, and one */
};

/* Things of the output under names are the kernel's if their addresses are compared, unless that is out of reach. */
static bool is_copy(const struct copies *cp, uint32_t block)
{
	const struct block *b = &cp->d->patched->blocks[block];

	return cp->s->item_of[block] != NONE && block_is_copied(b) &&
	       (!b->fresh || cp->d->verdicts->of[block] == VERDICT_SAME);
}

/* It contains the address of another copy. */
static bool leads_to_copy(const struct copies *cp, uint32_t block)
{
	const struct graph *g = cp->d->patched;
	const struct block *b = &g->blocks[block];

	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
		uint32_t to = g->edges[graph_meaning(g, r)].block;

		if (to != NONE && is_copy(cp, to))
			return true;
	}
	return false;
}

static void refuse(struct copies *cp, uint32_t function, uint32_t copy)
{
	struct elfdiff_diag diag = diag_of_block(cp->d, function, ELFDIFF_REFUSAL, "copy-compared");

	cp->told[copy] = true;
	diag.cause = "what lives may have the address of the kernel's own, which no name leads to, or which is out of "
		     "reach: the two are not equal";
	diag.hint = "leave the functions that refer to it unchanged";
	diag_add(cp->d->ds, diag, "`%s` compares the address of `%s`, and the patch has a copy of that", diag.symbol,
		 graph_label(cp->d->a, cp->d->patched, copy));
}

static bool compares(const struct copies *cp, uint32_t function, uint32_t copy)
{
	enum address_depth depth = leads_to_copy(cp, copy) ? ADDRESS_AND_CONTENT : ADDRESS_ITSELF;

	return address_uses(&cp->users, function, copy, depth) & ADDRESS_COMPARED;
}

/* By halves: the code is not followed as often as it has strings. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as their number has bits */
static uint32_t find_compared(const struct copies *cp, uint32_t function, const uint32_t *of, uint32_t count)
{
	uint32_t half = count / 2, found;

	if (count <= 1)
		return count && compares(cp, function, of[0]) ? of[0] : NONE;
	if (!compares_any(&cp->users, function, of, count))
		return NONE;
	found = find_compared(cp, function, of, half);
	return found != NONE ? found : find_compared(cp, function, of + half, count - half);
}

/* One of them is enough to refuse. */
static void judge_function(struct copies *cp, uint32_t function)
{
	const struct graph *g = cp->d->patched;
	const struct block *b = &g->blocks[function];
	VEC(uint32_t) of = { 0 };
	uint32_t found;

	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
		uint32_t to = g->edges[graph_meaning(g, r)].block;

		if (to == NONE || !is_copy(cp, to) || cp->listed[to] == function + 1)
			continue;
		cp->listed[to] = function + 1;
		*vec_push(cp->d->a, &of) = to;
	}
	if (!of.count || !compares_copies(&cp->users, function))
		return;
	found = find_compared(cp, function, of.items, of.count);
	if (found != NONE && !cp->told[found])
		refuse(cp, function, found);
}

void refuse_compared_copies(const struct diff *d, const struct selection *s)
{
	const struct graph *g = d->patched;
	struct copies cp = { .d = d, .s = s, .users = users_alone(d->a, g) };

	cp.told = arena_array(d->a, g->block_count + 1, bool);
	cp.listed = arena_array(d->a, g->block_count + 1, uint32_t);
	for (uint32_t f = 0; f < g->block_count; f++)
		if (g->blocks[f].kind == BLOCK_TEXT && !g->blocks[f].init)
			judge_function(&cp, f);
}
