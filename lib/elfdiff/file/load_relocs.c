/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "base/text.h"
#include "elf/livepatch.h"
#include "file/internal.h"

static bool is_relocations(const struct section *s)
{
	return s->type == SHT_RELA || s->type == SHT_REL;
}

/* The section's relocations matter to the caller. */
static bool wanted(const struct loader *l, const struct section *s)
{
	return is_relocations(s) && (l->what == LOAD_ALL || section_is_alloc(&l->o->sections[s->info]));
}

/* What stands behind `.rela` or `.rel` in its name, or NULL. */
static const char *named_target(const struct section *s)
{
	const char *prefix = starts_with(s->name, ".rela") ? ".rela" : ".rel";

	return starts_with(s->name, prefix) ? s->name + strlen(prefix) : NULL;
}

/*
 * Compilers and linkers name it after its target, so that a damaged sh_info shows. Where no section has that name, ld.lld
 * named the target anew by a linker script (`__kcfi_traps` of modules). Livepatch relocations are named by other rules.
 */
static bool names_target(const struct loader *l, const struct section *s, const struct section *target)
{
	const char *name = s->flags & SHF_RELA_LIVEPATCH ? NULL : named_target(s);

	return !name || !strcmp(name, target->name) || !object_section(l->o, name, 0);
}

/* Nor has a section such a name whose type says that there are none: they would be lost. */
static bool only_named_so(const struct loader *l, const struct section *s)
{
	const char *name = named_target(s);

	return name && *name && !section_is_alloc(s) && object_section(l->o, name, 0);
}

static bool check_relocation_target(struct loader *l, const struct section *s)
{
	const struct section *target;

	if (!is_relocations(s))
		return !only_named_so(l, s) ||
		       load_damaged(l, s->name, "it has relocations by its name, and none by its type");
	target = &l->o->sections[s->info < l->o->section_count ? s->info : 0];
	if (target == l->o->sections || is_relocations(target) || !names_target(l, s, target))
		return load_damaged(l, s->name, "its sh_info does not name the section that it relocates");
	if (target->type == SHT_NOBITS && s->size)
		return load_damaged(l, s->name, "it relocates a section without contents");
	return true;
}

static bool check_relocation_section(struct loader *l, const struct section *s)
{
	if (s->link != l->symtab)
		return load_damaged(l, s->name, "its sh_link is not the symbol table");
	if (s->type == SHT_REL)
		return load_fail(l, "rel-section", s->name, "it has relocations without addends (SHT_REL)",
				 "no architecture with livepatch uses them: check the compiler");
	if (s->entsize != sizeof(Elf64_Rela) || s->size % sizeof(Elf64_Rela))
		return load_damaged(l, s->name, "it is not a relocation table");
	return true;
}

/* A module's loader computes an address in its copy of the file, which it frees. */
static bool leads_to_memory(const struct object *o, const struct symbol *s)
{
	return s->place != SYMBOL_DEFINED || section_is_alloc(&o->sections[s->section]);
}

static bool check_relocation(struct loader *l, const struct section *from, const struct reloc *r)
{
	const struct section *s = &l->o->sections[r->section];
	struct reloc_field field = { .size = 1 };
	int64_t most;

	if (r->symbol >= l->o->symbol_count)
		return load_damaged(l, from->name, "a relocation's symbol is out of range");
	if (l->o->arch && !l->o->arch->field(r->type, &field))
		return load_fail(
			l, "unknown-relocation", from->name,
			arena_printf(l->a, "relocation type %u is not known for %s", r->type, l->o->arch->name),
			"the object is corrupt, or newer than this tool");
	if (l->what == LOAD_CODE_AND_DATA && !leads_to_memory(l->o, &l->o->symbols[r->symbol]))
		return load_fail(l, "not-loaded", from->name, "a relocation leads to a section that is not loaded",
				 "in the source, give that section the flag \"a\" (SHF_ALLOC)");
	/* comparing calculates with it, converting copies it */
	most = field.size < sizeof(r->addend) ? SHORT_ADDEND_MOST : ADDEND_MOST;
	if (l->what == LOAD_CODE_AND_DATA && (r->addend > most || r->addend < -most))
		return load_damaged(l, from->name, "a relocation's addend leads nowhere");
	if (!range_ok(r->offset, field.size, load_full_size(l, s)))
		return load_damaged(l, from->name, "a relocation lies outside its section");
	return true;
}

static int by_offset(const void *a, const void *b)
{
	const struct reloc *x = *(const struct reloc *const *)a, *y = *(const struct reloc *const *)b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return (x > y) - (x < y);
}

/* Relocations of one offset keep their order: loongarch64 has several to a field. */
static void sort_relocations(struct loader *l, struct section *s)
{
	struct reloc *r = &l->o->relocs[s->reloc_first];
	struct reloc *copy = arena_array(l->a, s->reloc_count, struct reloc);
	const struct reloc **order = arena_array(l->a, s->reloc_count, const struct reloc *);

	memcpy(copy, r, s->reloc_count * sizeof(*r));
	for (uint32_t i = 0; i < s->reloc_count; i++)
		order[i] = &copy[i];
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are sorted */
	qsort(order, s->reloc_count, sizeof(*order), by_offset);
	for (uint32_t i = 0; i < s->reloc_count; i++)
		r[i] = *order[i];
}

/* What nearly all are, by few comparisons: check_relocation() finds nothing wrong with it, either. */
static inline bool is_usual(struct loader *l, const struct reloc *r, uint64_t limit)
{
	const struct object *o = l->o;
	struct reloc_field field;

	if (r->type >= USUAL_TYPES || r->symbol >= o->symbol_count || r->addend > SHORT_ADDEND_MOST ||
	    r->addend < -SHORT_ADDEND_MOST)
		return false;
	if (!l->field_ends[r->type]) {
		if (!o->arch || !o->arch->field(r->type, &field))
			return false;
		l->field_ends[r->type] = (uint8_t)(field.size + 1);
	}
	return range_ok(r->offset, l->field_ends[r->type] - 1U, limit) && !l->unloaded[r->symbol];
}

static bool read_relocation_section(struct loader *l, uint32_t i)
{
	struct object *o = l->o;
	const struct section *from = &o->sections[i];
	struct section *s = &o->sections[from->info];
	const Elf64_Rela *er = load_table(l, i, ELF_T_RELA);
	size_t count = from->size / sizeof(Elf64_Rela);
	uint32_t target = from->info;
	uint64_t limit = load_full_size(l, s), last = 0;
	bool unsorted = l->unsorted[from->info];
	struct reloc *r = &o->relocs[s->reloc_first + s->reloc_count];

	if (!count)
		return true;
	if (!er || (uintptr_t)er % sizeof(uint64_t))
		return load_damaged(l, from->name, "its contents are not aligned in the file");
	unsorted |= s->reloc_count && er->r_offset < r[-1].offset;
	s->reloc_count += (uint32_t)count;
	for (const Elf64_Rela *end = er + count; er < end; er++, r++) {
		const struct reloc read = { .offset = er->r_offset,
					    .addend = er->r_addend,
					    .type = (uint32_t)ELF64_R_TYPE(er->r_info),
					    .symbol = (uint32_t)ELF64_R_SYM(er->r_info),
					    .section = target,
					    .from = i };

		*r = read;
		if (!is_usual(l, &read, limit) && !check_relocation(l, from, r))
			return false;
		unsorted |= read.offset < last;
		last = read.offset;
	}
	l->unsorted[from->info] = unsorted;
	return true;
}

/* Gives every section its stretch of o->relocs. */
static bool lay_out_relocations(struct loader *l)
{
	struct object *o = l->o;
	uint64_t total = 0;

	for (uint32_t i = 1; i < o->section_count; i++) {
		const struct section *s = &o->sections[i];

		if (!check_relocation_target(l, s))
			return false;
		if (!wanted(l, s))
			continue;
		if (!check_relocation_section(l, s))
			return false;
		o->sections[s->info].reloc_count += (uint32_t)(s->size / sizeof(Elf64_Rela));
		total += s->size / sizeof(Elf64_Rela);
	}
	o->reloc_count = (uint32_t)total;
	o->relocs = arena_array(l->a, total, struct reloc);
	for (uint32_t i = 0, next = 0; i < o->section_count; i++) {
		o->sections[i].reloc_first = next;
		next += o->sections[i].reloc_count;
		o->sections[i].reloc_count = 0;
	}
	return true;
}

/* By symbol: so few bytes are at hand for each of the relocations that name it. */
static void find_unloaded(struct loader *l)
{
	const struct object *o = l->o;

	l->unloaded = arena_array(l->a, o->symbol_count, bool);
	for (uint32_t i = 0; l->what == LOAD_CODE_AND_DATA && i < o->symbol_count; i++)
		l->unloaded[i] = !leads_to_memory(o, &o->symbols[i]);
}

bool load_relocations(struct loader *l)
{
	struct object *o = l->o;

	if (!lay_out_relocations(l))
		return false;
	find_unloaded(l);
	l->unsorted = arena_array(l->a, o->section_count, bool);
	for (uint32_t i = 1; i < o->section_count; i++) {
		if (!is_relocations(&o->sections[i]))
			continue;
		if (wanted(l, &o->sections[i]) && !read_relocation_section(l, i))
			return false;
		load_forget_table(l, i);
	}
	for (uint32_t i = 1; i < o->section_count; i++)
		if (l->unsorted[i])
			sort_relocations(l, &o->sections[i]);
	return true;
}
