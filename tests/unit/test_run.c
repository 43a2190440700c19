// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole run on a fixture, and what it does when memory is short: every
 * allocation in turn fails once, and each time there is one diagnostic, nothing
 * on disk and nothing leaked (LeakSanitizer looks when the test ends).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The arena of a run is reached from inside alone; before cmocka.h, whose fail() is a macro. */
#include "../../lib/elfdiff/run/elfdiff.c"

#include <cmocka.h>

#define ORIG "tests/fixtures/obj/static-local-kept.gcc.orig.o"
#define PATCHED "tests/fixtures/obj/static-local-kept.gcc.patched.o"

static const char out[] = "/tmp/elfdiff-test-run.o";

static enum elfdiff_status run_to(struct elfdiff *run, enum elfdiff_form form)
{
	enum elfdiff_status st = elfdiff_compare(run, ORIG, PATCHED);

	return st ? st : elfdiff_write(run, out, form);
}

static enum elfdiff_status whole_run(struct elfdiff *run)
{
	return run_to(run, ELFDIFF_FORM_KLP);
}

static void test_whole(void **state)
{
	struct elfdiff *run = elfdiff_new();

	(void)state;
	unlink(out);
	assert_int_equal(whole_run(run), ELFDIFF_OK);
	assert_int_equal(access(out, R_OK), 0);
	assert_int_equal(elfdiff_function_count(run), 1);
	assert_string_equal(elfdiff_object_name(run), "vmlinux");
	elfdiff_free(run);
	unlink(out);
}

static void test_unchanged(void **state)
{
	struct elfdiff *run = elfdiff_new();

	(void)state;
	assert_int_equal(elfdiff_compare(run, ORIG, ORIG), ELFDIFF_UNCHANGED);
	assert_int_equal(elfdiff_write(run, out, ELFDIFF_FORM_KLP), ELFDIFF_ERROR);
	assert_int_not_equal(access(out, F_OK), 0);
	elfdiff_free(run);
}

/* What the header says of arguments and of a second comparison. */
static void test_contract(void **state)
{
	struct elfdiff *run = elfdiff_new();

	(void)state;
	assert_int_equal(whole_run(run), ELFDIFF_OK);
	assert_int_equal(elfdiff_compare(run, ORIG, ORIG), ELFDIFF_ERROR);
	assert_string_equal(elfdiff_diag(run, elfdiff_diag_count(run) - 1)->id, "compared-twice");
	assert_int_equal(elfdiff_function_count(run), 1);
	assert_int_equal(elfdiff_write(run, out, (enum elfdiff_form)9), ELFDIFF_ERROR);
	assert_int_equal(elfdiff_write(run, out, ELFDIFF_FORM_LINKABLE), ELFDIFF_OK);
	assert_int_equal(elfdiff_convert(run, out, NULL, ELFDIFF_FORM_KLP), ELFDIFF_ERROR);
	assert_int_equal(elfdiff_convert(run, out, out, (enum elfdiff_form) - 1), ELFDIFF_ERROR);
	assert_string_equal(elfdiff_diag(run, elfdiff_diag_count(run) - 1)->id, "bad-form");
	assert_int_equal(elfdiff_set_object_name(run, NULL), ELFDIFF_ERROR);
	assert_int_equal(elfdiff_add_skip_init(run, NULL), ELFDIFF_ERROR);
	assert_int_equal(elfdiff_check(run, NULL), ELFDIFF_ERROR);
	assert_string_equal(elfdiff_diag(run, elfdiff_diag_count(run) - 1)->id, "no-argument");
	assert_null(elfdiff_diag(run, elfdiff_diag_count(run)));
	elfdiff_free(run);
	elfdiff_free(NULL);
	unlink(out);
}

static void test_names_of_results(void **state)
{
	(void)state;
	assert_string_equal(elfdiff_kind_name(ELFDIFF_KIND_SPECIAL_ENTRY), "special entry");
	assert_string_equal(elfdiff_verdict_name(ELFDIFF_VERDICT_NEW), "new");
	assert_string_equal(elfdiff_how_name(ELFDIFF_HOW_KLP), "klp");
	assert_string_equal(elfdiff_how_name((enum elfdiff_how)77), "unknown");
}

static void short_memory(enum elfdiff_form form)
{
	size_t total;
	struct elfdiff *run = elfdiff_new();

	assert_int_equal(run_to(run, form), ELFDIFF_OK);
	total = run->arena.allocations;
	elfdiff_free(run);
	unlink(out);
	assert_true(total > 100);
	for (size_t n = 1; n <= total; n++) {
		run = elfdiff_new();
		run->arena.fail_after = n;
		assert_int_equal(run_to(run, form), ELFDIFF_ERROR);
		assert_int_equal(elfdiff_diag_count(run), 1);
		assert_string_equal(elfdiff_diag(run, 0)->id, "no-memory");
		elfdiff_free(run);
		assert_int_not_equal(access(out, F_OK), 0);
	}
}

static void test_short_memory(void **state)
{
	(void)state;
	short_memory(ELFDIFF_FORM_KLP);
	short_memory(ELFDIFF_FORM_KPATCH);
}

static void test_object_name(void **state)
{
	struct elfdiff *run = elfdiff_new();

	(void)state;
	assert_int_equal(elfdiff_set_object_name(run, "snd-hda"), ELFDIFF_OK);
	assert_string_equal(elfdiff_object_name(run), "snd_hda");
	elfdiff_free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),        cmocka_unit_test(test_unchanged),
		cmocka_unit_test(test_contract),     cmocka_unit_test(test_names_of_results),
		cmocka_unit_test(test_short_memory), cmocka_unit_test(test_object_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
