/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/hooks.h"

/* Compilers align functions to 16 bytes, so that a gap as wide may be one. */
#define ROOM 16

static bool is_behind(uint32_t section, uint64_t address, const struct code_place *place)
{
	return section > place->section || (section == place->section && address > place->address);
}

/* The first address with a symbol behind the place, in its section, or UINT64_MAX. */
static uint64_t next_symbol(const struct symbol_table *t, const struct code_place *place)
{
	uint32_t low = 0, high = t->entries.count;
	const struct kernel_symbol *s;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		s = symbol_table_entry(t, symbol_table_at_rank(t, middle));
		if (is_behind(s->section, s->address, place))
			high = middle;
		else
			low = middle + 1;
	}
	if (low == t->entries.count)
		return UINT64_MAX;
	s = symbol_table_entry(t, symbol_table_at_rank(t, low));
	return s->section == place->section ? s->address : UINT64_MAX;
}

/* The first ftrace location at the place or behind it. */
static uint32_t first_hook(const struct symbol_table *t, const struct code_place *place)
{
	uint32_t low = 0, high = t->hooks.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct code_place *hook = symbol_table_hook(t, middle);

		if (is_behind(place->section, place->address, hook))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has_second_hook(const struct symbol_table *t, const struct code_place *place, uint64_t end)
{
	uint32_t first = first_hook(t, place);
	const struct code_place *second;

	if (t->hooks.count < 2 || first > t->hooks.count - 2 || symbol_table_hook(t, first)->address == place->address)
		return false;
	second = symbol_table_hook(t, first + 1);
	return second->section == place->section && second->address < end;
}

enum hook hook_of(const struct symbol_table *t, uint32_t id, uint64_t size)
{
	const struct kernel_symbol *s = symbol_table_entry(t, id);
	struct code_place place = { s->address, s->section };
	uint64_t end = next_symbol(t, &place);

	if (t->has_hooks)
		return has_second_hook(t, &place, end) ? HOOK_AMBIGUOUS : HOOK_CERTAIN;
	if (s->size)
		size = s->size;
	return t->whole && size < end - s->address && end - s->address - size >= ROOM && end != UINT64_MAX
		       ? HOOK_UNKNOWN
		       : HOOK_CERTAIN;
}
