/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * init_changes.c - changes of init and exit code and data
 *
 * The kernel is past them: init code has run and is freed, and what a module runs when it is removed nothing can redirect.
 * They are refused, or, where the user says so, left out. What else the patch changes is not concerned: nothing of the
 * output refers to init sections, which is refused apart (init-reference).
 */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/text.h"
#include "elf/names.h"
#include "patch/internal.h"

static bool fits(const char *name, const char *symbol, const char *section)
{
	return name_same_stem(name, symbol) || !strcmp(name, section);
}

bool skips_init(const struct diff *d, const struct graph *g, uint32_t block, const char *symbol)
{
	const struct skip_init *skip = d->skip_init;
	bool named = skip->all;

	for (uint32_t i = 0; i < skip->names.count && !named; i++)
		named = fits(skip->names.items[i], symbol, graph_section_name(g, block));
	return named && !g->blocks[block].special->stays;
}

/* A module's exit code stays with it, and runs when it is removed; that of vmlinux never does. */
static bool runs_at_exit(const struct diff *d, const char *section)
{
	return starts_with(section, ".exit") && strcmp(d->object, "vmlinux");
}

void explain_init(const struct diff *d, bool skipped, const char *name, struct elfdiff_diag *diag)
{
	bool exit = runs_at_exit(d, diag->section);

	diag->id = skipped ? "init-left-out" : "init-changed";
	diag->cause =
		exit ? "when the module is removed the original's exit code runs, which cannot be traced: the change "
		       "would have no effect"
		     : "init and exit sections have run, or are gone, when a patch is loaded: the change would have "
		       "no effect";
	if (!skipped)
		diag->hint = arena_printf(
			d->a, "remove this change from the patch, or leave it out with --skip-init=%s%s", name,
			exit ? "" : "; do in a patch callback what the patched functions need of it");
	else if (exit)
		diag->hint = "see that the original does all that has to be done after the patched functions";
	else
		diag->hint = "do in a patch callback what the patched functions need of it";
}

static void say_changed(const struct diff *d, uint32_t c, const char *name)
{
	bool skipped = skips_init(d, d->patched, c, name);
	struct elfdiff_diag diag = diag_of_block(d, c, skipped ? ELFDIFF_WARNING : ELFDIFF_REFUSAL, "init-changed");

	diag.symbol = name;
	explain_init(d, skipped, d->patched->blocks[c].symbol == NONE ? diag.section : name, &diag);
	if (d->patched->blocks[c].special->stays) {
		diag.cause = "it cannot be traced, and the kernel may still run it, when memory is added";
		diag.hint = "remove this change from the patch";
	}
	diag_add(d->ds, diag, skipped ? "the change of `%s` in `%s` is left out" : "`%s` changed in `%s`", name,
		 diag.section);
}

/* What was no init code may be in use, whatever it has become. */
static void refuse_move(const struct diff *d, uint32_t c, uint32_t b)
{
	struct elfdiff_diag diag = diag_of_block(d, c, ELFDIFF_REFUSAL, "init-changed");

	diag.cause =
		"the original is not in an init section, and running code may use it; the patched one would be freed";
	diag.hint = "remove this change from the patch";
	diag_add(d->ds, diag, "`%s` moved from section `%s` to `%s`", diag.symbol, graph_section_name(d->orig, b),
		 diag.section);
}

void judge_init_change(const struct diff *d, uint32_t block)
{
	const struct index *ix = &d->verdicts->fused_of;
	uint32_t b = d->twins->of_patched[block], said = 0;

	if (!d->orig->blocks[b].init) {
		refuse_move(d, block, b);
		return;
	}
	for (uint32_t e = index_first(ix, block); e != NONE; e = index_next(ix, e)) {
		uint32_t symbol = d->verdicts->fused.items[ix->ids[e]].patched;

		if (d->patched->symbol_block[symbol] != block)
			continue;
		say_changed(d, block, d->patched->object->symbols[symbol].name);
		said++;
	}
	if (!said)
		say_changed(d, block, graph_label(d->a, d->patched, block));
}

/* --- names ------------------------------------------------------------------------ */

static bool has_init_named(const struct graph *g, const char *name)
{
	for (uint32_t i = 1; i < g->object->symbol_count; i++) {
		const struct symbol *s = &g->object->symbols[i];
		const struct section *sec = &g->object->sections[s->section];

		if (s->place == SYMBOL_DEFINED && sec->row && sec->row->kind == SPECIAL_INIT && section_is_alloc(sec) &&
		    fits(name, s->name, sec->name))
			return true;
	}
	for (uint32_t b = 0; b < g->block_count; b++)
		if (g->blocks[b].init && g->blocks[b].symbol == NONE && fits(name, "", graph_section_name(g, b)))
			return true;
	return false;
}

bool has_skipped_name(const struct diff *d, const char *name)
{
	return has_init_named(d->orig, name) || has_init_named(d->patched, name);
}

void check_skipped_names(const struct diff *d)
{
	for (uint32_t n = 0; n < d->skip_init->names.count && !d->skip_init->elsewhere; n++)
		if (!has_skipped_name(d, d->skip_init->names.items[n]))
			diag_add(d->ds,
				 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
							.id = "skip-init-unknown",
							.object = d->patched->object->path,
							.cause = "nothing in an init or exit section has this name",
							.hint = "check the spelling; the refusal tells the name" },
				 "there is no `%s` to leave out", d->skip_init->names.items[n]);
}

/* --- what nobody sets up ------------------------------------------------------------- */

static void warn_one(const struct diff *d, uint32_t init, uint32_t variable)
{
	struct elfdiff_diag diag = diag_of_block(d, variable, ELFDIFF_WARNING, "not-set-up");

	diag.cause = arena_printf(d->a,
				  "`%s` does not run when the patch is loaded, and may be what sets the variable up",
				  graph_label(d->a, d->patched, init));
	diag.hint = "set it up in a pre-patch callback, if its initial value is not enough";
	diag_add(d->ds, diag, "`%s` is new, and init code refers to it", diag.symbol);
}

void warn_not_set_up(const struct diff *d, const struct selection *s)
{
	const struct graph *g = d->patched;
	bool *told = arena_array(d->a, g->block_count + 1, bool);

	for (uint32_t r = 0; r < g->reloc_count; r++) {
		uint32_t to = g->edges[r].block, from;

		if (to == NONE || s->item_of[to] == NONE || told[to] || d->verdicts->of[to] != VERDICT_NEW ||
		    g->blocks[to].kind != BLOCK_DATA || g->blocks[to].fresh)
			continue;
		from = graph_block_at(g, g->relocs[r].section, g->relocs[r].offset);
		if (from == NONE || g->blocks[from].kind != BLOCK_TEXT || !g->blocks[from].init)
			continue;
		told[to] = true;
		warn_one(d, from, to);
	}
}
