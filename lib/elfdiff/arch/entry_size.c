/* SPDX-License-Identifier: GPL-2.0-or-later */
/* entry_size.c - how long the entries of a special table are, from its relocations */
#include "arch/entry_size.h"

#include <elf.h>

#include "arch/arch.h"

struct table {
	const struct object *o;
	const struct labels *labels;
	const struct section *s;
	const struct special *row;
};

enum { MOST_RELOCS_PER_ENTRY = 8 };

/* A way to cut a table. */
struct cut {
	uint64_t stride;      /* bytes of one entry */
	uint32_t least, most; /* relocations that one may have */
};

static bool leads_to_code(const struct object *o, const struct reloc *r)
{
	const struct symbol *s = &o->symbols[r->symbol];

	return s->place == SYMBOL_DEFINED && o->sections[s->section].flags & SHF_EXECINSTR;
}

/* Where a function begins, or out of the object: what a pointer to a function can mean, and one into its code cannot. */
static bool leads_to_function(const struct table *t, const struct reloc *r)
{
	const struct symbol *s = &t->o->symbols[r->symbol];
	uint64_t target = s->value + (uint64_t)(r->addend + t->o->arch->bias(t->o, r, NO_START));
	uint32_t low, high;

	if (s->place != SYMBOL_DEFINED)
		return true;
	low = t->labels->first[s->section];
	high = t->labels->first[s->section + 1];
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (t->o->symbols[t->labels->symbols[mid]].value < target)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < t->labels->first[s->section + 1] && t->o->symbols[t->labels->symbols[low]].value == target; low++)
		if (t->o->symbols[t->labels->symbols[low]].type == STT_FUNC)
			return true;
	return false;
}

/* A row that names its function itself has entries that lead to data; what no patch has is about anything. */
static bool first_fits(const struct table *t, const struct reloc *r)
{
	return t->row->func_offset || t->row->kind == SPECIAL_IGNORED || leads_to_code(t->o, r);
}

/* The relocations of one entry are those of the fullest one, but for what the row says may be missing at the end. */
static bool entry_fits(const struct table *t, const struct reloc *r, uint32_t count, const struct reloc *fullest)
{
	if (!first_fits(t, r))
		return false;
	for (uint32_t i = 1; i < count; i++)
		if (r[i].offset - r->offset != fullest[i].offset - fullest->offset || r[i].type != fullest[i].type)
			return false;
	return r->type == fullest->type &&
	       (!t->row->handler || count < t->row->handler || leads_to_function(t, &r[t->row->handler - 1]));
}

static uint32_t relocs_within(const struct reloc *r, uint32_t left, uint64_t stride)
{
	uint32_t n = 1;

	while (n < left && r[n].offset < r->offset + stride)
		n++;
	return n;
}

/* Whether each relocation is an entry: fits() of a row whose entries have one, in fewer steps. */
static bool one_fits(const struct table *t, uint64_t stride)
{
	const struct reloc *first = &t->o->relocs[t->s->reloc_first], *r = first, *end = first + t->s->reloc_count;
	uint32_t symbol = NONE;

	for (uint64_t at = first->offset; r < end; r++, at += stride) {
		if (r->offset != at || r->type != first->type || (r->symbol != symbol && !first_fits(t, r)))
			return false;
		symbol = r->symbol;
	}
	return true;
}

/*
 * Every entry has its first relocation in the same place, leading to code, and
 * the whole agrees. The last one may lack its padding (.parainstructions).
 */
static bool fits(const struct table *t, const struct cut *cut)
{
	const struct section *s = t->s;
	const struct reloc *r = &t->o->relocs[s->reloc_first], *fullest = r;
	uint32_t full = 0, n;
	uint64_t entry = 0;

	if (!s->reloc_count || !cut->stride || r->offset >= cut->stride)
		return false;
	if (cut->least == 1 && cut->most == 1 && !t->row->handler) {
		entry = s->reloc_count;
		return one_fits(t, cut->stride) && s->size > r->offset + (entry - 1) * cut->stride &&
		       s->size <= r->offset + entry * cut->stride;
	}
	for (uint32_t i = 0; i < s->reloc_count; i += n) {
		n = relocs_within(&r[i], s->reloc_count - i, cut->stride);
		fullest = n > full ? &r[i] : fullest;
		full = n > full ? n : full;
	}
	for (uint32_t i = 0; i < s->reloc_count; i += n, entry++) {
		n = relocs_within(&r[i], s->reloc_count - i, cut->stride);
		if (r[i].offset != r->offset + entry * cut->stride || n < cut->least || n > cut->most ||
		    !entry_fits(t, &r[i], n, fullest))
			return false;
	}
	return s->size > r->offset + (entry - 1) * cut->stride && s->size <= r->offset + entry * cut->stride;
}

/* The fewest relocations of an entry that the row allows, and the most. Rows that do not say have the same in each. */
static struct cut cut_of(const struct special *row, uint32_t k)
{
	if (!row->relocs)
		return (struct cut){ .least = k, .most = k };
	return (struct cut){ .least = row->relocs - row->fewer, .most = row->relocs };
}

/*
 * Bytes of one entry, found from the relocations: what the first entry has of
 * them tells the stride. 0 when there is none that fits. A handler is proof of
 * itself, so the longest entries are tried first where there may be one.
 */
static uint64_t stride_of(const struct table *t)
{
	const struct section *s = t->s;
	const struct reloc *r = &t->o->relocs[s->reloc_first];
	uint32_t least = cut_of(t->row, 1).least, most = t->row->relocs ? t->row->relocs : MOST_RELOCS_PER_ENTRY;

	for (uint32_t i = least; i <= most; i++) {
		uint32_t k = t->row->handler ? least + most - i : i;
		struct cut cut = cut_of(t->row, k);

		if (k > s->reloc_count)
			continue;
		cut.stride = k < s->reloc_count ? r[k].offset - r[0].offset
			     : t->row->relocs   ? s->size
						: s->size - r[0].offset;
		if (fits(t, &cut))
			return cut.stride;
	}
	return 0;
}

/* Whole entries, but that the last may lack what aligns the next one (.parainstructions). */
static bool has_entries_of(const struct section *s, uint64_t size)
{
	uint64_t rest = s->size % size;

	return !rest || (s->reloc_count && size - rest < s->align);
}

/* The compiler or the user states a size: does the object allow it? Without relocations it says nothing. */
static bool allows(const struct table *t, uint64_t size)
{
	const struct section *s = t->s;
	const struct reloc *r = &t->o->relocs[s->reloc_first];
	struct cut cut;

	if (!size || !has_entries_of(s, size))
		return false;
	if (!s->reloc_count)
		return true;
	cut = cut_of(t->row, relocs_within(r, s->reloc_count, size));
	cut.stride = size;
	return fits(t, &cut);
}

bool entry_size_allows(const struct object *o, const struct labels *l, uint32_t section, const struct special *row,
		       uint64_t size)
{
	struct table t = { .o = o, .labels = l, .s = &o->sections[section], .row = row };

	return allows(&t, size);
}

uint64_t entry_size_found(const struct object *o, const struct labels *l, uint32_t section, const struct special *row)
{
	struct table t = { .o = o, .labels = l, .s = &o->sections[section], .row = row };

	return allows(&t, t.s->entsize) ? t.s->entsize : stride_of(&t);
}

uint64_t entry_size_by_relocs(const struct object *o, const struct labels *l, uint32_t section,
			      const struct special *row)
{
	struct table t = { .o = o, .labels = l, .s = &o->sections[section], .row = row };

	return stride_of(&t);
}
