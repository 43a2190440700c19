/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edges.c - where relocations lead, and which special entries belong to whom */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/sort.h"
#include "graph/internal.h"
#include "elf/names.h"

/*
 * The addend of a PC-relative operand counts from the relocation to the
 * instruction's end. For a named symbol the usual distance will do: both sides
 * are read alike. For an offset into a section the byte has to be right.
 */
static int64_t bias_of(const struct graph *g, const struct reloc *r, uint32_t block, struct boundary *w)
{
	const struct object *o = g->object;
	const struct symbol *sym = &o->symbols[r->symbol];
	uint64_t start = NO_START;

	if ((sym->type == STT_SECTION || name_is_marker(sym->name)) && o->sections[r->section].flags & SHF_EXECINSTR &&
	    o->arch->needs_start && o->arch->needs_start(o, r))
		start = graph_instruction(g, w, block, r->offset);
	return o->arch->bias(o, r, start);
}

static bool in_mergeable(const struct graph *g, const struct symbol *s)
{
	return g->object->sections[s->section].flags & SHF_MERGE;
}

static enum piece_edge piece_edge_in(const struct graph *g, uint32_t block, const struct reloc *r)
{
	const struct block *b = &g->blocks[block];

	if (b->kind != BLOCK_ENTRY)
		return PIECE_AT;
	return piece_edge_of(g->object, b->special, b->start, b->end - b->start, r);
}

/* The block at an offset, or the nearest one; of two at one place, the one without bytes where such a piece is meant. */
static uint32_t piece_at(const struct graph *g, uint32_t section, uint64_t offset, bool empty)
{
	uint64_t size = g->object->sections[section].size;
	uint64_t at = offset <= size ? offset : (int64_t)offset < 0 ? 0 : size;
	uint32_t b = graph_block_at(g, section, at);

	if (!empty || b == NONE || b == g->first_block[section])
		return b;
	return g->blocks[b - 1].start == at && g->blocks[b - 1].end == at ? b - 1 : b;
}

/* What objtool leaves of a call that it has made a no-op relocates nothing, and its addend, of a field, says nothing. */
static int64_t offset_of(const struct graph *g, const struct reloc *r, uint32_t block, struct boundary *w)
{
	return r->type == g->object->arch->none_reloc ? 0 : r->addend + bias_of(g, r, block, w);
}

/* To an offset of the block's section. What is right behind a thing is its end: nothing refers to padding. */
static struct edge edge_into(const struct graph *g, uint32_t to, uint64_t target)
{
	if (g->blocks[to].kind == BLOCK_PADDING && to > g->first_block[g->blocks[to].section])
		to--;
	return (struct edge){ .block = to, .offset = (int64_t)(target - g->blocks[to].start), .symbol = NONE };
}

struct edge edge_to_place(const struct graph *g, uint32_t section, uint64_t offset)
{
	uint32_t to = piece_at(g, section, offset, false);

	if (to == NONE)
		return (struct edge){ .block = NONE };
	return edge_into(g, to, offset);
}

static struct edge edge_of(const struct graph *g, const struct reloc *r, uint32_t block, struct boundary *w)
{
	const struct symbol *sym = &g->object->symbols[r->symbol];
	int64_t offset = offset_of(g, r, block, w);
	uint64_t target = sym->value + (uint64_t)offset;
	uint64_t size = sym->place == SYMBOL_DEFINED ? g->object->sections[sym->section].size : 0;
	enum piece_edge piece = piece_edge_in(g, block, r);
	uint32_t to = NONE;

	if (sym->place == SYMBOL_DEFINED && sym->type != STT_SECTION && !name_is_marker(sym->name))
		to = g->symbol_block[r->symbol];
	else if (sym->place == SYMBOL_DEFINED && sym->type != STT_SECTION && in_mergeable(g, sym))
		to = graph_block_at(g, sym->section, sym->value); /* `.LC1 - 1` is not in the string before */
	else if (sym->place == SYMBOL_DEFINED && target && target <= size && piece == PIECE_END)
		to = graph_block_at(g, sym->section, target - 1);
	else if (sym->place == SYMBOL_DEFINED)
		to = piece_at(g, sym->section, target, piece == PIECE_EMPTY);
	if (to == NONE)
		return (struct edge){ .block = NONE, .offset = offset, .symbol = r->symbol };
	return edge_into(g, to, target);
}

/* --- owners -------------------------------------------------------------- */

uint32_t graph_reloc_at(const struct graph *g, const struct block *b, uint64_t offset)
{
	uint32_t i = graph_first_reloc(g, b, offset);

	return i < b->reloc_first + b->reloc_count && g->relocs[i].offset == b->start + offset ? i : NONE;
}

static uint32_t function_named(const struct graph *g, const char *name)
{
	struct namesakes n = object_named(g->object, name);

	while (next_namesake(&n)) {
		uint32_t b = g->symbol_block[n.symbol];

		if (b != NONE && g->blocks[b].kind == BLOCK_TEXT)
			return b;
	}
	return NONE;
}

/* The entry points to a record, the record to the function's name. */
static uint32_t owner_by_name(const struct graph *g, const struct block *entry)
{
	const struct edge *record = &g->edges[entry->reloc_first];
	uint32_t name;
	const char *text;

	if (record->block == NONE)
		return NONE;
	name = graph_reloc_at(g, &g->blocks[record->block], entry->special->func_offset);
	text = name == NONE ? NULL : graph_text(g, &g->edges[name]);
	return text ? function_named(g, text) : NONE;
}

static void find_owner(const struct graph *g, uint32_t n)
{
	struct block *b = &g->blocks[n];

	if (!b->reloc_count)
		return;
	b->owner = b->special->func_offset ? owner_by_name(g, b) : g->edges[b->reloc_first].block;
}

/* Sections of entries: those of one table in their order, whatever stands between them in the file. */
static const struct sort_key *list_tables(struct arena *a, const struct graph *g, uint32_t *count)
{
	VEC(struct sort_key) tables = { 0 };

	for (uint32_t s = 1; s < g->object->section_count; s++) {
		uint32_t first = g->first_block[s];

		if (first < g->first_block[s + 1] && g->blocks[first].kind == BLOCK_ENTRY)
			*vec_push(a, &tables) =
				(struct sort_key){ .key = (uintptr_t)g->blocks[first].special, .id = s };
	}
	sort_keys(a, tables.items, tables.count);
	*count = tables.count;
	return tables.items;
}

static void count_entries(struct graph *g)
{
	for (uint32_t i = 0; i < g->block_count; i++)
		if (g->blocks[i].kind == BLOCK_ENTRY && g->blocks[i].owner != NONE) {
			g->blocks[g->blocks[i].owner].entry_count++;
			g->entry_count++;
		}
}

/* The order of tables in the file tells nothing: they are compared by table. */
static void file_entries(struct arena *a, struct graph *g)
{
	uint32_t at = 0, count;
	const struct sort_key *tables = list_tables(a, g, &count);

	count_entries(g);
	g->entries = arena_array(a, g->entry_count + 1, uint32_t);
	for (uint32_t i = 0; i < g->block_count; i++) {
		g->blocks[i].entry_first = at;
		at += g->blocks[i].entry_count;
		g->blocks[i].entry_count = 0;
	}
	for (uint32_t t = 0; t < count; t++)
		for (uint32_t i = g->first_block[tables[t].id]; i < g->first_block[tables[t].id + 1]; i++) {
			struct block *owner = g->blocks[i].owner == NONE ? NULL : &g->blocks[g->blocks[i].owner];

			if (owner)
				g->entries[owner->entry_first + owner->entry_count++] = i;
		}
}

/* Entries about one place keep their order. */
static void sort_by_place(struct arena *a, struct graph *g, const struct block *b)
{
	struct sort_key *keys = arena_array(a, b->entry_count, struct sort_key);

	for (uint32_t i = 0; i < b->entry_count; i++)
		keys[i] = (struct sort_key){ .key = graph_entry_place(g, g->entries[b->entry_first + i]), .id = i };
	sort_keys(a, keys, b->entry_count);
	for (uint32_t i = 0; i < b->entry_count; i++)
		g->entries_by_place[b->entry_first + i] = g->entries[b->entry_first + keys[i].id];
}

static void list_by_place(struct arena *a, struct graph *g)
{
	g->entries_by_place = arena_array(a, g->entry_count + 1, uint32_t);
	memcpy(g->entries_by_place, g->entries, g->entry_count * sizeof(*g->entries));
	for (uint32_t i = 0; i < g->block_count; i++)
		if (g->blocks[i].fused && g->blocks[i].entry_count > 1)
			sort_by_place(a, g, &g->blocks[i]);
}

static void find_owners(struct arena *a, struct graph *g)
{
	for (uint32_t i = 0; i < g->block_count; i++)
		if (g->blocks[i].kind == BLOCK_ENTRY)
			find_owner(g, i);
	file_entries(a, g);
	list_by_place(a, g);
}

/* --- outlined code -------------------------------------------------------------- */

/* Functions by name and FILE symbol (the first of each), and global ones by name alone (the last). */
struct functions_by_file {
	struct arena *a;
	const struct graph *g;
	struct index by_key;
};

static uint64_t function_key(const char *name, size_t length, uint32_t file, bool global)
{
	return hash_mix(hash_bytes(name, length), (uint64_t)file << 1 | global);
}

/* Where the function's number is in the index, or NULL. */
static uint32_t *filed_function(const struct functions_by_file *f, const char *name, size_t length, uint32_t file,
				bool global)
{
	const struct index *ix = &f->by_key;
	uint64_t key = function_key(name, length, file, global);

	for (uint32_t e = index_first(ix, key); e != NONE; e = index_next(ix, e)) {
		const struct symbol *s = &f->g->object->symbols[ix->ids[e]];

		if ((global ? s->bind != STB_LOCAL : s->file == file) && !strncmp(s->name, name, length) &&
		    !s->name[length])
			return &ix->ids[e];
	}
	return NULL;
}

static void file_function(struct functions_by_file *f, uint32_t symbol, uint32_t file, bool global)
{
	const char *name = f->g->object->symbols[symbol].name;
	uint32_t *filed = filed_function(f, name, strlen(name), file, global);

	if (!filed)
		index_add(f->a, &f->by_key, function_key(name, strlen(name), file, global), symbol);
	else if (global)
		*filed = symbol;
}

static void file_functions(struct functions_by_file *f)
{
	for (uint32_t i = 1; i < f->g->object->symbol_count; i++) {
		const struct symbol *s = &f->g->object->symbols[i];
		uint32_t b = f->g->symbol_block[i];

		if (b == NONE || f->g->blocks[b].kind != BLOCK_TEXT || s->type == STT_SECTION)
			continue;
		file_function(f, i, s->file, false);
		if (s->bind != STB_LOCAL) /* what is outlined of a global function is local */
			file_function(f, i, NONE, true);
	}
}

static uint32_t find_outlined_from(const struct functions_by_file *f, const struct symbol *part)
{
	size_t length = name_outlined_from(part->name);
	const uint32_t *function = filed_function(f, part->name, length, part->file, false);

	if (!function)
		function = filed_function(f, part->name, length, NONE, true);
	return function ? f->g->symbol_block[*function] : NONE;
}

static void find_outlined(struct arena *a, struct graph *g)
{
	struct functions_by_file f = { .a = a, .g = g };

	for (uint32_t i = 0; i < g->block_count; i++) {
		const struct symbol *s = block_symbol(g, i);

		if (g->blocks[i].kind != BLOCK_TEXT || !s || !name_is_cold(s->name))
			continue;
		if (!f.by_key.count)
			file_functions(&f);
		g->blocks[i].outlined_from = find_outlined_from(&f, s);
		if (g->blocks[i].outlined_from == i)
			g->blocks[i].outlined_from = NONE;
	}
}

void resolve_edges(struct arena *a, struct graph *g)
{
	struct boundary w = { .block = NONE };

	g->edges = arena_array(a, g->reloc_count + 1, struct edge);
	for (uint32_t i = 0; i < g->block_count; i++)
		for (uint32_t r = 0; r < g->blocks[i].reloc_count; r++) {
			uint32_t n = g->blocks[i].reloc_first + r;

			g->edges[n] = edge_of(g, &g->relocs[n], i, &w);
		}
	anchor_distances(a, g);
	find_owners(a, g);
	find_outlined(a, g);
}
