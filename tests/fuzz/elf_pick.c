/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elf_pick.c - which section and which record a mutation is of */
#include "mutations.h"

#include <elf.h>
#include <string.h>

uint32_t any_section(const struct elf *e, struct random *r)
{
	return 1 + random_below(r, e->shnum - 1);
}

uint32_t section_of_type(const struct elf *e, struct random *r, uint64_t type)
{
	uint32_t start = random_below(r, e->shnum);

	for (uint32_t n = 0; n < e->shnum; n++) {
		uint32_t i = (start + n) % e->shnum;

		if (i && elf_section(e, i, SH_TYPE) == type)
			return i;
	}
	return 0;
}

/* A section that the tool knows by its name, if there is one where the search begins. */
uint32_t special_section(const struct elf *e, struct random *r)
{
	uint32_t start = any_section(e, r);

	for (uint32_t n = 0; n < e->shnum; n++) {
		uint32_t i = 1 + (start + n - 1) % (e->shnum - 1);
		const char *name = elf_section_name(e, i);

		if (!strncmp(name, "__", 2) || !strncmp(name, ".alt", 4) || !strncmp(name, ".kpatch", 7) ||
		    !strncmp(name, ".klp", 4) || !strncmp(name, ".para", 5) || !strncmp(name, ".orc", 4) ||
		    !strncmp(name, ".return", 7) || !strncmp(name, ".static", 7))
			return i;
	}
	return start;
}

/* Where a record of the section is, or 0. */
uint64_t any_record(const struct elf *e, struct random *r, uint32_t section, uint32_t record)
{
	struct table t = elf_table(e, section, record);

	return t.count ? t.at + (uint64_t)random_below(r, t.count) * record : 0;
}

void change(struct elf *e, struct random *r, uint64_t at, struct field f)
{
	elf_put(e, at, f, odd_number(r, elf_get(e, at, f)));
}
