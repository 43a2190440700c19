/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/arch.h"
#include "arch/special.h"
#include "base/bytes.h"
#include "base/text.h"
#include "file/internal.h"

bool load_fail(struct loader *l, const char *id, const char *section, const char *cause, const char *hint)
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

bool load_damaged(struct loader *l, const char *section, const char *cause)
{
	return load_fail(l, "damaged-object", section, cause, "rebuild the object: it is corrupt or truncated");
}

bool load_too_large(struct loader *l, const char *section, const char *cause)
{
	return load_fail(l, "too-large", section, cause,
			 "no kernel has such a thing: the object is corrupt; see LIMITS in create-diff-object(1)");
}

static void close_file(void *arg)
{
	struct loader *l = arg;

	if (l->fd >= 0)
		close(l->fd);
}

static bool unreadable(struct loader *l, const char *cause)
{
	return load_fail(l, "unreadable", NULL, cause, "check the path and its permissions");
}

/* All of it at once: what follows works on one state of the file, whatever others do to it. */
static bool read_image(struct loader *l, const struct stat *st)
{
	uint64_t size = (uint64_t)st->st_size;
	uint8_t *image;
	const char *wrong;

	if (size > FILE_MOST)
		return load_too_large(l, NULL, "it is larger than 4 GiB");
	image = arena_alloc(l->a, size);
	wrong = read_bytes(l->a, l->fd, image, size, 0);
	if (!wrong)
		wrong = file_changed(l->a, l->fd, st);
	if (wrong)
		return unreadable(l, wrong);
	l->o->image = image;
	l->o->image_size = size;
	close(l->fd);
	l->fd = -1;
	return true;
}

static bool open_file(struct loader *l)
{
	struct stat st;

	l->fd = open(l->o->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not block */
	if (l->fd < 0 || fstat(l->fd, &st))
		return unreadable(l, arena_strdup(l->a, strerror(errno)));
	if (!S_ISREG(st.st_mode))
		return load_fail(l, "unreadable", NULL, "it is not a regular file",
				 "give an ELF relocatable (.o) file");
	return read_image(l, &st);
}

/* LLVM's bitcode begins with `BC` 0xc0de, or with a wrapper. */
static bool is_bitcode(struct loader *l)
{
	static const char magics[][4] = { { 'B', 'C', '\xc0', '\xde' }, { '\xde', '\xc0', '\x17', '\x0b' } };
	const uint8_t *file = l->o->image;

	return l->o->image_size >= 4 && (!memcmp(file, magics[0], 4) || !memcmp(file, magics[1], 4));
}

static bool no_code(struct loader *l, const char *section, const char *cause)
{
	return load_fail(
		l, "lto-bytecode", section, cause,
		"compile without -flto: the machine code of such a kernel is made when it is linked, from all of its "
		"sources");
}

/* Those of the other byte order are of no kernel that can be live-patched. */
static const struct arch *arch_of(const struct object *o)
{
	const struct arch *arch = arch_find(o->machine);

	return arch && arch->big_endian == o->big_endian ? arch : NULL;
}

/* Before anything else: by other machines' rules, what follows may look damaged. */
static bool unknown_machine(struct loader *l)
{
	diag_add(
		l->ds,
		(struct elfdiff_diag){
			.severity = ELFDIFF_FAILURE,
			.id = "unknown-machine",
			.object = l->o->path,
			.cause =
				"x86_64, ppc64le, s390x, arm64 and loongarch64 are supported: their kernels can be live-patched",
			.hint = "give objects of one of these" },
		"`%s` is for %s", l->o->path, arch_machine_name(l->a, l->o->machine, l->o->big_endian));
	return false;
}

static bool is_wrong_kind(struct loader *l)
{
	const uint8_t *image = l->o->image;

	if (is_bitcode(l))
		return !no_code(l, NULL, "it is LLVM's bitcode (clang -flto), and has no machine code");
	if (!elf_in_kind(image, l->o->image_size))
		return !load_fail(l, "not-elf", NULL, "it is empty or not an ELF file",
				  "give an ELF relocatable (.o) file");
	if (image[EI_CLASS] != ELFCLASS64)
		return !load_fail(l, "wrong-class", NULL, "it is not a 64-bit ELF file",
				  "only 64-bit kernels can be live-patched");
	return false;
}

static bool read_header(struct loader *l)
{
	const Elf64_Ehdr *eh;

	if (is_wrong_kind(l))
		return false;
	eh = elf_in_table(l, ELF_T_EHDR, 0, sizeof(*eh));
	if (!eh)
		return load_damaged(l, NULL, "its ELF header lies outside the file");
	if (eh->e_type != ET_REL)
		return load_fail(l, "wrong-type", NULL, "it is linked, not relocatable",
				 "give the .o file that the compiler produced");
	l->o->big_endian = eh->e_ident[EI_DATA] == ELFDATA2MSB;
	l->o->machine = eh->e_machine;
	l->o->type = eh->e_type;
	l->o->flags = eh->e_flags;
	l->o->arch = arch_of(l->o);
	if (!l->o->arch && l->what == LOAD_CODE_AND_DATA)
		return unknown_machine(l);
	if (eh->e_shentsize != sizeof(Elf64_Shdr))
		return load_damaged(l, NULL, "the size of its section headers is not the one that ELF specifies");
	if (eh->e_shoff % sizeof(uint64_t)) /* they are read where they are */
		return load_damaged(l, NULL, "its section headers are not aligned");
	return elf_in_headers(l, eh) ||
	       load_damaged(l, NULL, "its section headers are missing or lie outside the file");
}

/* What relocations and symbols of a compressed section count in. */
uint64_t load_full_size(const struct loader *l, const struct section *s)
{
	if (s->flags & SHF_COMPRESSED && s->data && s->size >= sizeof(Elf64_Chdr))
		return bytes_get(s->data + offsetof(Elf64_Chdr, ch_size), 8, l->o->big_endian);
	return s->size;
}

static bool read_section(struct loader *l, uint32_t i, struct strings names)
{
	struct section *s = &l->o->sections[i];
	const Elf64_Shdr *sh = &l->headers[i];

	s->name = strings_at(names, sh->sh_name);
	if (!s->name)
		return load_damaged(
			l, NULL, "a section's name lies outside the section name table, or is longer than 4095 bytes");
	s->type = sh->sh_type;
	s->flags = sh->sh_flags;
	s->size = sh->sh_size;
	s->align = (uint32_t)sh->sh_addralign;
	s->entsize = (uint32_t)sh->sh_entsize;
	s->link = sh->sh_link;
	s->info = sh->sh_info;
	s->symbol = NONE;
	if (l->o->arch && s->type != SHT_RELA && s->type != SHT_REL)
		s->row = special_row(&l->rows, s->name);
	if (sh->sh_addralign & (sh->sh_addralign - 1))
		return load_damaged(l, s->name, "its alignment is not a power of two");
	if (sh->sh_addralign > ZEROS_MOST)
		return load_too_large(l, s->name, "its alignment is larger than 1 GiB");
	if (sh->sh_entsize > FILE_MOST - 1)
		return load_too_large(l, s->name, "its entries are larger than a file may be");
	if (s->link >= l->o->section_count)
		return load_damaged(l, s->name, "its sh_link is not a section");
	if (!i || s->type == SHT_NOBITS || s->type == SHT_NULL || !s->size)
		return true;
	if (!range_ok(sh->sh_offset, s->size, l->o->image_size))
		return load_damaged(l, s->name, "its contents lie outside the file");
	s->data = l->o->image + sh->sh_offset;
	return true;
}

const void *load_table(struct loader *l, uint32_t section, Elf_Type type)
{
	const struct section *s = &l->o->sections[section];

	return s->data ? elf_in_table(l, type, (uint64_t)(s->data - l->o->image), s->size) : NULL;
}

static bool read_sections(struct loader *l)
{
	struct object *o = l->o;
	struct strings names = elf_in_strings(l, l->header_names);

	if (!names.text)
		return load_damaged(l, NULL, "the section name table is missing");
	o->sections = arena_array(l->a, o->section_count + 1, struct section); /* one more for load_allot_commons() */
	special_rows_of(&l->rows, o->arch ? o->arch->bit : 0);
	index_reserve(l->a, &o->section_by_name, o->section_count);
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
			return load_damaged(l, o->sections[i].name, "it is a second symbol table");
		if (o->sections[i].type == SHT_SYMTAB)
			l->symtab = i;
	}
	if (!l->symtab)
		return load_fail(l, "no-symbols", NULL,
				 "it has no symbol table (the kernel's setup_load_info() returns -ENOEXEC)",
				 "give the object as it was before stripping");
	for (uint32_t i = 1; i < o->section_count; i++) {
		const uint32_t *words;

		if (o->sections[i].type != SHT_SYMTAB_SHNDX || o->sections[i].link != l->symtab)
			continue;
		words = load_table(l, i, ELF_T_WORD);
		if (words && (uintptr_t)words % sizeof(*words) == 0) {
			l->xindex = words;
			l->xindex_count = (uint32_t)(o->sections[i].size / sizeof(*words));
		}
	}
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
	if (bytecode && (!loaded || object_has(o, "__gnu_lto_slim")))
		return no_code(l, bytecode, "it has the bytecode of GCC (gcc -flto) where its machine code should be");
	return true;
}

/* Those who look for places in the source read the file once more, as a whole (lines/dwarf_file.c). */
static bool has_debug_info(const struct object *o)
{
	for (uint32_t i = 1; i < o->section_count; i++)
		if (starts_with(o->sections[i].name, ".debug"))
			return true;
	return false;
}

enum elfdiff_status load_object(struct arena *a, struct diags *ds, const char *path, enum load_what what,
				const struct object **ret)
{
	struct loader *l = arena_new(a, struct loader);

	*l = (struct loader){ .a = a, .ds = ds, .fd = -1, .what = what };
	l->o = arena_new(a, struct object);
	l->o->path = arena_strdup(a, path);
	arena_defer(a, close_file, l);
	if (!open_file(l) || !read_header(l) || !read_sections(l) || !check_limits(l) || !find_symbol_table(l) ||
	    !load_symbols(l) || !has_code(l))
		return ELFDIFF_ERROR;
	l->forgets = what == LOAD_CODE_AND_DATA && !has_debug_info(l->o);
	if (!load_relocations(l))
		return ELFDIFF_ERROR;
	load_forget_headers(l);
	if (what == LOAD_CODE_AND_DATA) {
		if (!load_allot_commons(l))
			return ELFDIFF_ERROR;
		load_runtime_variables(l);
	}
	*ret = l->o;
	return ELFDIFF_OK;
}
