/* SPDX-License-Identifier: GPL-2.0-or-later */
/* graph.c - questions about a graph */
#include "graph/graph.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "elf/names.h"

uint32_t graph_block_at(const struct graph *g, uint32_t section, uint64_t offset)
{
	uint32_t low = g->first_block[section], high = g->first_block[section + 1];

	if (low == high)
		return NONE;
	/* the last block that starts at or before the offset */
	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (g->blocks[mid].start <= offset)
			low = mid;
		else
			high = mid;
	}
	/* of blocks at one place the one with bytes */
	while (low > g->first_block[section] && g->blocks[low].start == g->blocks[low].end &&
	       g->blocks[low - 1].start == offset)
		low--;
	return low;
}

const char *graph_label(struct arena *a, const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];
	const struct section *s = &g->object->sections[b->section];

	if (b->symbol != NONE)
		return g->object->symbols[b->symbol].name;
	return arena_printf(a, "%s+0x%llx", s->name, (unsigned long long)b->start);
}

uint32_t graph_function_at(const struct graph *g, uint32_t block, uint64_t offset)
{
	const struct block *b = &g->blocks[block];
	uint64_t value = b->start + offset;
	uint32_t weak = NONE;

	for (uint32_t e = index_first(&g->functions, hash_mix(b->section, value)); e != NONE;
	     e = index_next(&g->functions, e)) {
		const struct symbol *s = &g->object->symbols[g->functions.ids[e]];

		if (s->section != b->section || s->value != value)
			continue;
		if (s->bind != STB_WEAK)
			return g->functions.ids[e];
		if (weak == NONE)
			weak = g->functions.ids[e];
	}
	return weak != NONE ? weak : b->symbol;
}

/* A place within a function is the function's, whatever name is on it. */
static bool is_within_function(const struct graph *g, uint32_t block, uint64_t value)
{
	uint32_t label = graph_function_at(g, block, value - g->blocks[block].start);

	return g->blocks[block].kind == BLOCK_TEXT && (label == NONE || g->object->symbols[label].value != value);
}

/* Of a branch that the assembler had resolved the symbol is only what was nearest. */
uint32_t graph_weak_name(const struct graph *g, uint32_t reloc)
{
	const struct reloc *r = &g->relocs[reloc];
	const struct symbol *s = &g->object->symbols[r->symbol];
	uint32_t to = g->edges[reloc].block;

	if (s->bind != STB_WEAK || !s->by_name || r->from == NONE || to == NONE || g->symbol_block[r->symbol] != to)
		return NONE;
	if (!block_is_thing(&g->blocks[to]) || g->blocks[to].symbol == r->symbol || is_within_function(g, to, s->value))
		return NONE;
	return r->symbol;
}

uint32_t graph_function_in(const struct graph *g, uint32_t block, const char *name)
{
	const struct index *ix = &g->names;

	for (uint32_t e = index_first(ix, hash_mix(block, hash_string(name))); e != NONE; e = index_next(ix, e))
		if (g->symbol_block[ix->ids[e]] == block && !strcmp(g->object->symbols[ix->ids[e]].name, name))
			return ix->ids[e];
	return NONE;
}

bool graph_is_short_branch(const struct graph *g, uint32_t reloc)
{
	const struct reloc *r = &g->relocs[reloc];
	struct reloc_field f;

	return r->from == NONE && g->object->arch->field(r->type, &f) && f.size == 1;
}

uint32_t graph_first_reloc(const struct graph *g, const struct block *b, uint64_t offset)
{
	return first_reloc_from(g->relocs, b->reloc_first, b->reloc_count, b->start + offset);
}

uint32_t graph_behind_slot(const struct graph *g, uint32_t reloc)
{
	const struct edge *e = &g->edges[reloc];
	const struct block *b = e->block == NONE ? NULL : &g->blocks[e->block];
	bool slot = b && b->special && b->special->kind == SPECIAL_SLOTS;

	return slot && b->reloc_count == 1 && !e->offset ? b->reloc_first : reloc;
}

uint64_t graph_label_offset(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];

	return b->symbol == NONE ? 0 : g->object->symbols[b->symbol].value - b->start;
}

uint64_t graph_instruction(const struct graph *g, struct boundary *w, uint32_t block, uint64_t offset)
{
	const struct block *b = &g->blocks[block];
	const struct section *s = &g->object->sections[b->section];
	struct insn in;

	if (w->block != block || w->at > offset)
		*w = (struct boundary){ .block = block, .at = b->start };
	if (g->object->arch->known_boundary)
		w->at = g->object->arch->known_boundary(g->object, s, w->at, offset);
	while (g->object->arch->decode(g->object, s, w->at, &in) && in.length && w->at + in.length <= offset)
		w->at += in.length;
	return w->at;
}

bool graph_at_function(const struct graph *g, const struct edge *e)
{
	const struct block *b = &g->blocks[e->block];
	uint32_t s;

	if (e->offset == (int64_t)graph_label_offset(g, e->block))
		return true;
	s = b->fused && e->offset >= 0 ? graph_function_at(g, e->block, (uint64_t)e->offset) : NONE;
	return s != NONE && g->object->symbols[s].value == b->start + (uint64_t)e->offset;
}

bool graph_takes_address(const struct graph *g, uint32_t reloc)
{
	return graph_at_function(g, &g->edges[reloc]) && !g->object->arch->is_branch(g->object, &g->relocs[reloc]);
}

bool graph_holds_labels(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];

	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
		const struct edge *e = &g->edges[r];

		if (e->block != NONE && g->blocks[e->block].kind == BLOCK_TEXT && !graph_at_function(g, e))
			return true;
	}
	return false;
}

const char *graph_text(const struct graph *g, const struct edge *e)
{
	const struct block *b = e->block == NONE ? NULL : &g->blocks[e->block];
	const uint8_t *data = b ? block_data(g, b) : NULL;
	uint64_t size = b ? b->end - b->start : 0;

	if (!data || e->offset < 0 || (uint64_t)e->offset >= size ||
	    !memchr(data + e->offset, 0, size - (uint64_t)e->offset))
		return NULL;
	return (const char *)data + e->offset;
}

/* The function's bytes in its block; to the block's end where its size is not known. */
static void function_range(const struct graph *g, uint32_t symbol, uint64_t *start, uint64_t *end)
{
	const struct symbol *s = &g->object->symbols[symbol];
	const struct block *b = &g->blocks[g->symbol_block[symbol]];

	*start = b->fused ? s->value - b->start : 0;
	*end = b->fused && s->size ? *start + s->size : b->end - b->start;
}

/* The start of the instruction that a call's relocation stands in. */
static uint64_t call_site(const struct graph *g, const struct block *b, uint64_t from, uint64_t field)
{
	const struct object *o = g->object;
	struct insn in;

	while (from < field && o->arch->decode(o, &o->sections[b->section], b->start + from, &in) &&
	       from + in.length <= field)
		from += in.length;
	return from;
}

uint64_t graph_entry_place(const struct graph *g, uint32_t entry)
{
	const struct block *e = &g->blocks[entry];

	return e->special->kind == SPECIAL_TABLE || e->special->kind == SPECIAL_TRACE
		       ? (uint64_t)g->edges[e->reloc_first].offset
		       : UINT64_MAX;
}

uint32_t graph_first_entry(const struct graph *g, const struct block *b, uint64_t offset)
{
	uint32_t low = 0, high = b->entry_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (graph_entry_place(g, g->entries_by_place[b->entry_first + mid]) < offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The trace entry that is about [start, end) of a block, or NONE. */
static uint32_t trace_entry(const struct graph *g, const struct block *b, uint64_t start, uint64_t end)
{
	for (uint32_t i = b->fused ? graph_first_entry(g, b, start) : 0; i < b->entry_count; i++) {
		uint32_t e = g->entries_by_place[b->entry_first + i];
		uint64_t site = graph_entry_place(g, e);

		if (b->fused && site >= end)
			break;
		if (g->blocks[e].special->kind == SPECIAL_TRACE && site >= start && site < end)
			return e;
	}
	return NONE;
}

bool graph_ftrace_location(const struct graph *g, uint32_t symbol, uint64_t *offset)
{
	const struct block *b = &g->blocks[g->symbol_block[symbol]];
	const char *trace = g->object->arch->trace_symbol;
	uint64_t start, end;
	uint32_t entry;

	function_range(g, symbol, &start, &end);
	entry = trace_entry(g, b, start, end);
	if (entry != NONE) {
		*offset = graph_entry_place(g, entry);
		return true;
	}
	for (uint32_t i = graph_first_reloc(g, b, start); trace && i < b->reloc_first + b->reloc_count; i++) {
		const struct edge *e = &g->edges[i];
		uint64_t field = g->relocs[i].offset - b->start;

		if (field >= end)
			break;
		if (e->block != NONE || strcmp(g->object->symbols[e->symbol].name, trace))
			continue;
		*offset = call_site(g, b, start, field);
		return true;
	}
	return false;
}
