/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_merge.c - several runs: what they share, and one patch of theirs */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/internal.h"

#define OBJ "tests/fixtures/obj/"

static char out[] = "/tmp/test-merge-XXXXXX";

static const char *const cases[] = { "changed-function", "call-exported" };
enum { CASES = 2 };

static const char *last_id(const struct elfdiff *run)
{
	return elfdiff_diag(run, elfdiff_diag_count(run) - 1)->id;
}

static struct elfdiff *kernel_run(void)
{
	struct elfdiff *run = elfdiff_new();

	assert_int_equal(elfdiff_add_symvers(run, OBJ "../src/default.symvers"), ELFDIFF_OK);
	return run;
}

static enum elfdiff_status compare_case(struct elfdiff *run, const char *name)
{
	char orig[128], patched[128];

	snprintf(orig, sizeof(orig), OBJ "%s.gcc.orig.o", name);
	snprintf(patched, sizeof(patched), OBJ "%s.gcc.patched.o", name);
	return elfdiff_compare(run, orig, patched);
}

static struct elfdiff *compared(const struct elfdiff *kernel, const char *name)
{
	struct elfdiff *run = elfdiff_new();

	assert_int_equal(elfdiff_share_kernel(run, kernel), ELFDIFF_OK);
	assert_int_equal(compare_case(run, name), ELFDIFF_OK);
	return run;
}

static void test_merge(void **state)
{
	struct elfdiff *kernel = kernel_run(), *run = elfdiff_new();
	const struct elfdiff *parts[] = { compared(kernel, cases[0]), compared(kernel, cases[1]) };

	(void)state;
	assert_int_equal(elfdiff_share_kernel(run, kernel), ELFDIFF_OK);
	assert_int_equal(elfdiff_merge(run, parts, CASES), ELFDIFF_OK);
	assert_string_equal(elfdiff_object_name(run), "vmlinux");
	assert_int_equal(elfdiff_write(run, out, ELFDIFF_FORM_KLP), ELFDIFF_OK);
	assert_int_equal(elfdiff_merge(run, parts, CASES), ELFDIFF_ERROR);
	assert_string_equal(last_id(run), "merged-twice");
	assert_int_equal(elfdiff_compare(run, "a", "b"), ELFDIFF_ERROR);
	assert_string_equal(last_id(run), "compared-twice");
	for (unsigned i = 0; i < CASES; i++)
		elfdiff_free((struct elfdiff *)parts[i]);
	elfdiff_free(run);
	elfdiff_free(kernel);
	unlink(out);
}

static void expect_error(const struct elfdiff *const *parts, size_t count, const char *id)
{
	struct elfdiff *run = elfdiff_new();

	assert_int_equal(elfdiff_merge(run, parts, count), ELFDIFF_ERROR);
	assert_string_equal(last_id(run), id);
	assert_int_equal(elfdiff_write(run, out, ELFDIFF_FORM_KLP), ELFDIFF_ERROR);
	elfdiff_free(run);
}

static void test_what_does_not_go_together(void **state)
{
	struct elfdiff *kernel = kernel_run(), *same = elfdiff_new(), *module = elfdiff_new();
	const struct elfdiff *good = compared(kernel, cases[0]);

	(void)state;
	assert_int_equal(elfdiff_compare(same, OBJ "changed-function.gcc.orig.o", OBJ "changed-function.gcc.orig.o"),
			 ELFDIFF_UNCHANGED);
	assert_int_equal(elfdiff_set_object_name(module, "ext4"), ELFDIFF_OK);
	assert_int_equal(compare_case(module, cases[0]), ELFDIFF_OK);
	expect_error((const struct elfdiff *[]){ good, same }, 2, "nothing-to-merge");
	expect_error((const struct elfdiff *[]){ NULL }, 1, "nothing-to-merge");
	expect_error((const struct elfdiff *[]){ good, module }, 2, "different-objects");
	expect_error((const struct elfdiff *[]){ good }, 0, "merged-twice");
	expect_error(NULL, 1, "no-argument");
	elfdiff_free((struct elfdiff *)good);
	elfdiff_free(same);
	elfdiff_free(module);
	elfdiff_free(kernel);
}

/* The same object twice: as two that replace one function. */
static void test_one_position(void **state)
{
	struct elfdiff *kernel = kernel_run(), *run = elfdiff_new();
	const struct elfdiff *parts[] = { compared(kernel, cases[0]), compared(kernel, cases[0]) };

	(void)state;
	assert_int_equal(elfdiff_merge(run, parts, 2), ELFDIFF_REFUSED);
	assert_string_equal(last_id(run), "same-position");
	for (unsigned i = 0; i < 2; i++)
		elfdiff_free((struct elfdiff *)parts[i]);
	elfdiff_free(run);
	elfdiff_free(kernel);
}

static void test_sharing(void **state)
{
	struct elfdiff *kernel = kernel_run(), *run = elfdiff_new();

	(void)state;
	assert_int_equal(elfdiff_share_kernel(run, kernel), ELFDIFF_OK);
	assert_int_equal(elfdiff_share_kernel(run, kernel), ELFDIFF_ERROR);
	assert_string_equal(last_id(run), "shared-late");
	assert_int_equal(elfdiff_add_symvers(run, OBJ "../src/default.symvers"), ELFDIFF_ERROR);
	assert_string_equal(last_id(run), "shared-kernel");
	assert_int_equal(elfdiff_share_kernel(run, NULL), ELFDIFF_ERROR);
	assert_false(elfdiff_defines(run, "x"));
	assert_false(elfdiff_has_init(run, "x"));
	elfdiff_free(run);
	elfdiff_free(kernel);
}

static enum elfdiff_status merged_with(struct elfdiff *run, const struct elfdiff *const *parts)
{
	enum elfdiff_status st = elfdiff_merge(run, parts, CASES);

	return st ? st : elfdiff_write(run, out, ELFDIFF_FORM_KLP);
}

static void test_short_memory(void **state)
{
	struct elfdiff *kernel = kernel_run(), *run = elfdiff_new();
	const struct elfdiff *parts[] = { compared(kernel, cases[0]), compared(kernel, cases[1]) };
	size_t total;

	(void)state;
	assert_int_equal(merged_with(run, parts), ELFDIFF_OK);
	total = run->arena.allocations;
	elfdiff_free(run);
	unlink(out);
	for (size_t n = 1; n <= total; n++) {
		run = elfdiff_new();
		run->arena.fail_after = n;
		assert_int_equal(merged_with(run, parts), ELFDIFF_ERROR);
		assert_string_equal(last_id(run), "no-memory");
		elfdiff_free(run);
		assert_int_not_equal(access(out, F_OK), 0);
	}
	for (unsigned i = 0; i < CASES; i++)
		elfdiff_free((struct elfdiff *)parts[i]);
	elfdiff_free(kernel);
}

/* ---- threads ----------------------------------------------------------------- */

static void *compare_in_thread(void *kernel)
{
	struct elfdiff *run = compared(kernel, cases[0]);

	elfdiff_free(run);
	return NULL;
}

static void test_threads(void **state)
{
	struct elfdiff *kernel = kernel_run();
	pthread_t threads[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, compare_in_thread, kernel), 0);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	elfdiff_free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),        cmocka_unit_test(test_what_does_not_go_together),
		cmocka_unit_test(test_one_position), cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_short_memory), cmocka_unit_test(test_threads),
	};
	int fd = mkstemp(out);

	close(fd);
	unlink(out);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
