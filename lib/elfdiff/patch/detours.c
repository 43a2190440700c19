/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * detours.c - code of the tool's own in the output: what tests static keys that are found late
 *
 * It stands behind the function, and belongs to it: the kernel tells by a
 * function's addresses whether a task is in it.
 */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "patch/internal.h"

void add_detour(struct arena *a, struct resolution *r, const struct key_detour *t)
{
	index_add(a, &r->detours_of, t->block, r->detours.count);
	*vec_push(a, &r->detours) = *t;
}

/* A walk over the detours of a block: detours_of(), then next_detour() until it is false. */
struct detours_of {
	const struct resolution *r;
	uint32_t block, entry;
	const struct key_detour *t;
};

static struct detours_of detours_of(const struct resolution *r, uint32_t block)
{
	return (struct detours_of){ .r = r, .block = block, .entry = index_first(&r->detours_of, block) };
}

static bool next_detour(struct detours_of *d)
{
	const struct index *ix = &d->r->detours_of;

	while (d->entry != NONE) {
		d->t = &d->r->detours.items[ix->ids[d->entry]];
		d->entry = index_next(ix, d->entry);
		if (d->t->block == d->block)
			return true;
	}
	return false;
}

bool detour_at(const struct resolution *r, uint32_t block, uint64_t site)
{
	struct detours_of d = detours_of(r, block);

	while (next_detour(&d))
		if (d.t->site == site)
			return true;
	return false;
}

uint64_t detours_size(const struct resolution *r, uint32_t block)
{
	uint64_t size = 0;
	struct detours_of d = detours_of(r, block);

	while (next_detour(&d))
		size += d.t->code.length;
	return size;
}

static bool is_within(uint64_t at, uint64_t start, uint64_t size)
{
	return at >= start && at - start < size;
}

uint64_t size_with_detours(const struct assembler *as, const struct symbol *s, uint32_t block)
{
	struct detours_of d = detours_of(as->r, block);

	while (s->size && next_detour(&d))
		if (is_within(d.t->site, s->value, s->size))
			return as->g->blocks[block].end + detours_size(as->r, block) - s->value;
	return s->size;
}

/* Where a detour begins, bytes from the start of its block. */
static uint64_t start_of(const struct assembler *as, const struct key_detour *of)
{
	const struct block *b = &as->g->blocks[of->block];
	uint64_t at = b->end - b->start;
	struct detours_of d = detours_of(as->r, of->block);

	while (next_detour(&d) && d.t != of)
		at += d.t->code.length;
	return at;
}

void fill_detours(const struct assembler *as, uint32_t block, uint8_t *to)
{
	const struct block *b = &as->g->blocks[block];
	struct detours_of d = detours_of(as->r, block);

	while (next_detour(&d)) {
		memcpy(to + start_of(as, d.t), d.t->code.bytes, d.t->code.length);
		memcpy(to + (d.t->site - b->start), d.t->code.jump, d.t->code.size);
	}
}

bool moved_by_detour(const struct assembler *as, uint32_t block, uint64_t *offset)
{
	uint64_t at = as->g->blocks[block].start + *offset;
	struct detours_of d = detours_of(as->r, block);

	while (next_detour(&d)) {
		for (unsigned i = 0; i < d.t->code.moved_count; i++) {
			const struct detour_move *m = &d.t->code.moved[i];

			if (!is_within(at, m->from, m->size))
				continue;
			*offset = start_of(as, d.t) + m->to + (at - m->from);
			return true;
		}
		if (is_within(at, d.t->site, d.t->code.size))
			return false;
	}
	return true;
}

static struct model_reloc target_of(struct assembler *as, const struct key_detour *t, const struct detour_reloc *r)
{
	const struct cut_edge *cut = &as->s->cuts.items[t->cut];
	const struct block *b = &as->g->blocks[t->block];
	const struct reloc *key = &as->g->relocs[cut->reloc];

	switch (r->to) {
	case DETOUR_KEY: /* the low bits of the addend are flags of the entry */
		return (struct model_reloc){ .symbol = reference_symbol(as, as->r->of_cut[t->cut],
									&as->g->object->symbols[cut->symbol]),
					     .addend = outer_addend(as->g->object, key, cut) & ~(int64_t)3 };
	case DETOUR_TARGET:
		return inner_reloc(as, &as->g->relocs[t->target], &as->g->edges[t->target]);
	default:
		return (struct model_reloc){ .symbol = build_section_symbol(&as->b, as->section_of[t->block]),
					     .addend = (int64_t)(as->offset_of[t->block] + r->place - b->start) };
	}
}

static void relocate(struct assembler *as, const struct key_detour *t, uint64_t at, const struct detour_reloc *r,
		     struct model_reloc to)
{
	to.offset = as->offset_of[t->block] + at + r->offset;
	to.type = r->type;
	to.addend += r->addend;
	build_relocate(&as->b, as->section_of[t->block], to);
}

void add_detours(struct assembler *as)
{
	for (uint32_t i = 0; i < as->r->detours.count; i++) {
		const struct key_detour *t = &as->r->detours.items[i];

		for (unsigned k = 0; k < t->code.reloc_count; k++)
			relocate(as, t, start_of(as, t), &t->code.relocs[k], target_of(as, t, &t->code.relocs[k]));
		/* neither moves the stack pointer, or there would be an entry */
		repeat_unwound(as, t->block, t->site - as->g->blocks[t->block].start, start_of(as, t));
	}
}
