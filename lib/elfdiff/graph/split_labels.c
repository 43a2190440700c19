/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split_labels.c - what marks places in sections: labels, and what relocations refer to */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "elf/names.h"
#include "graph/internal.h"

static bool is_label(const struct symbol *s)
{
	return s->place == SYMBOL_DEFINED && s->type != STT_SECTION && s->type != STT_FILE && !name_is_marker(s->name);
}

/* Which of several symbols at one place is the label: smaller is better. */
static unsigned label_rank(const struct symbol *s)
{
	unsigned rank = s->bind == STB_GLOBAL ? 0 : s->bind == STB_WEAK ? 1 : 2;

	if (s->type == STT_NOTYPE)
		rank += 4;
	if (name_is_prefix_symbol(s->name))
		rank += 8;
	return rank;
}

static int by_place(const void *a, const void *b, void *arg)
{
	const struct symbol *symbols = arg;
	const struct symbol *x = &symbols[*(const uint32_t *)a], *y = &symbols[*(const uint32_t *)b];

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (label_rank(x) != label_rank(y))
		return label_rank(x) < label_rank(y) ? -1 : 1;
	return (x > y) - (x < y);
}

void sort_labels(struct splitter *sp)
{
	const struct object *o = sp->o;
	uint32_t *next = arena_array(sp->a, o->section_count + 1, uint32_t);

	sp->first_symbol = arena_array(sp->a, o->section_count + 1, uint32_t);
	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (is_label(&o->symbols[i]))
			sp->first_symbol[o->symbols[i].section + 1]++;
	for (uint32_t s = 0; s < o->section_count; s++)
		sp->first_symbol[s + 1] += sp->first_symbol[s];
	memcpy(next, sp->first_symbol, (o->section_count + 1) * sizeof(*next));
	sp->symbols = arena_array(sp->a, sp->first_symbol[o->section_count] + 1, uint32_t);
	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (is_label(&o->symbols[i]))
			sp->symbols[next[o->symbols[i].section]++] = i;
	for (uint32_t s = 0; s < o->section_count; s++)
		qsort_r(sp->symbols + sp->first_symbol[s], sp->first_symbol[s + 1] - sp->first_symbol[s],
			sizeof(*sp->symbols), by_place, o->symbols);
}

/* --- what relocations refer to in payload sections ------------------------ */

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
	uint32_t first = sp->first_symbol[section];
	const struct symbol *label = first < sp->first_symbol[section + 1] ? &sp->o->symbols[sp->symbols[first]] : NULL;

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
		qsort(sp->targets + sp->first_target[s], next[s] - sp->first_target[s], sizeof(*sp->targets), by_value);
}
