/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file/load.h"

#include <errno.h>
#include <fcntl.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "base/text.h"
#include "elf/livepatch.h"
#include "arch/special.h"

struct loader {
	struct arena *a;
	struct diags *ds;
	struct object *o;
	Elf *elf;
	int fd;
	enum load_what what;
	uint32_t symtab; /* section number */
	const uint32_t *xindex;
	uint32_t xindex_count;
};

static bool fail(struct loader *l, const char *id, const char *section, const char *cause, const char *hint)
{
	diag_add(l->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = id,
					.object = l->o->path,
					.section = section,
					.cause = cause,
					.hint = hint },
		 "cannot read `%s`", l->o->path);
	return false;
}

#define DAMAGED "rebuild the object: it is corrupt or truncated"

static bool damaged(struct loader *l, const char *section, const char *cause)
{
	return fail(l, "damaged-object", section, cause, DAMAGED);
}

static void close_file(void *arg)
{
	struct loader *l = arg;

	elf_end(l->elf);
	if (l->fd >= 0)
		close(l->fd);
}

static bool open_file(struct loader *l)
{
	struct stat st;

	l->fd = open(l->o->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not block */
	if (l->fd < 0 || fstat(l->fd, &st))
		return fail(l, "unreadable", NULL, arena_strdup(l->a, strerror(errno)),
			    "check the path and its permissions");
	if (!S_ISREG(st.st_mode))
		return fail(l, "unreadable", NULL, "it is not a regular file", "give an ELF relocatable (.o) file");
	elf_version(EV_CURRENT);
	l->elf = elf_begin(l->fd, ELF_C_READ_MMAP, NULL);
	if (!l->elf)
		return fail(l, "unreadable", NULL, elf_errmsg(-1), "give an ELF relocatable (.o) file");
	return true;
}

/* LLVM's bitcode begins with `BC` 0xc0de, or with a wrapper. */
static bool is_bitcode(struct loader *l)
{
	static const char magics[][4] = { { 'B', 'C', '\xc0', '\xde' }, { '\xde', '\xc0', '\x17', '\x0b' } };
	size_t n = 0;
	const char *file = elf_rawfile(l->elf, &n);

	return file && n >= 4 && (!memcmp(file, magics[0], 4) || !memcmp(file, magics[1], 4));
}

static bool no_code(struct loader *l, const char *section, const char *cause)
{
	return fail(
		l, "lto-bytecode", section, cause,
		"compile without -flto: the machine code of such a kernel is made when it is linked, from all of its "
		"sources");
}

static bool read_header(struct loader *l)
{
	const char *ident;
	const Elf64_Ehdr *eh;
	size_t n;

	if (is_bitcode(l))
		return no_code(l, NULL, "it is LLVM's bitcode (clang -flto), and has no machine code");
	if (elf_kind(l->elf) != ELF_K_ELF)
		return fail(l, "not-elf", NULL, "it is empty or not an ELF file", "give an ELF relocatable (.o) file");
	ident = elf_getident(l->elf, &n);
	if (!ident || n < EI_NIDENT || ident[EI_CLASS] != ELFCLASS64)
		return fail(l, "wrong-class", NULL, "it is not a 64-bit ELF file",
			    "only 64-bit kernels can be live-patched");
	eh = elf64_getehdr(l->elf);
	if (!eh)
		return damaged(l, NULL, elf_errmsg(-1));
	if (eh->e_type != ET_REL)
		return fail(l, "wrong-type", NULL, "it is linked, not relocatable",
			    "give the .o file that the compiler produced");
	l->o->big_endian = ident[EI_DATA] == ELFDATA2MSB;
	l->o->machine = eh->e_machine;
	l->o->type = eh->e_type;
	l->o->flags = eh->e_flags;
	l->o->arch = arch_find(eh->e_machine);
	if (eh->e_shentsize != sizeof(Elf64_Shdr))
		return damaged(l, NULL, "the size of its section headers is not the one that ELF specifies");
	if (elf_getshdrnum(l->elf, &n) || !n)
		return damaged(l, NULL, "its section headers are missing or lie outside the file");
	l->o->section_count = (uint32_t)n;
	return true;
}

/* The string at `offset` of a string table, or NULL when it does not end within the table. */
static const char *string_at(const Elf_Data *strings, uint64_t offset)
{
	const char *s = strings->d_buf;

	if (offset >= strings->d_size || !memchr(s + offset, 0, strings->d_size - offset))
		return NULL;
	return s + offset;
}

static Elf_Data *string_table(struct loader *l, size_t n)
{
	Elf_Scn *scn = n ? elf_getscn(l->elf, n) : NULL;
	const Elf64_Shdr *sh = scn ? elf64_getshdr(scn) : NULL;
	Elf_Data *d = sh && sh->sh_type == SHT_STRTAB ? elf_rawdata(scn, NULL) : NULL;

	return d && d->d_buf ? d : NULL;
}

static bool read_section(struct loader *l, uint32_t i, const Elf_Data *names)
{
	struct section *s = &l->o->sections[i];
	Elf_Scn *scn = elf_getscn(l->elf, i);
	const Elf64_Shdr *sh = scn ? elf64_getshdr(scn) : NULL;
	Elf_Data *d;

	if (!sh)
		return damaged(l, NULL, "a section header lies outside the file");
	s->name = string_at(names, sh->sh_name);
	if (!s->name)
		return damaged(l, NULL, "a section's name lies outside the section name table");
	s->type = sh->sh_type;
	s->flags = sh->sh_flags;
	s->size = sh->sh_size;
	s->align = sh->sh_addralign;
	s->entsize = sh->sh_entsize;
	s->link = sh->sh_link;
	s->info = sh->sh_info;
	s->symbol = NONE;
	if (s->align & (s->align - 1))
		return damaged(l, s->name, "its alignment is not a power of two");
	if (s->link >= l->o->section_count)
		return damaged(l, s->name, "its sh_link is not a section");
	if (!i || s->type == SHT_NOBITS || s->type == SHT_NULL || !s->size)
		return true;
	d = elf_rawdata(scn, NULL);
	if (!d || !d->d_buf || d->d_size != s->size)
		return damaged(l, s->name, "its contents lie outside the file");
	s->data = d->d_buf;
	return true;
}

static bool read_sections(struct loader *l)
{
	struct object *o = l->o;
	const Elf_Data *names;
	size_t n;

	if (elf_getshdrstrndx(l->elf, &n))
		return damaged(l, NULL, "the section name table is missing");
	names = string_table(l, n);
	if (!names)
		return damaged(l, NULL, "the section name table is missing");
	o->sections = arena_array(l->a, o->section_count + 1, struct section); /* one more for allot_commons() */
	for (uint32_t i = 0; i < o->section_count; i++) {
		if (!read_section(l, i, names))
			return false;
		if (i)
			index_add(l->a, &o->section_by_name, hash_string(o->sections[i].name), i);
	}
	return true;
}

static bool find_symbol_table(struct loader *l)
{
	struct object *o = l->o;

	for (uint32_t i = 1; i < o->section_count; i++) {
		if (o->sections[i].type == SHT_SYMTAB && l->symtab)
			return damaged(l, o->sections[i].name, "it is a second symbol table");
		if (o->sections[i].type == SHT_SYMTAB)
			l->symtab = i;
	}
	if (!l->symtab)
		return fail(l, "no-symbols", NULL,
			    "it has no symbol table (the kernel's setup_load_info() returns -ENOEXEC)",
			    "give the object as it was before stripping");
	for (uint32_t i = 1; i < o->section_count; i++) {
		Elf_Data *d;

		if (o->sections[i].type != SHT_SYMTAB_SHNDX || o->sections[i].link != l->symtab)
			continue;
		d = elf_getdata(elf_getscn(l->elf, i), NULL);
		if (d && d->d_buf) {
			l->xindex = d->d_buf;
			l->xindex_count = (uint32_t)(d->d_size / sizeof(*l->xindex));
		}
	}
	return true;
}

static bool place_symbol(struct loader *l, struct symbol *sym, uint32_t number, uint32_t shndx)
{
	const struct section *s;

	if (shndx == SHN_XINDEX) {
		if (number >= l->xindex_count)
			return damaged(l, NULL, "a symbol's extended section index is missing");
		shndx = l->xindex[number];
	} else if (shndx >= SHN_LORESERVE) {
		sym->place = shndx == SHN_ABS         ? SYMBOL_ABSOLUTE
			     : shndx == SHN_COMMON    ? SYMBOL_COMMON
			     : shndx == SHN_LIVEPATCH ? SYMBOL_LIVEPATCH
						      : SYMBOL_UNDEFINED;
		return sym->place != SYMBOL_UNDEFINED || damaged(l, NULL, "a symbol's section index is unknown");
	}
	if (!shndx)
		return true;
	if (shndx >= l->o->section_count)
		return damaged(l, NULL, "a symbol's section index is out of range");
	sym->place = SYMBOL_DEFINED;
	sym->section = shndx;
	s = &l->o->sections[shndx];
	if (section_is_alloc(s) && !range_ok(sym->value, sym->size, s->size))
		return damaged(l, s->name, arena_printf(l->a, "symbol `%s` lies outside it", sym->name));
	return true;
}

static bool read_symbol(struct loader *l, uint32_t i, const Elf64_Sym *es, const Elf_Data *names, uint32_t *file)
{
	struct object *o = l->o;
	struct symbol *sym = &o->symbols[i];

	sym->name = es->st_name ? string_at(names, es->st_name) : "";
	if (!sym->name)
		return damaged(l, NULL, "a symbol's name lies outside the symbol name table");
	sym->value = es->st_value;
	sym->size = es->st_size;
	sym->bind = ELF64_ST_BIND(es->st_info);
	sym->type = ELF64_ST_TYPE(es->st_info);
	sym->other = es->st_other;
	if (!place_symbol(l, sym, i, es->st_shndx))
		return false;
	if ((sym->bind == STB_LOCAL) != (i < o->first_global))
		return damaged(l, NULL, "a global symbol precedes a local one, or sh_info is wrong");
	if (sym->type == STT_FILE)
		*file = i;
	sym->file = sym->bind == STB_LOCAL ? *file : NONE;
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

static bool read_symbols(struct loader *l)
{
	struct object *o = l->o;
	const struct section *s = &o->sections[l->symtab];
	const Elf_Data *names = string_table(l, s->link);
	const Elf_Data *d = elf_getdata(elf_getscn(l->elf, l->symtab), NULL);
	const Elf64_Sym *syms = d ? d->d_buf : NULL;
	uint32_t file = NONE;

	if (!names)
		return damaged(l, s->name, "its string table is missing");
	if (!syms || s->entsize != sizeof(*syms) || d->d_size % sizeof(*syms) || d->d_size / sizeof(*syms) >= NONE)
		return damaged(l, s->name, "it is not a symbol table");
	o->symbol_count = (uint32_t)(d->d_size / sizeof(*syms));
	o->first_global = s->info;
	if (o->first_global > o->symbol_count)
		return damaged(l, s->name, "its number of local symbols is out of range");
	o->symbols = arena_array(l->a, o->symbol_count, struct symbol);
	for (uint32_t i = 0; i < o->symbol_count; i++)
		if (!read_symbol(l, i, &syms[i], names, &file))
			return false;
	return true;
}

/*
 * Common symbols are variables that the linker would have allotted; the module
 * loader refuses them. Here they get a section of their own, behind the last.
 */
static void allot_commons(struct loader *l)
{
	struct object *o = l->o;
	struct section *bss = &o->sections[o->section_count];

	*bss = (struct section){
		.name = ".bss", .type = SHT_NOBITS, .flags = SHF_ALLOC | SHF_WRITE, .align = 1, .symbol = NONE
	};
	for (uint32_t i = 1; i < o->symbol_count; i++) {
		struct symbol *s = &o->symbols[i];
		uint64_t align = s->value;

		if (s->place != SYMBOL_COMMON || align & (align - 1) || s->size > UINT32_MAX || align > UINT32_MAX)
			continue;
		s->value = align_up(bss->size, align);
		s->place = SYMBOL_DEFINED;
		s->section = o->section_count;
		bss->size = s->value + s->size;
		bss->align = align > bss->align ? align : bss->align;
	}
	if (bss->size)
		index_add(l->a, &o->section_by_name, hash_string(bss->name), o->section_count++);
}

static bool has_symbol(const struct object *o, const char *name)
{
	struct namesakes n = object_named(o, name);

	return next_namesake(&n);
}

/*
 * The variable of a runtime constant is named by the constant's section; the
 * object may have no other use for it. Then it gets a symbol here, undefined.
 */
static void add_runtime_variables(struct loader *l)
{
	struct object *o = l->o;
	VEC(const char *) names = { 0 };
	struct symbol *all;

	for (uint32_t i = 1; i < o->section_count; i++) {
		const struct special *row = special_find(o->sections[i].name, o->arch ? o->arch->bit : 0);
		const char *name = row && row->kind == SPECIAL_RUNTIME ? special_variable(row, o->sections[i].name)
								       : "";

		if (*name && section_is_alloc(&o->sections[i]) && !has_symbol(o, name))
			*vec_push(l->a, &names) = name;
	}
	if (!names.count)
		return;
	all = arena_array(l->a, o->symbol_count + names.count, struct symbol);
	memcpy(all, o->symbols, o->symbol_count * sizeof(*all));
	o->symbols = all;
	for (uint32_t i = 0; i < names.count; i++) {
		if (has_symbol(o, names.items[i]))
			continue;
		index_add(l->a, &o->symbol_by_name, hash_string(names.items[i]), o->symbol_count);
		o->symbols[o->symbol_count++] = (struct symbol){ .name = names.items[i],
								 .place = SYMBOL_UNDEFINED,
								 .file = NONE,
								 .bind = STB_GLOBAL,
								 .type = STT_NOTYPE };
	}
}

/* The section's relocations matter to the caller. */
static bool wanted(const struct loader *l, const struct section *s)
{
	return (s->type == SHT_RELA || s->type == SHT_REL) &&
	       (l->what == LOAD_ALL || section_is_alloc(&l->o->sections[s->info]));
}

/*
 * Compilers and linkers name it after its target, so that a damaged sh_info
 * shows. Livepatch relocations are named by other rules.
 */
static bool names_target(const struct section *s, const struct section *target)
{
	const char *prefix = s->type == SHT_RELA ? ".rela" : ".rel";

	return s->flags & SHF_RELA_LIVEPATCH || !starts_with(s->name, prefix) ||
	       !strcmp(s->name + strlen(prefix), target->name);
}

static bool check_relocation_target(struct loader *l, const struct section *s)
{
	const struct section *target;

	if (s->type != SHT_RELA && s->type != SHT_REL)
		return true;
	target = &l->o->sections[s->info < l->o->section_count ? s->info : 0];
	if (target == l->o->sections || target->type == SHT_RELA || target->type == SHT_REL || !names_target(s, target))
		return damaged(l, s->name, "its sh_info does not name the section that it relocates");
	if (target->type == SHT_NOBITS && s->size)
		return damaged(l, s->name, "it relocates a section without contents");
	return true;
}

static bool check_relocation_section(struct loader *l, const struct section *s)
{
	if (s->link != l->symtab)
		return damaged(l, s->name, "its sh_link is not the symbol table");
	if (s->type == SHT_REL)
		return fail(l, "rel-section", s->name, "it has relocations without addends (SHT_REL)",
			    "no architecture with livepatch uses them: check the compiler");
	if (s->entsize != sizeof(Elf64_Rela) || s->size % sizeof(Elf64_Rela))
		return damaged(l, s->name, "it is not a relocation table");
	return true;
}

/* Bytes of a section once it is decompressed: what relocations count in. */
static uint64_t full_size(const struct loader *l, const struct section *s)
{
	if (s->flags & SHF_COMPRESSED && s->data && s->size >= sizeof(Elf64_Chdr))
		return bytes_get(s->data + offsetof(Elf64_Chdr, ch_size), 8, l->o->big_endian);
	return s->size;
}

static bool check_relocation(struct loader *l, const struct section *from, const struct reloc *r)
{
	const struct section *s = &l->o->sections[r->section];
	struct reloc_field field = { .size = 1 };

	if (r->symbol >= l->o->symbol_count)
		return damaged(l, from->name, "a relocation's symbol is out of range");
	if (l->o->arch && !l->o->arch->field(r->type, &field))
		return fail(l, "unknown-relocation", from->name,
			    arena_printf(l->a, "relocation type %u is not known for %s", r->type, l->o->arch->name),
			    "the object is corrupt, or newer than this tool");
	if (!range_ok(r->offset, field.size, full_size(l, s)))
		return damaged(l, from->name, "a relocation lies outside its section");
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
	struct reloc *copy;
	const struct reloc **order;
	bool sorted = true;

	for (uint32_t i = 1; i < s->reloc_count && sorted; i++)
		sorted = r[i - 1].offset <= r[i].offset;
	if (sorted)
		return;
	copy = arena_array(l->a, s->reloc_count, struct reloc);
	order = arena_array(l->a, s->reloc_count, const struct reloc *);
	memcpy(copy, r, s->reloc_count * sizeof(*r));
	for (uint32_t i = 0; i < s->reloc_count; i++)
		order[i] = &copy[i];
	qsort(order, s->reloc_count, sizeof(*order), by_offset);
	for (uint32_t i = 0; i < s->reloc_count; i++)
		r[i] = *order[i];
}

static bool read_relocation_section(struct loader *l, uint32_t i)
{
	struct object *o = l->o;
	const struct section *from = &o->sections[i];
	struct section *s = &o->sections[from->info];
	const Elf_Data *d = elf_getdata(elf_getscn(l->elf, i), NULL);
	const Elf64_Rela *er = d ? d->d_buf : NULL;
	size_t count = from->size / sizeof(*er);

	if (count && (!er || d->d_size != from->size))
		return damaged(l, from->name, "its contents lie outside the file");
	for (size_t j = 0; j < count; j++) {
		struct reloc *r = &o->relocs[s->reloc_first + s->reloc_count++];

		*r = (struct reloc){ .offset = er[j].r_offset,
				     .addend = er[j].r_addend,
				     .type = (uint32_t)ELF64_R_TYPE(er[j].r_info),
				     .symbol = (uint32_t)ELF64_R_SYM(er[j].r_info),
				     .section = from->info,
				     .from = i };
		if (!check_relocation(l, from, r))
			return false;
	}
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
	if (total >= NONE)
		return fail(l, "too-large", NULL, "it has more than 2^32 relocations", "split the object");
	o->reloc_count = (uint32_t)total;
	o->relocs = arena_array(l->a, total, struct reloc);
	for (uint32_t i = 0, next = 0; i < o->section_count; i++) {
		o->sections[i].reloc_first = next;
		next += o->sections[i].reloc_count;
		o->sections[i].reloc_count = 0;
	}
	return true;
}

static bool read_relocations(struct loader *l)
{
	struct object *o = l->o;

	if (!lay_out_relocations(l))
		return false;
	for (uint32_t i = 1; i < o->section_count; i++)
		if (wanted(l, &o->sections[i]) && !read_relocation_section(l, i))
			return false;
	for (uint32_t i = 1; i < o->section_count; i++)
		sort_relocations(l, &o->sections[i]);
	return true;
}

/*
 * GCC's -flto without -ffat-lto-objects: the compiler says so with a symbol.
 * `ld -r` keeps it, and the rest of the output may then have code.
 */
static bool has_code(struct loader *l)
{
	const struct object *o = l->o;
	const char *bytecode = NULL;
	uint64_t loaded = 0;

	for (uint32_t i = 1; i < o->section_count; i++) {
		const struct section *s = &o->sections[i];

		bytecode = !bytecode && starts_with(s->name, ".gnu.lto_") ? s->name : bytecode;
		loaded |= section_is_alloc(s) ? s->size : 0;
	}
	if (bytecode && (!loaded || has_symbol(o, "__gnu_lto_slim")))
		return no_code(l, bytecode, "it has the bytecode of GCC (gcc -flto) where its machine code should be");
	return true;
}

enum elfdiff_status load_object(struct arena *a, struct diags *ds, const char *path, enum load_what what,
				const struct object **ret)
{
	struct loader *l = arena_new(a, struct loader);

	*l = (struct loader){ .a = a, .ds = ds, .fd = -1, .what = what };
	l->o = arena_new(a, struct object);
	l->o->path = arena_strdup(a, path);
	arena_defer(a, close_file, l);
	if (!open_file(l) || !read_header(l) || !read_sections(l) || !find_symbol_table(l) || !read_symbols(l) ||
	    !has_code(l) || !read_relocations(l))
		return ELFDIFF_ERROR;
	if (what == LOAD_CODE_AND_DATA) {
		allot_commons(l);
		add_runtime_variables(l);
	}
	*ret = l->o;
	return ELFDIFF_OK;
}
