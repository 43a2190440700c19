// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbol_elf_hooks.c - the ftrace locations of an ELF vmlinux or module
 *
 * In vmlinux they are numbers between two labels, and zero where the build took one away (scripts/sorttable.c) or a
 * relocation is to write it (arm64); in a module, relocations of a section.
 */
#include <elf.h>
#include <string.h>

#include "base/sort.h"
#include "kernel/symbol_elf.h"

static void sort_hooks(struct elf_reader *r)
{
	struct symbol_table *t = r->t;
	uint32_t n = t->hooks.count;
	struct sort_key *keys = arena_array(r->a, n, struct sort_key);
	struct code_place *sorted = arena_array(r->a, n, struct code_place);

	for (uint32_t i = 0; i < n; i++)
		keys[i] = (struct sort_key){ t->hooks.items[i].address, i };
	sort_keys(r->a, keys, n);
	for (uint32_t i = 0; i < n; i++)
		keys[i].key = t->hooks.items[keys[i].id].section;
	sort_keys(r->a, keys, n);
	for (uint32_t i = 0; i < n; i++)
		sorted[i] = t->hooks.items[keys[i].id];
	t->hooks.items = sorted;
	t->hooks.room = n;
}

/* ---- vmlinux ---- */

static uint64_t label_address(const struct elf_reader *r, const char *name)
{
	for (uint32_t i = 0; i < r->t->entries.count; i++)
		if (!strcmp(r->t->entries.items[i].name, name))
			return r->t->entries.items[i].address;
	return 0;
}

/* What the file has at these addresses, or NULL. */
static const uint8_t *bytes_between(const struct elf_reader *r, uint64_t start, uint64_t end)
{
	for (uint32_t i = 1; i < r->section_count; i++) {
		const struct elf_section *s = &r->sections[i];

		if (s->flags & SHF_ALLOC && s->type != SHT_NOBITS && start >= s->address &&
		    range_ok(start - s->address, end - start, s->size))
			return input_part(r->a, r->in, s->offset + (start - s->address), end - start);
	}
	return NULL;
}

static void read_numbers(struct elf_reader *r)
{
	uint64_t start = label_address(r, "__start_mcount_loc"), end = label_address(r, "__stop_mcount_loc");
	const uint8_t *p = start < end ? bytes_between(r, start, end) : NULL;

	r->t->has_hooks = p != NULL;
	for (uint64_t at = 0; p && at + 8 <= end - start; at += 8) {
		uint64_t address = bytes_get(p + at, 8, r->big_endian);

		if (address)
			*vec_push(r->a, &r->t->hooks) = (struct code_place){ .address = address };
	}
}

/* ---- a module ---- */

static void read_relocations(struct elf_reader *r, struct elf_section *rela)
{
	const uint8_t *p = elf_section_data(r, rela);
	struct elf_symbol s;

	r->t->has_hooks |= p != NULL;
	for (uint64_t at = 0; p && at + sizeof(Elf64_Rela) <= rela->size; at += sizeof(Elf64_Rela)) {
		uint64_t symbol = ELF64_R_SYM(FIELD(r, p + at, Elf64_Rela, r_info));

		if (symbol < r->symtab->size / sizeof(Elf64_Sym) && elf_symbol_read(r, (uint32_t)symbol, &s))
			*vec_push(r->a, &r->t->hooks) =
				(struct code_place){ .address = s.value + FIELD(r, p + at, Elf64_Rela, r_addend),
						     .section = s.section };
	}
}

static void read_relocations_of(struct elf_reader *r, const char *section)
{
	for (uint32_t i = 1; i < r->section_count; i++) {
		struct elf_section *s = &r->sections[i];

		if (s->type == SHT_RELA && s->info < r->section_count && !strcmp(r->sections[s->info].name, section))
			read_relocations(r, s);
	}
}

/*
 * A kernel has one of the two (FTRACE_CALLSITE_SECTION of include/linux/ftrace.h). Where compilers list the padding
 * before functions (CONFIG_CALL_PADDING), this is in the second, and the first is ftrace's.
 */
static void read_module(struct elf_reader *r)
{
	read_relocations_of(r, "__mcount_loc");
	if (!r->t->has_hooks)
		read_relocations_of(r, "__patchable_function_entries");
}

void hooks_from_elf(struct elf_reader *r)
{
	if (r->is_module)
		read_module(r);
	else
		read_numbers(r);
	sort_hooks(r);
}
