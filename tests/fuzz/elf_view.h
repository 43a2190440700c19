/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf_view.h - ELF64 of either byte order as numbers by place, for the mutator
 *
 * It parses by itself: what the library and libelf take for right is what is in question. Nothing is rejected but what
 * has no section headers in the file; every access is bounded.
 */
#ifndef ELF_VIEW_H
#define ELF_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number in a file: bytes from the record that has it, and its width. */
struct field {
	uint8_t at, width;
};

enum { EHDR_SIZE = 64, SHDR_SIZE = 64, SYM_SIZE = 24, RELA_SIZE = 24, CHDR_SIZE = 24 };

#define SH_NAME ((struct field){ 0, 4 })
#define SH_TYPE ((struct field){ 4, 4 })
#define SH_FLAGS ((struct field){ 8, 8 })
#define SH_OFFSET ((struct field){ 24, 8 })
#define SH_SIZE ((struct field){ 32, 8 })
#define SH_LINK ((struct field){ 40, 4 })
#define SH_INFO ((struct field){ 44, 4 })
#define SH_ALIGN ((struct field){ 48, 8 })
#define SH_ENTSIZE ((struct field){ 56, 8 })
#define ST_NAME ((struct field){ 0, 4 })

struct elf {
	uint8_t *data;
	size_t size, room; /* room: up to where it may grow */
	bool big;
	uint64_t shoff;
	uint32_t shnum, shstrndx;
};

/* A table of records in the file. */
struct table {
	uint64_t at;
	uint32_t count, record;
};

bool elf_open(struct elf *e, uint8_t *data, size_t size, size_t room);

/* A field of the record at AT: 0, and nothing written, outside of the file. */
uint64_t elf_get(const struct elf *e, uint64_t at, struct field f);
void elf_put(struct elf *e, uint64_t at, struct field f, uint64_t value);

uint64_t elf_header(const struct elf *e, uint32_t section); /* where the section's header is */
uint64_t elf_section(const struct elf *e, uint32_t section, struct field f);
void elf_set_section(struct elf *e, uint32_t section, struct field f, uint64_t value);
const char *elf_section_name(const struct elf *e, uint32_t section); /* "" where it has none */

/* The contents as records of this size, as far as they are in the file. */
struct table elf_table(const struct elf *e, uint32_t section, uint32_t record);

/* The section's contents at the end of the file, with EXTRA bytes of zeros behind them. False: no room. */
bool elf_move_to_end(struct elf *e, uint32_t section, uint64_t extra);

#endif
