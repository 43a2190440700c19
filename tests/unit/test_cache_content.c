// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_cache_content.c - a cache is used if its file says what it said, and otherwise not
 *
 * The file is changed: at once, without another size or time; in what is read of it, and in what is not.
 */
#include "cache_common.h"

/* Same size, same time of modification, at once, another address; then the old one again. */
static void test_stale(void **state)
{
	char *before = tell(MAP, NO_CACHES, NULL), *after;

	(void)state;
	free(tell(MAP, CACHES, NULL));
	assert_told(MAP, before, true);
	change_byte(paths[MAP], 7, 'e');
	after = tell(MAP, NO_CACHES, NULL);
	assert_string_not_equal(before, after);
	assert_told(MAP, after, false);
	assert_told(MAP, after, true);
	change_byte(paths[MAP], 7, 'f');
	assert_told(MAP, before, false);
	assert_told(MAP, before, true);
	free(before);
	free(after);
}

/* What says the same has its cache, whatever its times, its number and its name are, and who may write to it. */
static void test_same_content(void **state)
{
	char *right = tell(READELF, NO_CACHES, NULL), command[400];
	int fd = open(paths[READELF], O_RDWR);

	(void)state;
	free(tell(READELF, CACHES, NULL));
	assert_told(READELF, right, true);
	assert_int_equal(utimensat(AT_FDCWD, paths[READELF], NULL, 0), 0);
	assert_told(READELF, right, true);
	close(fd);
	snprintf(command, sizeof(command), "mkdir %s/copy && cp %s %s" CACHE_SUFFIX " %s/copy && mv %s/copy/* %s", dir,
		 paths[READELF], paths[READELF], dir, dir, dir);
	assert_int_equal(system(command), 0);
	assert_told(READELF, right, true);
	free(right);
}

static void append(const char *path, const char *text)
{
	FILE *f = fopen(path, "ab");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* A run would not use the cache of what has one byte less or more, or another one. */
static void assert_read_anew(void)
{
	struct arena a = { 0 };
	struct diags ds = { .arena = &a };
	struct symvers sv = { .use_caches = true };

	(void)!symvers_read(&a, &ds, paths[SYMVERS], &sv);
	assert_null(sv.cached);
	arena_free(&a);
}

static void test_every_byte(void **state)
{
	char *right = tell(SYMVERS, NO_CACHES, NULL);
	uint8_t *bytes;
	size_t n = read_file(paths[SYMVERS], &bytes);

	(void)state;
	free(tell(SYMVERS, CACHES, NULL));
	for (size_t at = 0; at < n; at += 509) {
		change_byte(paths[SYMVERS], (off_t)at, bytes[at] ^ 1);
		assert_read_anew();
		change_byte(paths[SYMVERS], (off_t)at, bytes[at]);
	}
	assert_told(SYMVERS, right, true);
	append(paths[SYMVERS], "\n");
	assert_read_anew();
	assert_int_equal(truncate(paths[SYMVERS], (off_t)n), 0);
	assert_told(SYMVERS, right, true);
	free(bytes);
	free(right);
}

/* Bytes of the file of which the cache is, or not, when one of them is another. */
static void assert_part(off_t at, bool counts)
{
	enum kind k = VMLINUX_LARGE;
	char *right;
	uint8_t byte;
	FILE *f = fopen(paths[k], "rb");

	fseek(f, at, SEEK_SET);
	assert_int_equal(fread(&byte, 1, 1, f), 1);
	fclose(f);
	change_byte(paths[k], at, byte ^ 1);
	right = tell(k, NO_CACHES, NULL);
	assert_told(k, right, !counts);
	free(right);
	change_byte(paths[k], at, byte);
	right = tell(k, NO_CACHES, NULL);
	assert_told(k, right, !counts);
	assert_told(k, right, true);
	free(right);
}

/* Where the first section of a type is, or where all their headers are (SHT_NULL). */
static off_t place_of(uint32_t type)
{
	uint8_t header[sizeof(Elf64_Ehdr)], s[sizeof(Elf64_Shdr)];
	FILE *f = fopen(paths[VMLINUX_LARGE], "rb");
	uint64_t at;

	assert_int_equal(fread(header, 1, sizeof(header), f), sizeof(header));
	at = bytes_get(header + offsetof(Elf64_Ehdr, e_shoff), 8, false);
	for (fseek(f, (long)at, SEEK_SET); type;) {
		assert_int_equal(fread(s, 1, sizeof(s), f), sizeof(s));
		if (bytes_get(s + offsetof(Elf64_Shdr, sh_type), 4, false) == type) {
			at = bytes_get(s + offsetof(Elf64_Shdr, sh_offset), 8, false);
			break;
		}
	}
	fclose(f);
	return (off_t)at;
}

/* Of a large ELF file what was read counts, and nothing else: its code may be another. */
static void test_large_vmlinux(void **state)
{
	off_t text = place_of(SHT_PROGBITS), symbols = place_of(SHT_SYMTAB), headers = place_of(SHT_NULL);

	(void)state;
	free(tell(VMLINUX_LARGE, CACHES, NULL));
	assert_part(text + 100, false);
	assert_part(text + PARTS_FROM - 1, false);
	assert_part(text + PARTS_FROM, true); /* the first ftrace location */
	assert_part(symbols + 5 * (off_t)sizeof(Elf64_Sym) + (off_t)offsetof(Elf64_Sym, st_value), true);
	assert_part(place_of(SHT_STRTAB) + 8, true);
	assert_part(offsetof(Elf64_Ehdr, e_flags), true);
	assert_part(headers + (off_t)sizeof(Elf64_Shdr) + (off_t)offsetof(Elf64_Shdr, sh_addralign), true);
}

/* Too many parts, and one that could not be read: it is not known what was read. */
static void test_read_parts(void **state)
{
	struct content c = { .size = 100 };

	(void)state;
	assert_false(content_known(&c));
	for (unsigned i = 0; i < CONTENT_PARTS; i++) {
		content_add(&c, 0, 1, (const uint8_t *)"x");
		assert_true(content_known(&c));
	}
	for (unsigned i = 0; i < 3; i++) {
		content_add(&c, 0, 1, (const uint8_t *)"x");
		assert_false(content_known(&c));
	}
	c = (struct content){ .size = 100 };
	content_add(&c, 0, 1, NULL);
	assert_false(content_known(&c));
	content_add(&c, 0, 1, (const uint8_t *)"x");
	assert_false(content_known(&c));
}

/* A chunk is damaged when some answers have been given, and the file is what it was, or another one. */
static void damage_in_a_run(bool changed)
{
	struct arena a = { 0 };
	struct diags ds = { .arena = &a };
	struct kernel_symbols ks = { .use_caches = true };
	const struct symbol_table *t;
	uint8_t *bytes;
	size_t n;

	free(tell(MAP, CACHES, NULL));
	assert_int_equal(kernel_symbols_read(&a, &ds, paths[MAP], &ks), ELFDIFF_OK);
	t = ks.tables.items[0];
	assert_non_null(t->cached);
	assert_string_equal(symbol_table_entry(t, 0)->name, "f0");
	n = read_file(cache_of(MAP), &bytes);
	memset(bytes + first_chunk(bytes), 0, n - first_chunk(bytes));
	write_file(cache_of(MAP), bytes, n);
	if (changed)
		change_byte(paths[MAP], 7, 'e');
	(void)symbol_table_entry(t, t->entries.count - 1);
	assert_int_equal(ds.list.count, changed);
	if (changed)
		assert_string_equal(ds.list.items[0].id, "input-unreadable");
	change_byte(paths[MAP], 7, 'f');
	unlink(cache_of(MAP));
	arena_free(&a);
	free(bytes);
}

static void test_changed_meanwhile(void **state)
{
	(void)state;
	damage_in_a_run(false);
	damage_in_a_run(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stale),      cmocka_unit_test(test_same_content),
		cmocka_unit_test(test_every_byte), cmocka_unit_test(test_large_vmlinux),
		cmocka_unit_test(test_read_parts), cmocka_unit_test(test_changed_meanwhile),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
