/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mutate_groups.c - groups and compressed sections */
#include "mutations.h"

#include <elf.h>
#include <string.h>
#include <zlib.h>

void mutate_group(struct elf *e, struct random *r)
{
	uint32_t section = section_of_type(e, r, SHT_GROUP);
	static const struct field word = { 0, 4 };

	if (!section) {
		section = any_section(e, r);
		elf_set_section(e, section, SH_TYPE, SHT_GROUP);
		elf_set_section(e, section, SH_LINK, section_of_type(e, r, SHT_SYMTAB));
		return;
	}
	elf_put(e, any_record(e, r, section, 4), word,
		random_below(r, 2) ? random_below(r, e->shnum) : odd_number(r, 1));
}

static void put_chdr(struct elf *e, uint64_t at, uint64_t type, uint64_t size, uint64_t align)
{
	elf_put(e, at, (struct field){ 0, 4 }, type);
	elf_put(e, at, (struct field){ 4, 4 }, 0);
	elf_put(e, at, (struct field){ 8, 8 }, size);
	elf_put(e, at, (struct field){ 16, 8 }, align);
}

/* Really compressed, with a header that is right or not. */
void mutate_compressed(struct elf *e, struct random *r)
{
	static uint8_t packed[1 << 16];
	uint32_t section = any_section(e, r);
	struct table t = elf_table(e, section, 1);
	uint64_t flags = elf_section(e, section, SH_FLAGS), at = elf_section(e, section, SH_OFFSET);
	uLongf size = sizeof(packed);

	if (flags & SHF_COMPRESSED) {
		static const struct field fields[] = { { 0, 4 }, { 8, 8 }, { 16, 8 } };

		change(e, r, at, fields[random_below(r, COUNT(fields))]);
		return;
	}
	if (!t.count || compress(packed, &size, e->data + t.at, t.count) != Z_OK ||
	    !elf_move_to_end(e, section, CHDR_SIZE + size))
		return;
	at = elf_section(e, section, SH_OFFSET) + t.count;
	put_chdr(e, at, random_below(r, 4) ? ELFCOMPRESS_ZLIB : random_below(r, 4),
		 random_below(r, 2) ? t.count : odd_number(r, t.count), 1);
	memcpy(e->data + at + CHDR_SIZE, packed, size);
	elf_set_section(e, section, SH_OFFSET, at);
	elf_set_section(e, section, SH_SIZE, CHDR_SIZE + size);
	elf_set_section(e, section, SH_FLAGS,
			random_below(r, 4) ? (flags & ~(uint64_t)SHF_ALLOC) | SHF_COMPRESSED : flags | SHF_COMPRESSED);
}
