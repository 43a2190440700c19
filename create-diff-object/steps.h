/* SPDX-License-Identifier: GPL-2.0-or-later */
/* steps.h - how long each step of a run took */
#ifndef CREATE_DIFF_OBJECT_STEPS_H
#define CREATE_DIFF_OBJECT_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STEPS_MOST = 8 };

struct steps {
	struct {
		const char *name;
		uint64_t microseconds;
	} items[STEPS_MOST];
	size_t count;
	uint64_t begun; /* the last one, on a clock that nobody sets */
	bool at_work;
};

/* The step before it has ended, and one of this name begins; NULL: none does. */
void steps_next(struct steps *s, const char *name);

#endif
