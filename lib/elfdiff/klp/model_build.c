/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "klp/model_build.h"

#include <elf.h>
#include <string.h>

#include "base/bytes.h"
#include "klp/internal.h"

/* Handles of global symbols count from this one. */
#define GLOBAL_SYMBOL 0x80000000u

void build_start(struct model_builder *b, struct arena *a, uint16_t machine, uint32_t flags, bool big_endian)
{
	*b = (struct model_builder){ .a = a, .m = arena_new(a, struct model) };
	b->m->machine = machine;
	b->m->flags = flags;
	b->m->big_endian = big_endian;
	*vec_push(a, &b->m->sections) = (struct model_section){ .name = "" };
	*vec_push(a, &b->locals) = (struct model_symbol){ .name = "" };
}

static uint32_t add_section(struct model_builder *b, struct model_section s)
{
	uint32_t n = b->m->sections.count;

	*vec_push(b->a, &b->m->sections) = s;
	while (b->section_symbols.count <= n)
		*vec_push(b->a, &b->section_symbols) = 0;
	b->section_symbols.items[n] = build_symbol(
		b, (struct model_symbol){
			   .name = "", .place = MODEL_DEFINED, .section = n, .bind = STB_LOCAL, .type = STT_SECTION });
	return n;
}

static uint32_t find_section(const struct model_builder *b, const char *name)
{
	const struct index *ix = &b->sections_by_name;

	for (uint32_t e = index_first(ix, hash_string(name)); e != NONE; e = index_next(ix, e))
		if (!strcmp(b->m->sections.items[ix->ids[e]].name, name))
			return ix->ids[e];
	return NONE;
}

uint32_t build_section(struct model_builder *b, const char *name, uint32_t type, uint64_t flags, uint64_t align,
		       uint64_t entsize)
{
	uint32_t n = find_section(b, name);
	struct model_section *s;

	if (n == NONE) {
		n = add_section(b, (struct model_section){ .name = name,
							   .type = type,
							   .flags = flags,
							   .align = align ? align : 1,
							   .entsize = entsize });
		index_add(b->a, &b->sections_by_name, hash_string(name), n);
		return n;
	}
	s = &b->m->sections.items[n];
	s->flags |= flags;
	s->align = align > s->align ? align : s->align;
	if (type != SHT_NOBITS)
		s->type = type;
	return n;
}

uint64_t build_reserve(struct model_builder *b, uint32_t section, uint64_t size, uint64_t align)
{
	struct model_section *s = &b->m->sections.items[section];
	uint64_t at = align_up(s->size, align);

	s->size = at + size;
	return at;
}

uint64_t build_append(struct model_builder *b, uint32_t section, const void *data, uint64_t size, uint64_t align)
{
	struct model_section *s = &b->m->sections.items[section];
	uint64_t old = s->size, at = build_reserve(b, section, size, align);
	struct build_buffer *buffer;

	while (b->buffers.count <= section)
		*vec_push(b->a, &b->buffers) = (struct build_buffer){ 0 };
	buffer = &b->buffers.items[section];
	if (s->size > buffer->room) {
		uint8_t *bytes;

		buffer->room = s->size * 2;
		bytes = arena_alloc(b->a, buffer->room);
		if (old)
			memcpy(bytes, s->data, old);
		s->data = buffer->bytes = bytes;
	}
	memcpy(buffer->bytes + at, data, size);
	return at;
}

void build_relocate(struct model_builder *b, uint32_t section, struct model_reloc r)
{
	*vec_push(b->a, &b->m->sections.items[section].relocs) = r;
}

uint32_t build_symbol(struct model_builder *b, struct model_symbol s)
{
	if (s.bind == STB_LOCAL) {
		*vec_push(b->a, &b->locals) = s;
		return b->locals.count - 1;
	}
	*vec_push(b->a, &b->globals) = s;
	return (b->globals.count - 1) | GLOBAL_SYMBOL;
}

static bool same_reference(const struct model_symbol *x, const struct model_symbol *y)
{
	return x->place == y->place && (x->place == MODEL_KLP ? same_klp_reference(x, y) : !strcmp(x->name, y->name));
}

uint32_t build_reference(struct model_builder *b, struct model_symbol s)
{
	uint64_t h = hash_mix(hash_string(s.name), (uint64_t)s.place);

	for (uint32_t e = index_first(&b->globals_by_name, h); e != NONE; e = index_next(&b->globals_by_name, e)) {
		uint32_t id = b->globals_by_name.ids[e];

		if (!same_reference(&b->globals.items[id], &s))
			continue;
		/* one that may be missing for the one, and not for the other, must be there */
		if (s.place == MODEL_UNDEFINED && s.bind != STB_WEAK)
			b->globals.items[id].bind = s.bind;
		return id | GLOBAL_SYMBOL;
	}
	index_add(b->a, &b->globals_by_name, h, b->globals.count);
	*vec_push(b->a, &b->globals) = s;
	return (b->globals.count - 1) | GLOBAL_SYMBOL;
}

uint32_t build_section_symbol(const struct model_builder *b, uint32_t section)
{
	return b->section_symbols.items[section];
}

static uint32_t final_number(const struct model_builder *b, uint32_t symbol)
{
	return symbol & GLOBAL_SYMBOL ? b->locals.count + (symbol & ~GLOBAL_SYMBOL) : symbol;
}

const struct model *build_finish(struct model_builder *b)
{
	for (uint32_t i = 0; i < b->locals.count; i++)
		*vec_push(b->a, &b->m->symbols) = b->locals.items[i];
	for (uint32_t i = 0; i < b->globals.count; i++)
		*vec_push(b->a, &b->m->symbols) = b->globals.items[i];
	for (uint32_t n = 0; n < b->m->sections.count; n++)
		for (uint32_t i = 0; i < b->m->sections.items[n].relocs.count; i++) {
			struct model_reloc *r = &b->m->sections.items[n].relocs.items[i];

			r->symbol = final_number(b, r->symbol);
		}
	return b->m;
}
