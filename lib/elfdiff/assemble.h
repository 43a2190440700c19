/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assemble.h - the output as a model: what was selected, laid out, with its references */
#ifndef ELFDIFF_ASSEMBLE_H
#define ELFDIFF_ASSEMBLE_H

#include "model.h"
#include "resolve.h"

const struct model *assemble(const struct diff *d, const struct selection *s, const struct resolution *r);

/* --- between the files that assemble --- */

/* Symbols get their final numbers when all are known: until then those of
 * global ones are counted from this one. */
#define GLOBAL_SYMBOL 0x80000000u

struct buffer {
	uint8_t *bytes;
	uint64_t room;
};

struct assembler {
	const struct diff *d;
	const struct graph *g; /* the patched object's */
	const struct selection *s;
	const struct resolution *r;
	struct model *m;
	VEC(struct model_symbol) locals, globals;
	struct index globals_by_name; /* hash of name, and of object and position of KLP symbols */
	struct index sections_by_name;
	uint32_t *section_of;          /* by block: model section, 0 when it is not in the output */
	uint64_t *offset_of;           /* by block: its place there */
	uint32_t *symbol_of;           /* by symbol of the patched object: model symbol, 0 when it has none */
	VEC(uint32_t) section_symbols; /* by model section */
	VEC(struct buffer) buffers;    /* by model section, of those that model_append() fills */
};

/* The section of that name, made when there is none. */
uint32_t model_section_named(struct assembler *as, const char *name, uint32_t type, uint64_t flags, uint64_t align,
			     uint64_t entsize);
/* Appends bytes to a section and returns where. */
uint64_t model_append(struct assembler *as, uint32_t section, const void *data, uint64_t size, uint64_t align);
void model_relocate(struct assembler *as, uint32_t section, struct model_reloc r);
uint32_t section_symbol(struct assembler *as, uint32_t section);

/* records.c: .kpatch.funcs, .kpatch.callbacks.*, .kpatch.strings, .modinfo. */
void write_records(struct assembler *as);

#endif
