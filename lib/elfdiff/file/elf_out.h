/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elf_out.h - sections, symbols and relocations ready to be put into an ELF file */
#ifndef ELFDIFF_ELF_OUT_H
#define ELFDIFF_ELF_OUT_H

#include <elf.h>

#include "base/diag.h"
#include "base/index.h"

/* A table of NUL-terminated strings, each of them once. */
struct strings {
	VEC(char) bytes;
	struct index by_text;
};

/* Offset of `s` in the table. */
uint32_t strings_add(struct arena *a, struct strings *t, const char *s);

enum out_kind { OUT_BYTES, OUT_SYMBOLS, OUT_RELOCATIONS, OUT_WORDS };

/* Contents are in the host's byte order; OUT_BYTES are taken as they are. */
struct out_section {
	const char *name;
	uint32_t type, link, info;
	uint64_t flags, align, entsize, size; /* size in bytes */
	enum out_kind kind;
	const void *data;
};

/* A whole ET_REL file. Number 0 of the sections is the null section. */
struct elf_out {
	uint16_t machine;
	uint32_t flags;
	bool big_endian;
	VEC(struct out_section) sections;
	uint32_t shstrtab; /* section number; its contents are made by elf_out_write() */
};

/* Write to an empty file; NULL, or what went wrong, in words. */
const char *elf_out_write(struct arena *a, struct elf_out *e, int fd);

#endif
