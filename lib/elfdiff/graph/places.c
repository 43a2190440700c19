/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * places.c - what leads to a place of code, apart from the instruction before it
 *
 * Whoever may reach the place, or write it anew, has a relocation that leads
 * there, or branches there: entries of tables, labels in data, symbols. Entries
 * that tell where code begins and ends are about all of it. A compiler's jump
 * table has distances of 32 bits from its own start. In data, its relocations
 * count from themselves, and lead ever farther beyond; among the code it has
 * none, and is known by what refers to its start: as long as its numbers lead
 * into the function, they are taken for such.
 */
#include <elf.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "graph/internal.h"
#include "graph/marks.h"

struct places {
	struct marks edges; /* where relocations lead as they stand: sorted, like the others */
	struct marks all;
	struct marks starts, ends; /* of pieces that a table is about; equally many */
};

struct finder {
	struct arena *a;
	const struct graph *g;
	struct places *p;
};

static void mark_edges(struct finder *f)
{
	for (uint32_t i = 0; i < f->g->reloc_count; i++) {
		const struct edge *e = &f->g->edges[i];

		if (e->block == NONE)
			continue;
		mark(f->a, &f->p->edges, f->g->blocks[e->block].section, edge_place(f->g, e));
		mark(f->a, &f->p->all, f->g->blocks[e->block].section, edge_place(f->g, e));
	}
	sort_marks(f->a, &f->p->edges);
}

uint64_t table_start(const struct places *p, const struct block *b, uint64_t offset)
{
	return mark_before(&p->edges, b, offset);
}

static void mark_jump_table(struct finder *f, const struct block *b)
{
	for (uint32_t i = b->reloc_first; i < b->reloc_first + b->reloc_count; i++) {
		const struct reloc *r = &f->g->relocs[i];
		const struct edge *e = &f->g->edges[i];
		struct reloc_field field;

		if (e->block != NONE && f->g->object->arch->field(r->type, &field) && field.pc_relative)
			mark(f->a, &f->p->all, f->g->blocks[e->block].section,
			     edge_place(f->g, e) - (r->offset - table_start(f->p, b, r->offset)));
	}
}

/* At a place in the middle of code that something refers to, and up to the next such place. */
static void mark_table_in_code(struct finder *f, const struct block *b, uint64_t start, uint64_t end)
{
	const struct section *s = &f->g->object->sections[b->section];

	for (uint64_t at = start; s->data && at + 4 <= end; at += 4) {
		int32_t distance = (int32_t)bytes_get(s->data + at, 4, f->g->object->big_endian);
		uint64_t target = start + (uint64_t)(int64_t)distance;

		if (target < b->start || target >= b->end)
			return;
		mark(f->a, &f->p->all, b->section, target);
	}
}

static void mark_tables_in_code(struct finder *f, const struct block *b)
{
	uint32_t n = marks_up_to(&f->p->edges, b->section, b->start);

	for (; n < f->p->edges.list.count && f->p->edges.list.items[n].key < mark_key(b->section, b->end); n++) {
		uint64_t start = f->p->edges.list.items[n].key - mark_key(b->section, 0), end = b->end;

		if (n + 1 < f->p->edges.list.count && f->p->edges.list.items[n + 1].key < mark_key(b->section, b->end))
			end = f->p->edges.list.items[n + 1].key - mark_key(b->section, 0);
		mark_table_in_code(f, b, start, end);
	}
}

static void mark_branches(struct finder *f, const struct block *b)
{
	const struct object *o = f->g->object;
	struct insn in;

	for (uint64_t at = b->start; at < b->end; at += in.length) {
		if (!o->arch->decode(o, &o->sections[b->section], at, &in) || !in.length)
			return;
		if (in.direct_branch || in.pc_operand)
			mark(f->a, &f->p->all, b->section, in.target);
	}
}

/* The edge of a field of an entry, or NULL. */
static const struct edge *field_edge(const struct graph *g, const struct block *entry, uint8_t field)
{
	uint32_t i = graph_first_reloc(g, entry, field);

	if (i == entry->reloc_first + entry->reloc_count || g->relocs[i].offset != entry->start + field)
		return NULL;
	return g->edges[i].block == NONE ? NULL : &g->edges[i];
}

/* What a table says to end before it begins, or elsewhere, is none. */
static bool is_backwards(const struct graph *g, const struct edge *start, const struct edge *end)
{
	return g->blocks[start->block].section != g->blocks[end->block].section ||
	       edge_place(g, start) > edge_place(g, end);
}

static void mark_extents(struct finder *f, const struct block *entry)
{
	const struct special_extent *x = entry->special->extents;

	for (; x && x->entry; x++) {
		const struct edge *start = field_edge(f->g, entry, x->start);
		const struct edge *end = x->end ? field_edge(f->g, entry, x->end) : NULL;

		if (!start || !end || x->entry != entry->end - entry->start || is_backwards(f->g, start, end))
			continue;
		mark(f->a, &f->p->starts, f->g->blocks[start->block].section, edge_place(f->g, start));
		mark(f->a, &f->p->ends, f->g->blocks[end->block].section, edge_place(f->g, end));
	}
}

static void mark_symbols(struct finder *f)
{
	for (uint32_t i = 1; i < f->g->object->symbol_count; i++) {
		const struct symbol *s = &f->g->object->symbols[i];

		if (s->place == SYMBOL_DEFINED && s->type != STT_SECTION)
			mark(f->a, &f->p->all, s->section, s->value);
	}
}

const struct places *find_places(struct arena *a, const struct graph *g)
{
	struct finder f = { .a = a, .g = g, .p = arena_new(a, struct places) };

	mark_edges(&f);
	mark_symbols(&f);
	for (uint32_t i = 0; i < g->block_count; i++) {
		const struct block *b = &g->blocks[i];

		if (b->kind == BLOCK_TEXT || b->kind == BLOCK_PAYLOAD) {
			mark_branches(&f, b);
			mark_tables_in_code(&f, b);
		} else if (b->kind == BLOCK_ENTRY)
			mark_extents(&f, b);
		else
			mark_jump_table(&f, b);
	}
	sort_marks(a, &f.p->all);
	sort_marks(a, &f.p->starts);
	sort_marks(a, &f.p->ends);
	return f.p;
}

bool is_led_to(const struct places *p, uint32_t section, uint64_t offset)
{
	uint32_t n = marks_up_to(&p->all, section, offset);

	if (n && p->all.list.items[n - 1].key == mark_key(section, offset))
		return true;
	return marks_up_to(&p->starts, section, offset) != marks_up_to(&p->ends, section, offset);
}
