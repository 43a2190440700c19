/* SPDX-License-Identifier: GPL-2.0-or-later */
/* form_kpatch_encode.c - from KLP symbols to records */
#include "klp/internal.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "kpatch-patch.h"

#define TRACE_SECTION "__patchable_function_entries"

enum { WORD = 8 };

struct encoder {
	struct arena *a;
	const struct model *m;
	struct model *out;
	uint32_t pointer;                       /* relocation type of a 64-bit address */
	uint32_t *symbol_of;                    /* by symbol of m: symbol of out; 0 for KLP symbols */
	uint32_t *label_of;                     /* by section of out: its section symbol */
	uint32_t strings, symbols, relocations; /* sections of out */
	uint8_t *symbol_records, *relocation_records;
	VEC(uint8_t) text; /* of .kpatch.strings */
	struct index text_by_hash;
	uint32_t trace, trace_rest; /* the section of the first ftrace location, of the second; 0: there are none */
};

static bool is_klp(const struct model_symbol *s)
{
	return s->place == MODEL_KLP;
}

static bool is_local(const struct model_symbol *s)
{
	return !is_klp(s) && s->bind == STB_LOCAL;
}

static uint32_t count_klp_relocs(const struct model *m)
{
	uint32_t n = 0;

	for (uint32_t i = 1; i < m->sections.count; i++)
		for (uint32_t j = 0; j < m->sections.items[i].relocs.count; j++)
			n += is_klp(&m->symbols.items[m->sections.items[i].relocs.items[j].symbol]);
	return n;
}

/* --- sections and symbols ---------------------------------------------------------- */

static uint32_t section_named(struct encoder *en, const char *name, uint64_t align)
{
	struct model *out = en->out;

	for (uint32_t i = 1; i < out->sections.count; i++)
		if (!strcmp(out->sections.items[i].name, name))
			return i;
	*vec_push(en->a, &out->sections) =
		(struct model_section){ .name = name, .type = SHT_PROGBITS, .flags = SHF_ALLOC, .align = align };
	return out->sections.count - 1;
}

/* Words, and nothing has a name in them that would have to move with one. */
static bool is_list_of_sites(const struct model *m, uint32_t i)
{
	const struct model_section *s = &m->sections.items[i];

	if (strcmp(s->name, TRACE_SECTION) || !s->data || !s->size || s->size % WORD)
		return false;
	for (uint32_t j = 1; j < m->symbols.count; j++)
		if (m->symbols.items[j].place == MODEL_DEFINED && m->symbols.items[j].section == i &&
		    m->symbols.items[j].value)
			return false;
	return true;
}

/* One section for each entry; the first one stays where it is. */
static void split_trace_sites(struct encoder *en, uint32_t i)
{
	const struct model_section *from = &en->m->sections.items[i];

	en->trace = i;
	en->trace_rest = en->out->sections.count;
	for (uint64_t at = WORD; at + WORD <= from->size; at += WORD) {
		struct model_section s = en->out->sections.items[i];

		s.data = from->data + at;
		s.size = WORD;
		*vec_push(en->a, &en->out->sections) = s;
	}
	en->out->sections.items[i].size = WORD;
}

static uint32_t trace_section(const struct encoder *en, uint64_t offset)
{
	return offset < WORD ? en->trace : en->trace_rest + (uint32_t)(offset / WORD) - 1;
}

static void link_trace_site(struct encoder *en, const struct model_reloc *r)
{
	const struct model_symbol *s = &en->m->symbols.items[r->symbol];
	struct model_section *to = &en->out->sections.items[trace_section(en, r->offset)];

	if (s->place != MODEL_DEFINED)
		return;
	to->flags |= SHF_LINK_ORDER;
	to->link = s->section;
}

/* Relocations are left to move_relocs(). */
static void copy_sections(struct encoder *en)
{
	for (uint32_t i = 0; i < en->m->sections.count; i++) {
		struct model_section s = en->m->sections.items[i];

		memset(&s.relocs, 0, sizeof(s.relocs));
		*vec_push(en->a, &en->out->sections) = s;
	}
	for (uint32_t i = 1; i < en->m->sections.count; i++)
		if (!en->trace && is_list_of_sites(en->m, i))
			split_trace_sites(en, i);
	en->strings = section_named(en, KPATCH_STRINGS_SECTION, 1);
	en->symbols = section_named(en, KPATCH_SYMBOLS_SECTION, 8);
	en->relocations = section_named(en, KPATCH_RELOCATIONS_SECTION, 8);
}

static void copy_symbol(struct encoder *en, uint32_t i)
{
	const struct model_symbol *s = &en->m->symbols.items[i];

	en->symbol_of[i] = en->out->symbols.count;
	if (s->place == MODEL_DEFINED && s->type == STT_SECTION)
		en->label_of[s->section] = en->out->symbols.count;
	*vec_push(en->a, &en->out->symbols) = *s;
}

static void label_section(struct encoder *en, uint32_t i)
{
	en->label_of[i] = en->out->symbols.count;
	*vec_push(en->a, &en->out->symbols) = (struct model_symbol){
		.name = "", .place = MODEL_DEFINED, .section = i, .bind = STB_LOCAL, .type = STT_SECTION
	};
}

static void copy_symbols(struct encoder *en)
{
	const struct model *m = en->m;

	en->symbol_of = arena_array(en->a, m->symbols.count, uint32_t);
	en->label_of = arena_array(en->a, en->out->sections.count, uint32_t);
	for (uint32_t i = 0; i < m->symbols.count; i++)
		if (is_local(&m->symbols.items[i]))
			copy_symbol(en, i);
	for (uint32_t i = 1; i < en->out->sections.count; i++)
		if (!en->label_of[i])
			label_section(en, i);
	for (uint32_t i = 1; i < m->symbols.count; i++)
		if (!is_local(&m->symbols.items[i]) && !is_klp(&m->symbols.items[i]))
			copy_symbol(en, i);
}

/* --- records ------------------------------------------------------------------------ */

static void put(const struct encoder *en, uint8_t *to, uint64_t value, unsigned width)
{
	bytes_put(to, value, width, en->m->big_endian);
}

static void put_pointer(struct encoder *en, uint32_t section, uint64_t at, uint32_t to, uint64_t offset)
{
	*vec_push(en->a, &en->out->sections.items[section].relocs) = (struct model_reloc){
		.offset = at, .addend = (int64_t)offset, .type = en->pointer, .symbol = en->label_of[to]
	};
}

static uint32_t intern(struct encoder *en, const char *string)
{
	uint64_t hash = hash_string(string);
	uint32_t at = en->text.count;

	for (uint32_t e = index_first(&en->text_by_hash, hash); e != NONE; e = index_next(&en->text_by_hash, e))
		if (!strcmp((const char *)en->text.items + en->text_by_hash.ids[e], string))
			return en->text_by_hash.ids[e];
	for (size_t i = 0; i <= strlen(string); i++)
		*vec_push(en->a, &en->text) = (uint8_t)string[i];
	index_add(en->a, &en->text_by_hash, hash, at);
	return at;
}

/* The strings of the model's other records. */
static void take_strings(struct encoder *en)
{
	const struct model_section *s = &en->out->sections.items[en->strings];

	for (uint64_t i = 0; s->data && i < s->size; i++) {
		if ((!i || !s->data[i - 1]) && memchr(s->data + i, 0, s->size - i))
			index_add(en->a, &en->text_by_hash, hash_string((const char *)s->data + i), (uint32_t)i);
		*vec_push(en->a, &en->text) = s->data[i];
	}
}

static void put_string(struct encoder *en, uint32_t section, uint64_t at, const char *string)
{
	put_pointer(en, section, at, en->strings, intern(en, string));
}

/* Returns where it begins, in bytes. */
static uint64_t add_record(struct encoder *en, uint32_t section, uint64_t size)
{
	struct model_section *s = &en->out->sections.items[section];

	s->size += size;
	return s->size - size;
}

static void write_symbol(struct encoder *en, const struct model_symbol *s, uint64_t at)
{
	uint8_t *record = en->symbol_records + at;

	put(en, record + offsetof(struct kpatch_symbol, src), s->address, 8);
	put(en, record + offsetof(struct kpatch_symbol, sympos), s->position, 8);
	record[offsetof(struct kpatch_symbol, bind)] = s->bind;
	record[offsetof(struct kpatch_symbol, type)] = s->type;
	put_string(en, en->symbols, at + offsetof(struct kpatch_symbol, name), s->name);
	put_string(en, en->symbols, at + offsetof(struct kpatch_symbol, objname), s->klp_object);
}

static bool is_external(const struct model_symbol *s)
{
	return strcmp(s->klp_object, "vmlinux") && strcmp(s->klp_object, s->klp_when);
}

/* A relocation and its symbol have the same number: other finishing tools pair them by it. */
static void write_relocation(struct encoder *en, uint32_t section, const struct model_reloc *r)
{
	const struct model_symbol *s = &en->m->symbols.items[r->symbol];
	uint64_t at = add_record(en, en->relocations, sizeof(struct kpatch_relocation));
	uint64_t ksym = add_record(en, en->symbols, sizeof(struct kpatch_symbol));
	uint8_t *record = en->relocation_records + at;

	put(en, record + offsetof(struct kpatch_relocation, type), r->type, 4);
	put(en, record + offsetof(struct kpatch_relocation, external), is_external(s), 4);
	put(en, record + offsetof(struct kpatch_relocation, addend), (uint64_t)r->addend, 8);
	put_pointer(en, en->relocations, at + offsetof(struct kpatch_relocation, dest), section, r->offset);
	put_string(en, en->relocations, at + offsetof(struct kpatch_relocation, objname), s->klp_when);
	put_pointer(en, en->relocations, at + offsetof(struct kpatch_relocation, ksym), en->symbols, ksym);
	write_symbol(en, s, ksym);
}

static void move_reloc(struct encoder *en, uint32_t section, struct model_reloc r)
{
	if (is_klp(&en->m->symbols.items[r.symbol])) {
		write_relocation(en, section, &r);
		return;
	}
	if (section == en->trace) {
		link_trace_site(en, &r);
		section = trace_section(en, r.offset);
		r.offset %= WORD;
	}
	r.symbol = en->symbol_of[r.symbol];
	*vec_push(en->a, &en->out->sections.items[section].relocs) = r;
}

static void move_relocs(struct encoder *en)
{
	for (uint32_t i = 1; i < en->m->sections.count; i++)
		for (uint32_t j = 0; j < en->m->sections.items[i].relocs.count; j++)
			move_reloc(en, i, en->m->sections.items[i].relocs.items[j]);
}

void kpatch_encode(struct arena *a, const struct model *m, struct model *ret)
{
	struct encoder en = { .a = a, .m = m, .out = ret, .pointer = arch_find(m->machine)->pointer_reloc };
	uint32_t count = count_klp_relocs(m);

	*ret = (struct model){ .machine = m->machine, .flags = m->flags, .big_endian = m->big_endian };
	copy_sections(&en);
	copy_symbols(&en);
	en.symbol_records = arena_calloc(a, count + 1, sizeof(struct kpatch_symbol));
	en.relocation_records = arena_calloc(a, count + 1, sizeof(struct kpatch_relocation));
	take_strings(&en);
	move_relocs(&en);
	ret->sections.items[en.symbols].data = en.symbol_records;
	ret->sections.items[en.relocations].data = en.relocation_records;
	ret->sections.items[en.strings].data = en.text.items;
	ret->sections.items[en.strings].size = en.text.count;
}
