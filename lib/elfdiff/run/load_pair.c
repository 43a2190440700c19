/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load_pair.c - two objects, read side by side
 *
 * Each in a thread and an arena of its own, so that nothing is shared while both are at work. What was allocated stays
 * where it is until the run ends.
 */
#include <pthread.h>
#include <sys/stat.h>

#include "file/load.h"
#include "run/internal.h"

enum { WORTH_A_THREAD = 4 << 20 }; /* bytes of a file */

struct loading {
	struct arena *arena;
	struct diags diags;
	const char *path;
	bool scope;
	const struct object *object;
	struct scope_side *side;
	enum elfdiff_status status;
	bool no_memory;
};

static void load(struct loading *l)
{
	jmp_buf unwind;

	l->arena->unwind = &unwind;
	if (setjmp(unwind)) {
		l->no_memory = true;
		l->status = ELFDIFF_ERROR;
		return;
	}
	l->status = load_object(l->arena, &l->diags, l->path, LOAD_CODE_AND_DATA, &l->object);
	if (!l->status && l->scope)
		l->side = scope_prepare(l->arena, l->object);
}

static void *run_thread(void *arg)
{
	load(arg);
	return NULL;
}

static void free_arena(void *arg)
{
	arena_free(arg);
}

static struct loading *loading_of(struct elfdiff *run, const char *path, bool scope)
{
	struct loading *l = arena_new(&run->arena, struct loading);

	*l = (struct loading){ .arena = arena_new(&run->arena, struct arena), .path = path, .scope = scope };
	l->diags.arena = l->arena;
	arena_defer(&run->arena, free_arena, l->arena);
	return l;
}

static bool is_large(const char *path)
{
	struct stat st;

	return !stat(path, &st) && st.st_size >= WORTH_A_THREAD;
}

/* What one of them has found, in the run. From here on, its arena ends as the run's does when there is no more memory. */
static void join(struct elfdiff *run, struct loading *l)
{
	l->arena->unwind = run->arena.unwind;
	if (l->no_memory)
		longjmp(*run->arena.unwind, 1);
	for (uint32_t i = 0; i < l->diags.list.count; i++)
		diag_add(&run->diags, l->diags.list.items[i], "%s", l->diags.list.items[i].message);
}

enum elfdiff_status load_objects(struct elfdiff *run, const char *orig, const char *patched, bool scope,
				 struct loaded ret[2])
{
	struct loading *l[2] = { loading_of(run, orig, scope), loading_of(run, patched, scope) };
	pthread_t thread;
	bool started = is_large(orig) && is_large(patched) && !pthread_create(&thread, NULL, run_thread, l[1]);

	load(l[0]);
	if (started)
		pthread_join(thread, NULL);
	else
		load(l[1]);
	for (int i = 0; i < 2; i++) {
		join(run, l[i]);
		ret[i] = (struct loaded){ .object = l[i]->object, .side = l[i]->side };
	}
	return l[0]->status || l[1]->status ? ELFDIFF_ERROR : ELFDIFF_OK;
}
