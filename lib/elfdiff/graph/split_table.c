/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split_table.c - the entries of special tables, which nobody labels */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "graph/internal.h"

enum { MOST_RELOCS_PER_ENTRY = 8, SLOT_SIZE = 8 };

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
static bool leads_to_function(const struct splitter *sp, const struct reloc *r)
{
	const struct symbol *s = &sp->o->symbols[r->symbol];
	uint64_t target = s->value + (uint64_t)(r->addend + sp->o->arch->bias(sp->o, r, r->offset));
	uint32_t low, high;

	if (s->place != SYMBOL_DEFINED)
		return true;
	low = sp->first_symbol[s->section];
	high = sp->first_symbol[s->section + 1];
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (sp->o->symbols[sp->symbols[mid]].value < target)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < sp->first_symbol[s->section + 1] && sp->o->symbols[sp->symbols[low]].value == target; low++)
		if (sp->o->symbols[sp->symbols[low]].type == STT_FUNC)
			return true;
	return false;
}

/* A row that names its function itself has entries that lead to data; what no patch has is about anything. */
static bool first_fits(const struct splitter *sp, const struct special *row, const struct reloc *r)
{
	return row->func_offset || row->kind == SPECIAL_IGNORED || leads_to_code(sp->o, r);
}

/* The relocations of one entry are those of the fullest one, but for what the row says may be missing at the end. */
static bool entry_fits(const struct splitter *sp, const struct special *row, const struct reloc *r, uint32_t count,
		       const struct reloc *fullest)
{
	if (!first_fits(sp, row, r))
		return false;
	for (uint32_t i = 1; i < count; i++)
		if (r[i].offset - r->offset != fullest[i].offset - fullest->offset || r[i].type != fullest[i].type)
			return false;
	return r->type == fullest->type &&
	       (!row->handler || count < row->handler || leads_to_function(sp, &r[row->handler - 1]));
}

static uint32_t relocs_within(const struct reloc *r, uint32_t left, uint64_t stride)
{
	uint32_t n = 1;

	while (n < left && r[n].offset < r->offset + stride)
		n++;
	return n;
}

/*
 * Every entry has its first relocation in the same place, leading to code, and
 * the whole agrees. The last one may lack its padding (.parainstructions).
 */
static bool fits(const struct splitter *sp, const struct section *s, const struct special *row, const struct cut *cut)
{
	const struct reloc *r = &sp->o->relocs[s->reloc_first], *fullest = r;
	uint32_t full = 0, n;
	uint64_t entry = 0;

	if (!s->reloc_count || !cut->stride || r->offset >= cut->stride)
		return false;
	for (uint32_t i = 0; i < s->reloc_count; i += n) {
		n = relocs_within(&r[i], s->reloc_count - i, cut->stride);
		fullest = n > full ? &r[i] : fullest;
		full = n > full ? n : full;
	}
	for (uint32_t i = 0; i < s->reloc_count; i += n, entry++) {
		n = relocs_within(&r[i], s->reloc_count - i, cut->stride);
		if (r[i].offset != r->offset + entry * cut->stride || n < cut->least || n > cut->most ||
		    !entry_fits(sp, row, &r[i], n, fullest))
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
static uint64_t stride_of(const struct splitter *sp, const struct section *s, const struct special *row)
{
	const struct reloc *r = &sp->o->relocs[s->reloc_first];
	uint32_t least = cut_of(row, 1).least, most = row->relocs ? row->relocs : MOST_RELOCS_PER_ENTRY;

	for (uint32_t i = least; i <= most; i++) {
		uint32_t k = row->handler ? least + most - i : i;
		struct cut cut = cut_of(row, k);

		if (k > s->reloc_count)
			continue;
		cut.stride = k < s->reloc_count ? r[k].offset - r[0].offset
			     : row->relocs      ? s->size
						: s->size - r[0].offset;
		if (fits(sp, s, row, &cut))
			return cut.stride;
	}
	return 0;
}

/* The compiler or the user states a size: does the object allow it? Without relocations it says nothing. */
static bool allows(const struct splitter *sp, const struct section *s, const struct special *row, uint64_t size)
{
	const struct reloc *r = &sp->o->relocs[s->reloc_first];
	struct cut cut;

	if (!size || s->size % size)
		return false;
	if (!s->reloc_count)
		return true;
	cut = cut_of(row, relocs_within(r, s->reloc_count, size));
	cut.stride = size;
	return fits(sp, s, row, &cut);
}

static uint64_t stated_size(const struct entry_sizes *sizes, const char *section)
{
	uint64_t size = 0;

	for (uint32_t i = 0; i < sizes->list.count; i++)
		if (!strcmp(sizes->list.items[i].section, section))
			size = sizes->list.items[i].size;
	return size;
}

static void irregular(struct splitter *sp, const struct section *s, bool stated)
{
	diag_add(sp->ds,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_FAILURE,
			 .id = "irregular-table",
			 .object = sp->o->path,
			 .section = s->name,
			 .cause = stated ? "its relocations do not repeat at the entry size that the environment sets"
					 : "its relocations do not repeat, so its entries cannot be told apart",
			 .hint = stated ? "unset the variable: the size is determined from the object"
					: "set the entry size (see ENVIRONMENT in create-diff-object(1))" },
		 "the size of the entries of `%s` is not known", s->name);
}

static void contradicted(struct splitter *sp, const struct section *s, uint64_t stated, uint64_t found)
{
	diag_add(sp->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_WARNING,
					.id = "stated-size",
					.object = sp->o->path,
					.section = s->name,
					.cause = "its relocations repeat at another size, and lead to code there",
					.hint = "unset the variable: the size is determined from the object" },
		 "the entries of `%s` have %llu bytes, not %llu as the environment states", s->name,
		 (unsigned long long)found, (unsigned long long)stated);
}

static uint64_t found_size(const struct splitter *sp, const struct section *s, const struct special *row)
{
	return allows(sp, s, row, s->entsize) ? s->entsize : stride_of(sp, s, row);
}

static uint64_t entry_size(struct splitter *sp, const struct section *s, const struct special *row)
{
	uint64_t stated = stated_size(sp->sizes, s->name), found = found_size(sp, s, row);

	if (stated && found && found != stated && s->reloc_count)
		contradicted(sp, s, stated, found);
	else if (stated)
		return allows(sp, s, row, stated) ? stated : 0;
	return found;
}

static bool is_table(const struct special *row)
{
	return row->kind == SPECIAL_TABLE || row->kind == SPECIAL_TRACE || row->kind == SPECIAL_RUNTIME ||
	       (row->kind == SPECIAL_KEPT && row->relocs);
}

void find_strides(struct splitter *sp)
{
	sp->strides = arena_array(sp->a, sp->o->section_count, uint64_t);
	for (uint32_t i = 1; i < sp->o->section_count; i++)
		if (sp->rows[i] && is_table(sp->rows[i]))
			sp->strides[i] = entry_size(sp, &sp->o->sections[i], sp->rows[i]);
}

static void split_table(struct splitter *sp, uint32_t section)
{
	const struct section *s = &sp->o->sections[section];
	uint64_t stride = sp->strides[section];

	if (s->size && !stride) {
		irregular(sp, s, stated_size(sp->sizes, s->name));
		return;
	}
	for (uint64_t at = 0; at < s->size; at += stride)
		add_block(sp, section, at, at + stride < s->size ? at + stride : s->size, BLOCK_ENTRY, NONE);
}

/* The first section whose row says that this one runs beside it, or 0. */
static uint32_t section_beside(const struct splitter *sp, const char *name)
{
	const struct index *ix = &sp->parallel;

	for (uint32_t e = index_first(ix, hash_string(name)); e != NONE; e = index_next(ix, e))
		if (!strcmp(sp->rows[ix->ids[e]]->parallel, name))
			return ix->ids[e];
	return 0;
}

/* How many entries a table has; 0: it is not known. Found once for each table. */
static uint64_t entries_of(struct splitter *sp, uint32_t section)
{
	uint64_t *known = &sp->entries_of[section], stride;

	if (!*known) {
		stride = found_size(sp, &sp->o->sections[section], sp->rows[section]);
		*known = 1 + (stride ? sp->o->sections[section].size / stride : 0);
	}
	return *known - 1;
}

/* A table without relocations of its own that runs beside another one. */
static bool split_parallel(struct splitter *sp, uint32_t section)
{
	const struct section *s = &sp->o->sections[section];
	uint32_t other = section_beside(sp, s->name);
	uint64_t entries = other ? entries_of(sp, other) : 0;

	if (!entries || s->size % entries)
		return false;
	for (uint64_t at = 0; at < s->size; at += s->size / entries)
		add_block(sp, section, at, at + s->size / entries, BLOCK_ENTRY, NONE);
	return true;
}

/* What no patch has: in the pieces in which it is compared. */
static void split_ignored(struct splitter *sp, uint32_t section, const struct special *row)
{
	const struct section *s = &sp->o->sections[section];
	uint64_t stride = row->relocs && s->reloc_count ? stride_of(sp, s, row) : 0;

	if (s->flags & SHF_MERGE && s->flags & SHF_STRINGS && s->entsize <= 1 && s->data)
		split_strings(sp, section, row->read == READ_STRINGS ? BLOCK_IGNORED : BLOCK_STRING);
	else if (row->read == READ_STRINGS && s->data)
		split_strings(sp, section, BLOCK_IGNORED);
	else if (row->read == READ_ENTRIES)
		split_left_out(sp, section, stride ? stride : s->size);
	else if (s->size)
		add_block(sp, section, 0, s->size, BLOCK_IGNORED, NONE);
}

void split_special(struct splitter *sp, uint32_t section, const struct special *row)
{
	uint64_t size = sp->o->sections[section].size;

	if (is_table(row)) {
		split_table(sp, section);
		return;
	}
	switch (row->kind) {
	case SPECIAL_KEPT:
		if (!split_parallel(sp, section) && size)
			add_block(sp, section, 0, size, BLOCK_IGNORED, NONE);
		return;
	case SPECIAL_SLOTS:
		split_by_size(sp, section, SLOT_SIZE);
		return;
	case SPECIAL_PAYLOAD:
		split_pieces(sp, section, BLOCK_PAYLOAD);
		return;
	case SPECIAL_COPIED:
		split_pieces(sp, section, BLOCK_CONST);
		return;
	case SPECIAL_CODE:
		split_text(sp, section);
		return;
	default:
		split_ignored(sp, section, row);
	}
}
