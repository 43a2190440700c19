// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * floor.c - the least that comparing two objects can cost
 *
 * Maps both files, hashes the content of every section and the name of every
 * symbol once, and looks at every relocation. It prints one number made from all
 * of it, so that the compiler can leave nothing out. bench.sh measures
 * create-diff-object against it.
 */
#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct file {
	const unsigned char *bytes;
	size_t size;
	const Elf64_Shdr *sections;
	size_t count;
};

static void fail(const char *path, const char *why)
{
	fprintf(stderr, "floor: %s: %s\n", path, why);
	exit(1);
}

static bool inside(const struct file *f, uint64_t offset, uint64_t size)
{
	return offset <= f->size && size <= f->size - offset;
}

static struct file map_file(const char *path)
{
	struct file f = { 0 };
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		fail(path, "cannot be opened");
	f.size = (size_t)st.st_size;
	f.bytes = mmap(NULL, f.size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (f.bytes == MAP_FAILED || f.size < sizeof(Elf64_Ehdr) || memcmp(f.bytes, ELFMAG "\2\1", 6))
		fail(path, "not a little-endian ELF64 file");
	return f;
}

static void find_sections(struct file *f, const char *path)
{
	const Elf64_Ehdr *eh = (const void *)f->bytes;

	if (!inside(f, eh->e_shoff, sizeof(Elf64_Shdr)))
		fail(path, "no section headers");
	f->sections = (const void *)(f->bytes + eh->e_shoff);
	/* Too many sections for 16 bits: the count is in the first one. */
	f->count = eh->e_shnum ? eh->e_shnum : f->sections[0].sh_size;
	if (f->count > f->size / sizeof(Elf64_Shdr) || !inside(f, eh->e_shoff, f->count * sizeof(Elf64_Shdr)))
		fail(path, "section headers leave the file");
	for (size_t i = 0; i < f->count; i++)
		if (f->sections[i].sh_type != SHT_NOBITS &&
		    !inside(f, f->sections[i].sh_offset, f->sections[i].sh_size))
			fail(path, "a section leaves the file");
}

static uint64_t hash_names(const struct file *f, const Elf64_Shdr *table)
{
	const Elf64_Sym *symbols = (const void *)(f->bytes + table->sh_offset);
	const Elf64_Shdr *strings = &f->sections[table->sh_link < f->count ? table->sh_link : 0];
	const char *names = (const char *)f->bytes + strings->sh_offset;
	uint64_t sum = 0;

	for (size_t i = 0; i < table->sh_size / sizeof(*symbols); i++)
		if (symbols[i].st_name < strings->sh_size)
			sum += XXH3_64bits(names + symbols[i].st_name,
					   strnlen(names + symbols[i].st_name, strings->sh_size - symbols[i].st_name));
	return sum;
}

static uint64_t touch_relocations(const struct file *f, const Elf64_Shdr *rela)
{
	const Elf64_Rela *r = (const void *)(f->bytes + rela->sh_offset);
	uint64_t sum = 0;

	for (size_t i = 0; i < rela->sh_size / sizeof(*r); i++)
		sum += r[i].r_offset ^ r[i].r_info ^ (uint64_t)r[i].r_addend;
	return sum;
}

static uint64_t visit(const char *path)
{
	struct file f = map_file(path);
	uint64_t sum = 0;

	find_sections(&f, path);
	for (size_t i = 0; i < f.count; i++) {
		const Elf64_Shdr *sh = &f.sections[i];

		if (sh->sh_type != SHT_NOBITS)
			sum += XXH3_64bits(f.bytes + sh->sh_offset, sh->sh_size);
		if (sh->sh_type == SHT_SYMTAB)
			sum += hash_names(&f, sh);
		if (sh->sh_type == SHT_RELA)
			sum += touch_relocations(&f, sh);
	}
	return sum;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "Usage: floor ORIG PATCHED\n");
		return 1;
	}
	printf("%016" PRIx64 "\n", visit(argv[1]) ^ visit(argv[2]));
	return 0;
}
