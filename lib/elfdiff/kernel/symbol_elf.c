// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbol_elf.c - the symbols of an ELF vmlinux or module
 *
 * Read by hand: of a vmlinux of 600 MB only the section headers, .symtab and
 * .strtab are read.
 */
#include <elf.h>
#include <string.h>

#include "kernel/symbol_elf.h"

static enum elfdiff_status fail(struct elf_reader *r, const char *id, const char *cause, const char *hint)
{
	diag_add(r->ds,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_FAILURE, .id = id, .object = r->in->path, .cause = cause, .hint = hint },
		 "the symbols of `%s` cannot be used", r->in->path);
	return ELFDIFF_ERROR;
}

static enum elfdiff_status damaged(struct elf_reader *r, const char *cause)
{
	return fail(r, "symbols-damaged", cause, "obtain the file again: it is corrupt or truncated");
}

/* ---- section headers ---- */

static void read_section(struct elf_reader *r, const uint8_t *p, struct elf_section *s)
{
	s->type = (uint32_t)FIELD(r, p, Elf64_Shdr, sh_type);
	s->link = (uint32_t)FIELD(r, p, Elf64_Shdr, sh_link);
	s->info = (uint32_t)FIELD(r, p, Elf64_Shdr, sh_info);
	s->flags = FIELD(r, p, Elf64_Shdr, sh_flags);
	s->address = FIELD(r, p, Elf64_Shdr, sh_addr);
	s->offset = FIELD(r, p, Elf64_Shdr, sh_offset);
	s->size = FIELD(r, p, Elf64_Shdr, sh_size);
}

const uint8_t *elf_section_data(const struct elf_reader *r, struct elf_section *s)
{
	if (!s->data && s->type != SHT_NOBITS)
		s->data = input_part(r->a, r->in, s->offset, s->size);
	return s->data;
}

/* A string of a table, or NULL: beyond it or not terminated. */
static const char *string_at(const struct elf_reader *r, struct elf_section *table, uint64_t offset)
{
	const uint8_t *data = elf_section_data(r, table);

	if (!data || offset >= table->size || !memchr(data + offset, 0, table->size - offset))
		return NULL;
	return (const char *)data + offset;
}

/* More sections than 16 bits can count are counted in section 0. */
static bool count_sections(struct elf_reader *r, uint64_t offset, uint32_t *names)
{
	const uint8_t *first = input_part(r->a, r->in, offset, sizeof(Elf64_Shdr));
	uint64_t count = FIELD(r, r->header, Elf64_Ehdr, e_shnum);

	*names = (uint32_t)FIELD(r, r->header, Elf64_Ehdr, e_shstrndx);
	if (!offset || !first)
		return false;
	if (!count)
		count = FIELD(r, first, Elf64_Shdr, sh_size);
	if (*names == SHN_XINDEX)
		*names = (uint32_t)FIELD(r, first, Elf64_Shdr, sh_link);
	if (count > (r->in->size - offset) / sizeof(Elf64_Shdr) || *names >= count || count > SECTION_MOST)
		return false;
	r->section_count = (uint32_t)count;
	return true;
}

static enum elfdiff_status read_sections(struct elf_reader *r)
{
	uint64_t offset = FIELD(r, r->header, Elf64_Ehdr, e_shoff);
	const uint8_t *headers;
	uint32_t names;

	if (FIELD(r, r->header, Elf64_Ehdr, e_shentsize) != sizeof(Elf64_Shdr) || !count_sections(r, offset, &names))
		return damaged(r, "its section headers lie outside the file");
	headers = input_part(r->a, r->in, offset, r->section_count * sizeof(Elf64_Shdr));
	if (!headers)
		return damaged(r, "its section headers cannot be read");
	r->sections = arena_array(r->a, r->section_count, struct elf_section);
	for (uint32_t i = 0; i < r->section_count; i++)
		read_section(r, headers + i * sizeof(Elf64_Shdr), &r->sections[i]);
	for (uint32_t i = 0; i < r->section_count; i++) {
		const uint8_t *p = headers + i * sizeof(Elf64_Shdr);

		r->sections[i].name = string_at(r, &r->sections[names], FIELD(r, p, Elf64_Shdr, sh_name));
		if (!r->sections[i].name)
			return damaged(r, "the name of a section lies outside the section name table");
	}
	return ELFDIFF_OK;
}

static enum elfdiff_status find_symtab(struct elf_reader *r)
{
	for (uint32_t i = 1; i < r->section_count; i++) {
		if (r->sections[i].type == SHT_SYMTAB && !r->symtab)
			r->symtab = &r->sections[i];
		if (r->sections[i].type == SHT_SYMTAB_SHNDX && !r->xindex)
			r->xindex = &r->sections[i];
	}
	if (!r->symtab)
		return fail(r, "symbols-none", "it has no symbol table: it was stripped",
			    "give the unstripped file, usually found in the kernel's debug package");
	if (!elf_section_data(r, r->symtab) || r->symtab->link >= r->section_count)
		return damaged(r, "its symbol table lies outside the file");
	r->strtab = &r->sections[r->symtab->link];
	/* A terminated table makes every string in it terminated. */
	if (!r->strtab->size || !string_at(r, r->strtab, r->strtab->size - 1))
		return damaged(r, "its string table lies outside the file");
	if (r->xindex && (!elf_section_data(r, r->xindex) || r->xindex->size / 4 < r->symtab->size / sizeof(Elf64_Sym)))
		r->xindex = NULL;
	return ELFDIFF_OK;
}

/* ---- what it is ---- */

static struct elf_section *section_named(const struct elf_reader *r, const char *name)
{
	for (uint32_t i = 1; i < r->section_count; i++)
		if (!strcmp(r->sections[i].name, name))
			return &r->sections[i];
	return NULL;
}

/* Value of a key in .modinfo, or NULL. */
static const char *modinfo(const struct elf_reader *r, const char *key)
{
	struct elf_section *s = section_named(r, ".modinfo");
	size_t n = strlen(key), length;
	const char *p;

	for (uint64_t at = 0; s && at < s->size; at += length + 1) {
		p = string_at(r, s, at);
		if (!p)
			return NULL;
		length = strlen(p);
		if (length > n && p[n] == '=' && !memcmp(p, key, n))
			return p + n + 1;
	}
	return NULL;
}

/* For modules that do not say their name: "dir/snd-pcm.ko" is snd_pcm. */
static const char *name_from_path(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *name = arena_strndup(a, base, strcspn(base, "."));

	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	return name;
}

static void read_depends(struct elf_reader *r)
{
	const char *p = modinfo(r, "depends");
	size_t n;

	r->t->has_depends = p != NULL;
	for (; p && *p; p += n + (p[n] == ',')) {
		n = strcspn(p, ",");
		if (n)
			*vec_push(r->a, &r->t->depends) = arena_strndup(r->a, p, n);
	}
}

static enum elfdiff_status find_kind(struct elf_reader *r)
{
	const char *name = r->type == ET_REL ? modinfo(r, "name") : NULL;

	r->is_module = name || (r->type == ET_REL && section_named(r, ".gnu.linkonce.this_module"));
	if (!r->is_module && r->type == ET_REL)
		return fail(r, "symbols-no-addresses",
			    "it is a relocatable file but not a module: its symbols have no addresses yet, and "
			    "positions are derived from addresses",
			    "give the linked vmlinux, or the module's .ko");
	if (!r->is_module && r->type != ET_EXEC && r->type != ET_DYN)
		return fail(r, "symbols-unknown", "it is neither an executable nor a relocatable ELF file",
			    "give the linked vmlinux, or the module's .ko");
	r->t = symbol_table_new(r->a, "vmlinux", r->in->path);
	r->t->has_sizes = true;
	r->t->is_module = r->is_module;
	if (r->is_module) {
		r->t->object = name ? name : name_from_path(r->a, r->in->path);
		read_depends(r);
	}
	return ELFDIFF_OK;
}

/* ---- symbols ---- */

bool elf_symbol_read(const struct elf_reader *r, uint32_t i, struct elf_symbol *s)
{
	const uint8_t *p = r->symtab->data + (uint64_t)i * sizeof(Elf64_Sym);
	uint64_t name = FIELD(r, p, Elf64_Sym, st_name);
	uint32_t ndx = (uint32_t)FIELD(r, p, Elf64_Sym, st_shndx);
	uint8_t visibility = ELF64_ST_VISIBILITY(p[offsetof(Elf64_Sym, st_other)]);

	if (name >= r->strtab->size)
		return false;
	s->name = (const char *)r->strtab->data + name;
	s->value = FIELD(r, p, Elf64_Sym, st_value);
	s->size = FIELD(r, p, Elf64_Sym, st_size);
	s->bind = ELF64_ST_BIND(FIELD(r, p, Elf64_Sym, st_info));
	s->type = ELF64_ST_TYPE(FIELD(r, p, Elf64_Sym, st_info));
	s->undefined = ndx == SHN_UNDEF;
	s->hidden = visibility == STV_HIDDEN || visibility == STV_INTERNAL;
	if (ndx == SHN_XINDEX && r->xindex)
		ndx = (uint32_t)bytes_get(r->xindex->data + (uint64_t)i * 4, 4, r->big_endian);
	else if (ndx >= SHN_LORESERVE)
		ndx = 0;
	s->section = ndx;
	return ndx < r->section_count;
}

/*
 * What kallsyms keeps: in vmlinux all that is loaded; in a module what is left
 * after its init code is gone (is_core_symbol() of kernel/module/kallsyms.c;
 * the loader takes SHF_ALLOC away from .modinfo and __versions).
 */
static bool is_shown(const struct elf_reader *r, const struct elf_symbol *s, size_t length)
{
	const struct elf_section *sec = &r->sections[s->section];

	if (!s->section || s->type == STT_SECTION || kallsyms_hides_name(s->name, length))
		return false;
	if (!(sec->flags & SHF_ALLOC))
		return false;
	return !r->is_module || !module_section_goes(sec->name);
}

/* The kernel's .data may be executable, too (Debian's 7.2): there, the type tells. */
static bool is_code(const struct elf_section *sec, const struct elf_symbol *s)
{
	return sec->flags & SHF_EXECINSTR && (!(sec->flags & SHF_WRITE) || s->type == STT_FUNC);
}

static void take_symbol(struct elf_reader *r, const struct elf_symbol *s)
{
	bool local = s->bind == STB_LOCAL && !s->hidden;
	size_t length = strlen(s->name);

	if (s->type == STT_FILE) {
		r->file = r->t->files.count;
		*vec_push(r->a, &r->t->files) = s->name;
	} else if (is_shown(r, s, length)) {
		symbol_table_push(r->a, r->t,
				  &(struct kernel_symbol){
					  .name = s->name,
					  .address = s->value,
					  .size = s->size,
					  .local = local,
					  .weak = s->bind == STB_WEAK,
					  .file = local ? r->file : NONE,
					  .section = (r->is_module ? s->section : 0) & SECTION_MOST,
					  .is_function = is_code(&r->sections[s->section], s),
				  },
				  length);
	} else if (s->undefined && s->bind == STB_GLOBAL) {
		text_set_add(r->a, &r->t->imports, s->name, length);
	} else if (r->is_module && !s->undefined && s->type != STT_SECTION) {
		*vec_push(r->a, &r->t->passing) =
			(struct passing_symbol){ .name = s->name, .before = r->t->entries.count };
	}
}

static enum elfdiff_status read_symbols(struct elf_reader *r)
{
	uint64_t count = r->symtab->size / sizeof(Elf64_Sym);
	struct elf_symbol s;

	if (count >= NONE)
		return damaged(r, "its symbol table is too large");
	symbol_table_reserve(r->a, r->t, count);
	for (uint32_t i = 1; i < count; i++) {
		if (!elf_symbol_read(r, i, &s))
			return damaged(r, "a symbol's name or section does not exist");
		take_symbol(r, &s);
	}
	if (!r->is_module)
		symbol_table_sort(r->a, r->t);
	return ELFDIFF_OK;
}

static enum elfdiff_status read_header(struct elf_reader *r)
{
	const uint8_t *h = input_part(r->a, r->in, 0, sizeof(Elf64_Ehdr));

	r->header = h;
	if (!h)
		return damaged(r, "its ELF header is incomplete");
	if (h[EI_CLASS] != ELFCLASS64 || (h[EI_DATA] != ELFDATA2LSB && h[EI_DATA] != ELFDATA2MSB))
		return fail(r, "symbols-unknown", "it is not a 64-bit ELF file",
			    "give the kernel that is to be patched");
	r->big_endian = h[EI_DATA] == ELFDATA2MSB;
	r->type = (uint16_t)FIELD(r, h, Elf64_Ehdr, e_type);
	return ELFDIFF_OK;
}

enum elfdiff_status symbols_from_elf(struct arena *a, struct diags *ds, const struct input *in,
				     struct kernel_symbols *ks)
{
	struct elf_reader r = { .a = a, .ds = ds, .in = in, .file = NONE };
	enum elfdiff_status st = read_header(&r);

	if (!st)
		st = read_sections(&r);
	if (!st)
		st = find_kind(&r);
	if (!st)
		st = find_symtab(&r);
	if (!st)
		st = read_symbols(&r);
	if (!st)
		hooks_from_elf(&r);
	if (!st && !input_unchanged(a, in))
		st = damaged(&r, "it changed while it was read");
	return st ? st : symbol_table_add(a, ds, r.t, ks);
}
