/* SPDX-License-Identifier: GPL-2.0-or-later */
/* code.c - the code of functions before and after: bytes, what is put into them, and lines of the source */
#include "arch/arch.h"
#include "lines/source_places.h"
#include "run/internal.h"

struct code_side {
	const struct graph *g;
	struct source_places *places;
	/* outlined code by the function's block: a list through `next`, NONE at its end */
	uint32_t *first, *next;
};

struct codes {
	const struct diff *d;
	struct code_side orig, patched;
};

typedef VEC(struct elfdiff_code_pair) pairs;

static void open_side(struct arena *a, const struct graph *g, struct code_side *ret)
{
	*ret = (struct code_side){ .g = g,
				   .places = source_places_open(a, g->object),
				   .first = arena_array(a, g->block_count + 1, uint32_t),
				   .next = arena_array(a, g->block_count + 1, uint32_t) };
	for (uint32_t b = 0; b < g->block_count; b++)
		ret->first[b] = ret->next[b] = NONE;
	for (uint32_t b = g->block_count; b-- > 0;) {
		uint32_t of = g->blocks[b].outlined_from;

		if (of == NONE)
			continue;
		ret->next[b] = ret->first[of];
		ret->first[of] = b;
	}
}

struct codes *codes_new(const struct diff *d)
{
	struct codes *c = arena_new(d->a, struct codes);

	c->d = d;
	open_side(d->a, d->orig, &c->orig);
	open_side(d->a, d->patched, &c->patched);
	return c;
}

static struct elfdiff_code_relocation relocation_at(const struct diff *d, const struct graph *g, uint32_t reloc,
						    uint64_t start)
{
	const struct reloc *r = &g->relocs[reloc];
	const struct arch *arch = g->object->arch;
	struct reloc_field field = { 0 };
	bool marks = graph_is_runtime_constant(g, reloc) || !arch->field(r->type, &field);

	return (struct elfdiff_code_relocation){ .offset = r->offset - start,
						 .size = marks ? 0 : field.size,
						 .relative = !marks &&
							     (field.pc_relative || arch->is_branch(g->object, r)),
						 .type = describe_type(g, reloc),
						 .target = describe_target(d, g, graph_meaning(g, reloc)) };
}

static void add_relocations(const struct diff *d, const struct graph *g, const struct block *b, uint64_t start,
			    struct elfdiff_code *ret)
{
	uint32_t first = graph_first_reloc(g, b, start - b->start), end = b->reloc_first + b->reloc_count;
	struct elfdiff_code_relocation *list = arena_array(d->a, end - first + 1, struct elfdiff_code_relocation);

	ret->relocations = list;
	for (uint32_t i = first; i < end && g->relocs[i].offset < start + ret->size; i++)
		list[ret->relocation_count++] = relocation_at(d, g, i, start);
}

static void add_lines(struct arena *a, struct source_places *sp, uint32_t section, uint64_t start,
		      struct elfdiff_code *ret)
{
	struct source_place_list places = source_places_of(sp, section, start, start + ret->size);
	struct elfdiff_code_line *list = arena_array(a, places.list.count + 1, struct elfdiff_code_line);

	ret->lines = list;
	ret->line_count = places.list.count;
	for (uint32_t i = 0; i < places.list.count; i++) {
		const struct source_place *p = &places.list.items[i];

		list[i] = (struct elfdiff_code_line){ p->offset - start, p->file, p->line };
	}
}

/* A function of several in one block is what its symbol says; what has no size is all of its block. */
static const struct elfdiff_code *code_of(const struct diff *d, const struct code_side *side, uint32_t block,
					  uint32_t symbol)
{
	const struct block *b = &side->g->blocks[block];
	const struct symbol *s = symbol == NONE ? NULL : &side->g->object->symbols[symbol];
	bool sized = s && s->size && s->value >= b->start && s->value < b->end;
	uint64_t start = sized ? s->value : b->start;
	uint64_t size = sized && s->size < b->end - start ? s->size : b->end - start;
	struct elfdiff_code *ret = arena_new(d->a, struct elfdiff_code);

	*ret = (struct elfdiff_code){ .size = size };
	if (block_data(side->g, b))
		ret->bytes = block_bytes(side->g, b) + (start - b->start);
	else
		ret->size = 0;
	add_relocations(d, side->g, b, start, ret);
	add_lines(d->a, side->places, b->section, start, ret);
	return ret;
}

static void add_outlined(const struct codes *c, uint32_t orig, uint32_t patched, pairs *ret)
{
	const struct diff *d = c->d;
	struct elfdiff_code_pair *pair = vec_push(d->a, ret);

	*pair = (struct elfdiff_code_pair){ .name = patched != NONE ? graph_label(d->a, d->patched, patched)
								    : graph_label(d->a, d->orig, orig) };
	if (orig != NONE)
		pair->orig = code_of(d, &c->orig, orig, d->orig->blocks[orig].symbol);
	if (patched != NONE)
		pair->patched = code_of(d, &c->patched, patched, d->patched->blocks[patched].symbol);
}

/* What was moved out on one side alone has no twin. */
static void add_all_outlined(const struct codes *c, uint32_t orig, uint32_t patched, pairs *ret)
{
	const struct twins *t = c->d->twins;

	for (uint32_t b = c->patched.first[patched]; b != NONE; b = c->patched.next[b])
		add_outlined(c, t->of_patched[b], b, ret);
	for (uint32_t b = c->orig.first[orig]; b != NONE; b = c->orig.next[b])
		if (t->of_orig[b] == NONE)
			add_outlined(c, b, NONE, ret);
}

void describe_code(struct codes *c, uint32_t orig, uint32_t patched, struct elfdiff_function *ret)
{
	const struct diff *d = c->d;
	uint32_t was = d->orig->symbol_block[orig], now = d->patched->symbol_block[patched];
	pairs list = { 0 };

	if (ret->reason || was == NONE || now == NONE)
		return;
	*vec_push(d->a, &list) = (struct elfdiff_code_pair){ ret->name, code_of(d, &c->orig, was, orig),
							     code_of(d, &c->patched, now, patched) };
	add_all_outlined(c, was, now, &list);
	ret->code = list.items;
	ret->code_count = list.count;
}
