/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split_table.c - the entries of special tables, which nobody labels */
#include <elf.h>
#include <string.h>

#include "arch/entry_size.h"
#include "graph/internal.h"

enum { SLOT_SIZE = 8 };

uint64_t stated_size(const struct entry_sizes *sizes, const char *section)
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

void contradicted(struct splitter *sp, const struct section *s, uint64_t stated, uint64_t found, const char *cause)
{
	diag_add(sp->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_WARNING,
					.id = "stated-size",
					.object = sp->o->path,
					.section = s->name,
					.cause = cause,
					.hint = "unset the variable: the size is determined from the object" },
		 "the entries of `%s` have %llu bytes, not %llu as the environment states", s->name,
		 (unsigned long long)found, (unsigned long long)stated);
}

static uint64_t entry_size(struct splitter *sp, uint32_t section)
{
	const struct section *s = &sp->o->sections[section];
	const struct special *row = sp->rows[section];
	uint64_t stated = stated_size(sp->sizes, s->name);
	uint64_t found = entry_size_found(sp->o, &sp->labels, section, row);

	if (stated && found && found != stated && s->reloc_count)
		contradicted(sp, s, stated, found, "its relocations repeat at another size, and lead to code there");
	else if (stated)
		return entry_size_allows(sp->o, &sp->labels, section, row, stated) ? stated : 0;
	return found;
}

void find_strides(struct splitter *sp)
{
	sp->strides = arena_array(sp->a, sp->o->section_count, uint64_t);
	for (uint32_t i = 1; i < sp->o->section_count; i++)
		if (sp->rows[i] && special_is_table(sp->rows[i]))
			sp->strides[i] = entry_size(sp, i);
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

/* What no patch has: in the pieces in which it is compared. */
static void split_ignored(struct splitter *sp, uint32_t section, const struct special *row)
{
	const struct section *s = &sp->o->sections[section];
	uint64_t stride = row->relocs && s->reloc_count ? entry_size_by_relocs(sp->o, &sp->labels, section, row) : 0;

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
	if (special_is_table(row)) {
		split_table(sp, section);
		return;
	}
	switch (row->kind) {
	case SPECIAL_UNWIND:
		split_unwind(sp, section, row);
		return;
	case SPECIAL_SLOTS:
		sp->g->has_slots = true;
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
