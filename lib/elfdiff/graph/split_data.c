/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split_data.c - variables, constants, strings, and pieces that only references part */
#include <elf.h>
#include <string.h>

#include "base/text.h"
#include "graph/internal.h"

/* The bytes between two labelled blocks of data: padding where they are zero. */
static void add_gap(struct splitter *sp, uint32_t section, uint64_t start, uint64_t end, enum block_kind kind)
{
	const struct section *s = &sp->o->sections[section];
	bool empty;

	if (start >= end)
		return;
	empty = !has_relocs(sp->o, s, start, end);
	for (uint64_t p = start; s->data && p < end && empty; p++)
		empty = !s->data[p];
	add_block(sp, section, start, end, empty ? BLOCK_PADDING : kind, NONE);
}

void split_strings(struct splitter *sp, uint32_t section, enum block_kind string)
{
	const struct section *s = &sp->o->sections[section];

	for (uint64_t at = 0; at < s->size;) {
		const uint8_t *nul = memchr(s->data + at, 0, s->size - at);
		uint64_t end = nul ? (uint64_t)(nul - s->data) + 1 : s->size;

		add_block(sp, section, at, end, nul || string == BLOCK_IGNORED ? string : BLOCK_CONST, NONE);
		at = end;
	}
}

void split_by_size(struct splitter *sp, uint32_t section, uint64_t step)
{
	const struct section *s = &sp->o->sections[section];

	for (uint64_t at = 0; at < s->size; at += step)
		add_block(sp, section, at, at + step < s->size ? at + step : s->size, BLOCK_CONST, NONE);
}

/* A piece without bytes is a block of its own, in front of the one that begins there: it depends on no other's. */
void split_pieces(struct splitter *sp, uint32_t section, enum block_kind kind)
{
	uint64_t size = sp->o->sections[section].size, at = 0, empty_at = UINT64_MAX;

	for (uint32_t i = sp->first_target[section]; i < sp->first_target[section + 1]; i++) {
		const struct target *t = &sp->targets[i];

		if (t->offset > at)
			add_block(sp, section, at, t->offset, kind, NONE);
		at = t->offset;
		if (t->empty && at != empty_at)
			add_block(sp, section, at, at, kind, NONE);
		empty_at = t->empty ? at : empty_at;
	}
	if (at < size)
		add_block(sp, section, at, size, kind, NONE);
}

/* Of the labels of a section, one behind those that stand where number i does. */
static uint32_t behind_label(const struct splitter *sp, uint32_t section, uint32_t i)
{
	uint64_t value = sp->o->symbols[sp->labels.symbols[i]].value;

	while (i < sp->labels.first[section + 1] && sp->o->symbols[sp->labels.symbols[i]].value == value)
		i++;
	return i;
}

/* Where a label of the section stands; the section's end behind the last. */
static uint64_t label_place(const struct splitter *sp, uint32_t section, uint32_t i)
{
	return i < sp->labels.first[section + 1] ? sp->o->symbols[sp->labels.symbols[i]].value
						 : sp->o->sections[section].size;
}

/* Pieces of these kinds, which begin and end where labels do. */
static void split_by_label(struct splitter *sp, uint32_t section, enum block_kind named, enum block_kind unnamed)
{
	const struct section *s = &sp->o->sections[section];
	uint64_t at = 0;
	uint32_t behind = 0, last = NONE;

	for (uint32_t i = sp->labels.first[section]; i < sp->labels.first[section + 1]; i++) {
		const struct symbol *sym = &sp->o->symbols[sp->labels.symbols[i]];
		bool again = last != NONE && sp->blocks.items[last].start == sym->value;
		uint64_t end = sym->value + sym->size;

		if (behind <= i)
			behind = behind_label(sp, section, i);
		if (!sym->size) /* as assemblers leave it: up to the next label */
			end = label_place(sp, section, behind);
		if (end < sym->value || end > s->size)
			end = s->size;
		if (again && end > at) {
			sp->blocks.items[last].end = at = end; /* an alias that is longer */
			continue;
		}
		if (sym->value < at || again)
			continue; /* a label inside */
		add_gap(sp, section, at, sym->value, unnamed);
		add_block(sp, section, sym->value, end, named, sp->labels.symbols[i]);
		last = sp->blocks.count - 1;
		at = end;
	}
	if (at == 0 && last == NONE && s->size)
		add_block(sp, section, 0, s->size, unnamed, NONE);
	else
		add_gap(sp, section, at, s->size, unnamed);
}

/* -fdata-sections made `.data.rel.ro` of a variable: Clang's static `ro` of a function `rel`. */
static bool is_named_after_label(const struct splitter *sp, uint32_t section)
{
	const char *name = sp->o->sections[section].name + strlen(".data.");

	for (uint32_t i = sp->labels.first[section]; i < sp->labels.first[section + 1]; i++)
		if (!strcmp(sp->o->symbols[sp->labels.symbols[i]].name, name))
			return true;
	return false;
}

/* Where the compiler puts constants that contain addresses, in code that may be moved; the kernel makes it read-only. */
static bool is_constant(const struct splitter *sp, uint32_t section)
{
	const struct section *s = &sp->o->sections[section];

	return !(s->flags & SHF_WRITE) || (starts_with(s->name, ".data.rel.ro") && !is_named_after_label(sp, section));
}

void split_data(struct splitter *sp, uint32_t section)
{
	bool writable = !is_constant(sp, section);

	split_by_label(sp, section, writable ? BLOCK_DATA : BLOCK_RODATA, writable ? BLOCK_DATA : BLOCK_CONST);
}

void split_left_out(struct splitter *sp, uint32_t section, uint64_t stride)
{
	const struct section *s = &sp->o->sections[section];

	if (sp->labels.first[section] < sp->labels.first[section + 1]) {
		split_by_label(sp, section, BLOCK_IGNORED, BLOCK_IGNORED);
		return;
	}
	for (uint64_t at = 0; at < s->size; at += stride)
		add_block(sp, section, at, at + stride < s->size ? at + stride : s->size, BLOCK_IGNORED, NONE);
}
