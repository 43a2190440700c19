// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_cache.c - what a cache tells is what its file tells, whatever happened to either
 *
 * Each kind of file is read without a cache, with one that is written, with one that is there; then the cache is damaged,
 * and the file is changed. A file gets a cache when it is two seconds old.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "file/cache_file.h"
#include "symbols_common.h"

#define DIRECTORY "/tmp/test_cache"

enum kind { MAP, KALLSYMS, READELF, VMLINUX, VMLINUX_BIG, SYMVERS, KINDS };

static char dir[32], paths[KINDS][48];

/* ---- the files ---- */

static void pad(FILE *f, const char *line)
{
	while (ftell(f) < CACHE_FROM)
		fputs(line, f);
}

static FILE *create(const char *path)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	return f;
}

/* Some names are there twice, and what nobody lists makes the file large. */
static void write_map(const char *path, bool modules)
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

static void write_readelf(const char *path)
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

static void write_vmlinux(const char *path, bool big_endian)
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
	text = (uint16_t)eb_section(&b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, CACHE_FROM);
	data = (uint16_t)eb_section(&b, ".init.data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, list, sizeof(list));
	b.sections.items[text].address = 0x1000;
	b.sections.items[data].address = 0x20000;
	for (unsigned i = 0; i < 200; i++) {
		char name[16];

		sprintf(name, i % 40 ? "f%u" : "f%u.c", i % 70);
		local(&b, name, i % 40 ? STT_FUNC : STT_FILE, i % 40 ? text : SHN_ABS, 0x1000 + 16 * (i * 7 % 200), i);
	}
	global(&b, "__start_mcount_loc", STT_NOTYPE, data, 0x20000, 0);
	global(&b, "__stop_mcount_loc", STT_NOTYPE, data, 0x20000 + sizeof(list), 0);
	eb_write(&b, path);
	f = fopen(path, "r+b");
	assert_non_null(f);
	bytes_put(type, ET_EXEC, 2, big_endian);
	fseek(f, offsetof(Elf64_Ehdr, e_type), SEEK_SET);
	assert_int_equal(fwrite(type, 1, 2, f), 2);
	fclose(f);
	arena_free(&c.arena);
}

static void write_symvers(const char *path)
{
	FILE *f = create(path);

	for (unsigned i = 0; ftell(f) < CACHE_FROM; i++)
		fprintf(f, "0x%08x\texport_%u\t%s\tEXPORT_SYMBOL%s\t%s\n", i, i, i % 3 ? "vmlinux" : "fs/a-b/a-b",
			i % 2 ? "_GPL" : "", i % 5 ? "" : "module:x");
	fclose(f);
}

static void write_all(void)
{
	for (unsigned i = 0; i < KINDS; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/%u", dir, i);
	write_map(paths[MAP], false);
	write_map(paths[KALLSYMS], true);
	write_readelf(paths[READELF]);
	write_vmlinux(paths[VMLINUX], false);
	write_vmlinux(paths[VMLINUX_BIG], true);
	write_symvers(paths[SYMVERS]);
}

static void wait_until_settled(void)
{
	sleep(3);
}

/* ---- what a run knows ---- */

static void tell_entry(FILE *f, const struct symbol_table *t, uint32_t i)
{
	const struct kernel_symbol *s = symbol_table_entry(t, i);

	fprintf(f, "%s %lx %lu %u %u %d%d%d", s->name, s->address, s->size, s->file, s->section, s->local, s->weak,
		s->is_function);
	fprintf(f, " %lu %u %u", symbol_table_position(t, i), symbol_table_count(t, s->name),
		symbol_table_at(t, s->name, 2));
	fprintf(f, " %u %d %d\n", symbol_table_at_rank(t, i), symbol_table_frees(t, i),
		symbol_table_proves_position(t, i));
}

static void tell_table(FILE *f, const struct symbol_table *t)
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

static void tell_exports(FILE *f, const struct symvers *sv)
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

static bool came_from_cache(const struct kernel_symbols *ks, const struct symvers *sv)
{
	return sv->cached || (ks->tables.count && ks->tables.items[0]->cached);
}

/* All that one file tells; *cached: its cache was used. */
static char *tell(enum kind kind, int caches, bool *cached)
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
static void assert_told(enum kind kind, const char *right, bool from_cache)
{
	bool cached;
	char *told = tell(kind, CACHES, &cached);

	assert_string_equal(told, right);
	assert_int_equal(cached, from_cache);
	free(told);
}

static bool kept; /* the file system of the directory is one that caches are kept on */

static int begin(void **state)
{
	(void)state;
	strcpy(dir, DIRECTORY ".XXXXXX");
	assert_non_null(mkdtemp(dir));
	write_all();
	wait_until_settled();
	free(tell(MAP, CACHES, NULL));
	kept = !access(cache_of(MAP), F_OK);
	return 0;
}

static int end(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void need_caches(void)
{
	if (!kept) {
		print_message("the file system of /tmp keeps no times of change that can be relied on\n");
		skip();
	}
}

/* ---- tests ---- */

static void test_all_kinds(void **state)
{
	(void)state;
	need_caches();
	for (enum kind k = 0; k < KINDS; k++) {
		char *right = tell(k, NO_CACHES, NULL);

		unlink(cache_of(k));
		assert_told(k, right, false);
		assert_told(k, right, true);
		free(right);
	}
}

static void test_none(void **state)
{
	bool cached = true;

	(void)state;
	unlink(cache_of(MAP));
	free(tell(MAP, NO_CACHES, &cached));
	assert_false(cached);
	assert_int_not_equal(access(cache_of(MAP), F_OK), 0);
}

/* Same size, same time of modification, another address; and what `touch` does. */
static void test_stale(void **state)
{
	char *before = tell(MAP, NO_CACHES, NULL), *after;
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
	struct stat st;
	int fd;

	(void)state;
	need_caches();
	free(tell(MAP, CACHES, NULL));
	assert_told(MAP, before, true);
	fd = open(paths[MAP], O_RDWR);
	assert_int_equal(fstat(fd, &st), 0);
	times[1] = st.st_mtim;
	assert_int_equal(pwrite(fd, "e", 1, 7), 1);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
	after = tell(MAP, NO_CACHES, NULL);
	assert_string_not_equal(before, after);
	assert_told(MAP, after, false);
	assert_told(MAP, after, false); /* a change of this second: no cache yet */
	wait_until_settled();
	assert_told(MAP, after, false);
	assert_told(MAP, after, true);
	assert_int_equal(utimensat(AT_FDCWD, paths[MAP], NULL, 0), 0);
	assert_told(MAP, after, false);
	wait_until_settled();
	free(tell(MAP, CACHES, NULL));
	free(before);
	free(after);
}

/* Who has it open for writing, or mapped so, can write without another time of change. */
static void test_writer(void **state)
{
	char *right = tell(READELF, NO_CACHES, NULL);
	int fd = open(paths[READELF], O_RDWR);
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	(void)state;
	need_caches();
	unlink(cache_of(READELF));
	assert_told(READELF, right, false);
	assert_told(READELF, right, false);
	close(fd);
	assert_told(READELF, right, false);
	assert_told(READELF, right, false);
	munmap(map, 4096);
	assert_told(READELF, right, false);
	assert_told(READELF, right, true);
	free(right);
}

static size_t read_file(const char *path, uint8_t **bytes)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	*bytes = malloc(1 << 20);
	n = fread(*bytes, 1, 1 << 20, f);
	fclose(f);
	return n;
}

static void write_file(const char *path, const uint8_t *bytes, size_t n)
{
	FILE *f = create(path);

	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

/* Bytes of header and directory: what is damaged there is seen before anything is believed. */
static size_t first_chunk(const uint8_t *bytes)
{
	uint32_t chunks;

	memcpy(&chunks, bytes + 100, sizeof(chunks));
	return 112 + 16 * (size_t)chunks;
}

static void assert_unharmed(enum kind kind, const char *right, bool in_directory)
{
	bool cached;
	char *told = tell(kind, CACHES, &cached);

	assert_string_equal(told, right);
	assert_false(in_directory && cached);
	free(told);
}

static void test_damaged(void **state)
{
	(void)state;
	need_caches();
	for (enum kind k = 0; k < KINDS; k++) {
		size_t step = k == MAP ? 1 : 61, n, first;
		char *right = tell(k, NO_CACHES, NULL);
		uint8_t *bytes;

		free(tell(k, CACHES, NULL));
		n = read_file(cache_of(k), &bytes);
		first = first_chunk(bytes);
		for (size_t i = 0; i < n; i += step) {
			bytes[i] ^= (uint8_t)(1 << i % 8);
			write_file(cache_of(k), bytes, n);
			assert_unharmed(k, right, i < first);
			bytes[i] ^= (uint8_t)(1 << i % 8);
		}
		for (size_t i = 0; i < n; i += 1 + n / 50) {
			write_file(cache_of(k), bytes, i);
			assert_unharmed(k, right, i < first);
		}
		unlink(cache_of(k));
		free(bytes);
		free(right);
	}
}

/* Of another version or another byte order, with a checksum that is right, and of another file. */
static void test_foreign(void **state)
{
	char *right = tell(MAP, NO_CACHES, NULL), *other = tell(KALLSYMS, NO_CACHES, NULL);
	char command[400];

	(void)state;
	need_caches();
	free(tell(MAP, CACHES, NULL));
	free(tell(KALLSYMS, CACHES, NULL));
	snprintf(command, sizeof(command), "cp %s" CACHE_SUFFIX " %s" CACHE_SUFFIX, paths[MAP], paths[KALLSYMS]);
	assert_int_equal(system(command), 0);
	assert_told(KALLSYMS, other, false);
	assert_told(KALLSYMS, other, true);
	snprintf(command, sizeof(command), "cp %s" CACHE_SUFFIX " %s" CACHE_SUFFIX, paths[MAP], paths[SYMVERS]);
	assert_int_equal(system(command), 0);
	free(tell(SYMVERS, CACHES, NULL));
	assert_told(MAP, right, true);
	free(right);
	free(other);
}

/* Others may write to it, or it leads somewhere else: it is not used, and what it leads to stays as it is. */
static void test_not_ours(void **state)
{
	char *right = tell(MAP, NO_CACHES, NULL), target[128];
	struct stat st;

	(void)state;
	free(tell(MAP, CACHES, NULL));
	need_caches();
	assert_told(MAP, right, true);
	assert_int_equal(chmod(cache_of(MAP), 0666), 0);
	assert_told(MAP, right, false);
	assert_told(MAP, right, true);
	assert_int_equal(stat(cache_of(MAP), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	snprintf(target, sizeof(target), "%s/target", dir);
	assert_int_equal(rename(cache_of(MAP), target), 0);
	assert_int_equal(symlink(target, cache_of(MAP)), 0);
	assert_told(MAP, right, false);
	assert_int_equal(lstat(cache_of(MAP), &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_told(MAP, right, true);
	if (!geteuid()) {
		assert_int_equal(chown(cache_of(MAP), 12345, (gid_t)-1), 0);
		assert_told(MAP, right, false);
		assert_told(MAP, right, true);
	}
	free(right);
}

/* The cache may say no more to others than the file itself. */
static void test_mode(void **state)
{
	struct stat st;

	(void)state;
	need_caches();
	assert_int_equal(chmod(paths[MAP], 0600), 0);
	wait_until_settled();
	free(tell(MAP, CACHES, NULL));
	assert_int_equal(stat(cache_of(MAP), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_no_place(void **state)
{
	char *right = tell(MAP, NO_CACHES, NULL);

	(void)state;
	unlink(cache_of(MAP));
	assert_int_equal(mkdir(cache_of(MAP), 0777), 0); /* root may write to every directory */
	assert_told(MAP, right, false);
	assert_told(MAP, right, false);
	assert_int_equal(rmdir(cache_of(MAP)), 0);
	free(right);
}

static void test_race(void **state)
{
	char *right = tell(KALLSYMS, NO_CACHES, NULL);
	int status;

	(void)state;
	need_caches();
	for (unsigned i = 0; i < 8; i++)
		if (!fork()) {
			for (unsigned j = 0; j < 30; j++) {
				char *told = tell(KALLSYMS, CACHES, NULL);

				if (strcmp(told, right))
					_exit(1);
				free(told);
				if (j % 3 == i % 3)
					unlink(cache_of(KALLSYMS));
			}
			_exit(0);
		}
	for (unsigned i = 0; i < 8; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	free(tell(KALLSYMS, CACHES, NULL));
	assert_told(KALLSYMS, right, true);
	free(right);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_kinds), cmocka_unit_test(test_none),     cmocka_unit_test(test_stale),
		cmocka_unit_test(test_writer),    cmocka_unit_test(test_damaged),  cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_not_ours),  cmocka_unit_test(test_no_place), cmocka_unit_test(test_race),
		cmocka_unit_test(test_mode),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
