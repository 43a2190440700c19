/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * read_on.c - constants to which nothing leads, behind one to which something does
 *
 * Assembler code says of no constant where it ends. A label without a size, or a number of a mergeable section, to which
 * nothing refers is there for code that reads on from what stands before it. So it has to be what it was, and what stands
 * before it cannot be copied without it. Compilers leave none.
 */
#include <elf.h>
#include <string.h>

#include "base/sort.h"
#include "patch/internal.h"

static bool is_constant(const struct block *b)
{
	return (b->kind == BLOCK_CONST || b->kind == BLOCK_RODATA) && !b->special && !b->init && b->start < b->end;
}

/* Nothing says that it is a thing of its own. */
static bool reads_on(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];

	return is_constant(b) && !b->referenced &&
	       (b->symbol == NONE || (block_is_local(g, block) && !block_label(g, block)->size));
}

/* What it is read from: the constant before it to which something leads, or NONE. */
static uint32_t lead_of(const struct graph *g, uint32_t block)
{
	uint32_t first = g->first_block[g->blocks[block].section];

	while (block > first && reads_on(g, block))
		block--;
	return is_constant(&g->blocks[block]) && g->blocks[block].referenced ? block : NONE;
}

static struct key_list list_pieces(struct arena *a, const struct graph *g)
{
	VEC(struct sort_key) keys = { 0 };

	for (uint32_t b = 0; b < g->block_count; b++)
		if (reads_on(g, b) && lead_of(g, b) != NONE)
			*vec_push(a, &keys) =
				(struct sort_key){ .key = hash_string(graph_section_name(g, b)), .id = b };
	sort_keys(a, keys.items, keys.count);
	return (struct key_list){ keys.items, keys.count };
}

/* What relocations fill in is the verdict's, of what has a name. */
static bool is_same(const struct diff *d, uint32_t b, uint32_t c)
{
	const struct block *x = &d->orig->blocks[b], *y = &d->patched->blocks[c];
	const uint8_t *p = block_data(d->orig, x), *q = block_data(d->patched, y);
	uint64_t size = x->end - x->start;

	if (y->symbol != NONE && d->verdicts->of[c] != VERDICT_SAME)
		return false;
	return size == y->end - y->start && p && q && !memcmp(p, q, size);
}

static void refuse(const struct diff *d, const struct graph *g, uint32_t block, const char *what)
{
	struct elfdiff_diag diag = { .severity = ELFDIFF_REFUSAL,
				     .id = "read-on",
				     .object = g->object->path,
				     .section = graph_section_name(g, block),
				     .symbol = graph_label(d->a, g, block) };

	diag.cause = arena_printf(d->a,
				  "nothing refers to it, so that code reads on to it from `%s` before it; how far "
				  "no symbol tells",
				  graph_label(d->a, g, lead_of(g, block)));
	diag.hint = "give the table in the source a type and a size (SYM_DATA_START(), SYM_DATA_END()), on both sides";
	diag_add(d->ds, diag, "`%s` of section `%s` %s", diag.symbol, diag.section, what);
}

static void refuse_unlike(const struct diff *d, bool *paired)
{
	struct key_list x = list_pieces(d->a, d->orig), y = list_pieces(d->a, d->patched);
	bool *kept = arena_array(d->a, d->orig->block_count + 1, bool);
	struct key_list left = x;
	uint32_t b, c;

	while (next_equal_keys(&left, &y, &b, &c))
		kept[b] = paired[c] = is_same(d, b, c);
	for (uint32_t i = 0; i < x.count; i++)
		if (!kept[x.keys[i].id])
			refuse(d, d->orig, x.keys[i].id, "changed, or is gone");
}

void refuse_read_on(const struct diff *d, const struct selection *s)
{
	const struct graph *g = d->patched;
	bool *paired = arena_array(d->a, g->block_count + 1, bool);

	refuse_unlike(d, paired);
	for (uint32_t c = 0; c < g->block_count; c++) {
		uint32_t lead = reads_on(g, c) ? lead_of(g, c) : NONE;

		if (lead != NONE && s->item_of[lead] != NONE && s->item_of[c] == NONE)
			refuse(d, g, c, paired[c] ? "would not come along" : "is new, and would not come along");
	}
}
