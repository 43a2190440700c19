/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - what the architectures share: tables of relocation types, look-ups, text */
#ifndef ELFDIFF_ARCH_INTERNAL_H
#define ELFDIFF_ARCH_INTERNAL_H

#include <elf.h>
#include <stddef.h>

#include "arch/arch.h"
#include "base/bytes.h"

/* One relocation type: name and field. A table's index is the type; one that it does not have has no name. */
struct reloc_row {
	const char *name;
	struct reloc_field field;
	bool for_linkers;
};

/*
 * RELOC(type, field), the field one of the following or an architecture's own
 * macro. (`type` must be named in RELOC() itself, or its name is lost.)
 * LINKER_RELOC(): apply_relocate_add() of no kernel from 6.1 to 7.2 knows the
 * type (arch/<arch>/kernel/module.c), because linkers resolve it.
 */
#define RELOC_ROW(t, text, linkers, ...) [t] = { .name = text, .field = __VA_ARGS__, .for_linkers = (linkers) }
#define RELOC(t, ...) RELOC_ROW(t, #t, false, __VA_ARGS__)
#define LINKER_RELOC(t, ...) RELOC_ROW(t, #t, true, __VA_ARGS__)
#define MARKER                                                                                                         \
	{                                                                                                              \
		.size = 0                                                                                              \
	} /* marks a place, fills in nothing */
#define ABSOLUTE(bytes, bits)                                                                                          \
	{                                                                                                              \
		.size = (bytes), .mask = (bits)                                                                        \
	}
#define PC_RELATIVE(bytes, bits)                                                                                       \
	{                                                                                                              \
		.size = (bytes), .mask = (bits), .pc_relative = true                                                   \
	}
#define BRANCH(bytes, bits)                                                                                            \
	{                                                                                                              \
		.size = (bytes), .mask = (bits), .pc_relative = true, .branch = true                                   \
	}

#define ALL_BITS(bytes) (UINT64_MAX >> (64 - 8 * (bytes)))
/* `width` bits, the lowest of them bit number `low`. */
#define BITS(low, width) ((UINT64_MAX >> (64 - (width))) << (low))

struct reloc_rows {
	const struct reloc_row *rows;
	size_t count;
};

#define RELOC_ROWS(table) ((struct reloc_rows){ (table), sizeof(table) / sizeof((table)[0]) })

/* It refers to a weak symbol of another object, which may not be there. */
static inline bool reloc_to_weak(const struct object *o, const struct reloc *r)
{
	const struct symbol *s = &o->symbols[r->symbol];

	return s->place == SYMBOL_UNDEFINED && s->bind == STB_WEAK;
}

/* NULL for a type that the table does not have. */
const struct reloc_row *reloc_rows_find(struct reloc_rows t, uint32_t type);

/* The bodies of the hooks field(), reloc_name() and, where the type tells, is_branch(). */
bool reloc_rows_field(struct reloc_rows t, uint32_t type, struct reloc_field *ret);
const char *reloc_rows_name(struct reloc_rows t, uint32_t type);
bool reloc_rows_branch(struct reloc_rows t, const struct object *o, const struct reloc *r);

/* Some relocation owns bits within [offset, offset + size) of the section. */
bool reloc_fills(const struct arch *arch, const struct object *o, const struct section *s, uint64_t offset,
		 uint64_t size);

/* *_registers.c: the hooks register_use(). */
bool x86_register_use(const struct object *o, const struct section *s, uint64_t offset, struct register_use *ret);
bool aarch64_register_use(const struct object *o, const struct section *s, uint64_t offset, struct register_use *ret);
bool s390_register_use(const struct object *o, const struct section *s, uint64_t offset, struct register_use *ret);
/* s390x_arguments.c: see arch.spares_argument */
bool s390_spares_argument(const struct object *o, const struct section *s, uint64_t offset, uint8_t argument);
bool ppc64_register_use(const struct object *o, const struct section *s, uint64_t offset, struct register_use *ret);
bool larch_register_use(const struct object *o, const struct section *s, uint64_t offset, struct register_use *ret);

/* *_detour.c: the hooks key_detour(). */
bool x86_key_detour(const struct object *o, const struct key_site *k, struct detour *ret);
bool aarch64_key_detour(const struct object *o, const struct key_site *k, struct detour *ret);

#define NO_JUMP_LABEL "the code at its place is no jump label"
#define OUT_OF_REACH "no jump reaches from its place beyond the function's end"

static inline bool no_detour(struct detour *d, const char *why)
{
	d->obstacle = why;
	return false;
}

/* The bytes [offset, offset + size) of a section, or NULL where there are none. */
const uint8_t *section_bytes(const struct section *s, uint64_t offset, uint64_t size);

/* The instruction of 32 bits at `offset`: little-endian, whatever the data is. False where none can begin. */
bool section_word(const struct section *s, uint64_t offset, uint32_t *word);

static inline bool section_is_code(const struct section *s)
{
	return s->flags & SHF_EXECINSTR;
}

/* `v` is a signed number of `width` bits. */
static inline int64_t sign_extend(uint64_t v, unsigned width)
{
	return (int64_t)(v << (64 - width)) >> (64 - width);
}

/* snprintf() that tells whether all of it found room. */
bool format_fits(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
