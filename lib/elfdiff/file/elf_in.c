/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf_in.c - ELF's own tables in the image of a file
 *
 * They are read where they are: libelf's descriptors of 140,000 sections take as much memory as half of the object. What is
 * of the other byte order libelf translates.
 */
#include <string.h>

#include "base/bytes.h"
#include "file/internal.h"

static bool is_native(const uint8_t *image)
{
	const uint16_t one = 1;

	return image[EI_DATA] == (*(const uint8_t *)&one ? ELFDATA2LSB : ELFDATA2MSB);
}

const void *elf_in_table(struct loader *l, Elf_Type type, uint64_t offset, uint64_t bytes)
{
	const uint8_t *image = l->o->image;
	Elf_Data from = { .d_type = type, .d_version = EV_CURRENT, .d_size = bytes }, to = from;

	if (!range_ok(offset, bytes, l->o->image_size))
		return NULL;
	if (is_native(image))
		return image + offset;
	from.d_buf = (char *)image + offset; /* libelf does not write to it */
	to.d_buf = arena_alloc(l->a, bytes);
	return elf64_xlatetom(&to, &from, image[EI_DATA]) ? to.d_buf : NULL;
}

bool elf_in_kind(const uint8_t *image, uint64_t size)
{
	return size >= EI_NIDENT && !memcmp(image, ELFMAG, SELFMAG) && image[EI_CLASS] > ELFCLASSNONE &&
	       image[EI_CLASS] < ELFCLASSNUM && image[EI_DATA] > ELFDATANONE && image[EI_DATA] < ELFDATANUM &&
	       image[EI_VERSION] == EV_CURRENT;
}

bool elf_in_headers(struct loader *l, const Elf64_Ehdr *eh)
{
	const Elf64_Shdr *first = eh->e_shoff ? elf_in_table(l, ELF_T_SHDR, eh->e_shoff, sizeof(*first)) : NULL;
	uint64_t count;

	if (!first)
		return false;
	/* what does not fit into the ELF header stands in the first of them */
	count = eh->e_shnum ? eh->e_shnum : first->sh_size;
	if (!count || count > l->o->image_size / sizeof(*first))
		return false;
	l->headers = elf_in_table(l, ELF_T_SHDR, eh->e_shoff, count * sizeof(*first));
	l->header_names = eh->e_shstrndx == SHN_XINDEX ? first->sh_link : eh->e_shstrndx;
	l->o->section_count = (uint32_t)count;
	return l->headers;
}

struct strings elf_in_strings(const struct loader *l, uint64_t n)
{
	const Elf64_Shdr *sh = n && n < l->o->section_count ? &l->headers[n] : NULL;

	if (!sh || sh->sh_type != SHT_STRTAB || !sh->sh_size || !range_ok(sh->sh_offset, sh->sh_size, l->o->image_size))
		return (struct strings){ 0 };
	return (struct strings){ .text = (const char *)l->o->image + sh->sh_offset, .size = sh->sh_size };
}

const char *strings_at(struct strings s, uint64_t offset)
{
	uint64_t left = offset < s.size ? s.size - offset : 0;

	if (!left || !memchr(s.text + offset, 0, left < NAME_MOST ? left : NAME_MOST))
		return NULL;
	return s.text + offset;
}
