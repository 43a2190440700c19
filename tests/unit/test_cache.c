// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_cache.c - what a cache tells is what its file tells, whatever happened to it
 *
 * Each kind of file is read without a cache, with one that is written, with one that is there; then the cache is damaged.
 */
#include "cache_common.h"

static void test_all_kinds(void **state)
{
	(void)state;
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
	for (unsigned i = 0; i < 2; i++) {
		unlink(cache_of(MAP));
		assert_int_equal(chmod(paths[MAP], i ? 0644 : 0640), 0);
		free(tell(MAP, CACHES, NULL));
		assert_int_equal(stat(cache_of(MAP), &st), 0);
		assert_int_equal(st.st_mode & 0777, i ? 0644 : 0600);
	}
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
		cmocka_unit_test(test_all_kinds), cmocka_unit_test(test_none),     cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_foreign),   cmocka_unit_test(test_not_ours), cmocka_unit_test(test_mode),
		cmocka_unit_test(test_no_place),  cmocka_unit_test(test_race),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
