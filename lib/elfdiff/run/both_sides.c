/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * both_sides.c - the same work for both objects, side by side
 *
 * Each in an arena of its own, and in a thread of its own where it takes long enough: what both see, neither writes. What was
 * allocated stays where it is until the run ends.
 */
#include <pthread.h>

#include "run/internal.h"

static void work(struct side *s)
{
	jmp_buf unwind;

	s->arena->unwind = &unwind;
	if (setjmp(unwind)) {
		s->no_memory = true;
		s->status = ELFDIFF_ERROR;
		return;
	}
	s->status = s->fn(s);
}

static void *run_thread(void *arg)
{
	work(arg);
	return NULL;
}

static void free_arena(void *arg)
{
	arena_free(arg);
}

/* From here on, its arena ends as the run's does when there is no more memory. */
static void come_back(struct elfdiff *run, struct side *s)
{
	s->arena->unwind = run->arena.unwind;
	if (s->no_memory)
		longjmp(*run->arena.unwind, 1);
}

static struct arena *arena_of(struct elfdiff *run)
{
	struct arena *a = arena_new(&run->arena, struct arena);

	arena_defer(&run->arena, free_arena, a);
	return a;
}

void open_sides(struct elfdiff *run, struct side sides[2])
{
	for (int i = 0; i < 2; i++)
		sides[i] = (struct side){ .run = run, .arena = arena_of(run) };
}

void do_both_sides(struct side sides[2], enum elfdiff_status (*fn)(struct side *s), bool apart)
{
	pthread_t thread;
	bool started;

	for (int i = 0; i < 2; i++) {
		sides[i].fn = fn;
		sides[i].diags = (struct diags){ .arena = sides[i].arena };
	}
	started = apart && !pthread_create(&thread, NULL, run_thread, &sides[1]);
	work(&sides[0]);
	if (started)
		pthread_join(thread, NULL);
	else
		work(&sides[1]);
	come_back(sides[0].run, &sides[0]);
	come_back(sides[1].run, &sides[1]);
}

enum elfdiff_status tell_of_side(struct side *s)
{
	for (uint32_t i = 0; i < s->diags.list.count; i++)
		diag_add(&s->run->diags, s->diags.list.items[i], "%s", s->diags.list.items[i].message);
	return s->status;
}
