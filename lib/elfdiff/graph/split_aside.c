/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split_aside.c - parts of sections that nobody has to look at: they are there to be referred to */
#include "graph/internal.h"

/* Number of the first part of a section that ends at an offset or behind it. */
static uint32_t first_ending_from(const struct object *o, const struct section *s, uint64_t offset)
{
	uint32_t low = s->aside_first, high = low + s->aside_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (o->asides[mid].end < offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct aside *aside_with(const struct object *o, uint32_t section, uint64_t start, uint64_t end)
{
	const struct section *s = &o->sections[section];
	uint32_t i = first_ending_from(o, s, end);

	return i < s->aside_first + s->aside_count && o->asides[i].start <= start ? &o->asides[i] : NULL;
}

/* What has no bytes and stands where two parts meet is of neither. */
static const struct aside *aside_of(const struct object *o, uint32_t section, const struct block *b)
{
	const struct aside *a = aside_with(o, section, b->start, b->end);

	return a && b->start == b->end && a->start != a->end && (a->start == b->start || a->end == b->start) ? NULL : a;
}

/* What is set aside and not referred to is nothing that a pass looks at. */
static void add_part(struct splitter *sp, struct block b, const struct aside *a)
{
	struct block *last = sp->blocks.count ? &sp->blocks.items[sp->blocks.count - 1] : NULL;
	bool unused = a && a->twin == NONE;
	struct block *part;

	if (unused && last && last->section == b.section && last->kind == BLOCK_PADDING && last->aside_unused) {
		last->end = b.end;
		return;
	}
	part = add_block(sp, b.section, b.start, b.end, unused ? BLOCK_PADDING : b.kind, unused ? NONE : b.symbol);
	part->fused = !unused && b.fused;
	part->aside_unused = unused;
	part->aside = a ? a->twin : NONE;
	part->taken_aside = a && a->taken;
}

/* Without a label, it is cut where a part begins or ends: it was one block for want of anything that told more. */
static void cut_block(struct splitter *sp, struct block b)
{
	const struct section *s = &sp->o->sections[b.section];
	uint64_t end = b.end;

	for (uint32_t i = first_ending_from(sp->o, s, b.start + 1);
	     i < s->aside_first + s->aside_count && b.start < end; i++) {
		const struct aside *a = &sp->o->asides[i];

		if (a->start == a->end)
			continue;
		if (a->start >= end)
			break;
		b.end = a->start;
		if (a->start > b.start)
			add_part(sp, b, NULL);
		b.start = a->start > b.start ? a->start : b.start;
		b.end = a->end < end ? a->end : end;
		add_part(sp, b, a);
		b.start = b.end;
	}
	b.end = end;
	if (b.start < end)
		add_part(sp, b, NULL);
}

static bool touches_aside(const struct object *o, uint32_t section, const struct block *b)
{
	const struct section *s = &o->sections[section];
	uint32_t i = first_ending_from(o, s, b->start + 1);

	return i < s->aside_first + s->aside_count && o->asides[i].start < b->end;
}

void part_aside(struct splitter *sp, uint32_t section, uint32_t first)
{
	uint32_t count = sp->blocks.count - first;
	struct block *blocks;

	if (!sp->o->sections[section].aside_count || !count)
		return;
	blocks = arena_array(sp->a, count, struct block);
	for (uint32_t i = 0; i < count; i++)
		blocks[i] = sp->blocks.items[first + i];
	sp->blocks.count = first;
	for (uint32_t i = 0; i < count; i++) {
		const struct aside *a = aside_of(sp->o, section, &blocks[i]);

		sp->g->torn |= !a && blocks[i].symbol != NONE && touches_aside(sp->o, section, &blocks[i]);
		if (a || blocks[i].symbol != NONE || blocks[i].start == blocks[i].end)
			add_part(sp, blocks[i], a);
		else
			cut_block(sp, blocks[i]);
	}
}
