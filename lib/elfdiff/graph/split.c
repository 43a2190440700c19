/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split.c - split the sections of an object into blocks */
#include <elf.h>

#include "arch/arch.h"
#include "base/text.h"
#include "elf/mergeable.h"
#include "elf/names.h"
#include "graph/internal.h"

static void split_section(struct splitter *sp, uint32_t i)
{
	const struct section *s = &sp->o->sections[i];
	const struct special *row = sp->rows[i];
	bool progbits = s->type == SHT_PROGBITS || s->type == SHT_NOBITS;

	if (!section_is_alloc(s) || s->type == SHT_RELA || s->type == SHT_REL)
		return;
	if (special_is_cut(row))
		split_special(sp, i, row);
	else if (starts_with(s->name, ".kpatch.")) {
		if (s->size)
			add_block(sp, i, 0, s->size, BLOCK_DIRECTIVE, NONE);
	} else if (!progbits && row && s->size)
		add_block(sp, i, 0, s->size, BLOCK_IGNORED, NONE);
	else if (s->flags & SHF_EXECINSTR)
		split_text(sp, i);
	else if (section_is_mergeable(sp->o, &sp->labels, i) && s->flags & SHF_STRINGS)
		split_strings(sp, i, BLOCK_STRING);
	else if (section_is_mergeable(sp->o, &sp->labels, i))
		split_by_size(sp, i, s->entsize);
	else
		split_data(sp, i);
}

/* --- the graph ------------------------------------------------------------ */

/* Relocations of blocks: those of the object but for unwind data, and those recovered, in order. */
static void merge_relocs(struct splitter *sp)
{
	const struct object *o = sp->o;
	uint32_t left_out = sp->g->unwind.count;
	struct reloc *all, *out;
	uint32_t at = 0; /* in sp->recovered */

	sp->g->relocs = o->relocs;
	sp->g->reloc_count = o->reloc_count;
	if (!sp->recovered.list.count && !left_out)
		return;
	all = out = arena_array(sp->a, o->reloc_count - left_out + sp->recovered.list.count, struct reloc);
	for (uint32_t i = 0; i < o->section_count; i++) {
		const struct section *s = &o->sections[i];
		bool unwind = left_out && i == sp->g->unwind.section;
		const struct reloc *r = &o->relocs[s->reloc_first], *end = r + (unwind ? 0 : s->reloc_count);

		/* find_runtime_constants() has put them in order */
		for (; at < sp->recovered.list.count && sp->recovered.list.items[at].section == i; at++) {
			while (r < end && r->offset < sp->recovered.list.items[at].offset)
				*out++ = *r++;
			*out++ = sp->recovered.list.items[at];
		}
		while (r < end)
			*out++ = *r++;
	}
	sp->g->relocs = all;
	sp->g->reloc_count = (uint32_t)(out - all);
}

static void assign_relocs(struct splitter *sp)
{
	struct graph *g = sp->g;
	uint32_t at = 0;

	for (uint32_t i = 0; i < g->block_count; i++) {
		struct block *b = &g->blocks[i];

		while (at < g->reloc_count &&
		       (g->relocs[at].section < b->section ||
			(g->relocs[at].section == b->section && g->relocs[at].offset < b->start)))
			at++;
		b->reloc_first = at;
		while (at < g->reloc_count && g->relocs[at].section == b->section && g->relocs[at].offset < b->end)
			at++;
		b->reloc_count = at - b->reloc_first;
	}
}

static void assign_symbols(struct splitter *sp)
{
	struct graph *g = sp->g;
	const struct object *o = sp->o;

	g->symbol_block = arena_array(sp->a, o->symbol_count, uint32_t);
	for (uint32_t i = 0; i < o->symbol_count; i++) {
		const struct symbol *s = &o->symbols[i];

		g->symbol_block[i] = NONE;
		if (s->place == SYMBOL_DEFINED && s->type != STT_FILE)
			g->symbol_block[i] = graph_block_at(g, s->section, s->value);
	}
	for (uint32_t i = 1; i < o->symbol_count; i++) {
		const struct symbol *s = &o->symbols[i];

		if (g->symbol_block[i] != NONE && s->type == STT_FUNC && g->blocks[g->symbol_block[i]].fused)
			index_add(sp->a, &g->functions, hash_mix(s->section, s->value), i);
	}
	/* an empty block shares its place with its neighbour: its label says which it is */
	for (uint32_t i = 0; i < g->block_count; i++)
		if (g->blocks[i].symbol != NONE)
			g->symbol_block[g->blocks[i].symbol] = i;
	for (uint32_t i = 1; i < o->symbol_count; i++) {
		uint32_t b = g->symbol_block[i];

		if (b != NONE && o->symbols[i].bind != STB_LOCAL && g->blocks[b].symbol != NONE &&
		    o->symbols[i].value == o->symbols[g->blocks[b].symbol].value)
			g->blocks[b].linked = true;
		if (b != NONE && g->blocks[b].kind == BLOCK_TEXT && o->symbols[i].type != STT_SECTION)
			index_add(sp->a, &g->names, hash_mix(b, hash_string(o->symbols[i].name)), i);
	}
}

/* What the kernel does not have, or nobody reads there, refers to nothing: ADDRESSABLE() in .discard.addressable. */
static bool counts(const struct graph *g, const struct reloc *r)
{
	const struct special *row = g->object->sections[r->section].row;

	return !row || row->kind != SPECIAL_IGNORED || row->read;
}

/*
 * Read-only data that nothing names and nothing refers to is found by its
 * section: a table that the kernel reads, and a thing of its own.
 */
static void find_tables(struct graph *g)
{
	for (uint32_t i = 0; i < g->reloc_count; i++)
		if (g->edges[i].block != NONE && counts(g, &g->relocs[i]))
			g->blocks[g->edges[i].block].referenced = true;
	for (uint32_t i = 0; i < g->block_count; i++) {
		struct block *b = &g->blocks[i];

		if (b->kind == BLOCK_CONST && !b->referenced && b->reloc_count && !b->special &&
		    !(g->object->sections[b->section].flags & SHF_MERGE))
			b->kind = BLOCK_RODATA;
	}
}

/* A lock key or a rate limit whose memory code reads or writes is a variable of that name. */
static void find_variables(struct graph *g)
{
	const struct arch *arch = g->object->arch;

	for (uint32_t i = 0; arch->dereferences && i < g->reloc_count; i++) {
		struct block *b = g->edges[i].block == NONE ? NULL : &g->blocks[g->edges[i].block];

		if (b && b->opaque && arch->dereferences(g->object, &g->relocs[i]))
			b->fresh = false;
	}
}

/* An entry of printk's index to which anything else leads is a constant of that name. */
static void find_constants(struct graph *g)
{
	for (uint32_t i = 0; i < g->reloc_count; i++) {
		const struct special *row = g->object->sections[g->relocs[i].section].row;
		struct block *b = g->edges[i].block == NONE ? NULL : &g->blocks[g->edges[i].block];

		if (b && b->indexed && !(row && row->kind == SPECIAL_KEPT)) {
			b->fresh = !b->reloc_count && b->fresh;
			b->by_name = false;
		}
	}
}

static void find_rows(struct splitter *sp)
{
	const struct object *o = sp->o;

	sp->rows = arena_array(sp->a, o->section_count, const struct special *);
	sp->per_cpu = arena_array(sp->a, o->section_count, bool);
	for (uint32_t i = 1; i < o->section_count; i++) {
		if (!section_is_alloc(&o->sections[i]))
			continue;
		sp->per_cpu[i] = section_is_per_cpu(o->sections[i].name);
		sp->rows[i] = o->sections[i].row;
	}
}

enum elfdiff_status graph_build(struct arena *a, struct diags *ds, const struct object *o,
				const struct entry_sizes *sizes, const struct graph **ret)
{
	struct graph *g = arena_new(a, struct graph);
	struct splitter sp = { .a = a, .ds = ds, .g = g, .o = o, .sizes = sizes };

	g->object = o;
	g->first_block = arena_array(a, o->section_count + 1, uint32_t);
	find_rows(&sp);
	sp.labels = labels_of(a, o);
	find_strides(&sp);
	find_targets(&sp);
	for (uint32_t i = 0; i < o->section_count; i++) {
		g->first_block[i] = sp.blocks.count;
		if (i)
			split_section(&sp, i);
	}
	if (ds->failures)
		return ELFDIFF_ERROR;
	g->first_block[o->section_count] = sp.blocks.count;
	g->blocks = sp.blocks.items;
	g->block_count = sp.blocks.count;
	if (!blocks_cover(&sp))
		return ELFDIFF_ERROR;
	find_runtime_constants(&sp);
	merge_relocs(&sp);
	assign_relocs(&sp);
	if (!relocs_fit(&sp))
		return ELFDIFF_ERROR;
	assign_symbols(&sp);
	resolve_edges(a, g);
	if (!owners_exist(&sp))
		return ELFDIFF_ERROR;
	find_tables(g);
	find_variables(g);
	find_constants(g);
	find_lock_keys(a, g);
	*ret = g;
	return ELFDIFF_OK;
}
