/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split_targets.c - places of pieces in sections: what relocations refer to */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "graph/internal.h"

static int by_value(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return y->empty - x->empty;
}

bool is_special(const struct splitter *sp, uint32_t section, enum special_kind kind)
{
	return sp->rows[section] && sp->rows[section]->kind == kind;
}

/* Payload or copies, or code that a label does not cover. */
static bool has_pieces(const struct splitter *sp, uint32_t section)
{
	const struct section *s = &sp->o->sections[section];
	uint32_t first = sp->labels.first[section];
	const struct symbol *label = first < sp->labels.first[section + 1] ? &sp->o->symbols[sp->labels.symbols[first]]
									   : NULL;

	if (is_special(sp, section, SPECIAL_PAYLOAD) || is_special(sp, section, SPECIAL_CODE) ||
	    is_special(sp, section, SPECIAL_COPIED))
		return true;
	return section_is_alloc(s) && s->flags & SHF_EXECINSTR && label && (label->value || label->size != s->size);
}

/* Where a relocation leads in its symbol's section; false: to no piece, but behind the last one. */
static bool leads_to_piece(const struct splitter *sp, const struct reloc *r, struct target *ret)
{
	const struct object *o = sp->o;
	const struct symbol *sym = &o->symbols[r->symbol];
	uint64_t stride = sp->strides[r->section], start = stride ? r->offset - r->offset % stride : 0;

	ret->offset = sym->value + (uint64_t)(r->addend + o->arch->bias(o, r, r->offset));
	ret->empty = stride && piece_edge_of(o, sp->rows[r->section], start, stride, r) == PIECE_EMPTY;
	ret->size = stride ? piece_size_of(o, sp->rows[r->section], start, stride, r) : 0;
	return ret->offset < o->sections[sym->section].size + ret->empty;
}

/* Pieces have no symbols: they begin where something refers to them. */
void find_targets(struct splitter *sp)
{
	const struct object *o = sp->o;
	bool *wanted = arena_array(sp->a, o->section_count, bool);
	uint32_t *next = arena_array(sp->a, o->section_count + 1, uint32_t);

	sp->first_target = arena_array(sp->a, o->section_count + 1, uint32_t);
	for (uint32_t i = 1; i < o->section_count; i++)
		wanted[i] = has_pieces(sp, i);
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i < o->reloc_count; i++) {
			const struct reloc *r = &o->relocs[i];
			const struct symbol *sym = &o->symbols[r->symbol];
			struct target target;

			if (sym->place != SYMBOL_DEFINED || !wanted[sym->section] || !leads_to_piece(sp, r, &target))
				continue;
			if (!pass)
				next[sym->section + 1]++;
			else
				sp->targets[next[sym->section]++] = target;
		}
		if (pass)
			break;
		for (uint32_t s = 0; s < o->section_count; s++)
			next[s + 1] += next[s];
		memcpy(sp->first_target, next, (o->section_count + 1) * sizeof(*next));
		sp->targets = arena_array(sp->a, next[o->section_count] + 1, struct target);
	}
	for (uint32_t s = 1; s < o->section_count; s++)
		if (next[s] > sp->first_target[s] + 1)
			qsort(sp->targets + sp->first_target[s], next[s] - sp->first_target[s], sizeof(*sp->targets),
			      by_value);
}
