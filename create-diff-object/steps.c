// SPDX-License-Identifier: GPL-2.0-or-later
#include "steps.h"

#include <time.h>

static uint64_t now(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void steps_next(struct steps *s, const char *name)
{
	if (s->at_work)
		s->items[s->count++].microseconds = now() - s->begun;
	s->at_work = name && s->count < STEPS_MOST;
	if (!s->at_work)
		return;
	s->items[s->count].name = name;
	s->begun = now();
}
