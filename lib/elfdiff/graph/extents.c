/* SPDX-License-Identifier: GPL-2.0-or-later */
/* extents.c - pieces of other sections that entries of tables name: where they end, and which have no bytes */
#include "arch/arch.h"
#include "graph/internal.h"

static uint64_t target_of(const struct object *o, const struct reloc *r)
{
	return o->symbols[r->symbol].value + (uint64_t)(r->addend + o->arch->bias(o, r, NO_START));
}

/* Both lead to one place of one section. */
static bool lead_together(const struct object *o, const struct reloc *r, const struct reloc *s)
{
	const struct symbol *x = &o->symbols[r->symbol], *y = &o->symbols[s->symbol];

	return x->place == SYMBOL_DEFINED && y->place == SYMBOL_DEFINED && x->section == y->section &&
	       target_of(o, r) == target_of(o, s);
}

static bool has_length(const struct section *s, uint64_t at)
{
	return !s->data || at >= s->size || s->data[at];
}

uint64_t piece_size_of(const struct object *o, const struct special *row, uint64_t start, uint64_t size,
		       const struct reloc *r)
{
	const struct special_extent *x = special_extent_at(row, size, r->offset - start);
	const struct section *s = &o->sections[r->section];

	return x && x->length && s->data && start + x->length < s->size ? s->data[start + x->length] : 0;
}

enum piece_edge piece_edge_of(const struct object *o, const struct special *row, uint64_t start, uint64_t size,
			      const struct reloc *r)
{
	const struct special_extent *x = special_extent_at(row, size, r->offset - start);
	const struct section *s = &o->sections[r->section];
	const struct reloc *first, *end;

	if (!x)
		return PIECE_AT;
	if (x->length)
		return x->writer || has_length(s, start + x->length) ? PIECE_AT : PIECE_EMPTY;
	first = object_reloc_at(o, s, start + x->start);
	end = object_reloc_at(o, s, start + x->end);
	if (!first || !end)
		return PIECE_AT;
	if (lead_together(o, first, end))
		return PIECE_EMPTY;
	return r == end && first->symbol == end->symbol ? PIECE_END : PIECE_AT;
}
