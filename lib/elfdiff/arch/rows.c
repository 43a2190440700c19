/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rows.c - what the architectures share */
#include "arch/internal.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct reloc_row *reloc_rows_find(struct reloc_rows t, uint32_t type)
{
	return type < t.count && t.rows[type].name ? &t.rows[type] : NULL;
}

bool reloc_rows_field(struct reloc_rows t, uint32_t type, struct reloc_field *ret)
{
	const struct reloc_row *row = reloc_rows_find(t, type);

	if (row) {
		*ret = row->field;
		ret->for_linkers = row->for_linkers;
	}
	return row;
}

const char *reloc_rows_name(struct reloc_rows t, uint32_t type)
{
	const struct reloc_row *row = reloc_rows_find(t, type);

	return row ? row->name : NULL;
}

bool reloc_rows_branch(struct reloc_rows t, const struct object *o, const struct reloc *r)
{
	struct reloc_field f;

	return section_is_code(&o->sections[r->section]) && reloc_rows_field(t, r->type, &f) && f.branch;
}

bool reloc_fills(const struct arch *arch, const struct object *o, const struct section *s, uint64_t offset,
		 uint64_t size)
{
	uint32_t end = s->reloc_first + s->reloc_count;

	for (uint32_t i = object_first_reloc(o, s, offset); i < end && o->relocs[i].offset - offset < size; i++) {
		struct reloc_field f;

		/* A type without a field only marks the place. */
		if (!arch->field(o->relocs[i].type, &f) || f.size)
			return true;
	}
	return false;
}

const uint8_t *section_bytes(const struct section *s, uint64_t offset, uint64_t size)
{
	if (s->type == SHT_NOBITS || !s->data || !range_ok(offset, size, s->size))
		return NULL;
	return s->data + offset;
}

bool section_word(const struct section *s, uint64_t offset, uint32_t *word)
{
	const uint8_t *p = offset % 4 ? NULL : section_bytes(s, offset, 4);

	if (p)
		*word = (uint32_t)bytes_get(p, 4, false);
	return p;
}

bool format_fits(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n >= 0 && (size_t)n < size;
}

bool arch_keeps_ordinary(const struct arch *arch, const char *name)
{
	for (const char *const *prefix = arch->ordinary_prefixes; prefix && *prefix; prefix++)
		if (starts_with(name, *prefix))
			return true;
	return arch->trace_symbol && !strcmp(name, arch->trace_symbol);
}
