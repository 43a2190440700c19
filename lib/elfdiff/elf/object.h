/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * object.h - one parsed and validated ELF64 relocatable
 *
 * An array index is the ELF index. After load_object() every index in here is
 * in range, every string terminated, every relocation inside its section.
 * Nothing changes an object after it was loaded.
 */
#ifndef ELFDIFF_OBJECT_H
#define ELFDIFF_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/index.h"

struct arch;
struct special;

/* A kernel has more than a hundred thousand: the order of the members is the one that leaves no gaps. */
struct section {
	const char *name;
	const uint8_t *data; /* NULL for SHT_NOBITS and for empty sections */
	uint64_t flags;      /* SHF_* */
	uint64_t size;       /* bytes in memory */
	uint32_t type;       /* SHT_* */
	uint32_t align, entsize;
	uint32_t link, info;
	uint32_t symbol;                   /* its STT_SECTION symbol, or NONE */
	uint32_t reloc_first, reloc_count; /* in object.relocs, ascending offset */
	const struct special *row;         /* what is special about it, or NULL; of relocations NULL */
};

enum symbol_place {
	SYMBOL_UNDEFINED,
	SYMBOL_DEFINED, /* in symbol.section */
	SYMBOL_ABSOLUTE,
	SYMBOL_COMMON,
	SYMBOL_LIVEPATCH, /* SHN_LIVEPATCH */
};

struct symbol {
	const char *name; /* never NULL; a section symbol has its section's name */
	uint64_t value, size;
	enum symbol_place place;
	uint32_t section; /* valid for SYMBOL_DEFINED, else 0 */
	uint32_t file;    /* the STT_FILE symbol it stands under, or NONE */
	uint8_t bind, type, other;
	bool by_name; /* global, and others are linked to it by its name (see name_counts_statics()) */
};

struct reloc {
	uint64_t offset; /* bytes, in `section` */
	int64_t addend;
	uint32_t type; /* R_<ARCH>_* */
	uint32_t symbol;
	uint32_t section; /* the section that is relocated */
	uint32_t from;    /* the SHT_RELA section it stands in; NONE: recovered from code */
};

struct object {
	const char *path;
	const uint8_t *image; /* the file */
	uint64_t image_size;
	uint16_t machine, type; /* EM_*, ET_* */
	uint32_t flags;         /* e_flags */
	bool big_endian;
	const struct arch *arch; /* NULL: not an architecture that can be live-patched */
	struct section *sections;
	struct symbol *symbols;
	struct reloc *relocs;
	uint32_t section_count, symbol_count, reloc_count;
	uint32_t first_global;                        /* sh_info of .symtab */
	struct index section_by_name, symbol_by_name; /* hash_string(name); section symbols left out */
};

/* First section of that name after `after` (start with 0), or 0. */
uint32_t object_section(const struct object *o, const char *name, uint32_t after);

/*
 * The symbols of one name, in the order of the symbol table:
 *
 *	struct namesakes n = object_named(o, name);
 *	while (next_namesake(&n)) use(n.symbol);
 */
struct namesakes {
	const struct object *o;
	const char *name;
	uint32_t entry;  /* of the index, where to go on */
	uint32_t symbol; /* after next_namesake() */
};
struct namesakes object_named(const struct object *o, const char *name);
bool next_namesake(struct namesakes *n);
/* There is a symbol of that name. */
bool object_has(const struct object *o, const char *name);

/* Value of `key` in .modinfo ("name", "depends", "livepatch"), or NULL. */
const char *object_modinfo(const struct object *o, const char *key);

/* The same of the entries behind one whose value is `value`; NULL: of all. */
const char *object_modinfo_after(const struct object *o, const char *key, const char *value);

/* Of relocations `first` to `first + count` in ascending offset, the first one at `offset` or later; else first + count. */
uint32_t first_reloc_from(const struct reloc *relocs, uint32_t first, uint32_t count, uint64_t offset);

/* Number in relocs of the section's first relocation at `offset` or later; behind its last when there is none. */
uint32_t object_first_reloc(const struct object *o, const struct section *s, uint64_t offset);

/* The section's first relocation at exactly `offset`, or NULL. */
const struct reloc *object_reloc_at(const struct object *o, const struct section *s, uint64_t offset);

static inline bool section_is_alloc(const struct section *s)
{
	return s->flags & 0x2; /* SHF_ALLOC */
}

#endif
