/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arch.c - choosing an architecture; what the architectures share */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rows.h"

const struct arch *arch_find(uint16_t machine)
{
	static const struct arch *const all[] = {
		&arch_x86_64, &arch_aarch64, &arch_ppc64le, &arch_s390x, &arch_loongarch64,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i]->machine == machine)
			return all[i];
	return NULL;
}

const char *arch_machine_name(struct arena *a, uint16_t machine, bool big_endian)
{
	static const struct {
		uint16_t machine;
		const char *name, *big;
	} others[] = {
		{ EM_AARCH64, "aarch64", "aarch64_be" },
		{ EM_PPC64, "ppc64le", "ppc64" },
		{ EM_MIPS, "mips64el", "mips64" },
		{ EM_RISCV, "riscv64", NULL },
		{ EM_SPARCV9, NULL, "sparc64" },
		{ EM_PARISC, NULL, "parisc64" },
		{ EM_IA_64, "ia64", NULL },
		{ EM_ALPHA, "alpha", NULL },
		{ EM_BPF, "bpf", "bpf" },
	};
	const struct arch *arch = arch_find(machine);

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].machine == machine && (big_endian ? others[i].big : others[i].name))
			return big_endian ? others[i].big : others[i].name;
	return arch ? arch->name : arena_printf(a, "a machine with the ELF number %u", machine);
}

bool arch_keeps_ordinary(const struct arch *arch, const char *name)
{
	for (const char *const *prefix = arch->ordinary_prefixes; prefix && *prefix; prefix++)
		if (!strncmp(name, *prefix, strlen(*prefix)))
			return true;
	return arch->trace_symbol && !strcmp(name, arch->trace_symbol);
}

const struct reloc_row *reloc_rows_find(struct reloc_rows t, uint32_t type)
{
	size_t low = 0, high = t.count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t.rows[mid].type < type)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t.count && t.rows[low].type == type ? &t.rows[low] : NULL;
}

bool reloc_rows_field(struct reloc_rows t, uint32_t type, struct reloc_field *ret)
{
	const struct reloc_row *row = reloc_rows_find(t, type);

	if (row)
		*ret = row->field;
	return row;
}

const char *reloc_rows_name(struct reloc_rows t, uint32_t type)
{
	const struct reloc_row *row = reloc_rows_find(t, type);

	return row ? row->name : NULL;
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

bool format_fits(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n >= 0 && (size_t)n < size;
}
