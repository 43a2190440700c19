/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * moved_names.c - global names that stand on something else than before
 *
 * The kernel that runs was linked by names: whoever uses a global name goes on
 * to use what it stood on then. A function that changes under its name is
 * redirected, a name that goes to something else is not. So a global name of
 * both objects has to stand on twins, at the same place of them if they are the
 * same, and to bind as before.
 */
#include <elf.h>
#include <string.h>

#include "patch/internal.h"

/* The symbol that others are linked to by this name, or NONE. */
static uint32_t global_named(const struct object *o, const char *name)
{
	for (uint32_t e = index_first(&o->symbol_by_name, hash_string(name)); e != NONE;
	     e = index_next(&o->symbol_by_name, e)) {
		const struct symbol *s = &o->symbols[o->symbol_by_name.ids[e]];

		if (s->by_name && s->place == SYMBOL_DEFINED && !strcmp(s->name, name))
			return o->symbol_by_name.ids[e];
	}
	return NONE;
}

/* What stands there is used by name while the kernel runs. */
static bool is_live(const struct block *b)
{
	return !b->init && block_is_thing(b);
}

/* Bytes from the label of what it stands on: negative for the words that some functions have before them. */
static int64_t from_label(const struct graph *g, uint32_t symbol)
{
	uint32_t b = g->symbol_block[symbol];

	return (int64_t)(g->object->symbols[symbol].value - g->blocks[b].start - graph_label_offset(g, b));
}

static const char *what_is_at(const struct diff *d, const struct graph *g, uint32_t symbol)
{
	uint32_t b = g->symbol_block[symbol];
	int64_t offset = from_label(g, symbol);
	const char *section = g->object->sections[g->blocks[b].section].name, *label = graph_label(d->a, g, b);

	return offset ? arena_printf(d->a, "`%s` %+lld in `%s`", label, (long long)offset, section)
		      : arena_printf(d->a, "`%s` in `%s`", label, section);
}

static void refuse_name(const struct diff *d, uint32_t now, const char *cause, const char *hint, const char *what)
{
	struct elfdiff_diag diag = diag_of_block(d, d->patched->symbol_block[now], ELFDIFF_REFUSAL, "name-moved");

	diag.symbol = d->patched->object->symbols[now].name;
	diag.cause = cause;
	diag.hint = hint;
	diag_add(d->ds, diag, "the global name `%s` %s", diag.symbol, what);
}

/* In functions that are fused, or changed, places move, and only where they begin counts. */
static bool same_place(const struct diff *d, uint32_t was, uint32_t now)
{
	uint32_t b = d->orig->symbol_block[was], c = d->patched->symbol_block[now];
	int64_t x = from_label(d->orig, was), y = from_label(d->patched, now);

	return x == y || d->patched->blocks[c].fused || d->orig->blocks[b].fused ||
	       (d->verdicts->of[c] == VERDICT_CHANGED && x && y);
}

static void check_name(const struct diff *d, uint32_t was, uint32_t now)
{
	const struct symbol *s = &d->orig->object->symbols[was], *t = &d->patched->object->symbols[now];

	if (d->twins->of_orig[d->orig->symbol_block[was]] != d->patched->symbol_block[now] || !same_place(d, was, now))
		refuse_name(
			d, now, "the rest of the kernel is linked to what the name stood on, and keeps it",
			"leave the name where it is, and change the function that it stands on; give what is new a new "
			"name",
			arena_printf(d->a, "stood on %s and stands on %s", what_is_at(d, d->orig, was),
				     what_is_at(d, d->patched, now)));
	else if (s->bind != t->bind && (s->bind == STB_WEAK || t->bind == STB_WEAK))
		refuse_name(d, now,
			    "which of several definitions the kernel was linked to depends on that, and stays as it is",
			    "leave the binding as it is, and change the definition that the kernel uses",
			    s->bind == STB_WEAK ? "was weak and is not" : "was not weak and is");
	else if ((s->type == STT_GNU_IFUNC) != (t->type == STT_GNU_IFUNC))
		refuse_name(d, now,
			    "an indirect function is resolved when the kernel starts, and callers keep what it was",
			    "make it an ordinary function", "became, or ceased to be, an indirect function");
}

void refuse_moved_names(const struct diff *d)
{
	for (uint32_t i = 1; i < d->orig->object->symbol_count; i++) {
		const struct symbol *s = &d->orig->object->symbols[i];
		uint32_t now;

		if (!s->by_name || s->place != SYMBOL_DEFINED || d->orig->symbol_block[i] == NONE ||
		    !is_live(&d->orig->blocks[d->orig->symbol_block[i]]))
			continue;
		now = global_named(d->patched->object, s->name);
		if (now != NONE && d->patched->symbol_block[now] != NONE &&
		    is_live(&d->patched->blocks[d->patched->symbol_block[now]]))
			check_name(d, i, now);
	}
}
