/* SPDX-License-Identifier: GPL-2.0-or-later */
/* functions.c - which functions of a changed block are replaced */
#include <elf.h>
#include <string.h>

#include "select.h"

static void refuse_untraceable(const struct diff *d, uint32_t block, const char *name)
{
	struct elfdiff_diag diag = diag_of_block(d, block, ELFDIFF_REFUSAL, "not-traceable");

	diag.symbol = name;
	diag.cause =
		"the original has no tracing site (notrace, inline assembly, or compiled without -pg): ftrace cannot redirect "
		"its callers";
	diag.hint = "change its callers instead, or force them into the patch with KPATCH_FORCE_UNSAFE";
	diag_add(d->ds, diag, "`%s` changed and cannot be patched", name);
}

static void refuse_init(const struct diff *d, uint32_t block)
{
	struct elfdiff_diag diag = diag_of_block(d, block, ELFDIFF_REFUSAL, "init-changed");

	diag.cause = "the original stands in an init section, which is gone after boot";
	diag.hint = "give the function a new name, so that it is a new one";
	diag_add(d->ds, diag, "`%s` was an init function", diag.symbol);
}

/* Hash of what a function's relocations lead to, and where they stand. */
static uint64_t shape_of_range(const struct graph *g, const struct block *b, const struct symbol *s)
{
	uint64_t hash = 0;

	for (uint32_t i = b->reloc_first; i < b->reloc_first + b->reloc_count; i++)
		if (g->relocs[i].offset >= s->value && g->relocs[i].offset < s->value + s->size)
			hash = hash_mix(hash, hash_mix(g->relocs[i].offset - s->value, shape_of_edge(g, i)));
	return hash;
}

/* Errs on the side of a change: a function may be replaced by its equal. */
static bool same_range(const struct diff *d, uint32_t orig, uint32_t patched)
{
	const struct graph *g = d->orig, *h = d->patched;
	const struct symbol *s = &g->object->symbols[orig], *t = &h->object->symbols[patched];
	const uint8_t *p = g->object->sections[s->section].data, *q = h->object->sections[t->section].data;

	return s->size == t->size && p && q && !memcmp(p + s->value, q + t->value, s->size) &&
	       shape_of_range(g, &g->blocks[g->symbol_block[orig]], s) ==
		       shape_of_range(h, &h->blocks[h->symbol_block[patched]], t);
}

/* The function of that name in a block of the original, or NONE. */
static uint32_t function_in(const struct diff *d, uint32_t block, const char *name)
{
	const struct object *o = d->orig->object;

	for (uint32_t e = index_first(&o->symbol_by_name, hash_string(name)); e != NONE;
	     e = index_next(&o->symbol_by_name, e)) {
		uint32_t i = o->symbol_by_name.ids[e];

		if (d->orig->symbol_block[i] == block && !strcmp(o->symbols[i].name, name))
			return i;
	}
	return NONE;
}

static void replace(const struct diff *d, uint32_t block, uint32_t orig, uint32_t patched, struct selection *s)
{
	uint64_t site;

	if (graph_trace_site(d->orig, orig, &site))
		*vec_push(d->a, &s->functions) = (struct function_pair){ .orig = orig, .patched = patched };
	else if (d->patched->blocks[block].parent == NONE) /* a child is reached through its parent */
		refuse_untraceable(d, block, d->patched->object->symbols[patched].name);
}

/* Functions that could not be parted came into the output together; those that changed are replaced. */
static void replace_several(const struct diff *d, uint32_t block, uint32_t twin, struct selection *s)
{
	const struct object *o = d->patched->object;

	for (uint32_t i = 1; i < o->symbol_count; i++) {
		uint32_t orig;

		if (d->patched->symbol_block[i] != block || o->symbols[i].type != STT_FUNC)
			continue;
		orig = function_in(d, twin, o->symbols[i].name);
		if (orig != NONE && !same_range(d, orig, i))
			replace(d, block, orig, i, s);
	}
}

void find_functions(const struct diff *d, uint32_t block, struct selection *s)
{
	const struct block *b = &d->patched->blocks[block];
	uint32_t twin = d->twins->of_patched[block];

	if (twin == NONE) /* new, and forced: nothing to replace */
		return;
	if (d->orig->blocks[twin].init) {
		refuse_init(d, block);
		return;
	}
	if (b->symbol == NONE || d->orig->blocks[twin].symbol == NONE)
		refuse_untraceable(d, block, graph_label(d->a, d->patched, block));
	else if (b->several)
		replace_several(d, block, twin, s);
	else
		replace(d, block, d->orig->blocks[twin].symbol, b->symbol, s);
}
