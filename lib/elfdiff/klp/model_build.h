/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model_build.h - making a model piece by piece
 *
 * Symbols get their final numbers when all are known: until build_finish() the
 * number of a symbol, also in relocations, is a handle that the functions below
 * return. 0 is no symbol.
 */
#ifndef ELFDIFF_MODEL_BUILD_H
#define ELFDIFF_MODEL_BUILD_H

#include "klp/model.h"

struct build_buffer {
	uint8_t *bytes;
	uint64_t room;
};

struct model_builder {
	struct arena *a;
	struct model *m;
	VEC(struct model_symbol) locals, globals;
	struct index globals_by_name; /* what build_reference() made: hash of name and place */
	struct index sections_by_name;
	VEC(uint32_t) section_symbols;    /* by section */
	VEC(struct build_buffer) buffers; /* by section, of those that build_append() fills */
};

void build_start(struct model_builder *b, struct arena *a, uint16_t machine, uint32_t flags, bool big_endian);

/* The section of that name, made when there is none; one that is there gets the flags too, and the larger alignment. */
uint32_t build_section(struct model_builder *b, const char *name, uint32_t type, uint64_t flags, uint64_t align,
		       uint64_t entsize);
/* Makes room for bytes that the caller puts there, and returns where. */
uint64_t build_reserve(struct model_builder *b, uint32_t section, uint64_t size, uint64_t align);
/* Appends bytes to a section and returns where. */
uint64_t build_append(struct model_builder *b, uint32_t section, const void *data, uint64_t size, uint64_t align);
void build_relocate(struct model_builder *b, uint32_t section, struct model_reloc r);

/* A new symbol. */
uint32_t build_symbol(struct model_builder *b, struct model_symbol s);
/* A symbol that lives elsewhere, one for all who refer to it. */
uint32_t build_reference(struct model_builder *b, struct model_symbol s);
uint32_t build_section_symbol(const struct model_builder *b, uint32_t section);

const struct model *build_finish(struct model_builder *b);

#endif
