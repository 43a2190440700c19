/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split_code.c - functions, and what else has code beside them */
#include <elf.h>

#include "arch/arch.h"
#include "elf/names.h"
#include "graph/internal.h"

/* Where what belongs to a function begins, before its label. */
static uint64_t lead_of(const struct splitter *sp, const struct symbol *s)
{
	const struct arch *arch = sp->o->arch;

	return s->value - (arch->lead ? arch->lead(sp->o, s) : 0);
}

/* Where functions begin, from the symbols alone. */
static void range_per_function(struct splitter *sp, uint32_t section, struct code_ranges *ranges)
{
	uint64_t size = sp->o->sections[section].size;
	uint64_t prefix = UINT64_MAX; /* a `__pfx_` symbol waits for its function */

	for (uint32_t i = sp->labels.first[section]; i < sp->labels.first[section + 1]; i++) {
		const struct symbol *s = &sp->o->symbols[sp->labels.symbols[i]];
		struct code_range *last = ranges->list.count ? &ranges->list.items[ranges->list.count - 1] : NULL;
		uint64_t start = lead_of(sp, s);

		if (!symbol_starts_function(s) || (last && s->value < last->end && s->value > last->start))
			continue;
		if (last && s->value == last->start)
			continue; /* an alias; the label sorts first */
		if (name_is_prefix_symbol(s->name)) {
			prefix = s->value;
			continue;
		}
		*vec_push(sp->a, &ranges->list) = (struct code_range){ .start = prefix < start ? prefix : start,
								       .end = s->value + s->size,
								       .symbol = sp->labels.symbols[i] };
		prefix = UINT64_MAX;
	}
	for (uint32_t i = 0; i < ranges->list.count; i++) {
		struct code_range *c = &ranges->list.items[i];
		uint64_t limit = i + 1 < ranges->list.count ? ranges->list.items[i + 1].start : size;

		if (c->end > limit || sp->o->symbols[c->symbol].size == 0)
			c->end = limit;
	}
	if (ranges->list.count == 1) {
		ranges->list.items[0].start = 0;
		ranges->list.items[0].end = size;
	}
}

bool is_code_padding(const struct object *o, const struct section *s, uint64_t start, uint64_t end)
{
	struct insn in;

	if (!s->data || has_relocs(o, s, start, end))
		return !s->data;
	for (uint64_t at = start; at < end; at += in.length) {
		bool filler = s->data[at] == 0 || s->data[at] == 0xcc;

		in.length = 1;
		if (!filler && (!o->arch->decode(o, s, at, &in) || !in.length || in.flow != FLOW_NOP))
			return false;
	}
	return true;
}

/* Of the targets in a section, which ascend, the first one at an offset or behind it. */
static uint32_t first_target_from(const struct splitter *sp, uint32_t section, uint64_t offset)
{
	uint32_t low = sp->first_target[section], high = sp->first_target[section + 1];

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (sp->targets[mid].offset < offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Entries of tables are all that refers to it, and each says that what the kernel copies ends with it or before. */
static bool is_copied(const struct splitter *sp, uint32_t section, uint64_t start, uint64_t end)
{
	uint32_t first = first_target_from(sp, section, start), i = first;

	for (; i < sp->first_target[section + 1] && sp->targets[i].offset == start; i++)
		if (!sp->targets[i].size || sp->targets[i].size > end - start)
			return false;
	return i > first;
}

static void add_piece(struct splitter *sp, uint32_t section, uint64_t start, uint64_t end, struct code_ranges *ranges)
{
	*vec_push(sp->a, &ranges->list) = (struct code_range){
		.start = start, .end = end, .symbol = NONE, .piece = true, .copied = is_copied(sp, section, start, end)
	};
}

/* Code between functions, a range from each place to the next that something refers to it. */
static void add_gap_ranges(struct splitter *sp, uint32_t section, uint64_t start, uint64_t end,
			   struct code_ranges *ranges)
{
	uint64_t at = start;

	if (start >= end || is_code_padding(sp->o, &sp->o->sections[section], start, end))
		return;
	for (uint32_t i = first_target_from(sp, section, at + 1); i < sp->first_target[section + 1]; i++) {
		uint64_t target = sp->targets[i].offset;

		if (target >= end)
			break;
		if (target == at)
			continue;
		add_piece(sp, section, at, target, ranges);
		at = target;
	}
	add_piece(sp, section, at, end, ranges);
}

/* The functions of a section and what else has code there, in order. */
static struct code_ranges code_ranges(struct splitter *sp, uint32_t section)
{
	struct code_ranges functions = { 0 }, all = { 0 };
	uint64_t at = 0, size = sp->o->sections[section].size;

	range_per_function(sp, section, &functions);
	if (!functions.list.count && !is_special(sp, section, SPECIAL_CODE))
		return functions;
	for (uint32_t i = 0; i < functions.list.count; i++) {
		add_gap_ranges(sp, section, at, functions.list.items[i].start, &all);
		*vec_push(sp->a, &all.list) = functions.list.items[i];
		at = functions.list.items[i].end;
	}
	add_gap_ranges(sp, section, at, size, &all);
	return all;
}

void split_text(struct splitter *sp, uint32_t section)
{
	const struct section *s = &sp->o->sections[section];
	struct code_ranges ranges = code_ranges(sp, section);
	uint64_t at = 0;

	if (ranges.list.count > 1)
		recover_branches(sp->a, sp->o, section, &ranges, &sp->recovered);
	for (uint32_t i = 0; i < ranges.list.count; i++) {
		const struct code_range *c = &ranges.list.items[i];
		struct block *b;

		if (at < c->start)
			add_block(sp, section, at, c->start, BLOCK_PADDING, NONE);
		b = add_block(sp, section, c->start, c->end, c->piece ? BLOCK_PAYLOAD : BLOCK_TEXT, c->symbol);
		b->fused = c->fused;
		at = c->end;
	}
	for (uint32_t i = 0; i < ranges.past_entry.count; i++)
		index_add(sp->a, &sp->g->past_entry, ranges.past_entry.items[i], ranges.past_entry.items[i]);
	if (ranges.list.count && at < s->size)
		add_block(sp, section, at, s->size, BLOCK_PADDING, NONE);
	else if (!ranges.list.count && s->size)
		add_block(sp, section, 0, s->size, BLOCK_TEXT, NONE);
}
