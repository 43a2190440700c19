/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load_pair.c - two objects, from their files to their graphs */
#include <sys/stat.h>

#include "file/load.h"
#include "run/internal.h"

enum { WORTH_A_THREAD = 4 << 20 }; /* bytes of a file */

static enum elfdiff_status load_side(struct side *s)
{
	return load_object(s->arena, &s->diags, s->path, LOAD_CODE_AND_DATA, &s->object);
}

static bool is_large(const char *path)
{
	struct stat st;

	return !stat(path, &st) && st.st_size >= WORTH_A_THREAD;
}

enum elfdiff_status load_objects(struct side sides[2], const char *orig, const char *patched)
{
	enum elfdiff_status orig_status, patched_status;

	sides[0].path = orig;
	sides[1].path = patched;
	do_both_sides(sides, load_side, is_large(orig) && is_large(patched));
	orig_status = tell_of_side(&sides[0]);
	patched_status = tell_of_side(&sides[1]);
	return orig_status || patched_status ? ELFDIFF_ERROR : ELFDIFF_OK;
}

static enum elfdiff_status build_graph(struct side *s)
{
	return graph_build(s->arena, &s->diags, s->object, &s->run->sizes, &s->graph);
}

/* The patched object's failures are as a rule those of the original. */
enum elfdiff_status build_graphs(struct side sides[2])
{
	bool apart = sides[0].object->image_size >= WORTH_A_THREAD && sides[1].object->image_size >= WORTH_A_THREAD;

	do_both_sides(sides, build_graph, apart);
	return tell_of_side(&sides[0]) || tell_of_side(&sides[1]) ? ELFDIFF_ERROR : ELFDIFF_OK;
}
