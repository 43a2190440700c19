/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load_pair.c - two objects, from their files to their graphs */
#include <sys/stat.h>

#include "file/load.h"
#include "run/internal.h"

enum { WORTH_A_THREAD = 4 << 20 }; /* bytes of a file */

static enum elfdiff_status load_side(struct side *s)
{
	enum elfdiff_status st = load_object(s->arena, &s->diags, s->path, LOAD_CODE_AND_DATA, &s->object);

	if (!st && s->scoped)
		s->scope = scope_prepare(s->scope_arena, s->object);
	return st;
}

static bool is_large(const char *path)
{
	struct stat st;

	return !stat(path, &st) && st.st_size >= WORTH_A_THREAD;
}

enum elfdiff_status load_objects(struct side sides[2], const char *orig, const char *patched, bool scoped)
{
	enum elfdiff_status orig_status, patched_status;

	sides[0].path = orig;
	sides[1].path = patched;
	sides[0].scoped = sides[1].scoped = scoped;
	do_both_sides(sides, load_side, is_large(orig) && is_large(patched));
	orig_status = tell_of_side(&sides[0]);
	patched_status = tell_of_side(&sides[1]);
	return orig_status || patched_status ? ELFDIFF_ERROR : ELFDIFF_OK;
}

static enum elfdiff_status reduce(struct side *s)
{
	s->reduced = scope_reduce(s->arena, s->set_aside, s->is_orig);
	return ELFDIFF_OK;
}

static enum elfdiff_status build_graph(struct side *s)
{
	return graph_build(s->arena, &s->diags, s->set_aside ? s->reduced : s->object, &s->run->sizes, &s->graph);
}

/* The patched object's failures are as a rule those of the original. */
enum elfdiff_status build_graphs(struct side sides[2], const struct scope *scope)
{
	bool apart = sides[0].object->image_size >= WORTH_A_THREAD && sides[1].object->image_size >= WORTH_A_THREAD;

	sides[0].set_aside = sides[1].set_aside = scope;
	if (scope)
		do_both_sides(sides, reduce, apart);
	arena_free(sides[0].scope_arena);
	arena_free(sides[1].scope_arena);
	do_both_sides(sides, build_graph, apart);
	return tell_of_side(&sides[0]) || tell_of_side(&sides[1]) ? ELFDIFF_ERROR : ELFDIFF_OK;
}
