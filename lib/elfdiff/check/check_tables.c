/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_tables.c - what the module loader demands of sections and symbols */
#include "check/internal.h"

#include <elf.h>
#include <string.h>

static void report_twice(struct check *c, const struct section *s)
{
	const struct special *row = special_find(s->name, c->arch_bit);

	if (row && row->unique)
		report(c, ELFDIFF_REFUSAL,
		       (struct elfdiff_diag){
			       .id = "duplicate-table",
			       .section = s->name,
			       .cause = "find_sec() takes the first section of that name, and the entries of the "
					"others are never read",
			       .hint = "link the object with `ld -r`, which merges them" },
		       "there is more than one table `%s`", s->name);
	else
		report(c, ELFDIFF_REFUSAL,
		       (struct elfdiff_diag){
			       .id = "duplicate-section",
			       .section = s->name,
			       .cause = "add_sect_attrs() cannot create two files of the same name in sysfs: the "
					"kernel warns with a backtrace (-EEXIST)",
			       .hint = "link the object with `ld -r`, which merges them" },
		       "there is more than one loaded section `%s`", s->name);
}

/* The section of that name that was filed before, or NONE. */
static uint32_t namesake(const struct check *c, const struct index *seen, const char *name)
{
	for (uint32_t e = index_first(seen, hash_string(name)); e != NONE; e = index_next(seen, e))
		if (!strcmp(c->o->sections[seen->ids[e]].name, name))
			return seen->ids[e];
	return NONE;
}

/* An empty section gets no file in sysfs, but find_sec() may take it for the table. */
static void check_duplicates(struct check *c)
{
	struct index seen = { 0 };

	if (!c->finished && !c->has_klp)
		return; /* the link of the module will merge them */
	for (uint32_t i = 1; i < c->o->section_count; i++) {
		const struct section *s = &c->o->sections[i];
		const struct special *row = special_find(s->name, c->arch_bit);
		uint32_t first;

		if (!section_is_alloc(s) || (!s->size && !(row && row->unique)))
			continue;
		first = namesake(c, &seen, s->name);
		if (first == NONE)
			index_add(c->a, &seen, hash_string(s->name), i);
		else if (s->size && first_time(c, "duplicate-section", first, 0))
			report_twice(c, s);
	}
}

static void check_writable_code(struct check *c, const struct section *s)
{
	const uint64_t both = SHF_WRITE | SHF_EXECINSTR;

	if ((s->flags & both) == both)
		report(c, ELFDIFF_REFUSAL,
		       (struct elfdiff_diag){ .id = "writable-code",
					      .section = s->name,
					      .cause = "module_enforce_rwx_sections() returns -ENOEXEC",
					      .hint = "keep code and data in separate sections" },
		       "`%s` is both writable and executable", s->name);
}

static void check_number_of_sections(struct check *c)
{
	if (c->finished && c->o->section_count >= SHN_LORESERVE)
		report(c, ELFDIFF_REFUSAL,
		       (struct elfdiff_diag){ .id = "too-many-sections",
					      .cause = "elf_validity_check() does not support extended section "
						       "numbering and returns -ENOEXEC",
					      .hint = "link the module with a linker script that merges sections" },
		       "the module has %u sections", c->o->section_count);
}

/* "__gnu_lto*" is what simplify_symbols() lets pass. */
static void check_common(struct check *c)
{
	for (uint32_t i = 1; i < c->o->symbol_count; i++) {
		const struct symbol *s = &c->o->symbols[i];

		if (s->place == SYMBOL_COMMON && !starts_with(s->name, "__gnu_lto"))
			report(c, ELFDIFF_REFUSAL,
			       (struct elfdiff_diag){ .id = "common-symbol",
						      .symbol = s->name,
						      .cause = "simplify_symbols() returns -ENOEXEC for SHN_COMMON",
						      .hint = "compile with -fno-common" },
			       "`%s` is a common symbol", s->name);
	}
}

static void check_runtime_constants(struct check *c)
{
	for (uint32_t i = 1; i < c->o->section_count; i++) {
		const struct section *s = &c->o->sections[i];
		const struct special *row = section_is_alloc(s) ? special_find(s->name, c->arch_bit) : NULL;

		if (!row || row->kind != SPECIAL_RUNTIME || !s->size)
			continue;
		report(c, ELFDIFF_REFUSAL,
		       (struct elfdiff_diag){
			       .id = "runtime-constant-left",
			       .section = s->name,
			       .symbol = special_variable(row, s->name),
			       .cause = "runtime_const_init() writes values only into the code of the kernel's own "
					"image",
			       .hint = "compile the code as the kernel's modules are (-DMODULE), so that it "
				       "reads the variable" },
		       "`%s` lists code that would have to be filled in at boot", s->name);
	}
}

void check_tables(struct check *c)
{
	check_runtime_constants(c);
	check_duplicates(c);
	for (uint32_t i = 1; i < c->o->section_count; i++)
		check_writable_code(c, &c->o->sections[i]);
	check_number_of_sections(c);
	check_common(c);
}
