/* SPDX-License-Identifier: GPL-2.0-or-later */
/* directives.c - what the author of a patch asks for in .kpatch.* sections */
#include <string.h>

#include "base/text.h"
#include "patch/internal.h"

struct reader {
	const struct diff *d;
	const struct graph *g;
	struct directives *w;
	struct text_set gone; /* names of sections of the original in which something is gone */
};

static void refuse_directive(const struct reader *rd, const char *section, const char *cause, const char *hint)
{
	diag_add(rd->d->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_REFUSAL,
					.id = "bad-directive",
					.object = rd->g->object->path,
					.section = section,
					.cause = cause,
					.hint = hint },
		 "invalid directive in `%s`", section);
}

static void unneeded(const struct reader *rd, const char *section, const char *name)
{
	diag_add(rd->d->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_NOTICE,
					.id = "ignore-not-needed",
					.object = rd->g->object->path,
					.section = section,
					.symbol = name,
					.cause = "nothing in it changed",
					.hint = "remove the macro from the patch" },
		 "`%s` did not need to be ignored", name);
}

static void ignore_function(struct reader *rd, const char *section, uint32_t block)
{
	rd->w->ignored[block] = true;
	if (rd->d->verdicts->of[block] == VERDICT_SAME)
		unneeded(rd, section, graph_label(rd->d->a, rd->g, block));
	else if (rd->d->verdicts->of[block] == VERDICT_NEW)
		refuse_directive(rd, section, "the function to ignore is new", "remove the macro from the patch");
}

/* Of a table without a name: its entries did not change, but refuse_unknown_tables() would refuse their code. */
static bool table_of_changed(const struct reader *rd, uint32_t block)
{
	const struct block *b = &rd->g->blocks[block];

	if (b->symbol != NONE)
		return false;
	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
		uint32_t to = rd->g->edges[r].block;

		if (to != NONE && rd->d->verdicts->of[to] != VERDICT_SAME)
			return true;
	}
	return false;
}

/* Sections of one name: is there anything to ignore in any of them? */
static bool ignore_blocks(struct reader *rd, uint32_t section)
{
	bool any = false;

	for (uint32_t c = rd->g->first_block[section]; c < rd->g->first_block[section + 1]; c++) {
		rd->w->ignored[c] = true;
		any |= rd->d->verdicts->of[c] == VERDICT_CHANGED ||
		       (rd->d->verdicts->of[c] == VERDICT_NEW && rd->g->blocks[c].kind == BLOCK_IGNORED) ||
		       table_of_changed(rd, c);
	}
	return any;
}

/* A name that was given before says nothing new. */
static void ignore_section(struct reader *rd, const char *directive, const char *name)
{
	const struct object *o = rd->g->object;
	const struct index *ix = &o->section_by_name;
	bool any = text_set_has(&rd->gone, name, strlen(name));

	if (!text_set_add(rd->d->a, &rd->w->sections, name, strlen(name)))
		return;
	for (uint32_t e = index_first(ix, hash_string(name)); e != NONE; e = index_next(ix, e))
		if (!strcmp(o->sections[ix->ids[e]].name, name))
			any |= ignore_blocks(rd, ix->ids[e]);
	if (!any)
		unneeded(rd, directive, name);
}

static void read_directive(struct reader *rd, const char *section, const struct edge *e)
{
	const struct block *b = e->block == NONE ? NULL : &rd->g->blocks[e->block];
	bool code = b && b->kind == BLOCK_TEXT && b->symbol != NONE;
	const char *text;

	if (!strcmp(section, ".kpatch.ignore.sections")) {
		text = graph_text(rd->g, e);
		if (text)
			ignore_section(rd, section, text);
		else
			refuse_directive(rd, section, "it does not name a section",
					 "use KPATCH_IGNORE_SECTION(\"name\")");
	} else if (!strcmp(section, ".kpatch.ignore.functions") && code) {
		ignore_function(rd, section, e->block);
	} else if ((!strcmp(section, ".kpatch.force") || !strcmp(section, ".kpatch.force.functions")) && code) {
		rd->w->forced[e->block] = true;
	} else if (starts_with(section, ".kpatch.callbacks.") && code) {
		*vec_push(rd->d->a, &rd->w->callbacks) = (struct callback){ .section = section, .block = e->block };
	} else {
		refuse_directive(rd, section,
				 code ? "there is no such directive" : "it does not refer to a function of this object",
				 "name a function that this object defines");
	}
}

const struct directives *read_directives(const struct diff *d)
{
	struct reader rd = { .d = d, .g = d->patched };

	rd.w = arena_new(d->a, struct directives);
	rd.w->ignored = arena_array(d->a, rd.g->block_count + 1, bool);
	rd.w->forced = arena_array(d->a, rd.g->block_count + 1, bool);
	for (uint32_t i = 0; i < d->verdicts->gone.count; i++) {
		const char *section = graph_section_name(d->orig, d->verdicts->gone.items[i]);

		text_set_add(d->a, &rd.gone, section, strlen(section));
	}
	for (uint32_t c = 0; c < rd.g->block_count; c++) {
		const struct block *b = &rd.g->blocks[c];

		if (b->kind != BLOCK_DIRECTIVE)
			continue;
		for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++)
			read_directive(&rd, rd.g->object->sections[b->section].name, &rd.g->edges[r]);
	}
	return rd.w;
}
