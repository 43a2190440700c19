/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model.h - an object to be written, with its KLP references in the abstract
 *
 * A form (klp, linkable, kpatch) is a way to spell the references of a model in
 * ELF. model_read() understands every form, model_write() writes the one asked
 * for; reading what was written gives the same model again.
 */
#ifndef ELFDIFF_MODEL_H
#define ELFDIFF_MODEL_H

#include "base/diag.h"
#include "elf/object.h"

struct model_reloc {
	uint64_t offset; /* bytes, in the section it stands in */
	int64_t addend;
	uint32_t type;   /* R_<ARCH>_* */
	uint32_t symbol; /* in model.symbols */
};

struct model_section {
	const char *name;
	uint32_t type;
	uint64_t flags, align, entsize, size; /* size in bytes */
	const uint8_t *data;                  /* NULL for SHT_NOBITS */
	uint32_t link,
		info; /* model section numbers where the type or flags make them so; kept as they are otherwise */
	VEC(struct model_reloc) relocs; /* in the order in which they are written */
};

enum model_place {
	MODEL_UNDEFINED,
	MODEL_DEFINED,
	MODEL_ABSOLUTE,
	MODEL_COMMON,
	MODEL_KLP, /* found by the kernel's livepatch loader */
};

struct model_symbol {
	const char *name; /* for MODEL_KLP: the name in the kernel */
	uint64_t value, size;
	enum model_place place;
	uint32_t section; /* MODEL_DEFINED */
	uint8_t bind, type, other;
	/* MODEL_KLP: */
	const char *klp_object; /* where the symbol lives: "vmlinux", "ext4" */
	const char *klp_when;   /* whose loading applies the relocations: .klp.rela.<when>.* */
	unsigned long position;
	uint64_t address; /* in the kernel's symbol table; 0: not known. Form kpatch alone tells it */
};

/*
 * Sections do not include the null section, symbol and string tables, SHT_RELA
 * and SHT_GROUP sections: the writer makes them. Number 0 of both arrays is
 * the null entry. Local symbols come before global ones.
 */
struct model {
	uint16_t machine;
	uint32_t flags; /* e_flags */
	bool big_endian;
	VEC(struct model_section) sections;
	VEC(struct model_symbol) symbols;
};

/* Refuse KLP relocations of what the module loader reads, for whoever applies all of them afterwards: the core of kmod/core. */
ELFDIFF_CHECKED enum elfdiff_status klp_core_check(struct arena *a, struct diags *ds, const char *path,
						   const struct model *m);

/* Read a relocatable of any form (or of none: a plain object). `klp_arch`: see kpatch_decode(). */
ELFDIFF_CHECKED enum elfdiff_status model_read(struct arena *a, struct diags *ds, const char *path, bool klp_arch,
					       struct model *ret);

/*
 * Write a model to `path`: a temporary file beside it is written whole, checked
 * with `verify` (may be NULL) and renamed. On failure nothing is left behind
 * and an old file is untouched.
 */
typedef enum elfdiff_status (*model_verify)(void *arg, const char *path);
ELFDIFF_CHECKED enum elfdiff_status model_write(struct arena *a, struct diags *ds, const struct model *m,
						enum elfdiff_form form, const char *path, model_verify verify,
						void *arg);

#endif
