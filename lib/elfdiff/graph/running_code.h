/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * running_code.h - what of a function's code is the same in the kernel that runs
 *
 * Between the object and memory a linker or a module's loader fills in addresses, and the kernel rewrites code for the
 * processor that it finds, for static keys and calls, and for tracing. Where they do so is known: by the relocations, and by
 * the tables from which the kernel itself knows. All other bits are the same, or it is another kernel.
 */
#ifndef ELFDIFF_RUNNING_CODE_H
#define ELFDIFF_RUNNING_CODE_H

#include "graph/graph.h"

struct running_code {
	const char *unknown; /* why nothing can be said of it, in words; or NULL */
	uint64_t size;       /* bytes: of the function's symbol */
	const uint8_t *code; /* as it is in the object */
	uint8_t *open;       /* of each byte the bits that may differ */
};

/* Places in code that no entry of a function's own tells: made once for a graph. */
struct runtime_places;
const struct runtime_places *find_runtime_places(struct arena *a, const struct graph *g);

/* Of the function that a symbol with a size labels. What is returned lives in the arena. */
struct running_code find_running_code(struct arena *a, const struct graph *g, const struct runtime_places *p,
				      uint32_t symbol);

#endif
