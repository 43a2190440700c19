/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symbol_elf.h - an ELF vmlinux or module that is being read: symbol_elf.c, and what else is taken from it */
#ifndef ELFDIFF_SYMBOL_ELF_H
#define ELFDIFF_SYMBOL_ELF_H

#include "base/bytes.h"
#include "kernel/internal.h"

struct elf_section {
	const char *name;
	uint32_t type, link, info;
	uint64_t flags, address, offset, size;
	const uint8_t *data; /* once it was read */
};

struct elf_reader {
	struct arena *a;
	struct diags *ds;
	const struct input *in;
	const uint8_t *header;
	bool big_endian, is_module;
	uint16_t type; /* ET_* */
	struct elf_section *sections;
	uint32_t section_count;
	struct elf_section *symtab, *strtab, *xindex;
	struct symbol_table *t;
	uint32_t file;
};

struct elf_symbol {
	const char *name;
	uint64_t value, size;
	uint32_t section; /* 0: undefined, absolute, common */
	uint8_t bind, type;
	bool undefined;
	bool hidden; /* no other object may be linked to it: where it is local, the last link made it so */
};

#define FIELD(r, p, type, member) bytes_get((p) + offsetof(type, member), sizeof(((type *)0)->member), (r)->big_endian)

/* Its bytes, or NULL: it has none, or they cannot be read. */
const uint8_t *elf_section_data(const struct elf_reader *r, struct elf_section *s);
/* Symbol number i; false: it is damaged. */
bool elf_symbol_read(const struct elf_reader *r, uint32_t i, struct elf_symbol *s);
/* symbol_elf_hooks.c: the table's ftrace locations, where the file has them. */
void hooks_from_elf(struct elf_reader *r);

#endif
