/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source_places.h - the source lines of a run of code, for people
 *
 * lines.h asks whether code may be of a line, and proves with it. Here the names of files count too, which libdw puts together,
 * and nothing is proved.
 */
#ifndef ELFDIFF_SOURCE_PLACES_H
#define ELFDIFF_SOURCE_PLACES_H

#include "elf/object.h"

struct source_places;

/* The code from this offset on is of this line. */
struct source_place {
	uint64_t offset;  /* bytes, in the section */
	const char *file; /* without the directory that the compiler ran in */
	uint32_t line;
};

struct source_place_list {
	VEC(struct source_place) list;
};

/* NULL: no debug information that can be read. */
struct source_places *source_places_open(struct arena *a, const struct object *o);

/* Those of the code from `start` to `end` of a section, ascending; the first may begin behind `start`. `sp` may be NULL. */
struct source_place_list source_places_of(struct source_places *sp, uint32_t section, uint64_t start, uint64_t end);

#endif
