/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf_view.h"

#include <elf.h>
#include <string.h>

static bool inside(const struct elf *e, uint64_t at, uint64_t size)
{
	return at <= e->size && size <= e->size - at;
}

uint64_t elf_get(const struct elf *e, uint64_t at, struct field f)
{
	uint64_t value = 0;

	at += f.at;
	if (!inside(e, at, f.width))
		return 0;
	for (unsigned i = 0; i < f.width; i++)
		value |= (uint64_t)e->data[at + i] << 8 * (e->big ? f.width - 1u - i : i);
	return value;
}

void elf_put(struct elf *e, uint64_t at, struct field f, uint64_t value)
{
	at += f.at;
	if (!inside(e, at, f.width))
		return;
	for (unsigned i = 0; i < f.width; i++)
		e->data[at + i] = (uint8_t)(value >> 8 * (e->big ? f.width - 1u - i : i));
}

bool elf_open(struct elf *e, uint8_t *data, size_t size, size_t room)
{
	*e = (struct elf){ .data = data, .size = size, .room = room };
	if (size < EHDR_SIZE || memcmp(data, ELFMAG, SELFMAG) || data[EI_CLASS] != ELFCLASS64)
		return false;
	e->big = data[EI_DATA] == ELFDATA2MSB;
	e->shoff = elf_get(e, 0, (struct field){ 40, 8 });
	e->shnum = (uint32_t)elf_get(e, 0, (struct field){ 60, 2 });
	e->shstrndx = (uint32_t)elf_get(e, 0, (struct field){ 62, 2 });
	return e->shnum > 1 && inside(e, e->shoff, (uint64_t)e->shnum * SHDR_SIZE);
}

uint64_t elf_header(const struct elf *e, uint32_t section)
{
	return e->shoff + (uint64_t)section * SHDR_SIZE;
}

uint64_t elf_section(const struct elf *e, uint32_t section, struct field f)
{
	return elf_get(e, elf_header(e, section), f);
}

void elf_set_section(struct elf *e, uint32_t section, struct field f, uint64_t value)
{
	elf_put(e, elf_header(e, section), f, value);
}

const char *elf_section_name(const struct elf *e, uint32_t section)
{
	uint64_t at = elf_section(e, e->shstrndx, SH_OFFSET) + elf_section(e, section, SH_NAME);

	if (at >= e->size || !memchr(e->data + at, 0, e->size - at))
		return "";
	return (const char *)e->data + at;
}

struct table elf_table(const struct elf *e, uint32_t section, uint32_t record)
{
	uint64_t at = elf_section(e, section, SH_OFFSET), size = elf_section(e, section, SH_SIZE);

	if (elf_section(e, section, SH_TYPE) == SHT_NOBITS || at > e->size)
		return (struct table){ 0, 0, record };
	if (size > e->size - at)
		size = e->size - at;
	return (struct table){ at, (uint32_t)(size / record), record };
}

bool elf_move_to_end(struct elf *e, uint32_t section, uint64_t extra)
{
	struct table t = elf_table(e, section, 1);
	size_t start = (e->size + 7) & ~(size_t)7;

	if (start > e->room || t.count + extra > e->room - start)
		return false;
	memset(e->data + e->size, 0, start - e->size);
	memmove(e->data + start, e->data + t.at, t.count);
	memset(e->data + start + t.count, 0, extra);
	e->size = start + t.count + extra;
	elf_set_section(e, section, SH_OFFSET, start);
	elf_set_section(e, section, SH_SIZE, t.count + extra);
	return true;
}
