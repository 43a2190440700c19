/* SPDX-License-Identifier: GPL-2.0-or-later */
/* callers.h - what the walk of callers.c knows, and what ends it */
#ifndef ELFDIFF_PATCH_CALLERS_H
#define ELFDIFF_PATCH_CALLERS_H

#include "patch/internal.h"

/* Code of the original that has to be reached from the patch alone. */
struct node {
	uint32_t block;  /* a function, or code without a name; NONE: a function of another object */
	uint32_t symbol; /* of that one */
	uint32_t callee; /* the node because of which it is one; NONE: it changed, or the user has named it */
	uint32_t root;   /* where that one's callees end */
	bool told;       /* of a root: what stops it was */
	bool warned;
};

#define SEVERAL (NONE - 1)

enum { TRACED_UNKNOWN, TRACED, NOT_TRACED };

struct walk {
	const struct diff *d;
	const struct graph *g; /* the original's */
	const struct directives *directives;
	VEC(struct node) nodes;
	bool *seen;              /* by block, then by symbol */
	struct index references; /* relocations, by what they lead to, numbered like `seen` */
	struct index outlined;   /* blocks, by the function that they are outlined from */
	uint8_t *traced;         /* by block; see is_traced() */
	const struct places *places;
	uint32_t *used_by; /* by block of data: the only function that refers to it, NONE, or SEVERAL */
	bool *walked;      /* by block: is_call is known of its relocations */
	bool *is_call;     /* by relocation */
	const uint32_t *
		global; /* by block: a name of it that is weak, or that other objects may use, or 0; NULL: not made yet */
	struct text_set by_id; /* functions that BPF programs may call; made together with it */
	bool refused;
	bool trial;      /* nothing is told: only whether something stops it, and what */
	const char *why; /* of a trial that is refused */
	struct callers *ret;
};

/* callers_obstacles.c */
const char *name_of_node(const struct walk *w, uint32_t node);
/* What is in this init section has run, and will not run again. */
bool init_is_over(const struct walk *w, uint32_t block);
void obstacle_address(struct walk *w, uint32_t node, uint32_t from, uint32_t reloc);
void obstacle_init(struct walk *w, uint32_t node, uint32_t caller);
void obstacle_fused(struct walk *w, uint32_t node, uint32_t caller);
void obstacle_ignored(struct walk *w, uint32_t node, uint32_t caller);
/* Those who call it by its name, of whom no reference of the object tells. */
void judge_names(struct walk *w, uint32_t node);
void warn_no_frame(struct walk *w, uint32_t node, uint32_t caller);

#endif
