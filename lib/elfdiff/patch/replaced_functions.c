/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replaced_functions.c - which functions of a changed block are replaced */
#include <elf.h>
#include <string.h>

#include "patch/internal.h"

static void refuse_untraceable(const struct diff *d, uint32_t block, const char *name)
{
	struct elfdiff_diag diag = diag_of_block(d, block, ELFDIFF_REFUSAL, "not-traceable");

	diag.symbol = name;
	diag.cause = "the original has no ftrace location (notrace, inline assembly, or compiled without -pg): ftrace "
		     "cannot redirect its callers, and it cannot be separated from the code around it";
	diag.hint = "compile with -ffunction-sections, or leave the function as it is, and change those that call it";
	diag_add(d->ds, diag, "`%s` changed but cannot be patched", name);
}

static void refuse_init(const struct diff *d, uint32_t block)
{
	struct elfdiff_diag diag = diag_of_block(d, block, ELFDIFF_REFUSAL, "init-changed");

	diag.cause = "the original is in an init section, which is freed after boot";
	diag.hint = "rename the function, so that it becomes a new one";
	diag_add(d->ds, diag, "`%s` was an init function", diag.symbol);
}

/* Not judged by find_callers(), which has covered all others, or said why their callers will not do. */
static bool shares_block(const struct diff *d, uint32_t block, uint32_t orig)
{
	return d->patched->blocks[block].fused || d->orig->blocks[d->orig->symbol_block[orig]].fused;
}

static void replace(const struct diff *d, uint32_t block, uint32_t orig, uint32_t patched, struct selection *s)
{
	uint64_t site;

	if (graph_ftrace_location(d->orig, orig, &site) || s->callers->redirected[block])
		*vec_push(d->a, &s->replaced) = (struct function_pair){ .orig = orig, .patched = patched };
	else if (!graph_is_outlined(d->patched, block) && shares_block(d, block, orig))
		refuse_untraceable(d, block, d->patched->object->symbols[patched].name);
}

/* Functions that could not be parted came into the output together; those that changed are replaced. */
static void replace_fused(const struct diff *d, uint32_t block, struct selection *s)
{
	const struct index *ix = &d->verdicts->fused_of;

	for (uint32_t e = index_first(ix, block); e != NONE; e = index_next(ix, e)) {
		const struct function_pair *f = &d->verdicts->fused.items[ix->ids[e]];

		if (d->patched->symbol_block[f->patched] == block)
			replace(d, block, f->orig, f->patched, s);
	}
}

void find_replaced_functions(const struct diff *d, uint32_t block, struct selection *s)
{
	const struct block *b = &d->patched->blocks[block];
	uint32_t twin = d->twins->of_patched[block];
	struct function_pair named;

	if (twin == NONE) /* new, and forced: nothing to replace */
		return;
	if (d->orig->blocks[twin].init) {
		refuse_init(d, block);
		return;
	}
	if (b->symbol == NONE || d->orig->blocks[twin].symbol == NONE) {
		refuse_untraceable(d, block, graph_label(d->a, d->patched, block));
		return;
	}
	if (b->fused) {
		replace_fused(d, block, s);
		return;
	}
	named = shared_name(d, block);
	replace(d, block, named.orig, named.patched, s);
}

/* The function of that name in the original, or NONE. */
static uint32_t orig_function(const struct diff *d, const struct symbol *s)
{
	struct namesakes n = object_named(d->orig->object, s->name);

	while (next_namesake(&n)) {
		const struct symbol *t = &d->orig->object->symbols[n.symbol];

		if (t->type == STT_FUNC && (t->bind == STB_LOCAL) == (s->bind == STB_LOCAL) &&
		    d->orig->symbol_block[n.symbol] != NONE)
			return n.symbol;
	}
	return NONE;
}

static void refuse_one(const struct diff *d, uint32_t block, const char *name)
{
	struct elfdiff_diag diag = diag_of_block(d, block, ELFDIFF_REFUSAL, "entangled-functions");

	diag.symbol = name;
	diag.cause = "in one of the objects it cannot be separated from its neighbours, and in the other object it has "
		     "different neighbours";
	diag.hint = "compile with -ffunction-sections, or put the function into a section of its own";
	diag_add(d->ds, diag, "`%s` cannot be compared on its own", name);
}

void refuse_fused(const struct diff *d)
{
	const struct object *o = d->patched->object;

	if (!d->orig->functions.count && !d->patched->functions.count)
		return;
	for (uint32_t i = 1; i < o->symbol_count; i++) {
		uint32_t c = d->patched->symbol_block[i], orig, b;

		if (c == NONE || o->symbols[i].type != STT_FUNC || d->patched->blocks[c].kind != BLOCK_TEXT ||
		    d->verdicts->of[c] == VERDICT_SAME)
			continue;
		orig = orig_function(d, &o->symbols[i]);
		b = orig == NONE ? NONE : d->orig->symbol_block[orig];
		if (b != NONE && d->twins->of_orig[b] != c && (d->orig->blocks[b].fused || d->patched->blocks[c].fused))
			refuse_one(d, c, o->symbols[i].name);
	}
}
