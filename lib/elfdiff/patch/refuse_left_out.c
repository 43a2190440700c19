/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refuse_left_out.c - changes of what no patch has, and the kernel has read
 *
 * The kernel has read these sections, and does not read them again. Where an
 * entry changed or is gone, the kernel goes on with the original's: refused.
 * The same of sections that are read as they stand, whose code would not run.
 * An entry that is added, one that is gone from a list of what can be traced,
 * and what only tells about the code are worth a warning: the patch is right
 * without them.
 */
#include <string.h>

#include "patch/internal.h"

/* Where a relocation leads: a name, or the text that stands there. */
static const char *target(const struct diff *d, const struct graph *g, uint32_t reloc)
{
	const struct edge *e = &g->edges[reloc];
	const char *text;
	int64_t at;

	if (e->block == NONE)
		return g->object->symbols[e->symbol].name;
	text = g->blocks[e->block].kind == BLOCK_STRING ? graph_text(g, e) : NULL;
	if (text)
		return text;
	text = graph_label(d->a, g, e->block);
	at = e->offset - (int64_t)graph_label_offset(g, e->block);
	return at ? arena_printf(d->a, "%s%+lld", text, (long long)at) : text;
}

/* What an entry is about: its label, or what it refers to, or the text that it is. */
static const char *subject(const struct diff *d, const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];
	const char *text = NULL;

	if (b->symbol == NONE && b->special->read == READ_STRINGS)
		text = graph_text(g, &(struct edge){ .block = block });
	else if (b->symbol == NONE && b->reloc_count)
		text = target(d, g, b->reloc_first);
	return text ? text : graph_label(d->a, g, block);
}

/* Added entries are not missed by what the patch has of the code; of a list that is run or counted, they are. */
static bool only_told(const struct special *row, bool added)
{
	return row->tells || (added && row->read != READ_WHOLE);
}

/* Of the kernel's lists at boot, by whose name --skip-init leaves it out. */
static const char *init_name(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];

	return b->symbol == NONE || b->special->read == READ_WHOLE ? graph_section_name(g, block)
								   : block_label(g, block)->name;
}

static void explain_piece(const struct diff *d, bool told, struct elfdiff_diag *diag)
{
	diag->id = told ? "without-effect" : "read-once-changed";
	diag->cause =
		"the kernel reads this section at boot or when the original module is loaded, and a patch cannot make "
		"it read it again: the change would have no effect";
	diag->hint =
		told ? "nothing to do unless the patch relies on it"
		     : arena_printf(d->a,
				    "leave this change out, or do what it does from a patch callback; "
				    "KPATCH_IGNORE_SECTION(\"%s\") is for who knows that the patch is right without it",
				    diag->section);
}

static struct elfdiff_diag diag_of_piece(const struct diff *d, const struct graph *g, uint32_t block, bool added)
{
	const struct block *b = &g->blocks[block];
	bool told = only_told(b->special, added), skipped = b->init && skips_init(d, g, block, init_name(g, block));
	struct elfdiff_diag diag = { .severity = told || skipped ? ELFDIFF_WARNING : ELFDIFF_REFUSAL,
				     .object = g->object->path,
				     .section = graph_section_name(g, block),
				     .symbol = subject(d, g, block) };

	if (b->init && (!told || skipped))
		explain_init(d, skipped, init_name(g, block), &diag);
	else
		explain_piece(d, told, &diag);
	return diag;
}

static void say_target(const struct diff *d, const struct evidence *ev, const char *place, struct elfdiff_diag diag)
{
	const char *from = ev->orig_reloc == NONE ? NULL : target(d, d->orig, ev->orig_reloc);
	const char *to = ev->patched_reloc == NONE ? NULL : target(d, d->patched, ev->patched_reloc);

	if (!to)
		diag_add(d->ds, diag, "%s no longer refers to `%s`", place, from);
	else if (!from)
		diag_add(d->ds, diag, "%s refers to `%s`, and did not", place, to);
	else if (!strcmp(from, to))
		diag_add(d->ds, diag, "%s refers to `%s`, which changed", place, to);
	else
		diag_add(d->ds, diag, "%s refers to `%s`, where it referred to `%s`", place, to, from);
}

static void say_changed(const struct diff *d, uint32_t c)
{
	const struct evidence *ev = &d->verdicts->evidence[c];
	struct elfdiff_diag diag = diag_of_piece(d, d->patched, c, false);
	const char *place;

	place = d->patched->blocks[c].special->read == READ_WHOLE
			? arena_printf(d->a, "section `%s`", diag.section)
			: arena_printf(d->a, "`%s` of section `%s`", diag.symbol, diag.section);
	if (ev->what == DIFFERENT_TARGET || ev->what == DIFFERENT_RELOC) {
		say_target(d, ev, place, diag);
	} else if (ev->what == DIFFERENT_NAME && ev->label) {
		diag.symbol = d->patched->object->symbols[ev->label].name;
		diag_add(d->ds, diag, "`%s` of section `%s` had another name", diag.symbol, diag.section);
	} else if (ev->what == DIFFERENT_SIZE) {
		diag_add(d->ds, diag, "%s changed its size", place);
	} else {
		diag_add(d->ds, diag, "%s changed at offset 0x%llx", place, (unsigned long long)ev->patched_offset);
	}
}

static void say_ignored(const struct diff *d, const char *section)
{
	diag_add(d->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_NOTICE,
					.id = "change-ignored",
					.object = d->patched->object->path,
					.section = section,
					.cause = "the patch says so (.kpatch.ignore.*)" },
		 "the change of section `%s` is left out", section);
}

static void say_added(const struct diff *d, uint32_t c)
{
	struct elfdiff_diag diag = diag_of_piece(d, d->patched, c, true);

	diag_add(d->ds, diag, "`%s` of section `%s` is new", diag.symbol, diag.section);
}

static void say_gone(const struct diff *d, uint32_t b)
{
	struct elfdiff_diag diag = diag_of_piece(d, d->orig, b, d->orig->blocks[b].special->traced);

	diag_add(d->ds, diag, "`%s` of section `%s` is gone", diag.symbol, diag.section);
}

void refuse_left_out(const struct diff *d, const struct directives *w)
{
	const struct graph *g = d->patched;

	for (uint32_t c = 0; c < g->block_count; c++) {
		enum verdict v = d->verdicts->of[c];

		if (g->blocks[c].kind != BLOCK_IGNORED || (v != VERDICT_CHANGED && v != VERDICT_NEW))
			continue;
		if (w->ignored[c])
			say_ignored(d, graph_section_name(g, c));
		else if (v == VERDICT_NEW)
			say_added(d, c);
		else
			say_changed(d, c);
	}
	for (uint32_t i = 0; i < d->verdicts->gone.count; i++) {
		const char *section = graph_section_name(d->orig, d->verdicts->gone.items[i]);

		if (text_set_has(&w->sections, section, strlen(section)))
			say_ignored(d, section);
		else
			say_gone(d, d->verdicts->gone.items[i]);
	}
}
