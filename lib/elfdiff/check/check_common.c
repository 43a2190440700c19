/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_common.c - what every rule needs */
#include "check/internal.h"

#include <elf.h>
#include <string.h>

void report(struct check *c, enum elfdiff_severity severity, struct elfdiff_diag d, const char *fmt, ...)
{
	va_list ap;

	d.severity = severity;
	d.object = c->o->path;
	va_start(ap, fmt);
	diag_add(c->ds, d, "%s", arena_vprintf(c->a, fmt, ap));
	va_end(ap);
}

bool first_time(struct check *c, const char *id, uint32_t section, uint32_t symbol)
{
	const char *key = arena_printf(c->a, "%s %u %u", id, section, symbol);

	return text_set_add(c->a, &c->said, key, strlen(key));
}

bool is_klp_section(const struct section *s)
{
	return s->type != SHT_NULL && (s->flags & SHF_RELA_LIVEPATCH || starts_with(s->name, KLP_SECTION_PREFIX));
}

const char *string_of_pointer(const struct check *c, const struct section *s, uint64_t offset)
{
	const struct reloc *r = object_reloc_at(c->o, s, offset);
	const struct symbol *sym = r ? &c->o->symbols[r->symbol] : NULL;
	const struct section *target;
	uint64_t start;

	if (!sym || sym->place != SYMBOL_DEFINED)
		return NULL;
	target = &c->o->sections[sym->section];
	start = sym->value + (uint64_t)r->addend;
	if (!target->data || start >= target->size || !memchr(target->data + start, 0, target->size - start))
		return NULL;
	return (const char *)target->data + start;
}
