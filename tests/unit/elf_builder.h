/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf_builder.h - ELF64 relocatables made byte by byte, right or wrong as the test wants them
 *
 * It uses no libelf and nothing of the code that is tested, save bytes.h and
 * the arena. Sections are numbered from 1 in the order of eb_section() and
 * eb_rela(); local symbols have to be added before global ones.
 */
#ifndef ELF_BUILDER_H
#define ELF_BUILDER_H

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/vec.h"

typedef VEC(uint8_t) eb_bytes;

struct eb_section {
	const char *name;
	uint32_t type, link, info;
	uint64_t flags, align, entsize, size, offset, address;
	eb_bytes bytes;
};

struct eb {
	struct arena *a;
	uint16_t machine;
	bool big_endian, no_symtab;
	VEC(struct eb_section) sections;
	eb_bytes symbols, strings;
	uint32_t locals; /* symbols before the first global one */
};

static inline void eb_put(struct eb *b, eb_bytes *to, uint64_t v, unsigned width)
{
	uint8_t p[8];

	bytes_put(p, v, width, b->big_endian);
	for (unsigned i = 0; i < width; i++)
		*vec_push(b->a, to) = p[i];
}

static inline void eb_data(struct eb *b, eb_bytes *to, const void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		*vec_push(b->a, to) = ((const uint8_t *)data)[i];
}

static inline struct eb eb_start(struct arena *a, uint16_t machine)
{
	struct eb b = { .a = a, .machine = machine, .locals = 1 };

	*vec_push(a, &b.sections) = (struct eb_section){ .name = "" };
	eb_data(&b, &b.symbols, (uint8_t[24]){ 0 }, 24);
	eb_data(&b, &b.strings, "", 1);
	return b;
}

static inline uint32_t eb_section(struct eb *b, const char *name, uint32_t type, uint64_t flags, const void *data,
				  size_t size)
{
	struct eb_section *s = vec_push(b->a, &b->sections);

	*s = (struct eb_section){ .name = name, .type = type, .flags = flags, .align = 1, .size = size };
	if (data)
		eb_data(b, &s->bytes, data, size);
	else if (type != SHT_NOBITS)
		for (size_t i = 0; i < size; i++)
			*vec_push(b->a, &s->bytes) = 0;
	return b->sections.count - 1;
}

static inline uint32_t eb_string(struct eb *b, eb_bytes *table, const char *s)
{
	uint32_t at = table->count;

	eb_data(b, table, s, strlen(s) + 1);
	return at;
}

static inline uint32_t eb_symbol(struct eb *b, const char *name, uint8_t bind, uint8_t type, uint16_t shndx,
				 uint64_t value)
{
	eb_put(b, &b->symbols, *name ? eb_string(b, &b->strings, name) : 0, 4);
	eb_put(b, &b->symbols, ELF64_ST_INFO(bind, type), 1);
	eb_put(b, &b->symbols, 0, 1);
	eb_put(b, &b->symbols, shndx, 2);
	eb_put(b, &b->symbols, value, 8);
	eb_put(b, &b->symbols, 0, 8);
	if (bind == STB_LOCAL)
		b->locals++;
	return b->symbols.count / 24 - 1;
}

static inline uint32_t eb_rela(struct eb *b, const char *name, uint32_t target, uint64_t flags)
{
	uint32_t n = eb_section(b, name, SHT_RELA, flags, NULL, 0);

	b->sections.items[n].info = target;
	b->sections.items[n].align = 8;
	b->sections.items[n].entsize = 24;
	return n;
}

static inline void eb_reloc(struct eb *b, uint32_t rela, uint64_t offset, uint32_t symbol, uint32_t type,
			    int64_t addend)
{
	struct eb_section *s = &b->sections.items[rela];

	eb_put(b, &s->bytes, offset, 8);
	eb_put(b, &s->bytes, ELF64_R_INFO((uint64_t)symbol, type), 8);
	eb_put(b, &s->bytes, (uint64_t)addend, 8);
	s->size += 24;
}

static inline void eb_finish_tables(struct eb *b)
{
	uint32_t symtab = b->sections.count, n;

	for (uint32_t i = 1; i < symtab; i++)
		if (b->sections.items[i].type == SHT_RELA && !b->sections.items[i].link)
			b->sections.items[i].link = symtab;
	if (!b->no_symtab) {
		n = eb_section(b, ".symtab", SHT_SYMTAB, 0, b->symbols.items, b->symbols.count);
		b->sections.items[n].entsize = 24;
		b->sections.items[n].align = 8;
		b->sections.items[n].link = n + 1;
		b->sections.items[n].info = b->locals;
		eb_section(b, ".strtab", SHT_STRTAB, 0, b->strings.items, b->strings.count);
	}
	eb_section(b, ".shstrtab", SHT_STRTAB, 0, NULL, 0);
}

static inline void eb_header(struct eb *b, eb_bytes *out, uint64_t shoff)
{
	const uint8_t ident[16] = { 0x7f, 'E', 'L', 'F', ELFCLASS64, b->big_endian ? ELFDATA2MSB : ELFDATA2LSB, 1 };

	eb_data(b, out, ident, sizeof(ident));
	eb_put(b, out, ET_REL, 2);
	eb_put(b, out, b->machine, 2);
	eb_put(b, out, 1, 4);
	eb_put(b, out, 0, 8);
	eb_put(b, out, 0, 8);
	eb_put(b, out, shoff, 8);
	eb_put(b, out, 0, 4);
	eb_put(b, out, 64, 2);
	eb_put(b, out, 0, 4);
	eb_put(b, out, 64, 2);
	eb_put(b, out, b->sections.count < SHN_LORESERVE ? b->sections.count : 0, 2);
	eb_put(b, out, b->sections.count <= SHN_LORESERVE ? b->sections.count - 1 : SHN_XINDEX, 2);
}

static inline void eb_section_header(struct eb *b, eb_bytes *out, const struct eb_section *s, uint32_t name)
{
	eb_put(b, out, name, 4);
	eb_put(b, out, s->type, 4);
	eb_put(b, out, s->flags, 8);
	eb_put(b, out, s->address, 8);
	eb_put(b, out, s->offset, 8);
	eb_put(b, out, s->size, 8);
	eb_put(b, out, s->link, 4);
	eb_put(b, out, s->info, 4);
	eb_put(b, out, s->align, 8);
	eb_put(b, out, s->entsize, 8);
}

/* Call it once. */
static inline void eb_write(struct eb *b, const char *path)
{
	eb_bytes out = { 0 }, body = { 0 }, names = { 0 };
	VEC(uint32_t) name_at = { 0 };
	struct eb_section *last;
	FILE *f;

	eb_finish_tables(b);
	for (uint32_t i = 0; i < b->sections.count; i++)
		*vec_push(b->a, &name_at) = eb_string(b, &names, b->sections.items[i].name);
	last = &b->sections.items[b->sections.count - 1];
	eb_data(b, &last->bytes, names.items, names.count);
	last->size = names.count;
	for (uint32_t i = 1; i < b->sections.count; i++) {
		struct eb_section *s = &b->sections.items[i];

		while (body.count % 8)
			eb_put(b, &body, 0, 1);
		s->offset = 64 + body.count;
		eb_data(b, &body, s->bytes.items, s->bytes.count);
	}
	while (body.count % 8)
		eb_put(b, &body, 0, 1);
	eb_header(b, &out, 64 + body.count);
	eb_data(b, &out, body.items, body.count);
	b->sections.items[0].size = b->sections.count < SHN_LORESERVE ? 0 : b->sections.count;
	b->sections.items[0].link = b->sections.count <= SHN_LORESERVE ? 0 : b->sections.count - 1;
	eb_section_header(b, &out, &b->sections.items[0], 0);
	for (uint32_t i = 1; i < b->sections.count; i++)
		eb_section_header(b, &out, &b->sections.items[i], name_at.items[i]);
	f = fopen(path, "wb");
	if (!f || fwrite(out.items, 1, out.count, f) != out.count || fclose(f))
		perror(path);
}

#endif
