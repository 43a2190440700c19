/* SPDX-License-Identifier: GPL-2.0-or-later */
/* line_section.c - the bytes and relocations of debug sections */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "lines/internal.h"

uint64_t cursor_fixed(struct cursor *c, unsigned width)
{
	uint64_t v;

	if (!range_ok(c->pos, width, c->end)) {
		c->pos = c->end;
		c->bad = true;
		return 0;
	}
	v = width == 1 ? c->data[c->pos] : bytes_get(c->data + c->pos, width, c->big_endian);
	c->pos += width;
	return v;
}

/* LEB128: seven bits a byte, and whether another follows. *bits is how many there were, of which the last is a sign's. */
static uint64_t read_leb(struct cursor *c, unsigned *bits)
{
	uint64_t v = 0, byte;

	*bits = 0;
	do {
		byte = cursor_fixed(c, 1);
		if (*bits < 64)
			v |= (byte & 0x7f) << *bits;
		*bits += 7;
	} while (byte & 0x80 && *bits < 140);
	return v;
}

uint64_t cursor_uleb(struct cursor *c)
{
	unsigned bits;

	return read_leb(c, &bits);
}

int64_t cursor_sleb(struct cursor *c)
{
	unsigned bits;
	uint64_t v = read_leb(c, &bits);

	if (bits < 64 && v >> (bits - 1))
		v |= UINT64_MAX << bits;
	return (int64_t)v;
}

void cursor_skip(struct cursor *c, uint64_t bytes)
{
	if (range_ok(c->pos, bytes, c->end)) {
		c->pos += bytes;
	} else {
		c->pos = c->end;
		c->bad = true;
	}
}

/* SHF_COMPRESSED by zlib, the one that kernels are built with. */
static bool unpack(struct arena *a, const struct object *o, const struct section *s, struct cursor *ret)
{
	const uint64_t header = sizeof(Elf64_Chdr), worst_ratio = 1032;
	uLongf size;
	uint8_t *out;

	if (s->size < header || bytes_get(s->data, 4, o->big_endian) != ELFCOMPRESS_ZLIB)
		return false;
	size = bytes_get(s->data + offsetof(Elf64_Chdr, ch_size), 8, o->big_endian);
	if (!size || size / worst_ratio > s->size)
		return false;
	ret->end = size;
	out = arena_alloc(a, size);
	ret->data = out;
	return uncompress(out, &size, s->data + header, s->size - header) == Z_OK && size == ret->end;
}

static bool read_bytes(struct arena *a, const struct object *o, const struct section *s, struct cursor *ret)
{
	if (s->type == SHT_NOBITS || !s->data)
		return false;
	*ret = (struct cursor){ .data = s->data, .end = s->size, .big_endian = o->big_endian };
	return !(s->flags & SHF_COMPRESSED) || unpack(a, o, s, ret);
}

static int by_offset(const void *a, const void *b)
{
	const struct reloc *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return (x->addend > y->addend) - (x->addend < y->addend);
}

/* Order is only made where there is none: several relocations of one place keep theirs otherwise. */
static void sort_relocs(struct reloc *r, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		if (r[i - 1].offset > r[i].offset) {
			qsort(r, count, sizeof(*r), by_offset);
			return;
		}
	}
}

/* The bytes of a SHT_RELA section are as in the file; the loader leaves those of debug sections alone. */
static void read_relocs(struct arena *a, const struct object *o, const struct section *from, struct debug_section *ret)
{
	uint32_t count = (uint32_t)(from->size / sizeof(Elf64_Rela));
	struct reloc *r = arena_array(a, count, struct reloc);
	bool be = o->big_endian;

	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *p = from->data + i * sizeof(Elf64_Rela);
		uint64_t info = bytes_get(p + offsetof(Elf64_Rela, r_info), 8, be);

		r[i].offset = bytes_get(p + offsetof(Elf64_Rela, r_offset), 8, be);
		r[i].addend = (int64_t)bytes_get(p + offsetof(Elf64_Rela, r_addend), 8, be);
		r[i].type = (uint32_t)ELF64_R_TYPE(info);
		r[i].symbol = (uint32_t)ELF64_R_SYM(info);
		if (r[i].symbol >= o->symbol_count)
			r[i].symbol = 0;
	}
	sort_relocs(r, count);
	ret->relocs = r;
	ret->reloc_count = count;
}

bool debug_section_read(struct arena *a, const struct object *o, const char *name, struct debug_section *ret)
{
	uint32_t number = object_section(o, name, 0);

	*ret = (struct debug_section){ 0 };
	if (!number || !read_bytes(a, o, &o->sections[number], &ret->bytes))
		return false;
	for (uint32_t i = 1; i < o->section_count; i++) {
		const struct section *s = &o->sections[i];

		if (s->type == SHT_RELA && s->info == number && s->data)
			read_relocs(a, o, s, ret);
	}
	return true;
}

const struct reloc *debug_section_reloc(const struct debug_section *s, uint64_t offset)
{
	uint32_t i = first_reloc_from(s->relocs, 0, s->reloc_count, offset);

	return i < s->reloc_count && s->relocs[i].offset == offset ? &s->relocs[i] : NULL;
}
