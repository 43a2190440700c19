/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/internal.h"

#include <string.h>

static const char *kind_name(const struct block *b)
{
	switch (b->kind) {
	case BLOCK_TEXT:
		return "function";
	case BLOCK_DATA:
		return "data";
	case BLOCK_RODATA:
		return "read-only data";
	case BLOCK_CONST:
		return "constant";
	case BLOCK_STRING:
		return "string";
	case BLOCK_PAYLOAD:
		return "special code";
	case BLOCK_ENTRY:
		return "special entry";
	default:
		return "other";
	}
}

static const char *verdict_name(enum verdict v)
{
	switch (v) {
	case VERDICT_SAME:
		return "same";
	case VERDICT_CHANGED:
		return "changed";
	case VERDICT_NEW:
		return "new";
	default:
		return "copy";
	}
}

static const char *reason_of(const struct diff *d, const struct item *it)
{
	switch (it->why) {
	case WHY_CHANGED:
		return "it changed";
	case WHY_NEW_GLOBAL:
		return "it is new and global";
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
		return "referred to";
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
		out.kind = kind_name(b);
		out.verdict = verdict_name(b->fresh ? VERDICT_NONE : d->verdicts->of[it->block]);
		out.reason = reason_of(d, it);
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

static void describe_functions(const struct diff *d, const struct resolution *r, struct results *ret)
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
						   .section = d->patched->object->sections[now->section].name,
						   .orig_size = was->size,
						   .patched_size = now->size,
						   .position = f->position,
						   .evidence = evidence };
	}
}

static void describe_references(const struct diff *d, const struct selection *s, const struct resolution *r,
				const size_t *number_of, struct results *ret)
{
	static const char *const how[] = {
		[REF_NONE] = "refused", [REF_EXPORTED] = "exported", [REF_UNDEFINED] = "undefined", [REF_KLP] = "klp"
	};

	for (uint32_t i = 0; i < s->cuts.count; i++) {
		const struct cut_edge *cut = &s->cuts.items[i];
		const struct reference *ref = r->of_cut[i];

		if (r->dropped[cut->item])
			continue;
		*vec_push(d->a, &ret->references) = (struct elfdiff_reference){
			.name = ref->name,
			.how = how[ref->how],
			.object = ref->object,
			.when = ref->when,
			.position = ref->position,
			.item = number_of[cut->item],
			.item_offset = d->patched->relocs[cut->reloc].offset -
				       d->patched->blocks[s->items.items[cut->item].block].start,
		};
	}
}

void describe(const struct diff *d, const struct selection *s, const struct resolution *r, struct results *ret)
{
	size_t *number_of = arena_array(d->a, s->items.count + 1, size_t);

	describe_items(d, s, r, number_of, ret);
	describe_functions(d, r, ret);
	describe_references(d, s, r, number_of, ret);
}
