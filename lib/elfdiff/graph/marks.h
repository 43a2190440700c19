/* SPDX-License-Identifier: GPL-2.0-or-later */
/* marks.h - places in sections, in order */
#ifndef ELFDIFF_MARKS_H
#define ELFDIFF_MARKS_H

#include "base/sort.h"
#include "graph/graph.h"

struct marks {
	VEC(struct sort_key) list; /* by section and offset; the id is of no use */
};

/* Keys ascend by section, and in a section by offset (less than 2^40). */
static inline uint64_t mark_key(uint32_t section, uint64_t offset)
{
	return (uint64_t)section << 40 | offset;
}

/* What no section is large enough for is left out. */
void mark(struct arena *a, struct marks *m, uint32_t section, uint64_t offset);

/* Before anything is asked. */
void sort_marks(struct arena *a, struct marks *m);

/* How many marks are at this place or before it. */
uint32_t marks_up_to(const struct marks *m, uint32_t section, uint64_t offset);

/* The last mark of a block at `offset` of its section or before it; where there is none, the block's start. */
uint64_t mark_before(const struct marks *m, const struct block *b, uint64_t offset);

#endif
