/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - what the files of correlate and compare share */
#ifndef ELFDIFF_COMPARE_INTERNAL_H
#define ELFDIFF_COMPARE_INTERNAL_H

#include "compare/compare.h"
#include "compare/line_proof.h"

struct known_pair {
	uint32_t b, c;
	bool same;
	bool open;      /* it is not known yet: what it refers to is still being compared */
	uint32_t users; /* pairs that rely on it, in uses, or NONE */
};

struct use_of_pair {
	uint32_t user; /* a pair */
	uint32_t next; /* another use of the same pair, or NONE */
};

struct label_list;

struct fresh_pair;
struct fresh_pairs {
	VEC(struct fresh_pair) pairs;
	struct index by_orig, by_patched;
};

struct comparer {
	struct arena *a;
	const struct graph *orig, *patched;
	const struct twins *twins;
	struct line_proof *lines; /* see line_proof.h */
	bool by_fingerprint;      /* twins are not known yet: targets are the same when their fingerprints are */
	bool line_used;           /* a difference in line numbers was passed over */
	const struct label_list
		*labels[2];       /* of the original, of the patched object: see left_out.c; NULL: not made yet */
	struct fresh_pairs fresh; /* see one_to_one() */
	uint32_t function;        /* that is compared, by any number; NONE: it is no function */
	struct index pairs;       /* what was compared already */
	VEC(struct known_pair) known;
	VEC(struct use_of_pair) uses;
	uint32_t user; /* the pair that is being compared, or NONE: all that it refers to is to be known at once */
};

/* Block b of the original against block c of the patched object; *ret is the
 * first place that differs. */
bool same_block(struct comparer *cmp, uint32_t b, uint32_t c, struct evidence *ret);

/* The bytes, relocations and special entries of two functions that share their blocks with others. */
bool same_function(struct comparer *cmp, uint32_t orig_symbol, uint32_t patched_symbol);

/* Both relocations lead to the same thing. */
bool same_target(struct comparer *cmp, uint32_t orig_reloc, uint32_t patched_reloc);

/* one_to_one.c: neither of two variables that have no identity is, in this function, paired with another. */
bool one_to_one(struct comparer *cmp, uint32_t b, uint32_t c);

/* alignment.c: variables that are the same, and may have to be aligned to more, change. The verdicts of all variables are there. */
void judge_alignments(struct comparer *cmp, struct verdicts *v);

/* Of what has no relocation to show. */
struct evidence evidence_of(enum difference what, uint32_t b, uint32_t c);

/* left_out.c: what no patch has, and the kernel has read: verdicts of its pieces, and those that are gone. */
void judge_left_out(struct comparer *cmp, struct verdicts *v);

/* The names of two such blocks' labels are the same, where names are what is read. *label is a symbol of the patched
 * object where they are not, or 0. */
bool same_labels(struct comparer *cmp, uint32_t b, uint32_t c, uint32_t *label);

/* --- correlate -------------------------------------------------------------- */

/* pair_by_references.c: pairs data by the corresponding places of functions that are twins. */
void pair_by_references(struct arena *a, const struct graph *orig, const struct graph *patched,
			struct line_proof *lines, struct twins *t);

/* source_files.c: by FILE symbol, a number that those of one source have in common, and no others. */
struct source_files {
	uint32_t *of_orig, *of_patched; /* by symbol */
	struct source_matcher *matcher;
};
struct source_files find_source_files(struct arena *a, const struct object *orig, const struct object *patched);
/* Of FILE symbols: static functions of one have names of the other's. */
bool sources_share_functions(const struct source_files *f, uint32_t orig, uint32_t patched);

/* fingerprint.c: hash of a function's bytes and of what its edges lead to, by stem of name. */
uint64_t fingerprint_of(const struct graph *g, uint32_t block);
/* The same of one edge: its type, what it leads to and where there. */
uint64_t fingerprint_of_edge(const struct graph *g, uint32_t reloc);
/* And the code or data right before and behind it. */
uint64_t fingerprint_of_place(const struct graph *g, uint32_t block, uint32_t reloc);

/* --- line numbers ----------------------------------------------------------- */

/*
 * The bytes at `offset` (from the blocks' starts) differ. True when they belong
 * to an immediate that is a line number on both sides: the code is followed to the
 * call that takes it and does nothing but report it (see line_proof.c). *resume is then the offset behind the instruction.
 */
bool line_proof_at(struct line_proof *p, uint32_t b, uint32_t c, uint64_t offset, uint64_t *resume);

/*
 * The strings that a relocation of the two functions refers to differ. True when
 * they do so in a line number behind the name of a source file ("a.c:12", as
 * FORTIFY_SOURCE makes them), and both are lines by the debug information of both
 * objects.
 */
bool line_proof_string(struct line_proof *p, uint32_t b, uint32_t c, uint64_t offset, const char *orig,
		       const char *patched);

/* What is known of the call that takes a number. */
struct line_use {
	const char *callee; /* NULL: it is not known where the number goes */
	bool listed;        /* it, or what it is a clone of, reports line numbers */
	bool listed_here;   /* it reports this argument as one */
	bool shown;         /* it prints this argument behind a file's name that is loaded on the way */
	bool place;         /* the name of a source file or a function is loaded on the way */
};

/*
 * line_follow.c: follows an argument register from the instruction at `offset` of a block, which loads it, to the call that
 * takes it. Every instruction between is known to leave it alone, and where it goes on: so the call, or one of the same
 * function on each way, is where the number goes, and nowhere else. What is loaded from `straight` on counts as loaded on the way.
 */
struct line_use line_follow(const struct graph *g, const struct block *c, uint64_t straight, uint64_t offset,
			    uint8_t argument);

/* line_callees.c: functions that are handed a line number to report, and do nothing else with it. */

/* Its argument of that number (1 for the first) is a line number. */
bool callee_takes_line(const char *name, unsigned argument);

/* The same of any argument. */
bool callee_is_listed(const char *name);

/* The number of the argument that is the format which it prints; 0: it prints none. */
unsigned callee_format(const char *name);

#endif
