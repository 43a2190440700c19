/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split_table.c - the entries of special tables, which nobody labels */
#include <string.h>

#include "graph/internal.h"

enum { MOST_RELOCS_PER_ENTRY = 8, SLOT_SIZE = 8 };

/*
 * Bytes of one entry, found from the relocations: the smallest stride at which
 * their places and types repeat, with `fixed` relocations in it (0: any
 * number). 0 when there is none.
 */
static uint64_t stride_of(const struct object *o, const struct section *s, uint32_t fixed)
{
	const struct reloc *r = &o->relocs[s->reloc_first];

	for (uint32_t k = fixed ? fixed : 1; k <= s->reloc_count && k <= MOST_RELOCS_PER_ENTRY; k++) {
		uint64_t stride = k < s->reloc_count ? r[k].offset - r[0].offset
				  : fixed            ? s->size
						     : s->size - r[0].offset;
		bool fits = stride && s->reloc_count % k == 0;

		for (uint32_t i = k; i < s->reloc_count && fits; i++)
			fits = r[i].offset == r[i - k].offset + stride && r[i].type == r[i - k].type;
		/* the last entry may lack its padding (.parainstructions) */
		if (fits && s->size <= r[0].offset + stride * (s->reloc_count / k) &&
		    s->size > r[0].offset + stride * (s->reloc_count / k - 1))
			return stride;
		if (fixed)
			break;
	}
	return 0;
}

/* Every entry of this many bytes has its relocations in the same places. */
static bool repeats_at(const struct object *o, const struct section *s, uint64_t stride)
{
	const struct reloc *r = &o->relocs[s->reloc_first];
	uint32_t k = 0;

	if (!stride || stride > s->size || s->size % stride)
		return false;
	while (k < s->reloc_count && r[k].offset < stride)
		k++;
	if (!k || s->reloc_count % k || s->reloc_count / k != s->size / stride)
		return !s->reloc_count;
	for (uint32_t i = k; i < s->reloc_count; i++)
		if (r[i].offset != r[i - k].offset + stride)
			return false;
	return true;
}

static uint64_t stated_size(const struct entry_sizes *sizes, const char *section)
{
	uint64_t size = 0;

	for (uint32_t i = 0; i < sizes->list.count; i++)
		if (!strcmp(sizes->list.items[i].section, section))
			size = sizes->list.items[i].size;
	return size;
}

static void split_table(struct splitter *sp, uint32_t section, const struct special *row)
{
	const struct object *o = sp->o;
	const struct section *s = &o->sections[section];
	uint64_t stated = stated_size(sp->sizes, s->name), stride = stated;

	if (!stated)
		stride = s->entsize && s->size % s->entsize == 0 ? s->entsize : stride_of(o, s, row->relocs);
	if (s->size && (!stride || (stated && !repeats_at(o, s, stated)))) {
		diag_add(sp->ds,
			 (struct elfdiff_diag){
				 .severity = ELFDIFF_FAILURE,
				 .id = "irregular-table",
				 .object = o->path,
				 .section = s->name,
				 .cause = stated ? "its relocations do not repeat at the entry size that the "
						   "environment sets"
						 : "its relocations do not repeat, so its entries cannot be told apart",
				 .hint = stated ? "unset the variable: the size is determined from the object"
						: "set the entry size (see ENVIRONMENT in create-diff-object(1))" },
			 "the size of the entries of `%s` is not known", s->name);
		return;
	}
	for (uint64_t at = 0; at < s->size; at += stride)
		add_block(sp, section, at, at + stride < s->size ? at + stride : s->size, BLOCK_ENTRY, NONE);
}

/* A table without relocations of its own that runs beside another one. */
static bool split_parallel(struct splitter *sp, uint32_t section)
{
	const struct object *o = sp->o;
	const struct section *s = &o->sections[section];
	uint64_t entries, stride;

	for (uint32_t i = 1; i < o->section_count; i++) {
		const struct special *row = sp->rows[i];

		if (!row || !row->parallel || strcmp(row->parallel, s->name))
			continue;
		stride = stride_of(o, &o->sections[i], row->relocs);
		entries = stride ? o->sections[i].size / stride : 0;
		if (!entries || s->size % entries)
			return false;
		for (uint64_t at = 0; at < s->size; at += s->size / entries)
			add_block(sp, section, at, at + s->size / entries, BLOCK_ENTRY, NONE);
		return true;
	}
	return false;
}

void split_special(struct splitter *sp, uint32_t section, const struct special *row)
{
	uint64_t size = sp->o->sections[section].size;

	switch (row->kind) {
	case SPECIAL_TABLE:
	case SPECIAL_TRACE:
	case SPECIAL_RUNTIME:
		split_table(sp, section, row);
		return;
	case SPECIAL_KEPT:
		if (row->relocs)
			split_table(sp, section, row);
		else if (!split_parallel(sp, section) && size)
			add_block(sp, section, 0, size, BLOCK_IGNORED, NONE);
		return;
	case SPECIAL_SLOTS:
		split_by_size(sp, section, SLOT_SIZE);
		return;
	case SPECIAL_PAYLOAD:
		split_payload(sp, section);
		return;
	default:
		if (size)
			add_block(sp, section, 0, size, BLOCK_IGNORED, NONE);
	}
}
