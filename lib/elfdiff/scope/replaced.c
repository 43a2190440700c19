/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replaced.c - which functions may be replaced because of what they call
 *
 * patch/callers.c walks from a function that changed, and that ftrace cannot redirect, to all that refers to it, and on to
 * what refers to those that ftrace cannot redirect either. Each of these may be replaced though it did not change, so
 * that its address matters. Here is the same walk, from cell to cell: a cell has a block or more, so it comes at least
 * as far. What is not kept it does not see, and need not: whatever refers to a local function is kept with it,
 * and of a global one the walk ends in a refusal.
 */
#include <elf.h>
#include <string.h>

#include "elf/names.h"
#include "scope/internal.h"

/* Relocations of cells by the cell of code that they lead to. */
static void list_users(struct scope_side *s)
{
	uint32_t *next = arena_array(s->a, s->cells.count + 2, uint32_t), total = 0;

	for (uint32_t r = 0; r < s->o->reloc_count; r++)
		if (s->to[r] != NONE && s->of[r] != NONE)
			next[s->to[r] + 2]++;
	for (uint32_t c = 0; c < s->cells.count; c++) {
		total += is_code(s, c) ? next[c + 2] : 0;
		next[c + 2] = total;
	}
	s->users = arena_array(s->a, total + 1, uint32_t);
	for (uint32_t r = 0; r < s->o->reloc_count; r++)
		if (s->to[r] != NONE && s->of[r] != NONE && is_code(s, s->to[r]))
			s->users[next[s->to[r] + 1]++] = r;
	s->first_user = next;
}

/* One function, as far as labels tell, that has an ftrace location. */
static bool is_redirected(const struct scope_side *s, uint32_t cell)
{
	uint32_t first = s->cells.items[cell].first_label, end = cell_label_end(s, cell);

	for (uint32_t i = first + 1; i < end; i++)
		if (s->o->symbols[s->labels.symbols[i]].value != s->o->symbols[s->labels.symbols[first]].value)
			return false;
	return s->traced[cell];
}

static void add_replaced(struct scope_side *s, uint32_t cell)
{
	if (cell == NONE || s->replaced[cell] || !is_code(s, cell))
		return;
	s->replaced[cell] = true;
	*vec_push(s->a, &s->to_walk) = cell;
}

/* Those from which the walk begins: what changed, ... */
static void add_changed(struct scope_side *s)
{
	for (uint32_t i = 0; i < s->kept.count; i++) {
		uint32_t c = s->kept.items[i];

		if (s->different[c] && is_function(s, c) && !is_redirected(s, c))
			add_replaced(s, c);
	}
}

/* ... and what the patch asks for. */
static void add_forced(struct finder *f)
{
	const struct scope_side *s = &f->patched;

	for (uint32_t i = 1; i < s->o->section_count; i++) {
		const struct section *sec = &s->o->sections[i];

		for (uint32_t r = sec->reloc_first; s->of_kpatch[i] && r < sec->reloc_first + sec->reloc_count; r++)
			if (s->to[r] != NONE)
				add_replaced(&f->orig, s->twin[s->to[r]]);
	}
}

/* Whoever runs code that was moved out of a function calls what that calls. */
static void add_outlined_from(struct finder *f, struct scope_side *s, uint32_t cell)
{
	struct outlined_from of = outlined_from(f->a, s, cell);

	while (next_outlined_from(s, &of))
		add_replaced(s, of.function);
}

static void add_users(struct finder *f, struct scope_side *s, uint32_t cell)
{
	for (uint32_t i = s->first_user[cell]; i < s->first_user[cell + 1]; i++) {
		uint32_t user = s->of[s->users[i]];

		if (is_kept(f, s, user))
			add_replaced(s, user);
	}
}

static void walk(struct finder *f, struct scope_side *s)
{
	while (s->to_walk.count) {
		uint32_t c = s->to_walk.items[--s->to_walk.count];

		if (is_redirected(s, c))
			continue;
		if (!s->first_user)
			list_users(s);
		add_users(f, s, c);
		add_outlined_from(f, s, c);
	}
}

void find_replaced(struct finder *f)
{
	struct scope_side *s = &f->orig;

	memset(s->replaced, 0, s->cells.count * sizeof(*s->replaced));
	add_changed(s);
	add_forced(f);
	walk(f, s);
}
