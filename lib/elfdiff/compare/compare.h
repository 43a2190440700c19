/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare.h - did it change? By content, never by layout */
#ifndef ELFDIFF_COMPARE_H
#define ELFDIFF_COMPARE_H

#include "compare/twins.h"

enum verdict {
	VERDICT_NONE, /* not a thing of its own: strings, constants, entries */
	VERDICT_SAME,
	VERDICT_CHANGED,
	VERDICT_NEW, /* in the patched object alone */
};

enum difference {
	DIFFERENT_NOT,
	DIFFERENT_SIZE,
	DIFFERENT_BYTES,     /* an instruction, or a value */
	DIFFERENT_RELOC,     /* a relocation is there on one side alone, or has another type */
	DIFFERENT_TARGET,    /* a relocation leads elsewhere */
	DIFFERENT_ENTRY,     /* a special entry of the function: bytes or relocation */
	DIFFERENT_ENTRIES,   /* the number of special entries */
	DIFFERENT_OUTLINED,  /* its .cold */
	DIFFERENT_SECTION,   /* it moved to another kind of section */
	DIFFERENT_ALIGNMENT, /* of data: the original's may be too small */
	DIFFERENT_NAME,      /* the name of a label, where names are what is read */
};

/* In words, for people. */
const char *difference_name(enum difference what);

/* The first place where two blocks differ. */
struct evidence {
	enum difference what;
	uint32_t orig, patched; /* the blocks that differ: the twins, or entries or outlined code of theirs */
	uint64_t orig_offset, patched_offset; /* bytes from the start of these blocks */
	uint32_t orig_reloc, patched_reloc;   /* in graph.relocs; NONE: not a relocation */
	uint32_t label;                       /* DIFFERENT_NAME: symbol of the patched object, or 0 */
};

/* A function on both sides: symbols of the two objects. */
struct function_pair {
	uint32_t orig, patched;
};

struct verdicts {
	enum verdict *of;                /* by block of the patched object */
	struct evidence *evidence;       /* by block of the patched object; for CHANGED */
	VEC(struct function_pair) fused; /* functions that changed in fused blocks */
	struct index fused_of;           /* the same by block of the patched object */
	VEC(uint32_t) gone; /* blocks of the original: what the kernel has read, and the patched object lacks */
	uint32_t line_only; /* functions that differ in line numbers alone */
};

/* The most that a variable can be aligned to, by its place and its section: bytes. */
uint64_t place_alignment(const struct graph *g, uint32_t block);

/* Both sides' source lines prove line numbers where there is debug information. */
const struct verdicts *compare(struct arena *a, const struct graph *orig, const struct graph *patched,
			       const struct twins *t, struct line_proof *lines);

#endif
