/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elf_mutate.c - headers, symbols, relocations and contents of one object; and all mutations together */
#include "mutations.h"

#include <elf.h>
#include <string.h>

/* ---- numbers ---- */

static void mutate_header(struct elf *e, struct random *r)
{
	static const struct field fields[] = { { 4, 1 },  { 5, 1 },  { 6, 1 },  { 16, 2 }, { 18, 2 },
					       { 20, 4 }, { 40, 8 }, { 48, 4 }, { 52, 2 }, { 54, 2 },
					       { 58, 2 }, { 60, 2 }, { 62, 2 } };

	change(e, r, 0, fields[random_below(r, COUNT(fields))]);
}

static void mutate_section(struct elf *e, struct random *r)
{
	static const struct field fields[] = { { 0, 4 },  { 4, 4 },  { 8, 8 },  { 16, 8 }, { 24, 8 },
					       { 32, 8 }, { 40, 4 }, { 44, 4 }, { 48, 8 }, { 56, 8 } };
	uint32_t section = random_below(r, 2) ? special_section(e, r) : random_below(r, e->shnum);

	change(e, r, elf_header(e, section), fields[random_below(r, COUNT(fields))]);
}

/* A link or an info that leads to some other section. */
static void mutate_link(struct elf *e, struct random *r)
{
	elf_set_section(e, any_section(e, r), random_below(r, 2) ? SH_LINK : SH_INFO, random_below(r, e->shnum));
}

static void mutate_type(struct elf *e, struct random *r)
{
	static const uint32_t types[] = { SHT_NULL,       SHT_PROGBITS, SHT_SYMTAB,       SHT_STRTAB,
					  SHT_RELA,       SHT_NOTE,     SHT_NOBITS,       SHT_REL,
					  SHT_INIT_ARRAY, SHT_GROUP,    SHT_SYMTAB_SHNDX, SHT_DYNSYM };

	elf_set_section(e, any_section(e, r), SH_TYPE, types[random_below(r, COUNT(types))]);
}

static void mutate_flags(struct elf *e, struct random *r)
{
	static const uint64_t flags[] = { SHF_WRITE,      SHF_ALLOC,     SHF_EXECINSTR,  SHF_MERGE,
					  SHF_STRINGS,    SHF_INFO_LINK, SHF_LINK_ORDER, SHF_GROUP,
					  SHF_COMPRESSED, SHF_TLS,       0x100000 };
	uint32_t section = any_section(e, r);

	elf_set_section(e, section, SH_FLAGS, elf_section(e, section, SH_FLAGS) ^ flags[random_below(r, COUNT(flags))]);
}

static uint64_t odd_place(const struct elf *e, struct random *r)
{
	static const uint16_t places[] = { SHN_UNDEF, SHN_ABS, SHN_COMMON, SHN_XINDEX, 0xff20, 0xff00 };

	return random_below(r, 3) ? random_below(r, e->shnum) : places[random_below(r, COUNT(places))];
}

static void mutate_symbol(struct elf *e, struct random *r)
{
	static const struct field fields[] = { { 0, 4 }, { 4, 1 }, { 5, 1 }, { 6, 2 }, { 8, 8 }, { 16, 8 } };
	uint64_t at = any_record(e, r, section_of_type(e, r, SHT_SYMTAB), SYM_SIZE);
	uint32_t which = random_below(r, COUNT(fields) + 2);

	if (which == COUNT(fields)) /* binding and type that exist */
		elf_put(e, at, fields[1], random_below(r, 3) << 4 | random_below(r, 7));
	else if (which > COUNT(fields))
		elf_put(e, at, fields[3], odd_place(e, r));
	else
		change(e, r, at, fields[which]);
}

/* On s390x and elsewhere alike: the symbol is the upper half of r_info as a number. */
static void mutate_relocation(struct elf *e, struct random *r)
{
	static const struct field offset = { 0, 8 }, info = { 8, 8 }, addend = { 16, 8 };
	uint64_t at = any_record(e, r, section_of_type(e, r, SHT_RELA), RELA_SIZE), old = elf_get(e, at, info);

	switch (random_below(r, 4)) {
	case 0:
		change(e, r, at, offset);
		break;
	case 1:
		elf_put(e, at, info, (old & ~UINT64_C(0xffffffff)) | random_below(r, 64));
		break;
	case 2:
		elf_put(e, at, info, (old & 0xffffffff) | (odd_number(r, old >> 32) & 0xff) << 32);
		break;
	default:
		change(e, r, at, addend);
	}
}

/* ---- contents ---- */

static void mutate_contents(struct elf *e, struct random *r)
{
	uint32_t section = random_below(r, 3) ? special_section(e, r) : any_section(e, r);
	uint8_t width = (uint8_t)(1u << random_below(r, 4));
	uint64_t at = any_record(e, r, section, width);

	if (at)
		change(e, r, at, (struct field){ 0, width });
}

static void swap_bytes(struct elf *e, uint64_t a, uint64_t b, uint32_t size)
{
	for (uint32_t i = 0; i < size && a + i < e->size && b + i < e->size; i++) {
		uint8_t byte = e->data[a + i];

		e->data[a + i] = e->data[b + i];
		e->data[b + i] = byte;
	}
}

static uint32_t record_of(const struct elf *e, uint32_t section)
{
	uint64_t size = elf_section(e, section, SH_ENTSIZE);

	return size && size <= 64 ? (uint32_t)size : 4;
}

/* Two records change places, or one takes the other's. */
static void mutate_order(struct elf *e, struct random *r)
{
	uint32_t section = any_section(e, r), record = record_of(e, section);
	uint64_t a = any_record(e, r, section, record), b = any_record(e, r, section, record);

	if (!a || !b || a + record > e->size || b + record > e->size)
		return;
	if (random_below(r, 2))
		memmove(e->data + a, e->data + b, record);
	else
		swap_bytes(e, a, b, record);
}

static void mutate_section_order(struct elf *e, struct random *r)
{
	swap_bytes(e, elf_header(e, any_section(e, r)), elf_header(e, any_section(e, r)), SHDR_SIZE);
}

/* A table with more entries, or fewer. */
static void mutate_count(struct elf *e, struct random *r)
{
	uint32_t section = random_below(r, 2) ? special_section(e, r) : any_section(e, r);
	uint32_t record = record_of(e, section), more = 1 + random_below(r, 8);
	struct table t = elf_table(e, section, 1);

	if (random_below(r, 2)) {
		elf_set_section(e, section, SH_SIZE, t.count > more * record ? t.count - more * record : 0);
		return;
	}
	if (!elf_move_to_end(e, section, (uint64_t)more * record) || t.count < record)
		return;
	for (uint32_t i = 0; i < more; i++) /* of what was the last one */
		memcpy(e->data + e->size - (size_t)(i + 1) * record, e->data + e->size - (size_t)(more + 1) * record,
		       record);
}

/* The rows that are there twice are what objects have most of. */
void elf_mutate(struct elf *e, struct random *r)
{
	static void (*const mutations[])(struct elf * e, struct random * r) = {
		mutate_header,      mutate_section,       mutate_section,    mutate_link,         mutate_type,
		mutate_flags,       mutate_symbol,        mutate_symbol,     mutate_symbol,       mutate_relocation,
		mutate_relocation,  mutate_relocation,    mutate_contents,   mutate_contents,     mutate_contents,
		mutate_order,       mutate_section_order, mutate_count,      mutate_names_offset, mutate_section_name,
		mutate_symbol_name, mutate_group,         mutate_compressed,
	};

	mutations[random_below(r, COUNT(mutations))](e, r);
}
