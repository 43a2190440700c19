/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache_common.h - what the tests of caches share: files of each kind, and all that a run knows of one
 *
 * Not all of it is used by each.
 */
#ifndef CACHE_COMMON_H
#define CACHE_COMMON_H

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "file/cache_file.h"
#include "remove_directory.h"
#include "symbols_common.h"

#define DIRECTORY "/tmp/test_cache"

enum kind { MAP, KALLSYMS, READELF, VMLINUX, VMLINUX_BIG, VMLINUX_LARGE, SYMVERS, KINDS };

/* Of a larger ELF file parts are read. */
enum { PARTS_FROM = 1 << 20 };

static char dir[32], paths[KINDS][48];

/* ---- the files ---- */

static inline void pad(FILE *f, const char *line)
{
	while (ftell(f) < CACHE_FROM)
		fputs(line, f);
}

static inline FILE *create(const char *path)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	return f;
}

/* Some names are there twice, and what nobody lists makes the file large. */
static inline void write_map(const char *path, bool modules)
{
	FILE *f = create(path);

	for (unsigned i = 0; i < 200; i++)
		fprintf(f, "%016lx %c f%u\n", 0xffffffff81000000UL + 16 * i, "tTdD"[i % 4], i % 150);
	fputs("ffffffff81000000 T __init_begin\nffffffff81000100 T __init_end\n", f);
	pad(f, "0000000000000000 a padding_that_nobody_lists\n");
	for (unsigned i = 0; modules && i < 300; i++)
		fprintf(f, "%016lx t g%u\t[%s]\n", 0xffffffffc0000000UL + 16 * (i * 7 % 100), i % 20,
			i < 100 ? "one" : "two");
	fclose(f);
}

static inline void write_readelf(const char *path)
{
	FILE *f = create(path);

	fputs(HEAD(".symtab"), f);
	for (unsigned i = 1; i < 300; i++)
		if (i % 50 == 1)
			fprintf(f, "%6u: 0000000000000000     0 FILE    LOCAL  DEFAULT  ABS f%u.c\n", i, i / 100);
		else
			fprintf(f, "%6u: %016lx %5u FUNC    %-6s DEFAULT    1 f%u\n", i,
				0xffffffff81000000UL + 16 * (i * 7 % 300), i, i < 250 ? "LOCAL" : "GLOBAL", i % 120);
	fputs("   300: ffffffff81000000     0 NOTYPE  GLOBAL DEFAULT    1 _stext\n", f);
	pad(f, "nothing that readelf prints of a symbol\n");
	fclose(f);
}

static inline void write_vmlinux(const char *path, bool big_endian, size_t text_size)
{
	struct arena a = { 0 };
	struct ctx c = { .arena = a };
	struct eb b = eb_start(&c.arena, big_endian ? S390 : X86);
	uint8_t list[64];
	uint16_t text, data;
	uint8_t type[2];
	FILE *f;

	b.big_endian = big_endian;
	for (unsigned i = 0; i < 8; i++)
		bytes_put(list + 8 * i, 0x1000 + 32 * i, 8, big_endian);
	text = (uint16_t)eb_section(&b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, text_size);
	data = (uint16_t)eb_section(&b, ".init.data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, list, sizeof(list));
	b.sections.items[text].address = 0x1000;
	b.sections.items[data].address = 0x200000;
	for (unsigned i = 0; i < 200; i++) {
		char name[16];

		sprintf(name, i % 40 ? "f%u" : "f%u.c", i % 70);
		local(&b, name, i % 40 ? STT_FUNC : STT_FILE, i % 40 ? text : SHN_ABS, 0x1000 + 16 * (i * 7 % 200), i);
	}
	global(&b, "__start_mcount_loc", STT_NOTYPE, data, 0x200000, 0);
	global(&b, "__stop_mcount_loc", STT_NOTYPE, data, 0x200000 + sizeof(list), 0);
	eb_write(&b, path);
	f = fopen(path, "r+b");
	assert_non_null(f);
	bytes_put(type, ET_EXEC, 2, big_endian);
	fseek(f, offsetof(Elf64_Ehdr, e_type), SEEK_SET);
	assert_int_equal(fwrite(type, 1, 2, f), 2);
	fclose(f);
	arena_free(&c.arena);
}

static inline void write_symvers(const char *path)
{
	FILE *f = create(path);

	for (unsigned i = 0; ftell(f) < CACHE_FROM; i++)
		fprintf(f, "0x%08x\texport_%u\t%s\tEXPORT_SYMBOL%s\t%s\n", i, i, i % 3 ? "vmlinux" : "fs/a-b/a-b",
			i % 2 ? "_GPL" : "", i % 5 ? "" : "module:x");
	fclose(f);
}

static inline void write_all(void)
{
	for (unsigned i = 0; i < KINDS; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/%u", dir, i);
	write_map(paths[MAP], false);
	write_map(paths[KALLSYMS], true);
	write_readelf(paths[READELF]);
	write_vmlinux(paths[VMLINUX], false, CACHE_FROM);
	write_vmlinux(paths[VMLINUX_BIG], true, CACHE_FROM);
	write_vmlinux(paths[VMLINUX_LARGE], false, PARTS_FROM);
	write_symvers(paths[SYMVERS]);
}

/* ---- what a run knows ---- */

static inline void tell_entry(FILE *f, const struct symbol_table *t, uint32_t i)
{
	const struct kernel_symbol *s = symbol_table_entry(t, i);

	fprintf(f, "%s %lx %lu %u %u %d%d%d", s->name, s->address, s->size, s->file, s->section, s->local, s->weak,
		s->is_function);
	fprintf(f, " %lu %u %u", symbol_table_position(t, i), symbol_table_count(t, s->name),
		symbol_table_at(t, s->name, 2));
	fprintf(f, " %u %d %d\n", symbol_table_at_rank(t, i), symbol_table_frees(t, i),
		symbol_table_proves_position(t, i));
}

static inline void tell_table(FILE *f, const struct symbol_table *t)
{
	fprintf(f, "%s %d%d%d%d%d%d%d\n", t->object, t->has_files, t->has_sizes, t->has_binds, t->whole, t->is_module,
		t->after_init, t->has_hooks);
	/* not in their order: a damaged chunk is met in the middle */
	for (uint32_t i = t->entries.count; i--;)
		tell_entry(f, t, i);
	for (uint32_t i = 0; i < t->hooks.count; i++)
		fprintf(f, "%lx ", symbol_table_hook(t, i)->address);
	for (uint32_t i = 0; i < t->files.count; i++) {
		struct numbers all = symbol_table_of_file(t, i);

		fprintf(f, "\n%s:", t->files.items[i]);
		for (uint32_t j = 0; j < all.count; j++)
			fprintf(f, " %u", all.items[j]);
	}
	fprintf(f, "\nabsent %u\n", symbol_table_count(t, "absent"));
}

static inline void tell_exports(FILE *f, const struct symvers *sv)
{
	for (unsigned i = 0; i < 3000; i++) {
		char name[32];
		const struct export *e;

		sprintf(name, "export_%u", i);
		e = symvers_find(sv, name);
		if (e)
			fprintf(f, "%s %s %s %x %d%d\n", e->name, e->object, e->name_space ? e->name_space : "-",
				e->crc, e->gpl_only, e->to_named_modules);
	}
}

enum { NO_CACHES, CACHES };

static inline bool came_from_cache(const struct kernel_symbols *ks, const struct symvers *sv)
{
	return sv->cached || (ks->tables.count && ks->tables.items[0]->cached);
}

/* All that one file tells; *cached: its cache was used. */
static inline char *tell(enum kind kind, int caches, bool *cached)
{
	struct arena a = { 0 };
	struct diags ds = { .arena = &a };
	struct kernel_symbols ks = { .use_caches = caches == CACHES };
	struct symvers sv = { .use_caches = caches == CACHES };
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	assert_int_equal(kind == SYMVERS ? symvers_read(&a, &ds, paths[kind], &sv)
					 : kernel_symbols_read(&a, &ds, paths[kind], &ks),
			 ELFDIFF_OK);
	kernel_symbols_keep(&a, &ks);
	symvers_keep(&a, &sv);
	if (cached)
		*cached = came_from_cache(&ks, &sv);
	for (uint32_t i = 0; i < ks.tables.count; i++)
		tell_table(f, ks.tables.items[i]);
	tell_exports(f, &sv);
	fprintf(f, "%u diagnostics\n", ds.list.count);
	fclose(f);
	arena_free(&a);
	return text;
}

static const char *cache_of(enum kind kind)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s" CACHE_SUFFIX, paths[kind]);
	return path;
}

/* What a run with caches tells is right, and the cache was used or not. */
static inline void assert_told(enum kind kind, const char *right, bool from_cache)
{
	bool cached;
	char *told = tell(kind, CACHES, &cached);

	assert_string_equal(told, right);
	assert_int_equal(cached, from_cache);
	free(told);
}

static inline int begin(void **state)
{
	(void)state;
	strcpy(dir, DIRECTORY ".XXXXXX");
	assert_non_null(mkdtemp(dir));
	write_all();
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	return remove_directory(dir);
}

static inline size_t read_file(const char *path, uint8_t **bytes)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	*bytes = malloc(1 << 20);
	n = fread(*bytes, 1, 1 << 20, f);
	fclose(f);
	return n;
}

static inline void write_file(const char *path, const uint8_t *bytes, size_t n)
{
	FILE *f = create(path);

	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

/* Bytes of header and directory: what is damaged there is seen before anything is believed. */
static inline size_t first_chunk(const uint8_t *bytes)
{
	uint32_t chunks;

	memcpy(&chunks, bytes + 36, sizeof(chunks));
	return 40 + sizeof(struct content) + 8 + 16 * (size_t)chunks;
}

/* Writes a byte, and puts the times back that can be put back. */
static inline void change_byte(const char *path, off_t at, uint8_t byte)
{
	struct timespec times[2];
	struct stat st;
	int fd = open(path, O_RDWR);

	assert_int_equal(fstat(fd, &st), 0);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

#endif
