/* SPDX-License-Identifier: GPL-2.0-or-later */
/* workers.h - one thing for each of many, on as many processors as there are */
#ifndef CREATE_DIFF_OBJECT_WORKERS_H
#define CREATE_DIFF_OBJECT_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "jobserver.h"

struct workers {
	void (*work)(void *arg, size_t i); /* for each number below `count`, in several threads, in any order */
	void *arg;
	size_t count;
	size_t most;          /* threads; 0: as many as there are processors */
	struct jobserver *js; /* a token for each thread but one */
	bool progress;        /* tell on stderr how many are done */
};

void workers_run(struct workers *w);

#endif
