/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file/elf_out.h"

#include <libelf.h>
#include <string.h>

#include "base/bytes.h"

uint32_t strings_add(struct arena *a, struct strings *t, const char *s)
{
	uint64_t hash = hash_string(s);
	uint32_t offset;

	if (!t->bytes.count)
		*vec_push(a, &t->bytes) = 0;
	if (!*s)
		return 0;
	for (uint32_t e = index_first(&t->by_text, hash); e != NONE; e = index_next(&t->by_text, e))
		if (!strcmp(&t->bytes.items[t->by_text.ids[e]], s))
			return t->by_text.ids[e];
	offset = t->bytes.count;
	do
		*vec_push(a, &t->bytes) = *s;
	while (*s++);
	index_add(a, &t->by_text, hash, offset);
	return offset;
}

/* In the file no more than a page: what memory is aligned to, the loader sees to, and the file would be as large. */
enum { FILE_ALIGN_MOST = 4096 };

struct writer {
	struct elf_out *e;
	uint64_t end; /* of what has its place in the file */
	struct strings names;
	uint32_t *name_offsets; /* by section */
	Elf *elf;
};

static void end_elf(void *arg)
{
	struct writer *w = arg;

	elf_end(w->elf);
	w->elf = NULL;
}

static bool write_header(struct writer *w)
{
	Elf64_Ehdr *eh = elf64_newehdr(w->elf);

	if (!eh)
		return false;
	elf_flagelf(w->elf, ELF_C_SET, ELF_F_LAYOUT);
	w->end = sizeof(*eh);
	eh->e_ehsize = sizeof(*eh);
	eh->e_shentsize = sizeof(Elf64_Shdr);
	eh->e_ident[EI_DATA] = w->e->big_endian ? ELFDATA2MSB : ELFDATA2LSB;
	eh->e_type = ET_REL;
	eh->e_machine = w->e->machine;
	eh->e_flags = w->e->flags;
	eh->e_version = EV_CURRENT;
	eh->e_shstrndx = w->e->shstrtab < SHN_LORESERVE ? (Elf64_Half)w->e->shstrtab : SHN_XINDEX;
	return true;
}

static bool fill_data(Elf_Scn *scn, const struct out_section *s)
{
	static const Elf_Type types[] = {
		[OUT_BYTES] = ELF_T_BYTE,
		[OUT_SYMBOLS] = ELF_T_SYM,
		[OUT_RELOCATIONS] = ELF_T_RELA,
		[OUT_WORDS] = ELF_T_WORD,
	};
	Elf_Data *d = elf_newdata(scn);

	if (!d)
		return false;
	/* libelf does not write to the buffer: it converts into one of its own. */
	d->d_buf = (void *)s->data;
	d->d_size = s->size;
	d->d_type = types[s->kind];
	d->d_align = 1;
	d->d_version = EV_CURRENT;
	return true;
}

static bool write_section(struct writer *w, uint32_t i)
{
	const struct out_section *s = &w->e->sections.items[i];
	Elf_Scn *scn = elf_newscn(w->elf);
	Elf64_Shdr *sh = scn ? elf64_getshdr(scn) : NULL;

	if (!sh || !fill_data(scn, s))
		return false;
	sh->sh_name = w->name_offsets[i];
	sh->sh_type = s->type;
	sh->sh_flags = s->flags;
	sh->sh_addralign = s->align;
	sh->sh_size = s->size;
	w->end = align_up(w->end, s->align < FILE_ALIGN_MOST ? s->align : FILE_ALIGN_MOST);
	sh->sh_offset = w->end;
	w->end += s->type == SHT_NOBITS ? 0 : s->size;
	sh->sh_entsize = s->entsize;
	sh->sh_link = s->link;
	sh->sh_info = s->info;
	return true;
}

static void place_headers(struct writer *w)
{
	elf64_getehdr(w->elf)->e_shoff = align_up(w->end, sizeof(Elf64_Xword));
}

/* libelf sees to the number of sections itself, but not to that of the section names. */
static bool write_null_section(struct writer *w)
{
	Elf_Scn *scn = w->e->shstrtab < SHN_LORESERVE ? NULL : elf_getscn(w->elf, 0);
	Elf64_Shdr *sh = scn ? elf64_getshdr(scn) : NULL;

	if (w->e->shstrtab < SHN_LORESERVE)
		return true;
	if (!sh)
		return false;
	sh->sh_link = w->e->shstrtab;
	return elf_flagshdr(scn, ELF_C_SET, ELF_F_DIRTY);
}

static void name_sections(struct arena *a, struct writer *w)
{
	struct elf_out *e = w->e;

	w->name_offsets = arena_array(a, e->sections.count, uint32_t);
	for (uint32_t i = 1; i < e->sections.count; i++)
		w->name_offsets[i] = strings_add(a, &w->names, e->sections.items[i].name);
	e->sections.items[e->shstrtab].data = w->names.bytes.items;
	e->sections.items[e->shstrtab].size = w->names.bytes.count;
}

const char *elf_out_write(struct arena *a, struct elf_out *e, int fd)
{
	struct writer *w = arena_new(a, struct writer);
	bool ok;

	w->e = e;
	name_sections(a, w);
	arena_defer(a, end_elf, w);
	elf_version(EV_CURRENT);
	w->elf = elf_begin(fd, ELF_C_WRITE, NULL);
	ok = w->elf && write_header(w);
	for (uint32_t i = 1; ok && i < e->sections.count; i++)
		ok = write_section(w, i);
	if (ok)
		place_headers(w);
	ok = ok && write_null_section(w) && elf_update(w->elf, ELF_C_WRITE) >= 0;
	if (!ok)
		return elf_errmsg(-1);
	end_elf(w);
	return NULL;
}
