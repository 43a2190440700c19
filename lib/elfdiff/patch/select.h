/* SPDX-License-Identifier: GPL-2.0-or-later */
/* select.h - what goes into the output, and why */
#ifndef ELFDIFF_SELECT_H
#define ELFDIFF_SELECT_H

#include "kernel/kernel_symbols.h"
#include "patch/diff.h"

enum why {
	WHY_CHANGED,    /* root: a function that changed */
	WHY_NEW_GLOBAL, /* root: other objects of the patch may refer to it */
	WHY_CALLER,     /* root: it calls what changed and has no ftrace location */
	WHY_CALLED,     /* root: other objects of the patch call it, which has none */
	WHY_FORCED,     /* root: KPATCH_FORCE_UNSAFE */
	WHY_CALLBACK,   /* root: a patch callback */
	WHY_REFERENCE,  /* the parent refers to it */
	WHY_GROUP,      /* outlined code of a function that is in, or the function of such code */
	WHY_ENTRY,      /* special entry of the parent */
};

struct item {
	uint32_t block;
	enum why why;
	uint32_t parent;   /* the item that needs it; NONE for a root */
	uint32_t reloc;    /* WHY_REFERENCE: the parent's relocation, else NONE */
	uint32_t function; /* the nearest ancestor that is a function, as a block; or NONE */
};

/* A relocation of the output that leads out of it. */
struct cut_edge {
	uint32_t item;
	uint32_t reloc;
	uint32_t block;  /* in the patched object; NONE: undefined there */
	uint32_t symbol; /* of the patched object: the block's label, or the undefined symbol */
};

/* An entry of the patched object's unwind table (graph/unwind.h) that is about code of the output. */
struct unwound {
	uint32_t entry;
	struct edge edge; /* to that code */
};

struct callback {
	const char *section; /* .kpatch.callbacks.* */
	uint32_t block;      /* the function */
};

/* What is done about functions that ftrace cannot redirect. By block of the patched object. */
struct callers {
	bool *covered;      /* it is not replaced: all that leads to the original is, or is covered itself */
	const char **calls; /* it is replaced because of this function; or NULL */
	bool *redirected;   /* it is replaced, by a kprobe */
};

struct selection {
	const struct callers *callers;
	VEC(struct item) items; /* an item stands behind its parent */
	uint32_t *item_of;      /* by block of the patched object, or NONE */
	VEC(struct cut_edge) cuts;
	VEC(struct unwound) unwound;        /* in the order of the table */
	struct index unwound_of;            /* the same by block */
	VEC(struct function_pair) replaced; /* one record each, of .kpatch.redirects where callers->redirected */
	VEC(struct callback) callbacks;
};

/* The closure from the changed functions. Refusals are diagnostics; the result
 * is as complete as it can be all the same. */
const struct selection *select_blocks(const struct diff *d, const struct kernel_symbols *ks);

/* changed_layouts.c: a patch whose types differ from those of what lives. */
void warn_changed_layouts(const struct diff *d);

/* init_changes.c: one of the two objects has this name in an init or exit section. */
bool has_skipped_name(const struct diff *d, const char *name);

#endif
