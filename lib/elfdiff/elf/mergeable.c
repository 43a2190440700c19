/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/mergeable.h"

#include <elf.h>
#include <string.h>

/* Where the string or number ends that has a byte at `at`, which may be the section's size. */
static uint64_t mergeable_end(const struct section *s, uint64_t at)
{
	const uint8_t *nul;

	if (!(s->flags & SHF_STRINGS))
		return at - at % s->entsize + s->entsize;
	nul = at < s->size ? memchr(s->data + at, 0, s->size - at) : NULL;
	return nul ? (uint64_t)(nul - s->data) + 1 : s->size;
}

bool section_is_mergeable(const struct object *o, const struct labels *l, uint32_t section)
{
	const struct section *s = &o->sections[section];
	bool strings = s->flags & SHF_STRINGS;
	uint64_t end = 0;

	if (!(s->flags & SHF_MERGE) || !s->data || (strings ? s->entsize > 1 : !s->entsize))
		return false;
	for (uint32_t i = l->first[section]; i < l->first[section + 1]; i++) {
		const struct symbol *sym = &o->symbols[l->symbols[i]];

		if (sym->value >= end) /* they are in ascending order */
			end = mergeable_end(s, sym->value);
		if (sym->size && sym->value + sym->size > end)
			return false;
	}
	return true;
}
