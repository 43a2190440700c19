/* SPDX-License-Identifier: GPL-2.0-or-later */
/* labels.h - the symbols that stand in each section, by place */
#ifndef ELFDIFF_LABELS_H
#define ELFDIFF_LABELS_H

#include "base/arena.h"
#include "elf/object.h"

/*
 * Symbols that name something, ascending by place; of several at one place the one that the thing is called by comes
 * first: a global before a weak and a local one, and a function or variable before a plain label.
 */
struct labels {
	uint32_t *first;   /* by section, section_count + 1 numbers: where its labels begin in `symbols` */
	uint32_t *symbols; /* numbers of symbols */
};

struct labels labels_of(struct arena *a, const struct object *o);

/* A function begins at it; assemblers leave functions without a type, and labels in code are mostly local. */
bool symbol_starts_function(const struct symbol *s);

static inline uint32_t label_count(const struct labels *l, uint32_t section)
{
	return l->first[section + 1] - l->first[section];
}

#endif
