// SPDX-License-Identifier: GPL-2.0-or-later
#include "workers.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "interrupt.h"
#include "memory.h"

/* How long a thread waits for a token before it looks whether there is still something to do. */
enum { PATIENCE = 50 /* milliseconds */ };

struct crew {
	struct workers *w;
	atomic_size_t next, done;
	pthread_mutex_t telling;
};

static void tell(struct crew *c, size_t done)
{
	if (!c->w->progress)
		return;
	pthread_mutex_lock(&c->telling);
	fprintf(stderr, "\r%zu of %zu", done, c->w->count);
	pthread_mutex_unlock(&c->telling);
}

/* False: nothing is left to begin. */
static bool do_one(struct crew *c)
{
	size_t i = atomic_fetch_add(&c->next, 1);

	if (i >= c->w->count)
		return false;
	c->w->work(c->w->arg, i);
	tell(c, atomic_fetch_add(&c->done, 1) + 1);
	return true;
}

static void *with_token(void *arg)
{
	struct crew *c = arg;
	bool more = true;

	while (more && atomic_load(&c->next) < c->w->count) {
		if (c->w->js->present && !jobserver_take(c->w->js, PATIENCE))
			continue;
		more = do_one(c);
		if (c->w->js->present)
			jobserver_give(c->w->js);
	}
	return NULL;
}

static size_t processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : (size_t)CPU_COUNT(&set);
}

/* A thread that cannot be had is one less. Signals are the first one's. */
static size_t start(struct crew *c, pthread_t *threads, size_t n)
{
	size_t started = 0;

	interrupt_hold();
	while (started < n && !pthread_create(&threads[started], NULL, with_token, c))
		started++;
	interrupt_release();
	return started;
}

void workers_run(struct workers *w)
{
	struct crew c = { .w = w, .telling = PTHREAD_MUTEX_INITIALIZER };
	size_t n = w->most ? w->most : processors(), started;
	pthread_t *threads;

	n = n < w->count ? n : w->count;
	threads = memory_array(n, sizeof(*threads));
	started = start(&c, threads, n ? n - 1 : 0);
	while (do_one(&c))
		;
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	if (w->progress)
		fputs("\r\033[K", stderr);
}
