/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - between the files that read inputs */
#ifndef ELFDIFF_FILE_INTERNAL_H
#define ELFDIFF_FILE_INTERNAL_H

#include <libelf.h>
#include <sys/stat.h>

#include "arch/special.h"
#include "elf/object.h"
#include "file/load.h"

/*
 * limits.c: what a file may be and claim. Everything behind the loader takes
 * memory and time in proportion to what these allow; the manual page states
 * them (LIMITS).
 */
#define FILE_MOST (UINT64_C(4) << 30)  /* bytes of an input */
#define ZEROS_MOST (UINT64_C(1) << 30) /* bytes in memory that no byte of the file stands for */
#define NAME_MOST 4096u                /* bytes of a section's or symbol's name: PATH_MAX */
#define ADDEND_MOST (INT64_C(7) << 60) /* so far from zero: what is added to it later does not overflow */
#define SHORT_ADDEND_MOST                                                                                              \
	(INT64_C(1) << 32) /* where the field is shorter than an address: what is farther does not fit */

enum { USUAL_TYPES = 512 }; /* of relocations: what kernels have is below, on every architecture */

struct loader {
	struct arena *a;
	struct diags *ds;
	struct object *o;
	const Elf64_Shdr *headers;
	uint32_t header_names; /* number of the section with their names */
	int fd;
	enum load_what what;
	struct special_rows rows;
	uint32_t symtab; /* section number */
	const uint32_t *xindex;
	uint32_t xindex_count;
	uint8_t field_ends
		[USUAL_TYPES]; /* by type: bytes of its field, and one; 0: not asked, or there is no such type */
	bool forgets;          /* nobody reads the tables again */
	const uint8_t *forget_from, *forget_end; /* they have been read, and are still there */
	bool *unloaded;                          /* by symbol: it is in a section that is not loaded, which matters */
	bool *unsorted;                          /* by section: its relocations are not in ascending order */
};

/* Add a diagnostic about the file; false, for the caller to return. */
bool load_fail(struct loader *l, const char *id, const char *section, const char *cause, const char *hint);
bool load_damaged(struct loader *l, const char *section, const char *cause);
bool load_too_large(struct loader *l, const char *section, const char *cause);

/* limits.c: the sections, from their headers alone. */
bool check_limits(struct loader *l);

/* elf_in.c */
struct strings {
	const char *text; /* NULL: there is no table */
	uint64_t size;
};
/* It begins as ELF files do. */
bool elf_in_kind(const uint8_t *image, uint64_t size);
/* Records in this machine's byte order, from `offset` of the file; NULL: outside of it. In place, where they need not be translated. */
const void *elf_in_table(struct loader *l, Elf_Type type, uint64_t offset, uint64_t bytes);
/* Finds section headers; false: there are none, or not in the file. */
bool elf_in_headers(struct loader *l, const Elf64_Ehdr *eh);
/* Of a section, if it is a string table. */
struct strings elf_in_strings(const struct loader *l, uint64_t n);
/* The NUL-terminated name at `offset`, or NULL: too long, or out of the table. */
const char *strings_at(struct strings s, uint64_t offset);

/* load.c */
/* Of a table's section, what is in the file, in this machine's byte order; NULL: it is not in it. */
const void *load_table(struct loader *l, uint32_t section, Elf_Type type);
/* Bytes of a section once it is decompressed. */
uint64_t load_full_size(const struct loader *l, const struct section *s);

/* load_symbols.c */
bool load_symbols(struct loader *l);
/* What comparing adds: a section for common symbols, symbols for the variables of runtime constants. */
bool load_allot_commons(struct loader *l);
void load_runtime_variables(struct loader *l);

/* load_relocs.c */
bool load_relocations(struct loader *l);

/* forget.c: of a table that was read, and at the end of the section headers and symbols. Nothing where `forgets` is false. */
void load_forget_table(struct loader *l, uint32_t section);
void load_forget_headers(struct loader *l);

/*
 * read_file.c: `size` bytes of a file from `offset`. Returns NULL, or why not.
 * A mapping would do with less, but a file that is cut while it is mapped
 * kills the process.
 */
const char *read_bytes(struct arena *a, int fd, void *to, size_t size, uint64_t offset);
/* The memory of these bytes is given back, as far as it is whole pages: they are zeros from then on. */
void forget_bytes(const uint8_t *from, uint64_t size);
/* Why what was read may be of two states of the file, or NULL; `before` is from before reading. */
const char *file_changed(struct arena *a, int fd, const struct stat *before);

#endif
