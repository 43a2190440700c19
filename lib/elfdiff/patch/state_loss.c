/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state_loss.c - variables whose state a patch would lose, because they came back under another name */
#include <string.h>

#include "elf/names.h"
#include "patch/internal.h"

static bool has_state(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];

	return b->kind == BLOCK_DATA && !b->fresh && !b->init && b->symbol != NONE && b->start < b->end;
}

static bool is_static(const struct graph *g, uint32_t block)
{
	return block_is_local(g, block) || name_was_static(block_label(g, block)->name);
}

static bool is_static_local(const struct graph *g, uint32_t block)
{
	return name_is_static_local(block_label(g, block)->name);
}

static uint64_t size_of(const struct graph *g, uint32_t block)
{
	return g->blocks[block].end - g->blocks[block].start;
}

struct loss {
	const struct diff *d;
	struct index names;   /* of the patched object: symbols, by hash of a name that is not local */
	bool *gone;           /* by block of the original: a variable that no longer exists */
	struct index by_size; /* of these */
	bool *told;           /* by block of the patched object */
};

static void file_names(struct loss *l)
{
	const struct object *o = l->d->patched->object;

	for (uint32_t i = o->first_global; i < o->symbol_count; i++)
		index_add(l->d->a, &l->names, hash_string(o->symbols[i].name), i);
}

/* Where the patched object goes on to use a global name, the variable is another object's now. */
static bool is_named(const struct loss *l, const char *name)
{
	const struct object *o = l->d->patched->object;

	for (uint32_t e = index_first(&l->names, hash_string(name)); e != NONE; e = index_next(&l->names, e))
		if (!strcmp(o->symbols[l->names.ids[e]].name, name))
			return true;
	return false;
}

static void find_gone(struct loss *l)
{
	const struct diff *d = l->d;

	for (uint32_t b = 0; b < d->orig->block_count; b++) {
		if (d->twins->of_orig[b] != NONE || !has_state(d->orig, b))
			continue;
		l->gone[b] = is_static(d->orig, b) || !is_named(l, block_label(d->orig, b)->name);
		if (l->gone[b])
			index_add(d->a, &l->by_size, size_of(d->orig, b), b);
	}
}

static void refuse(const struct diff *d, uint32_t variable, uint32_t gone)
{
	bool locals = is_static_local(d->orig, gone) && is_static_local(d->patched, variable);
	struct elfdiff_diag diag =
		diag_of_block(d, variable, ELFDIFF_REFUSAL, locals ? "static-local-lost" : "state-lost");

	diag.cause = arena_printf(d->a,
				  "the original has `%s` %s, which no longer exists: if both are the same "
				  "variable, its state would be lost",
				  graph_label(d->a, d->orig, gone),
				  size_of(d->orig, gone) == size_of(d->patched, variable) ? "of the same size"
											  : "in the same function");
	diag.hint = "keep the variable's name, and the function that it is in; if it really is a different variable, "
		    "make it global and give it a new name";
	diag_add(d->ds, diag, "`%s` is a new static variable in place of an old one", diag.symbol);
}

static bool is_new(const struct diff *d, uint32_t c)
{
	return d->verdicts->of[c] == VERDICT_NEW && !d->twins->unclear[c] && has_state(d->patched, c) &&
	       is_static(d->patched, c);
}

static uint32_t gone_of_size(const struct loss *l, uint64_t size)
{
	for (uint32_t e = index_first(&l->by_size, size); e != NONE; e = index_next(&l->by_size, e))
		if (size_of(l->d->orig, l->by_size.ids[e]) == size)
			return l->by_size.ids[e];
	return NONE;
}

/* One that code of the original refers to. */
static uint32_t gone_of_code(const struct loss *l, uint32_t function)
{
	const struct graph *g = l->d->orig;
	const struct block *b = &g->blocks[function];

	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
		uint32_t to = g->edges[graph_meaning(g, r)].block;

		if (to != NONE && l->gone[to])
			return to;
	}
	return NONE;
}

/* Of another size: a variable that a function of the output used before, where it uses a new one now. */
static void refuse_other_sizes(const struct loss *l, uint32_t function)
{
	const struct graph *g = l->d->patched;
	const struct block *b = &g->blocks[function];
	uint32_t twin = l->d->twins->of_patched[function], gone;

	if (b->kind != BLOCK_TEXT || twin == NONE)
		return;
	gone = gone_of_code(l, twin);
	for (uint32_t r = b->reloc_first; gone != NONE && r < b->reloc_first + b->reloc_count; r++) {
		uint32_t c = g->edges[graph_meaning(g, r)].block;

		if (c == NONE || l->told[c] || !is_new(l->d, c))
			continue;
		l->told[c] = true;
		refuse(l->d, c, gone);
	}
}

void refuse_state_loss(const struct diff *d, const struct selection *s)
{
	struct loss l = { .d = d,
			  .gone = arena_array(d->a, d->orig->block_count + 1, bool),
			  .told = arena_array(d->a, d->patched->block_count + 1, bool) };

	file_names(&l);
	find_gone(&l);
	for (uint32_t i = 0; i < s->items.count; i++) {
		uint32_t c = s->items.items[i].block;
		uint32_t old = is_new(d, c) ? gone_of_size(&l, size_of(d->patched, c)) : NONE;

		l.told[c] = old != NONE;
		if (l.told[c])
			refuse(d, c, old);
	}
	for (uint32_t i = 0; i < s->items.count; i++)
		refuse_other_sizes(&l, s->items.items[i].block);
}
