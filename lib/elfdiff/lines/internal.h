/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - reading the bytes of debug sections */
#ifndef ELFDIFF_LINES_INTERNAL_H
#define ELFDIFF_LINES_INTERNAL_H

#include "base/bytes.h"
#include "elf/object.h"

/* A place in the bytes of a section. Reading past `end` gives zeros and sets `bad`. */
struct cursor {
	const uint8_t *data;
	uint64_t pos, end;
	bool big_endian, bad;
};

uint64_t cursor_fixed(struct cursor *c, unsigned width);
uint64_t cursor_uleb(struct cursor *c);
int64_t cursor_sleb(struct cursor *c);
void cursor_skip(struct cursor *c, uint64_t bytes);

/* cursor_skip(), where there is much to skip. */
static inline void cursor_pass(struct cursor *c, uint64_t bytes)
{
	if (range_ok(c->pos, bytes, c->end))
		c->pos += bytes;
	else
		cursor_skip(c, bytes);
}

/* cursor_fixed() of four bytes, where there are many of them. */
static inline uint64_t cursor_number(struct cursor *c)
{
	if (!range_ok(c->pos, 4, c->end))
		return cursor_fixed(c, 4);
	c->pos += 4;
	return bytes_get(c->data + c->pos - 4, 4, c->big_endian);
}

/* One line number program; offsets are in .debug_line. */
struct line_unit {
	uint64_t program, end;
	uint16_t version;
	uint8_t offset_size; /* 4 or 8 */
	uint8_t min_insn, line_range, opcode_base;
	int8_t line_base;
	const uint8_t *operands; /* how many, by standard opcode from 1 */
};

/* A debug section without compression, and its relocations by ascending offset. */
struct debug_section {
	struct cursor bytes; /* at its start */
	const struct reloc *relocs;
	uint32_t reloc_count;
};

/* False when the object has none of that name, or none that can be read. */
bool debug_section_read(struct arena *a, const struct object *o, const char *name, struct debug_section *ret);

/* First relocation at exactly this offset, or NULL. */
const struct reloc *debug_section_reloc(const struct debug_section *s, uint64_t offset);

#endif
