/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines/die_reader.h"

#include <dwarf.h>
#include <elf.h>
#include <string.h>

/* --- sections ------------------------------------------------------------------------ */

/* Where relocations fill in an offset into another debug section: in 32-bit DWARF, four bytes. Addresses stay what they are. */
static bool fill_in(const struct object *o, const struct section *from, uint8_t *info, uint64_t size)
{
	uint64_t last = 0;

	for (uint64_t i = 0; i + sizeof(Elf64_Rela) <= from->size; i += sizeof(Elf64_Rela)) {
		const uint8_t *p = from->data + i;
		uint64_t offset = bytes_get(p + offsetof(Elf64_Rela, r_offset), 8, o->big_endian);
		uint64_t number = ELF64_R_SYM(bytes_get(p + offsetof(Elf64_Rela, r_info), 8, o->big_endian));
		const struct symbol *sym = &o->symbols[number < o->symbol_count ? number : 0];

		if ((i && offset <= last) || !range_ok(offset, 4, size) || number >= o->symbol_count)
			return false; /* one place, one value */
		last = offset;
		if (sym->place == SYMBOL_DEFINED && !section_is_alloc(&o->sections[sym->section]))
			bytes_put(info + offset,
				  sym->value + bytes_get(p + offsetof(Elf64_Rela, r_addend), 8, o->big_endian), 4,
				  o->big_endian);
	}
	return true;
}

static bool read_info(struct arena *a, const struct object *o, struct cursor *ret)
{
	uint32_t number = object_section(o, ".debug_info", 0);
	const struct section *s = &o->sections[number];
	uint8_t *info;

	if (!number || object_section(o, ".debug_info", number) || !s->data || s->flags & SHF_COMPRESSED)
		return false;
	info = arena_alloc(a, s->size);
	memcpy(info, s->data, s->size);
	for (uint32_t i = 1; i < o->section_count; i++) {
		const struct section *from = &o->sections[i];

		if (from->type == SHT_RELA && from->info == number && from->data && !fill_in(o, from, info, s->size))
			return false;
	}
	*ret = (struct cursor){ .data = info, .end = s->size, .big_endian = o->big_endian };
	return true;
}

/* An object may have none. */
static bool read_texts(const struct object *o, const char *name, struct cursor *ret)
{
	uint32_t number = object_section(o, name, 0);
	const struct section *s = &o->sections[number];

	*ret = (struct cursor){ 0 };
	if (!number || !s->data)
		return true;
	*ret = (struct cursor){ .data = s->data, .end = s->size };
	return !(s->flags & SHF_COMPRESSED) && !object_section(o, name, number) && !s->data[s->size - 1];
}

/* --- abbreviations ------------------------------------------------------------------- */

struct abbreviations {
	VEC(struct die_abbreviation) list;
	VEC(struct die_attribute) attributes;
};

/* DWARF 5, 7.5.6; of addresses of 64 bits and offsets of 32. */
static const struct form {
	uint16_t form;
	uint8_t kind, size;
} forms[] = {
	{ DW_FORM_data1, DIE_NUMBER, 1 },   { DW_FORM_data2, DIE_NUMBER, 2 },
	{ DW_FORM_data4, DIE_NUMBER, 4 },   { DW_FORM_data8, DIE_NUMBER, 8 },
	{ DW_FORM_flag, DIE_NUMBER, 1 },    { DW_FORM_flag_present, DIE_NUMBER, 0 },
	{ DW_FORM_udata, DIE_NUMBER, 0 },   { DW_FORM_sdata, DIE_NUMBER, 0 },
	{ DW_FORM_strp, DIE_TEXT, 4 },      { DW_FORM_line_strp, DIE_TEXT, 4 },
	{ DW_FORM_string, DIE_TEXT, 0 },    { DW_FORM_implicit_const, DIE_NUMBER, 0 },
	{ DW_FORM_ref1, DIE_REFERENCE, 1 }, { DW_FORM_ref2, DIE_REFERENCE, 2 },
	{ DW_FORM_ref4, DIE_REFERENCE, 4 }, { DW_FORM_ref8, DIE_REFERENCE, 8 },
	{ DW_FORM_addr, DIE_PLACE, 8 },     { DW_FORM_sec_offset, DIE_PLACE, 4 },
	{ DW_FORM_exprloc, DIE_BLOCK, 0 },  { DW_FORM_block, DIE_BLOCK, 0 },
	{ DW_FORM_block1, DIE_BLOCK, 0 },   { DW_FORM_block2, DIE_BLOCK, 0 },
	{ DW_FORM_block4, DIE_BLOCK, 0 },   { DW_FORM_data16, DIE_BLOCK, 0 },
};

static const struct form *form_of(uint64_t form)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (forms[i].form == form)
			return &forms[i];
	return NULL;
}

static bool read_attributes(struct arena *a, struct cursor *c, struct abbreviations *x)
{
	for (;;) {
		uint64_t name = cursor_uleb(c), form = cursor_uleb(c);
		int64_t constant = form == DW_FORM_implicit_const ? cursor_sleb(c) : 0;

		const struct form *f = form_of(form);

		if (!c->bad && !name && !form)
			return true;
		if (c->bad || name > UINT16_MAX || !f)
			return false;
		*vec_push(a, &x->attributes) =
			(struct die_attribute){ (uint16_t)name, f->form, f->kind, f->size, constant };
		x->list.items[x->list.count - 1].count++;
	}
}

/* Compilers and assemblers number them from 1. The cursor is behind them afterwards. */
static bool read_abbreviations(struct arena *a, struct cursor *c, struct die_unit *u)
{
	struct abbreviations x = { 0 };
	uint64_t code, tag;

	vec_push(a, &x.list);
	while ((code = cursor_uleb(c)) != 0) {
		tag = cursor_uleb(c);
		if (code != x.list.count || !tag || tag > UINT16_MAX)
			return false;
		*vec_push(a, &x.list) =
			(struct die_abbreviation){ .tag = (uint16_t)tag, .has_children = cursor_fixed(c, 1) != 0 };
		if (!read_attributes(a, c, &x))
			return false;
	}
	for (uint32_t i = 0, first = 0; i < x.list.count; first += x.list.items[i++].count)
		x.list.items[i].attributes = x.attributes.items + first;
	u->abbreviations = x.list.items;
	u->abbreviation_count = x.list.count;
	return !c->bad;
}

/* --- units ---------------------------------------------------------------------------- */

static bool read_header(struct cursor *c, struct die_unit *u, uint64_t *abbreviations)
{
	uint64_t size;

	u->start = c->pos;
	size = cursor_fixed(c, 4);
	if (!size || size >= 0xfffffff0 || !range_ok(c->pos, size, c->end)) /* beyond: 64-bit DWARF */
		return false;
	u->end = c->pos + size;
	u->version = (uint16_t)cursor_fixed(c, 2);
	if (u->version < 4 || u->version > 5)
		return false;
	if (u->version == 5 && cursor_fixed(c, 1) != DW_UT_compile)
		return false;
	if (u->version == 5)
		u->address_size = (uint8_t)cursor_fixed(c, 1);
	*abbreviations = cursor_fixed(c, 4);
	if (u->version < 5)
		u->address_size = (uint8_t)cursor_fixed(c, 1);
	u->first = c->pos;
	return !c->bad && u->address_size == sizeof(uint64_t) && u->first < u->end;
}

/* Units have one list in common, or each its own: all of them are not longer than the section. */
static bool read_units(struct die_reader *r, struct cursor abbreviations)
{
	struct cursor c = r->info;
	uint64_t left = abbreviations.end, known = UINT64_MAX, at;

	while (c.pos < c.end) {
		struct die_unit u = { 0 };

		if (!read_header(&c, &u, &at) || at >= abbreviations.end)
			return false;
		if (at == known) {
			u.abbreviations = r->units.items[r->units.count - 1].abbreviations;
			u.abbreviation_count = r->units.items[r->units.count - 1].abbreviation_count;
		} else {
			abbreviations.pos = known = at;
			if (!read_abbreviations(r->a, &abbreviations, &u) || abbreviations.pos - at > left)
				return false;
			left -= abbreviations.pos - at;
		}
		*vec_push(r->a, &r->units) = u;
		c.pos = u.end;
	}
	return r->units.count;
}

bool die_reader_open(struct arena *a, const struct object *o, struct die_reader *ret)
{
	uint32_t number = object_section(o, ".debug_abbrev", 0);
	const struct section *s = &o->sections[number];
	const struct cursor abbreviations = { .data = s->data, .end = s->size };

	*ret = (struct die_reader){ .a = a };
	if (!number || !s->data || s->flags & SHF_COMPRESSED || object_section(o, ".debug_abbrev", number) ||
	    object_section(o, ".debug_types", 0))
		return false;
	return read_info(a, o, &ret->info) && read_texts(o, ".debug_str", &ret->text) &&
	       read_texts(o, ".debug_line_str", &ret->line_text) && read_units(ret, abbreviations);
}

const struct die_unit *die_unit_at(const struct die_reader *r, uint64_t offset)
{
	uint32_t low = 0, high = r->units.count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (r->units.items[middle].start <= offset)
			low = middle;
		else
			high = middle;
	}
	return offset >= r->units.items[low].first && offset < r->units.items[low].end ? &r->units.items[low] : NULL;
}

/* --- entries --------------------------------------------------------------------------- */

const struct die_abbreviation *die_begin(const struct die_unit *u, struct cursor *c)
{
	uint64_t code = c->pos < c->end && c->data[c->pos] < 0x80 ? c->data[c->pos++] : cursor_uleb(c);

	if (code >= u->abbreviation_count || c->pos > u->end)
		c->bad = true;
	return c->bad || !code ? NULL : &u->abbreviations[code];
}

static bool text_value(const struct cursor *texts, uint64_t offset, struct die_value *ret)
{
	if (offset >= texts->end)
		return false;
	ret->text = (const char *)texts->data + offset;
	return true;
}

static bool text_in_place(struct cursor *c, struct die_value *ret)
{
	const uint8_t *start = c->data + c->pos, *end = memchr(start, 0, c->end - c->pos);

	ret->text = (const char *)start;
	cursor_skip(c, end ? (uint64_t)(end - start) + 1 : UINT64_MAX);
	return end;
}

static bool block_value(struct cursor *c, uint64_t size, struct die_value *ret)
{
	ret->number = size;
	ret->block = c->data + c->pos;
	cursor_skip(c, size);
	return !c->bad;
}

/* Of a form that has as many bytes everywhere. */
static bool fixed_value(const struct die_reader *r, const struct die_unit *u, struct cursor *c,
			const struct die_attribute *at, struct die_value *ret)
{
	uint64_t number = at->size == 4 ? cursor_number(c) : cursor_fixed(c, at->size);

	switch (ret->kind) {
	case DIE_TEXT:
		return text_value(at->form == DW_FORM_strp ? &r->text : &r->line_text, number, ret) && !c->bad;
	case DIE_REFERENCE:
		ret->number = u->start + number;
		return number < u->end - u->start && !c->bad;
	default:
		ret->number = number;
		return !c->bad;
	}
}

bool die_value_read(const struct die_reader *r, const struct die_unit *u, struct cursor *c,
		    const struct die_attribute *at, struct die_value *ret)
{
	ret->kind = (enum die_value_kind)at->kind;
	if (at->size)
		return fixed_value(r, u, c, at, ret);
	switch (at->form) {
	case DW_FORM_implicit_const:
		ret->number = (uint64_t)at->constant;
		return true;
	case DW_FORM_flag_present:
		ret->number = 1;
		return true;
	case DW_FORM_udata:
		ret->number = cursor_uleb(c);
		return !c->bad;
	case DW_FORM_sdata:
		ret->number = (uint64_t)cursor_sleb(c);
		return !c->bad;
	case DW_FORM_string:
		return text_in_place(c, ret);
	case DW_FORM_exprloc:
	case DW_FORM_block:
		return block_value(c, cursor_uleb(c), ret);
	case DW_FORM_block1:
		return block_value(c, cursor_fixed(c, 1), ret);
	case DW_FORM_block2:
		return block_value(c, cursor_fixed(c, 2), ret);
	case DW_FORM_block4:
		return block_value(c, cursor_fixed(c, 4), ret);
	case DW_FORM_data16:
		return block_value(c, 16, ret);
	}
	return false;
}
