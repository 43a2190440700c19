/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/internal.h"

#include <string.h>

const char *elfdiff_kind_name(enum elfdiff_kind kind)
{
	static const char *const names[] = {
		[ELFDIFF_KIND_OTHER] = "other",
		[ELFDIFF_KIND_FUNCTION] = "function",
		[ELFDIFF_KIND_DATA] = "data",
		[ELFDIFF_KIND_READ_ONLY_DATA] = "read-only data",
		[ELFDIFF_KIND_CONSTANT] = "constant",
		[ELFDIFF_KIND_STRING] = "string",
		[ELFDIFF_KIND_SPECIAL_CODE] = "special code",
		[ELFDIFF_KIND_SPECIAL_ENTRY] = "special entry",
	};

	return (size_t)kind < sizeof(names) / sizeof(*names) ? names[kind] : "unknown";
}

const char *elfdiff_verdict_name(enum elfdiff_verdict verdict)
{
	static const char *const names[] = {
		[ELFDIFF_VERDICT_COPY] = "copy",
		[ELFDIFF_VERDICT_SAME] = "same",
		[ELFDIFF_VERDICT_CHANGED] = "changed",
		[ELFDIFF_VERDICT_NEW] = "new",
	};

	return (size_t)verdict < sizeof(names) / sizeof(*names) ? names[verdict] : "unknown";
}

const char *elfdiff_how_name(enum elfdiff_how how)
{
	static const char *const names[] = {
		[ELFDIFF_HOW_REFUSED] = "refused",
		[ELFDIFF_HOW_EXPORTED] = "exported",
		[ELFDIFF_HOW_UNDEFINED] = "undefined",
		[ELFDIFF_HOW_KLP] = "klp",
	};

	return (size_t)how < sizeof(names) / sizeof(*names) ? names[how] : "unknown";
}

static enum elfdiff_kind kind_of(const struct block *b)
{
	switch (b->kind) {
	case BLOCK_TEXT:
		return ELFDIFF_KIND_FUNCTION;
	case BLOCK_DATA:
		return ELFDIFF_KIND_DATA;
	case BLOCK_RODATA:
		return ELFDIFF_KIND_READ_ONLY_DATA;
	case BLOCK_CONST:
		return ELFDIFF_KIND_CONSTANT;
	case BLOCK_STRING:
		return ELFDIFF_KIND_STRING;
	case BLOCK_PAYLOAD:
		return ELFDIFF_KIND_SPECIAL_CODE;
	case BLOCK_ENTRY:
		return ELFDIFF_KIND_SPECIAL_ENTRY;
	default:
		return ELFDIFF_KIND_OTHER;
	}
}

static enum elfdiff_verdict verdict_of(const struct diff *d, uint32_t block)
{
	if (d->patched->blocks[block].fresh)
		return ELFDIFF_VERDICT_COPY;
	switch (d->verdicts->of[block]) {
	case VERDICT_SAME:
		return ELFDIFF_VERDICT_SAME;
	case VERDICT_CHANGED:
		return ELFDIFF_VERDICT_CHANGED;
	case VERDICT_NEW:
		return ELFDIFF_VERDICT_NEW;
	default:
		return ELFDIFF_VERDICT_COPY;
	}
}

static enum elfdiff_how how_of(const struct reference *ref)
{
	switch (ref->how) {
	case REF_EXPORTED:
		return ELFDIFF_HOW_EXPORTED;
	case REF_UNDEFINED:
		return ELFDIFF_HOW_UNDEFINED;
	case REF_KLP:
		return ELFDIFF_HOW_KLP;
	default:
		return ELFDIFF_HOW_REFUSED;
	}
}

static const char *called_in_words(const struct diff *d, const struct selection *s, uint32_t block)
{
	return arena_printf(d->a, "it calls `%s`, which has no ftrace location", s->callers->calls[block]);
}

static const char *reason_of(const struct diff *d, const struct selection *s, const struct item *it)
{
	switch (it->why) {
	case WHY_CHANGED:
		return "it changed";
	case WHY_NEW_GLOBAL:
		return "it is new and global";
	case WHY_CALLER:
		return called_in_words(d, s, it->block);
	case WHY_CALLED:
		return "other objects of the patch call it";
	case WHY_FORCED:
		return "the patch forces it";
	case WHY_CALLBACK:
		return "it is a patch callback";
	case WHY_GROUP:
		return "it belongs to the same function";
	case WHY_ENTRY:
		return arena_printf(d->a, "%s entry of the function",
				    d->patched->object->sections[d->patched->blocks[it->block].section].name);
	default:
		return s->callers->covered[it->block] ? "referred to, and without an ftrace location" : "referred to";
	}
}

/* A string is its own best name. */
static const char *item_name(const struct diff *d, uint32_t block)
{
	const struct block *b = &d->patched->blocks[block];
	const uint8_t *data = block_data(d->patched, b);
	uint64_t n;
	char *text;

	if (b->kind != BLOCK_STRING || !data)
		return graph_label(d->a, d->patched, block);
	n = b->end - b->start - 1;
	text = arena_printf(d->a, "\"%.*s\"", (int)(n > 60 ? 60 : n), (const char *)data);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '.';
	return text;
}

static void describe_items(const struct diff *d, const struct selection *s, const struct resolution *r,
			   size_t *number_of, struct results *ret)
{
	for (uint32_t i = 0; i < s->items.count; i++) {
		const struct item *it = &s->items.items[i];
		const struct block *b = &d->patched->blocks[it->block];
		struct elfdiff_item out = { .parent = ELFDIFF_NO_PARENT };

		number_of[i] = ELFDIFF_NO_PARENT;
		if (r->dropped[i])
			continue;
		out.name = item_name(d, it->block);
		out.section = d->patched->object->sections[b->section].name;
		out.kind = kind_of(b);
		out.verdict = verdict_of(d, it->block);
		out.reason = reason_of(d, s, it);
		out.size = b->end - b->start;
		if (it->parent != NONE)
			out.parent = number_of[it->parent];
		out.has_parent_offset = it->reloc != NONE;
		if (it->reloc != NONE)
			out.parent_offset = d->patched->relocs[it->reloc].offset -
					    d->patched->blocks[s->items.items[it->parent].block].start;
		number_of[i] = ret->items.count;
		*vec_push(d->a, &ret->items) = out;
	}
}

/* Of one that did not change by itself. */
static const char *why_replaced(const struct diff *d, const struct selection *s, uint32_t block)
{
	const struct item *it = s->item_of[block] == NONE ? NULL : &s->items.items[s->item_of[block]];

	return it && it->why == WHY_CALLER ? reason_of(d, s, it) : NULL;
}

static void describe_functions(const struct diff *d, const struct selection *s, const struct resolution *r,
			       struct codes *codes, struct results *ret)
{
	struct elfdiff_evidence evidence = { 0 };
	uint32_t described = NONE; /* functions that could not be parted share theirs */

	for (uint32_t i = 0; i < r->functions.count; i++) {
		const struct patched_function *f = &r->functions.items[i];
		uint32_t block = d->patched->symbol_block[f->symbol];
		const struct symbol *now = &d->patched->object->symbols[f->symbol];
		const struct symbol *was = &d->orig->object->symbols[f->orig_symbol];

		if (block != described)
			evidence = describe_evidence(d, block);
		described = block;
		*vec_push(d->a, &ret->functions) =
			(struct elfdiff_function){ .name = was->name,
						   .replaced = true,
						   .by_kprobe = f->original != NULL,
						   .reason = why_replaced(d, s, block),
						   .section = d->patched->object->sections[now->section].name,
						   .orig_size = was->size,
						   .patched_size = now->size,
						   .position = f->position,
						   .evidence = evidence };
		if (codes)
			describe_code(codes, f->orig_symbol, f->symbol,
				      &ret->functions.items[ret->functions.count - 1]);
	}
}

/* What changed and is not replaced, because all its callers are. */
static void describe_covered(const struct diff *d, const struct selection *s, struct codes *codes, struct results *ret)
{
	for (uint32_t c = 0; c < d->patched->block_count; c++) {
		const struct symbol *now, *was;

		if (!s->callers->covered[c] || d->verdicts->of[c] != VERDICT_CHANGED)
			continue;
		now = block_label(d->patched, c);
		was = block_label(d->orig, d->twins->of_patched[c]);
		*vec_push(d->a, &ret->functions) =
			(struct elfdiff_function){ .name = was->name,
						   .section = graph_section_name(d->patched, c),
						   .orig_size = was->size,
						   .patched_size = now->size,
						   .evidence = describe_evidence(d, c) };
		if (codes)
			describe_code(codes, d->orig->blocks[d->twins->of_patched[c]].symbol,
				      d->patched->blocks[c].symbol, &ret->functions.items[ret->functions.count - 1]);
	}
}

static struct elfdiff_reference reference_at(const struct reference *ref, size_t item, uint64_t offset)
{
	return (struct elfdiff_reference){ .name = ref->name,
					   .how = how_of(ref),
					   .object = ref->object,
					   .when = ref->when,
					   .position = ref->position,
					   .item = item,
					   .item_offset = offset };
}

static void describe_references(const struct diff *d, const struct selection *s, const struct resolution *r,
				const size_t *number_of, struct results *ret)
{
	for (uint32_t i = 0; i < s->cuts.count; i++) {
		const struct cut_edge *cut = &s->cuts.items[i];
		const struct block *b = &d->patched->blocks[s->items.items[cut->item].block];

		if (!r->dropped[cut->item])
			*vec_push(d->a, &ret->references) = reference_at(
				r->of_cut[i], number_of[cut->item], d->patched->relocs[cut->reloc].offset - b->start);
	}
}

/* The entry is left out, and code of the function has its reference. */
static void describe_detours(const struct diff *d, const struct selection *s, const struct resolution *r,
			     const size_t *number_of, struct results *ret)
{
	for (uint32_t i = 0; i < r->detours.count; i++) {
		const struct key_detour *t = &r->detours.items[i];

		*vec_push(d->a, &ret->references) = reference_at(r->of_cut[t->cut], number_of[s->item_of[t->block]],
								 t->site - d->patched->blocks[t->block].start);
	}
}

void describe(const struct diff *d, const struct selection *s, const struct resolution *r, bool code,
	      struct results *ret)
{
	size_t *number_of = arena_array(d->a, s->items.count + 1, size_t);
	struct codes *codes = code ? codes_new(d) : NULL;

	describe_items(d, s, r, number_of, ret);
	describe_functions(d, s, r, codes, ret);
	describe_covered(d, s, codes, ret);
	describe_references(d, s, r, number_of, ret);
	describe_detours(d, s, r, number_of, ret);
}
