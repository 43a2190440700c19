/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_units.h - what becomes of each pair of objects of two directories */
#ifndef CREATE_DIFF_OBJECT_COMPARE_UNITS_H
#define CREATE_DIFF_OBJECT_COMPARE_UNITS_H

#include <stdatomic.h>

#include "options.h"
#include "units.h"

struct comparison {
	const struct options *options;
	const struct elfdiff *kernel; /* its symbols and exports are those of all */
	struct units *units;
	atomic_bool *skipped; /* by name of --skip-init: an object has it */
	bool keep_all;        /* the runs of what is refused too, for who wants to know what was found */
};

/* Compare unit number `i` of a struct comparison; several threads may do so, of different ones. */
void compare_unit(void *comparison, size_t i);

#endif
