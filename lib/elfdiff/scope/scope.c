/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scope/scope.h"

#include "scope/internal.h"

/* What has no twin differs. */
static void judge_rest(const struct scope_side *s)
{
	for (uint32_t c = 0; c < s->cells.count; c++)
		if (s->twin[c] == NONE)
			s->different[c] = true;
}

struct scope_side *scope_prepare(struct arena *a, const struct object *o)
{
	struct scope_side *s = arena_new(a, struct scope_side);

	*s = (struct scope_side){ .a = a, .o = o };
	cut_into_cells(s);
	find_flowing(s);
	return s;
}

static struct finder *finder_of(struct arena *a, const struct scope_side *orig, const struct scope_side *patched,
				const struct text_set *elsewhere)
{
	struct finder *f = arena_new(a, struct finder);

	*f = (struct finder){ .a = a, .orig = *orig, .patched = *patched, .elsewhere = elsewhere };
	f->patched.node = f->orig.cells.count;
	f->orig.a = f->patched.a = a;
	f->same_symbols = arena_array(a, orig->o->symbol_count + 1, uint32_t);
	return f;
}

static void follow(struct finder *f)
{
	do {
		shorten_links(f);
		link_by_flow(f);
	} while (link_uses(f) && next_round(f));
}

struct scope *scope_find(struct arena *a, struct scope_side *orig, struct scope_side *patched,
			 const struct text_set *elsewhere)
{
	struct finder *f = finder_of(a, orig, patched, elsewhere);

	find_twins(f);
	judge_cells(f);
	judge_found(f);
	compare_tables(f);
	judge_found(f);
	judge_rest(&f->orig);
	judge_rest(&f->patched);
	prove_twins(f);
	link_cells(f);
	follow(f);
	note_suspects(f);
	follow(f);
	if (f->rounds == ROUNDS_MOST)
		return NULL;
	return find_scope(f);
}
