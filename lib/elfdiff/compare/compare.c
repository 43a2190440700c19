/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare/internal.h"

#include <elf.h>
#include <string.h>

#include "base/text.h"
#include "elf/names.h"

const char *difference_name(enum difference what)
{
	switch (what) {
	case DIFFERENT_SIZE:
		return "size";
	case DIFFERENT_BYTES:
		return "instruction";
	case DIFFERENT_RELOC:
		return "relocation";
	case DIFFERENT_TARGET:
		return "relocation target";
	case DIFFERENT_ENTRY:
		return "special entry";
	case DIFFERENT_ENTRIES:
		return "number of special entries";
	case DIFFERENT_OUTLINED:
		return "outlined code (.cold)";
	case DIFFERENT_SECTION:
		return "section";
	case DIFFERENT_ALIGNMENT:
		return "alignment";
	default:
		return "nothing";
	}
}

/*
 * What a section's name tells, as its first characters: that of the symbol is -ffunction-sections' or -fdata-sections', and
 * which part of .text code is in says how often it runs.
 */
static size_t kind_of_section(const struct graph *g, uint32_t b)
{
	const char *section = graph_section_name(g, b);

	if (g->blocks[b].kind == BLOCK_TEXT && starts_with(section, ".text") && (!section[5] || section[5] == '.'))
		return strlen(".text");
	return section_stem(section, block_label(g, b)->name);
}

/*
 * Data moved from .data to .bss, to .data..read_mostly: its address is another.
 * Code moved from .text to .noinstr.text, .init.text: other rules hold for it.
 * A constant moved out of .init.rodata: the kernel's is gone.
 * One section was named after what it has, though that may have another name now.
 */
static bool section_moved(const struct graph *g, uint32_t b, const struct graph *h, uint32_t c)
{
	size_t n, m;

	if (g->blocks[b].kind == BLOCK_RODATA)
		return g->blocks[b].init && !h->blocks[c].init;
	if (g->blocks[b].symbol == NONE || h->blocks[c].symbol == NONE ||
	    !strcmp(graph_section_name(g, b), graph_section_name(h, c)))
		return false;
	n = kind_of_section(g, b);
	m = kind_of_section(h, c);
	return n != m || memcmp(graph_section_name(g, b), graph_section_name(h, c), n);
}

struct evidence evidence_of(enum difference what, uint32_t b, uint32_t c)
{
	return (struct evidence){ .what = what, .orig = b, .patched = c, .orig_reloc = NONE, .patched_reloc = NONE };
}

/* The function that code is or was moved out of; NONE for data. */
static uint32_t function_of(const struct graph *h, uint32_t c)
{
	const struct block *b = &h->blocks[c];

	return b->kind != BLOCK_TEXT ? NONE : b->outlined_from != NONE ? b->outlined_from : c;
}

static void judge(struct comparer *cmp, struct verdicts *v, uint32_t c)
{
	uint32_t b = cmp->twins->of_patched[c];
	struct evidence *ev = &v->evidence[c];

	if (b == NONE) {
		v->of[c] = VERDICT_NEW;
		return;
	}
	cmp->line_used = false;
	cmp->function = function_of(cmp->patched, c);
	v->of[c] = VERDICT_SAME;
	if (!same_block(cmp, b, c, ev)) {
		v->of[c] = VERDICT_CHANGED;
	} else if (section_moved(cmp->orig, b, cmp->patched, c)) {
		v->of[c] = VERDICT_CHANGED;
		*ev = evidence_of(DIFFERENT_SECTION, b, c);
	} else if (cmp->line_used && cmp->patched->blocks[c].kind == BLOCK_TEXT) {
		v->line_only++;
	}
}

/* A function changed when its outlined code did. */
static void judge_outlined(struct comparer *cmp, struct verdicts *v)
{
	const struct graph *h = cmp->patched;

	for (uint32_t c = 0; c < h->block_count; c++) {
		uint32_t function = h->blocks[c].outlined_from;

		if (function == NONE || v->of[c] != VERDICT_CHANGED || v->of[function] != VERDICT_SAME)
			continue;
		v->of[function] = VERDICT_CHANGED;
		v->evidence[function] = v->evidence[c];
		if (v->evidence[function].what < DIFFERENT_ENTRY)
			v->evidence[function].what = DIFFERENT_OUTLINED;
	}
}

/* It leads into another function past that one's ftrace location, or into code without a label: what changed there
 * changed it. */
static bool leads_past_entry(const struct comparer *cmp, const struct function_pair *f)
{
	return index_has(&cmp->patched->past_entry, f->patched, f->patched) ||
	       index_has(&cmp->orig->past_entry, f->orig, f->orig);
}

/*
 * Which of the functions that share a changed block changed? Errs on the side
 * of a change: where none can be named, all of them did.
 */
static void judge_fused(struct comparer *cmp, struct verdicts *v)
{
	const struct graph *h = cmp->patched;
	uint32_t *named = arena_array(cmp->a, h->block_count + 1, uint32_t);

	for (int pass = 0; pass < 2; pass++)
		for (uint32_t i = 1; i < h->object->symbol_count; i++) {
			const struct symbol *s = &h->object->symbols[i];
			struct function_pair f = { .patched = i };
			uint32_t c = h->symbol_block[i];

			if (c == NONE || s->type != STT_FUNC || !h->blocks[c].fused || v->of[c] != VERDICT_CHANGED)
				continue;
			f.orig = graph_function_in(cmp->orig, cmp->twins->of_patched[c], s->name);
			if (f.orig == NONE ||
			    (pass ? named[c] : !leads_past_entry(cmp, &f) && same_function(cmp, f.orig, i)))
				continue;
			index_add(cmp->a, &v->fused_of, c, v->fused.count);
			*vec_push(cmp->a, &v->fused) = f;
			named[c] += !pass;
		}
}

const struct verdicts *compare(struct arena *a, const struct graph *orig, const struct graph *patched,
			       const struct twins *t, struct line_proof *lines)
{
	struct verdicts *v = arena_new(a, struct verdicts);
	struct comparer cmp = { .a = a, .orig = orig, .patched = patched, .twins = t, .lines = lines, .user = NONE };

	v->of = arena_array(a, patched->block_count + 1, enum verdict);
	v->evidence = arena_array(a, patched->block_count + 1, struct evidence);
	for (uint32_t c = 0; c < patched->block_count; c++)
		if (block_is_thing(&patched->blocks[c]))
			judge(&cmp, v, c);
	cmp.function = NONE;
	judge_alignments(&cmp, v);
	judge_left_out(&cmp, v);
	judge_outlined(&cmp, v);
	judge_fused(&cmp, v);
	return v;
}
