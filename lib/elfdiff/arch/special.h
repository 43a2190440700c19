/* SPDX-License-Identifier: GPL-2.0-or-later */
/* special.h - the table of special sections: side tables of code that the kernel reads by name */
#ifndef ELFDIFF_SPECIAL_H
#define ELFDIFF_SPECIAL_H

#include <stdbool.h>
#include <stdint.h>

enum special_kind {
	SPECIAL_NONE,  /* ordinary data that the loader reads by name */
	SPECIAL_TABLE, /* entries that belong to functions */
	SPECIAL_TRACE, /* a table of ftrace locations: rebuilt, never compared */
	SPECIAL_KEPT,  /* the index of messages: kept with its function, never compared */
	SPECIAL_UNWIND, /* unwind data: kept with their code, never compared; their entries are no blocks (graph/unwind.h) */
	SPECIAL_PAYLOAD, /* code or data that the kernel copies, without symbols of its own: pieces that entries refer to */
	SPECIAL_CODE, /* code that runs where it stands, without symbols of its own: functions jump there, and it back */
	SPECIAL_COPIED,  /* data of the compiler's own, without symbols: of each thing a copy does as well */
	SPECIAL_IGNORED, /* of no use in a patch: dropped, and compared where it is read (enum special_read) */
	SPECIAL_INIT,    /* gone after boot: a change or a reference is refused */
	SPECIAL_SLOTS,   /* addresses that code loads: copied one by one, and seen through to what they hold */
	SPECIAL_RUNTIME, /* runtime constants: places in code that boot fills in from a variable, in the image alone */
};

/* How the kernel, or what loads its modules, reads a section that a patch does not have. */
enum special_read {
	READ_NEVER,   /* it does not, or the section is made anew by each build: not compared */
	READ_ENTRIES, /* one by one: their order tells nothing */
	READ_STRINGS, /* the same of NUL-terminated strings */
	READ_WHOLE,   /* as it stands: the order counts */
};

/*
 * What the running kernel has written into the code that an entry is about, from its place on. Sources: arch/<arch>/kernel of
 * Linux 5.10 to 7.2: alternative.c, callthunks.c, ftrace.c, jump_label.c, paravirt.c, static_call.c.
 */
enum special_rewrite {
	REWRITES_UNKNOWN, /* not known here */
	REWRITES_NOTHING, /* it only tells about the code */
	REWRITES_INSN,    /* the instruction that is there */
	REWRITES_TARGET,  /* the same, but for its opcode: where that leads, in its last four bytes */
	REWRITES_BYTES,   /* so many bytes: rewrite_bytes */
	REWRITES_UP_TO,   /* so many bytes that end with the instruction: rewrite_bytes */
	REWRITES_SITE,    /* as many as the entry says: extents.site, site_length */
};

enum { NO_FIELD = 255 }; /* of struct special_extent */

/*
 * In a table's entries of a certain size: the fields that tell where a piece of another section begins and ends. A piece
 * without bytes has no place: its label stands on whatever comes next.
 */
struct special_extent {
	uint8_t entry;  /* bytes of the entry; 0: behind the last row */
	uint8_t start;  /* offset of the relocation that leads to its first byte; NO_FIELD: its length is not told */
	uint8_t length; /* offset of the byte that is its length, or 0 */
	uint8_t end;    /* offset of the relocation that leads behind its last byte, or 0 */
	uint8_t site;   /* offset of the byte that is the length of the code that it replaces, or 0 */
	bool writer;    /* a length of zero: no piece, but a function that writes the code */
};

struct special {
	const char *name; /* exact, or a prefix where it ends in '*' */
	unsigned archs;   /* ARCH_* bits */
	enum special_kind kind;
	uint8_t relocs;  /* relocations per entry; 0: found by their period, of what is ignored: a section is one */
	uint8_t fewer;   /* so many of them, the last ones, may be missing in an entry */
	uint8_t handler; /* 1 + the number of the relocation that leads to a function as such; 0: none */
	bool early;      /* the loader reads it before late (module) KLP relocations are applied */
	bool sites;      /* it lists places in code; what the kernel writes there goes on as the code does */
	bool unique;     /* the loader finds it by name: at most one in a module */
	const char *parallel; /* unwind data: section with one record for each entry of this one, without relocations */
	uint8_t record_size;  /* of such a record, bytes */
	uint8_t key_reloc;    /* jump labels, static calls: 1 + the number of the relocation that names the key */
	bool jump_labels;     /* entries of three relocations: a place, where the kernel lets it jump, the key */
	uint8_t jump_bit;     /* where the key's addend has it, objtool puts a no-op in the place of a jump; or 0 */
	uint8_t func_offset;  /* the entry points to a record that names its function here, bytes; 0: the owner is
				 where the entry's first relocation leads */
	uint8_t line_offset;  /* where an entry holds a line number, bytes; 0: behind its relocations, of which
				 there are at least two */
	uint8_t line_bits; /* its width, with that of the column behind it; 0: there is none. Bit fields start at the low end in
				  little-endian and at the high end in big-endian objects */
	const struct special_extent *extents; /* or NULL: not known */
	enum special_rewrite rewrites;
	uint8_t rewrite_bytes;
	uint8_t site_length; /* of entries of any size: offset of the byte that is the length of the code, or 0 */
	bool quiet;          /* ignored, and its labels are not looked for among the symbols of the kernel */
	enum special_read read;
	bool names;    /* the names of its labels are what is read */
	bool traced;   /* lists what can be traced: what is gone from it stays there, and is traced as before */
	bool tells;    /* it tells about the code, and nothing in the kernel works by it: a change is worth a warning */
	bool uncalled; /* ignored: nobody calls a function by an address in it */
	bool loads;    /* runtime constants: the code at these places loads the variable's value */
	bool stays; /* init code that stays where memory can be added to a running kernel: nobody may say that it has run */
};

/* Its row says how a section is cut; others are cut as what they are to ELF, whatever the row tells besides. */
static inline bool special_is_cut(const struct special *row)
{
	return row && (row->read || (row->kind != SPECIAL_INIT && row->kind != SPECIAL_NONE));
}

/* The row for a section name, or NULL. `arch` is an ARCH_* bit. */
const struct special *special_find(const char *section, unsigned arch);

/* The same for the names of many sections: the rows of an architecture, by letters of their names. */
enum { SPECIAL_ROWS_MOST = 255, SPECIAL_BUCKETS = 128 };
struct special_rows {
	uint8_t first[SPECIAL_BUCKETS], next[SPECIAL_ROWS_MOST + 1]; /* numbers of rows, from one; 0: there is none */
};
void special_rows_of(struct special_rows *ret, unsigned arch);
const struct special *special_row(const struct special_rows *rows, const char *section);

/* The extent that has a field (of its start, or its end) at this offset of an entry of `size` bytes, or NULL. */
const struct special_extent *special_extent_at(const struct special *row, uint64_t size, uint64_t field);

/* How many bytes the kernel rewrites, of an entry of `size` bytes in a section with REWRITES_SITE; false: it is not known. */
bool special_site_length(const struct special *row, const uint8_t *entry, uint64_t size, uint8_t *ret);

/* The variable that the entries of a section of runtime constants are about. */
const char *special_variable(const struct special *row, const char *section);

#endif
