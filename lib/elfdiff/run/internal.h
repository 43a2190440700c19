/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - a run, and what it found in the records of elfdiff.h */
#ifndef ELFDIFF_RUN_INTERNAL_H
#define ELFDIFF_RUN_INTERNAL_H

#include "elfdiff.h"
#include "klp/model.h"
#include "patch/resolve.h"

struct results {
	VEC(struct elfdiff_function) functions;
	VEC(struct elfdiff_item) items;
	VEC(struct elfdiff_reference) references;
};

struct elfdiff {
	struct arena arena;
	struct diags diags;
	const char *object; /* as the user states it, or NULL */
	struct kernel_symbols symbols;
	struct symvers symvers;
	const struct elfdiff *kernel; /* the run whose symvers it has instead: see elfdiff_share_kernel(); or NULL */
	struct entry_sizes sizes;
	enum { KLP_ARCH_DEFAULT, KLP_ARCH_OFF, KLP_ARCH_ON } klp_arch;
	bool core; /* elfdiff_set_core() */
	bool positions_from_one;
	struct text_set elsewhere; /* see elfdiff_replace_callers() */
	struct skip_init skip_init;
	bool kprobe_redirect, code;
	struct diff diff;
	const struct model *model; /* NULL: nothing to write */
	struct results results;
	struct elfdiff_diag no_memory; /* kept here: there is no memory for it */
};

struct step {
	enum elfdiff_status (*fn)(struct elfdiff *run, const struct step *step);
	const void *a, *b; /* as the function wants them */
	unsigned texts;    /* how many of these two it has */
	unsigned number;
};

/* An entry point: `step` with short memory, and arguments that are missing, accounted for. */
enum elfdiff_status run_guarded(struct elfdiff *run, struct step step);

/* One failure of a run, about no object. The texts are kept as they are. */
enum elfdiff_status run_fail(struct elfdiff *run, const char *id, const char *message, const char *cause,
			     const char *hint);

/* merge.c: its own, or those that it shares */
const struct symvers *run_symvers(const struct elfdiff *run);

/* `code`: see elfdiff_set_code() */
void describe(const struct diff *d, const struct selection *s, const struct resolution *r, bool code,
	      struct results *ret);

/*
 * recorded_addresses.c: the address of each KLP symbol of vmlinux, as the kernel's table says; 0 where it does not, or where the symbol
 * does not move with the kernel's image. Without such a table nothing is done.
 */
void record_addresses(struct model *m, const struct kernel_symbols *ks);

/* One of the two objects, the original's first, and what was made of it so far. */
struct side {
	struct elfdiff *run;
	const char *path;
	const struct object *object;
	const struct graph *graph;
	struct arena *arena;
	/* of what is being done: */
	struct diags diags;
	enum elfdiff_status (*fn)(struct side *s);
	enum elfdiff_status status;
	bool no_memory;
};

/* both_sides.c */
void open_sides(struct elfdiff *run, struct side sides[2]);
/* Sets `status` and `diags` of each; `apart`: at the same time. */
void do_both_sides(struct side sides[2], enum elfdiff_status (*fn)(struct side *s), bool apart);
/* The run tells what one of them has found. Returns its status. */
ELFDIFF_CHECKED enum elfdiff_status tell_of_side(struct side *s);

/* load_pair.c */
ELFDIFF_CHECKED enum elfdiff_status load_objects(struct side sides[2], const char *orig, const char *patched);
ELFDIFF_CHECKED enum elfdiff_status build_graphs(struct side sides[2]);

/*
 * same_source.c: two objects that are no builds of one thing are an error. The
 * first question needs the objects alone, the second one the twins.
 */
enum elfdiff_status check_same_thing(struct arena *a, struct diags *ds, const struct object *o, const struct object *p);
enum elfdiff_status check_in_common(const struct diff *d);

/* evidence.c: the first place that differs, in words. */
struct elfdiff_evidence describe_evidence(const struct diff *d, uint32_t block);
/* Of a relocation: its type, and what it leads to. */
const char *describe_type(const struct graph *g, uint32_t reloc);
const char *describe_target(const struct diff *d, const struct graph *g, uint32_t reloc);

/* code.c: the code of functions, before and after. */
struct codes;
struct codes *codes_new(const struct diff *d);
/* Of a function on both sides, as symbols of the two objects. */
void describe_code(struct codes *c, uint32_t orig, uint32_t patched, struct elfdiff_function *ret);

#endif
