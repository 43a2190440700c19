/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits.c - what a file may claim
 *
 * Contents of sections lie in the file and do not overlap, so that all counts
 * (sections, symbols, relocations) follow from its size and fit into 31 bits.
 * What is not in the file, zeros and alignment, has a limit of its own.
 */
#include <string.h>

#include "arch/arch.h"
#include "arch/special.h"
#include "base/bytes.h"
#include "base/sort.h"
#include "base/text.h"
#include "elf/livepatch.h"
#include "file/internal.h"

/* Tables about code, and code that entries lead to: left out, what they say would be lost. */
static bool is_loaded_kind(const struct section *s)
{
	const struct special *row = s->row;

	return row && row->kind != SPECIAL_NONE && row->kind != SPECIAL_INIT && row->kind != SPECIAL_IGNORED;
}

/* What is read piece by piece, which zeros without end cannot be. */
static bool needs_contents(const struct section *s)
{
	if (!section_is_alloc(s))
		return false;
	return s->flags & (SHF_EXECINSTR | SHF_MERGE) || (s->row && s->row->read) || is_loaded_kind(s) ||
	       starts_with(s->name, ".kpatch.");
}

/* Tables of ELF's own, which no kernel keeps. */
static bool is_table(const struct section *s)
{
	switch (s->type) {
	case SHT_NULL:
	case SHT_SYMTAB:
	case SHT_STRTAB:
	case SHT_RELA:
	case SHT_HASH:
	case SHT_DYNAMIC:
	case SHT_REL:
	case SHT_SHLIB:
	case SHT_DYNSYM:
	case SHT_GROUP:
	case SHT_SYMTAB_SHNDX:
		return true;
	}
	return false;
}

/* What is compared is of a compiler; its type and its flags go into the patch as they are. */
static bool check_compiled(struct loader *l, const struct section *s)
{
	if (l->what != LOAD_CODE_AND_DATA)
		return true;
	if (!section_is_alloc(s))
		return !s->size || !is_loaded_kind(s) ||
		       load_damaged(l, s->name, "a section of its kind is loaded, and by its flags it is not");
	if (is_table(s))
		return load_damaged(l, s->name, "it is code or data by its flags, and none by its type");
	if (s->flags & SHF_RELA_LIVEPATCH)
		return load_damaged(l, s->name, "its flags are those of a finished live patch's relocations");
	return true;
}

/* The last one would continue in whatever comes behind it in the patch. */
static bool ends_strings(const struct section *s)
{
	uint64_t width = s->entsize ? s->entsize : 1;

	if (!(s->flags & SHF_STRINGS) || !section_is_alloc(s) || !s->data)
		return true;
	if (s->size % width)
		return false;
	for (uint64_t i = s->size - width; i < s->size; i++)
		if (s->data[i])
			return false;
	return true;
}

/* Types above SHT_LOOS are of a system, a processor or a program. */
static bool check_section(struct loader *l, const struct section *s)
{
	if (s->type >= SHT_NUM && s->type < SHT_LOOS)
		return load_damaged(l, s->name, "its type is unknown");
	if (s->flags & (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR) && s->flags & SHF_COMPRESSED)
		return load_damaged(l, s->name, "it is code or data by its flags, and compressed");
	if (!check_compiled(l, s))
		return false;
	if (s->type == SHT_NOBITS && s->size > ZEROS_MOST)
		return load_too_large(l, s->name, "its zeros are more than 1 GiB");
	if (s->type == SHT_NOBITS && s->size && needs_contents(s))
		return load_damaged(l, s->name, "it has no contents, which a section of its kind is for");
	if (!ends_strings(s))
		return load_damaged(l, s->name, "its last string has no end");
	if (s->flags & SHF_COMPRESSED && load_full_size(l, s) > FILE_MOST)
		return load_too_large(l, s->name, "it decompresses to more than 4 GiB");
	return true;
}

/* Of two that overlap, one at least has bytes that are not its own: a table then has entries that nobody made. */
static bool check_overlaps(struct loader *l)
{
	struct sort_key *keys = arena_array(l->a, l->o->section_count, struct sort_key);
	uint32_t n = 0;

	for (uint32_t i = 1; i < l->o->section_count; i++)
		if (l->o->sections[i].data)
			keys[n++] = (struct sort_key){ (uint64_t)(l->o->sections[i].data - l->o->image), i };
	sort_keys(l->a, keys, n);
	for (uint32_t i = 1; i < n; i++)
		if (keys[i].key - keys[i - 1].key < l->o->sections[keys[i - 1].id].size)
			return load_damaged(l, l->o->sections[keys[i - 1].id].name,
					    arena_printf(l->a, "its contents overlap those of `%s`",
							 l->o->sections[keys[i].id].name));
	return true;
}

bool check_limits(struct loader *l)
{
	uint64_t zeros = 0;

	for (uint32_t i = 1; i < l->o->section_count; i++) {
		const struct section *s = &l->o->sections[i];

		if (!check_section(l, s))
			return false;
		zeros += s->align + (s->type == SHT_NOBITS ? s->size : 0);
		if (zeros > ZEROS_MOST)
			return load_too_large(l, s->name,
					      "the zeros and the alignment of all sections are more than 1 GiB");
	}
	return check_overlaps(l);
}
