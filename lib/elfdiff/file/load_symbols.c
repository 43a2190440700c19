/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libelf.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/special.h"
#include "base/bytes.h"
#include "elf/livepatch.h"
#include "elf/names.h"
#include "file/internal.h"

static bool place_symbol(struct loader *l, struct symbol *sym, uint32_t number, uint32_t shndx)
{
	const struct section *s;

	if (shndx == SHN_XINDEX) {
		if (number >= l->xindex_count)
			return load_damaged(l, NULL, "a symbol's extended section index is missing");
		shndx = l->xindex[number];
	} else if (shndx >= SHN_LORESERVE) {
		sym->place = shndx == SHN_ABS         ? SYMBOL_ABSOLUTE
			     : shndx == SHN_COMMON    ? SYMBOL_COMMON
			     : shndx == SHN_LIVEPATCH ? SYMBOL_LIVEPATCH
						      : SYMBOL_UNDEFINED;
		return sym->place != SYMBOL_UNDEFINED || load_damaged(l, NULL, "a symbol's section index is unknown");
	}
	if (!shndx)
		return true;
	if (shndx >= l->o->section_count)
		return load_damaged(l, NULL, "a symbol's section index is out of range");
	sym->place = SYMBOL_DEFINED;
	sym->section = shndx;
	s = &l->o->sections[shndx];
	if (l->what == LOAD_CODE_AND_DATA && sym->bind != STB_LOCAL && !section_is_alloc(s))
		return load_damaged(l, s->name,
				    arena_printf(l->a, "`%s` is a global symbol of what is not loaded", sym->name));
	if (!range_ok(sym->value, section_is_alloc(s) ? sym->size : 0, load_full_size(l, s)))
		return load_damaged(l, s->name, arena_printf(l->a, "symbol `%s` lies outside it", sym->name));
	return true;
}

/* Sections and files are of one object. */
static bool is_known(const struct symbol *s)
{
	if (s->bind > STB_WEAK || s->type >= STT_LOPROC || (s->type > STT_TLS && s->type < STT_LOOS))
		return false;
	return s->bind == STB_LOCAL || (s->type != STT_SECTION && s->type != STT_FILE);
}

/* What a compiler gives a name, and no other of that object has it. */
static bool check_name(struct loader *l, const struct symbol *sym)
{
	const struct object *o = l->o;
	uint64_t key = hash_string(sym->name);

	if (l->what != LOAD_CODE_AND_DATA || sym->place != SYMBOL_DEFINED)
		return true;
	if (!*sym->name && (sym->bind != STB_LOCAL || sym->type == STT_FUNC || sym->type == STT_OBJECT))
		return load_damaged(l, o->sections[sym->section].name, "a function or a variable has no name");
	if (sym->bind == STB_LOCAL)
		return true;
	for (uint32_t e = index_first(&o->symbol_by_name, key); e != NONE; e = index_next(&o->symbol_by_name, e)) {
		const struct symbol *other = &o->symbols[o->symbol_by_name.ids[e]];

		if (other->bind != STB_LOCAL && other->place == SYMBOL_DEFINED && !strcmp(other->name, sym->name))
			return load_damaged(l, NULL,
					    arena_printf(l->a, "the global symbol `%s` is defined twice", sym->name));
	}
	return true;
}

/* What was static before the objects were optimized as one is hidden. */
static bool is_linked_by_name(const struct symbol *s)
{
	return s->bind != STB_LOCAL && (ELF64_ST_VISIBILITY(s->other) != STV_HIDDEN || !name_counts_statics(s->name));
}

static bool read_symbol(struct loader *l, uint32_t i, const Elf64_Sym *es, struct strings names, uint32_t *file)
{
	struct object *o = l->o;
	struct symbol *sym = &o->symbols[i];

	sym->name = es->st_name ? strings_at(names, es->st_name) : "";
	if (!sym->name)
		return load_damaged(l, NULL,
				    "a symbol's name lies outside the symbol name table, or is longer than 4095 bytes");
	sym->value = es->st_value;
	sym->size = es->st_size;
	sym->bind = ELF64_ST_BIND(es->st_info);
	sym->type = ELF64_ST_TYPE(es->st_info);
	sym->other = es->st_other;
	sym->by_name = is_linked_by_name(sym);
	if (!is_known(sym))
		return load_fail(
			l, "damaged-object", NULL,
			arena_printf(l->a, "no kernel has a symbol of the binding or the type of `%s`", sym->name),
			"compile without what makes such symbols (STB_GNU_UNIQUE), or rebuild the object: it is corrupt");
	if (!place_symbol(l, sym, i, es->st_shndx))
		return false;
	if (!check_name(l, sym))
		return false;
	if ((sym->bind == STB_LOCAL) != (i < o->first_global))
		return load_damaged(l, NULL, "a global symbol precedes a local one, or sh_info is wrong");
	if (sym->type == STT_FILE)
		*file = i;
	sym->file = sym->bind == STB_LOCAL ? *file : NONE;
	if (sym->type == STT_SECTION && sym->place == SYMBOL_DEFINED && sym->value)
		return load_damaged(l, NULL, "the symbol of a section does not stand where the section begins");
	if (sym->type == STT_SECTION && sym->place == SYMBOL_DEFINED) {
		struct section *s = &o->sections[sym->section];

		if (s->symbol == NONE)
			s->symbol = i;
		if (!*sym->name)
			sym->name = s->name;
	} else if (*sym->name && sym->type != STT_FILE) {
		index_add(l->a, &o->symbol_by_name, hash_string(sym->name), i);
	}
	return true;
}

bool load_symbols(struct loader *l)
{
	struct object *o = l->o;
	const struct section *s = &o->sections[l->symtab];
	struct strings names = elf_in_strings(l, s->link);
	const Elf64_Sym *syms = load_table(l, l->symtab, ELF_T_SYM);
	uint32_t file = NONE;

	if (!names.text)
		return load_damaged(l, s->name, "its string table is missing");
	if (!syms || (uintptr_t)syms % sizeof(uint64_t) || s->entsize != sizeof(*syms) || s->size % sizeof(*syms) ||
	    s->size / sizeof(*syms) >= NONE)
		return load_damaged(l, s->name, "it is not a symbol table");
	o->symbol_count = (uint32_t)(s->size / sizeof(*syms));
	o->first_global = s->info;
	if (o->first_global > o->symbol_count)
		return load_damaged(l, s->name, "its number of local symbols is out of range");
	o->symbols = arena_array(l->a, o->symbol_count, struct symbol);
	index_reserve(l->a, &o->symbol_by_name, o->symbol_count);
	for (uint32_t i = 0; i < o->symbol_count; i++)
		if (!read_symbol(l, i, &syms[i], names, &file))
			return false;
	return true;
}

/* Put a common symbol behind the others of its section. */
static bool allot(struct loader *l, struct section *bss, struct symbol *s)
{
	uint64_t align = s->value;

	if (align & (align - 1))
		return load_damaged(l, NULL,
				    arena_printf(l->a, "the alignment of `%s` is not a power of two", s->name));
	if (align > ZEROS_MOST || s->size > ZEROS_MOST || bss->size + align + s->size > ZEROS_MOST)
		return load_too_large(l, NULL, "the variables without a section have more than 1 GiB");
	s->value = align_up(bss->size, align);
	s->place = SYMBOL_DEFINED;
	s->section = l->o->section_count;
	bss->size = s->value + s->size;
	bss->align = align > bss->align ? align : bss->align;
	return true;
}

/*
 * Common symbols are variables that the linker would have allotted; the module
 * loader refuses them. Here they get a section of their own, behind the last,
 * also where all of them are empty.
 */
bool load_allot_commons(struct loader *l)
{
	struct object *o = l->o;
	struct section *bss = &o->sections[o->section_count];
	bool any = false;

	*bss = (struct section){
		.name = ".bss", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_WRITE, .align = 1, .symbol = NONE
	};
	for (uint32_t i = 1; i < o->symbol_count; i++) {
		if (o->symbols[i].place != SYMBOL_COMMON)
			continue;
		if (!allot(l, bss, &o->symbols[i]))
			return false;
		any = true;
	}
	if (any)
		index_add(l->a, &o->section_by_name, hash_string(bss->name), o->section_count++);
	return true;
}

/*
 * The variable of a runtime constant is named by the constant's section; the
 * object may have no other use for it. Then it gets a symbol here, undefined.
 */
void load_runtime_variables(struct loader *l)
{
	struct object *o = l->o;
	VEC(const char *) names = { 0 };
	struct symbol *all;

	for (uint32_t i = 1; i < o->section_count; i++) {
		const struct special *row = o->sections[i].row;
		const char *name = row && row->kind == SPECIAL_RUNTIME ? special_variable(row, o->sections[i].name)
								       : "";

		if (*name && section_is_alloc(&o->sections[i]) && !object_has(o, name))
			*vec_push(l->a, &names) = name;
	}
	if (!names.count)
		return;
	all = arena_array(l->a, o->symbol_count + names.count, struct symbol);
	memcpy(all, o->symbols, o->symbol_count * sizeof(*all));
	o->symbols = all;
	for (uint32_t i = 0; i < names.count; i++) {
		if (object_has(o, names.items[i]))
			continue;
		index_add(l->a, &o->symbol_by_name, hash_string(names.items[i]), o->symbol_count);
		o->symbols[o->symbol_count++] = (struct symbol){ .name = names.items[i],
								 .place = SYMBOL_UNDEFINED,
								 .file = NONE,
								 .bind = STB_GLOBAL,
								 .by_name = true,
								 .type = STT_NOTYPE };
	}
}
