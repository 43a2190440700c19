/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split_targets.c - places of pieces in sections: what relocations refer to */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/sort.h"
#include "graph/internal.h"

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

	ret->offset = sym->value + (uint64_t)(r->addend + o->arch->bias(o, r, NO_START));
	ret->empty = stride && piece_edge_of(o, sp->rows[r->section], start, stride, r) == PIECE_EMPTY;
	ret->size = stride ? piece_size_of(o, sp->rows[r->section], start, stride, r) : 0;
	return ret->offset < o->sections[sym->section].size + ret->empty;
}

/* What leads to a piece, as the relocations lie. */
struct found_target {
	uint32_t section; /* where the piece is */
	struct target target;
};

/* By section: where its targets begin, section_count + 1 numbers. */
static uint32_t *count_targets(const struct splitter *sp, const struct found_target *found, uint32_t count)
{
	uint32_t *first = arena_array(sp->a, sp->o->section_count + 1, uint32_t);

	for (uint32_t i = 0; i < count; i++)
		first[found[i].section + 1]++;
	for (uint32_t s = 0; s < sp->o->section_count; s++)
		first[s + 1] += first[s];
	return first;
}

/* By place in whatever section; of those at one place the ones without bytes come first. */
static const struct sort_key *targets_by_place(struct arena *a, const struct found_target *found, uint32_t count)
{
	struct sort_key *keys = arena_array(a, count + 1, struct sort_key);
	uint32_t n = 0;

	for (int empty = 1; empty >= 0; empty--)
		for (uint32_t i = 0; i < count; i++)
			if (found[i].target.empty == empty)
				keys[n++] = (struct sort_key){ .key = found[i].target.offset, .id = i };
	sort_keys(a, keys, count);
	return keys;
}

static void file_targets(struct splitter *sp, const struct found_target *found, uint32_t count)
{
	const struct sort_key *by_place = targets_by_place(sp->a, found, count);
	uint32_t sections = sp->o->section_count;
	uint32_t *next = arena_array(sp->a, sections + 1, uint32_t);

	sp->first_target = count_targets(sp, found, count);
	sp->targets = arena_array(sp->a, count + 1, struct target);
	memcpy(next, sp->first_target, (sections + 1) * sizeof(*next));
	for (uint32_t i = 0; i < count; i++) {
		const struct found_target *f = &found[by_place[i].id];

		sp->targets[next[f->section]++] = f->target;
	}
}

/* Pieces have no symbols: they begin where something refers to them. */
void find_targets(struct splitter *sp)
{
	const struct object *o = sp->o;
	bool *wanted = arena_array(sp->a, o->section_count, bool);
	VEC(struct found_target) found = { 0 };

	for (uint32_t i = 1; i < o->section_count; i++)
		wanted[i] = has_pieces(sp, i);
	for (uint32_t i = 0; i < o->reloc_count; i++) {
		const struct symbol *sym = &o->symbols[o->relocs[i].symbol];
		struct target target;

		if (sym->place == SYMBOL_DEFINED && wanted[sym->section] && leads_to_piece(sp, &o->relocs[i], &target))
			*vec_push(sp->a, &found) = (struct found_target){ .section = sym->section, .target = target };
	}
	file_targets(sp, found.items, found.count);
}
