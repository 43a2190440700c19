/* SPDX-License-Identifier: GPL-2.0-or-later */
/* same_code.h - code and data of the object that a linked module has, byte for byte */
#ifndef ELFDIFF_SAME_CODE_H
#define ELFDIFF_SAME_CODE_H

#include "graph/graph.h"

/* What a place leads to, to the byte; an edge of the graph may be some bytes off where it has a symbol's name. */
struct exact_target {
	const char *name;  /* of the symbol, if it is global; else NULL */
	int64_t from_name; /* bytes from that symbol */
	uint32_t section;  /* 0: outside of the file */
	uint64_t offset;   /* in the section */
};

/* A relocation of the object's graph, and what it and the same place of the module lead to. */
struct target_pair {
	uint32_t reloc;
	struct exact_target ours, theirs;
};

struct same_code {
	struct arena *a;
	const struct graph *g;
	const struct object *module;
	VEC(struct target_pair) pairs; /* of the last comparison, ascending */
};

/*
 * What a symbol of the object stands on, over the symbol's size, is at that
 * place of the module: fills in pairs. False where in doubt, and of what is not
 * the start of a block: symbols may overlap, blocks do not.
 */
bool is_same_code(struct same_code *c, uint32_t symbol, uint32_t section, uint64_t offset);

#endif
