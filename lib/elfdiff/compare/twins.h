/* SPDX-License-Identifier: GPL-2.0-or-later */
/* twins.h - the same thing in both objects */
#ifndef ELFDIFF_TWINS_H
#define ELFDIFF_TWINS_H

#include "graph/graph.h"

/*
 * One to one, by block number; NONE: no twin. Functions and named data have
 * twins. Strings, constants and special entries have none: they are compared
 * by content.
 *
 * For functions any one-to-one pairing is sound, since every caller is compared
 * through it; a good one keeps the patch small. For writable data only the
 * right one is sound: where it cannot be told, there is none and `unclear` is set.
 */
struct twins {
	uint32_t *of_orig;    /* by block of the original: block of the patched */
	uint32_t *of_patched; /* by block of the patched: block of the original */
	bool *unclear;        /* by block of the patched: may be one of several things of the original */
};

struct line_proof;
const struct twins *correlate(struct arena *a, const struct graph *orig, const struct graph *patched,
			      struct line_proof *lines);

#endif
