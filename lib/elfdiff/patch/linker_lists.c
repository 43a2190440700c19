/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linker_lists.c - entries of sections that the kernel walks as a whole, and that special.c does not know
 *
 * A variable that has a section of somebody's own making, and that nothing
 * refers to, is there to be found by its section. The kernel that runs has the
 * original's list: it does not see what is new, and goes on with what is gone.
 */
#include <elf.h>
#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "patch/internal.h"

static bool is_own_section(const char *name)
{
	static const char *const others[] = { ".rodata", ".data", ".bss", ".init", ".exit" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (starts_with(name, others[i]))
			return false;
	return true;
}

/* With a label an entry, without one the section: assembler code of several functions may make its entries. */
static bool is_listed(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];

	if (b->special || b->init || b->referenced || b->fresh)
		return false;
	if (b->symbol != NONE ? !block_is_variable(b) : b->kind != BLOCK_CONST && b->kind != BLOCK_STRING)
		return false;
	return is_own_section(graph_section_name(g, block));
}

/* --- entries without a label ---------------------------------------------------------- */

/* The first section of a name that has some stands for the first of that name in the other object, and so on. */
struct nameless {
	uint32_t *of_orig, *of_patched; /* by block, or NULL: no object has any */
};

static struct key_list list_nameless(struct arena *a, const struct graph *g)
{
	VEC(struct sort_key) keys = { 0 };

	for (uint32_t b = 0; b < g->block_count; b++)
		if (g->blocks[b].symbol == NONE && is_listed(g, b))
			*vec_push(a, &keys) =
				(struct sort_key){ .key = hash_string(graph_section_name(g, b)), .id = b };
	sort_keys(a, keys.items, keys.count);
	return (struct key_list){ keys.items, keys.count };
}

static struct nameless pair_nameless(const struct diff *d)
{
	struct key_list x = list_nameless(d->a, d->orig), y = list_nameless(d->a, d->patched);
	struct nameless ret = { 0 };
	uint32_t b, c;

	if (!x.count && !y.count)
		return ret;
	ret.of_orig = none_array(d->a, d->orig->block_count);
	ret.of_patched = none_array(d->a, d->patched->block_count);
	while (next_equal_keys(&x, &y, &b, &c)) {
		if (strcmp(graph_section_name(d->orig, b), graph_section_name(d->patched, c)))
			continue;
		ret.of_orig[b] = c;
		ret.of_patched[c] = b;
	}
	return ret;
}

static uint32_t counterpart(const uint32_t *of, uint32_t block)
{
	return of ? of[block] : NONE;
}

/* They have no relocations: those that have are variables of a section's name. */
static bool same_bytes(const struct diff *d, uint32_t b, uint32_t c)
{
	const struct block *x = &d->orig->blocks[b], *y = &d->patched->blocks[c];
	const uint8_t *p = block_data(d->orig, x), *q = block_data(d->patched, y);
	uint64_t size = x->end - x->start;

	return size == y->end - y->start && !p == !q && (!p || !memcmp(p, q, size));
}

/* --- what is there on one side ---------------------------------------------------------- */

static bool is_added(const struct diff *d, const struct nameless *n, uint32_t c)
{
	return d->twins->of_patched[c] == NONE && is_listed(d->patched, c) &&
	       (d->patched->blocks[c].symbol != NONE || counterpart(n->of_patched, c) == NONE);
}

static bool is_gone(const struct diff *d, const struct nameless *n, uint32_t b)
{
	uint32_t c = counterpart(n->of_orig, b);

	if (d->twins->of_orig[b] != NONE || !is_listed(d->orig, b))
		return false;
	return d->orig->blocks[b].symbol != NONE || c == NONE || !same_bytes(d, b, c);
}

static void warn_added(const struct diff *d, uint32_t c, struct stub *stub)
{
	struct elfdiff_diag diag = diag_of_block(d, c, ELFDIFF_WARNING, "without-effect");
	bool runs = stub_runs(stub, c);

	diag.cause = "nothing refers to it, so that it is found by its section, and the kernel that runs has the "
		     "original's";
	diag.hint =
		runs ? "if the devices that are there need it, paste the stub at the end of the source, which calls it"
		     : "nothing to do unless the patch relies on it";
	diag_add(d->ds, diag, "`%s` of section `%s` is new", diag.symbol, diag.section);
	if (runs)
		stub_belongs_here(stub);
}

static void refuse_gone(const struct diff *d, uint32_t b)
{
	const struct graph *g = d->orig;
	struct elfdiff_diag diag = { .severity = ELFDIFF_REFUSAL,
				     .id = "unknown-table",
				     .object = g->object->path,
				     .section = graph_section_name(g, b),
				     .symbol = graph_label(d->a, g, b) };

	diag.cause = "nothing refers to it, so that it is found by its section, and the kernel that runs keeps it";
	diag.hint = arena_printf(d->a,
				 "leave this change out, or do what it does from a patch callback; "
				 "KPATCH_IGNORE_SECTION(\"%s\") is for who knows that the patch is right without it",
				 diag.section);
	if (g->blocks[b].symbol == NONE)
		diag_add(d->ds, diag, "section `%s` changed, or is gone", diag.section);
	else
		diag_add(d->ds, diag, "`%s` of section `%s` is gone", diag.symbol, diag.section);
}

void judge_linker_lists(const struct diff *d, const struct directives *w, struct stub *stub)
{
	struct nameless n = pair_nameless(d);

	for (uint32_t c = 0; c < d->patched->block_count; c++)
		if (is_added(d, &n, c) && !w->ignored[c])
			warn_added(d, c, stub);
	for (uint32_t b = 0; b < d->orig->block_count; b++) {
		const char *section = graph_section_name(d->orig, b);

		if (is_gone(d, &n, b) && !text_set_has(&w->sections, section, strlen(section)))
			refuse_gone(d, b);
	}
}
