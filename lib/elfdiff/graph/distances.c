/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * distances.c - tables of distances from their own start to places of code
 *
 * `.long target - table`, as compilers write switch tables of code that may be moved, becomes a relocation that counts
 * from itself: it leads as far beyond the target as it stands behind the table's start. In a section that several
 * functions share, that may be another function, or what another one is like in the patch. `.long target - .` looks
 * the same. Which of the two it is, the table as a whole tells: by one reading, all places are in the function in
 * which the first is, or are where functions begin, and by the other they are not. Where both are possible, they must lead to the same functions.
 */
#include <elf.h>

#include "arch/arch.h"
#include "elf/names.h"
#include "graph/internal.h"
#include "graph/marks.h"

struct finder {
	struct arena *a;
	struct graph *g;
	bool marked;
	struct marks starts; /* where edges lead in data */
};

/* Relocations of one block that stand in one table, and those among them that may be distances. */
struct table {
	uint32_t first, end;
	uint64_t start; /* in the block's section */
};

static bool is_data(const struct block *b)
{
	return block_is_variable(b) || b->kind == BLOCK_CONST;
}

/* An offset into a section of code, which counts from the relocation. Where the section is one function, it leads there either way. */
static bool may_be_distance(const struct graph *g, uint32_t reloc)
{
	const struct reloc *r = &g->relocs[reloc];
	const struct symbol *sym = &g->object->symbols[r->symbol];
	const struct edge *e = &g->edges[reloc];
	struct reloc_field field;

	if (e->block == NONE || g->blocks[e->block].kind != BLOCK_TEXT ||
	    g->first_block[sym->section + 1] - g->first_block[sym->section] == 1)
		return false;
	return (sym->type == STT_SECTION || name_is_marker(sym->name)) && g->object->arch->field(r->type, &field) &&
	       field.pc_relative;
}

/* Once, and in few objects. */
static void mark_starts(struct finder *f)
{
	const struct graph *g = f->g;

	if (f->marked)
		return;
	for (uint32_t i = 0; i < g->reloc_count; i++) {
		const struct edge *e = &g->edges[i];

		if (e->block != NONE && is_data(&g->blocks[e->block]))
			mark(f->a, &f->starts, g->blocks[e->block].section, edge_place(g, e));
	}
	sort_marks(f->a, &f->starts);
	f->marked = true;
}

/* The table in which relocation `first` of a block stands: from the last start before it to the next one. */
static struct table table_at(const struct finder *f, const struct block *b, uint32_t first)
{
	const struct graph *g = f->g;
	uint64_t at = g->relocs[first].offset;
	uint32_t next = marks_up_to(&f->starts, b->section, at), end = b->reloc_first + b->reloc_count;
	struct table t = { .first = first, .end = first, .start = mark_before(&f->starts, b, at) };
	uint64_t limit = next < f->starts.list.count ? f->starts.list.items[next].key : UINT64_MAX;

	while (t.end < end && mark_key(b->section, g->relocs[t.end].offset) < limit)
		t.end++;
	return t;
}

/* Where a relocation of a table leads by one reading; *block: what is there, or NONE. */
static uint64_t read_place(const struct graph *g, const struct table *t, uint32_t reloc, bool from_start,
			   uint32_t *block)
{
	uint32_t section = g->blocks[g->edges[reloc].block].section;
	uint64_t place = edge_place(g, &g->edges[reloc]) - (from_start ? g->relocs[reloc].offset - t->start : 0);

	*block = from_start ? NONE : g->edges[reloc].block;
	if (from_start && place < g->object->sections[section].size)
		*block = graph_block_at(g, section, place);
	return place;
}

/* By one reading, all are in one function, or all are where functions begin. */
static bool makes_sense(const struct graph *g, const struct table *t, bool from_start)
{
	bool one = true, begin = true;
	uint32_t block, all = NONE;

	for (uint32_t r = t->first; r < t->end; r++) {
		struct edge e;
		uint64_t place;

		if (!may_be_distance(g, r))
			continue;
		place = read_place(g, t, r, from_start, &block);
		if (block == NONE || g->blocks[block].kind != BLOCK_TEXT)
			return false;
		e = (struct edge){ .block = block, .offset = (int64_t)(place - g->blocks[block].start) };
		begin &= graph_at_function(g, &e);
		one &= all == NONE || all == block;
		all = block;
	}
	return one || begin;
}

/* To the same blocks, by both readings. */
static bool leads_alike(const struct graph *g, const struct table *t)
{
	for (uint32_t r = t->first; r < t->end; r++) {
		uint32_t own, from_start;

		if (!may_be_distance(g, r))
			continue;
		read_place(g, t, r, false, &own);
		read_place(g, t, r, true, &from_start);
		if (own != from_start)
			return false;
	}
	return true;
}

/* The place stays what it is, and is told from where it counts. */
static void count_from_start(struct graph *g, const struct table *t)
{
	for (uint32_t r = t->first; r < t->end; r++) {
		uint64_t place;
		uint32_t block;

		if (!may_be_distance(g, r))
			continue;
		place = edge_place(g, &g->edges[r]);
		read_place(g, t, r, true, &block);
		g->edges[r] = (struct edge){ .block = block,
					     .offset = (int64_t)(place - g->blocks[block].start),
					     .symbol = NONE };
	}
}

static void anchor_block(struct finder *f, struct block *b)
{
	struct table t;
	bool own, from_start;

	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r = t.end) {
		t = (struct table){ .end = r + 1 };
		if (!may_be_distance(f->g, r))
			continue;
		mark_starts(f);
		t = table_at(f, b, r);
		own = makes_sense(f->g, &t, false);
		from_start = makes_sense(f->g, &t, true);
		if (own ? from_start && !leads_alike(f->g, &t) : !from_start)
			b->open_distances = true;
		else if (!own)
			count_from_start(f->g, &t);
	}
}

void anchor_distances(struct arena *a, struct graph *g)
{
	struct finder f = { .a = a, .g = g };

	for (uint32_t i = 0; i < g->block_count; i++)
		if (is_data(&g->blocks[i]))
			anchor_block(&f, &g->blocks[i]);
}
