// SPDX-License-Identifier: GPL-2.0-or-later
/* test_versions.c - the core's table of which code a function has, and when (kmod/core/versions.h) */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "versions.h"

static struct versions all;

static int start(void **state)
{
	(void)state;
	memset(&all, 0, sizeof(all));
	return 0;
}

static struct version made(unsigned long location, unsigned long code, unsigned long since, unsigned long until)
{
	return (struct version){ .location = location, .code = code, .since = since, .until = until };
}

static unsigned long code_at(unsigned long location, unsigned long generation)
{
	const struct version *v = versions_at(&all, location, generation);

	return v ? v->code : 0;
}

static void test_times(void **state)
{
	struct version v = made(0x1000, 1, 5, 8);

	(void)state;
	assert_int_equal(code_at(0x1000, 5), 0);
	versions_add(&all, &v);
	assert_non_null(versions_last(&all, 0x1000));
	assert_null(versions_last(&all, 0x1004));
	assert_int_equal(code_at(0x1000, 4), 0);
	assert_int_equal(code_at(0x1000, 5), 1);
	assert_int_equal(code_at(0x1000, 7), 1);
	assert_int_equal(code_at(0x1000, 8), 0);
	assert_int_equal(code_at(0x1004, 5), 0);
	versions_remove(&all, &v);
	assert_null(versions_last(&all, 0x1000));
	assert_int_equal(code_at(0x1000, 5), 0);
}

/* Patches on top of each other: the newest that is in force counts, whichever of them goes first. */
static void test_stack(void **state)
{
	struct version a = made(0x1000, 1, 1, FOR_EVER), b = made(0x1000, 2, 2, FOR_EVER),
		       c = made(0x1000, 3, 3, FOR_EVER);

	(void)state;
	versions_add(&all, &a);
	versions_add(&all, &b);
	versions_add(&all, &c);
	assert_int_equal(code_at(0x1000, 1), 1);
	assert_int_equal(code_at(0x1000, 2), 2);
	assert_int_equal(code_at(0x1000, 9), 3);
	b.until = 10; /* the middle one goes: nothing changes */
	assert_int_equal(code_at(0x1000, 10), 3);
	versions_remove(&all, &b);
	c.until = 11;
	assert_int_equal(code_at(0x1000, 10), 3);
	assert_int_equal(code_at(0x1000, 11), 1);
	versions_remove(&all, &c);
	assert_int_equal(code_at(0x1000, 11), 1);
}

/* Of a cumulative patch and those that it replaces, one generation has all, and the one before none. */
static void test_replacement(void **state)
{
	enum { FUNCTIONS = 1000 };
	static struct version old[FUNCTIONS], new[FUNCTIONS];

	(void)state;
	for (unsigned long i = 0; i < FUNCTIONS; i++) {
		old[i] = made(0x1000 + 16 * i, 1000 + i, 1, 2);
		new[i] = made(0x1000 + 16 * i, 5000 + i, 2, FOR_EVER);
		versions_add(&all, &old[i]);
		versions_add(&all, &new[i]);
	}
	for (unsigned long i = 0; i < FUNCTIONS; i++) {
		assert_int_equal(code_at(0x1000 + 16 * i, 1), 1000 + i);
		assert_int_equal(code_at(0x1000 + 16 * i, 2), 5000 + i);
	}
	for (unsigned long i = 0; i < FUNCTIONS; i++)
		versions_remove(&all, &old[i]);
	for (unsigned long i = 0; i < FUNCTIONS; i++)
		assert_int_equal(code_at(0x1000 + 16 * i, 2), 5000 + i);
}

/* Whoever stands on one that is taken out finds the others behind it. */
static void test_way_on(void **state)
{
	struct version a = made(0x1000, 1, 1, FOR_EVER), b = made(0x1000, 2, 1, 2);

	(void)state;
	versions_add(&all, &a);
	versions_add(&all, &b);
	versions_remove(&all, &b);
	assert_ptr_equal(b.next, &a);
}

struct reader {
	bool end;
	unsigned long wrong;
};

/* The lower one is always there, so a reader always finds one of the two. */
static void *read_on(void *data)
{
	struct reader *r = data;

	while (!__atomic_load_n(&r->end, __ATOMIC_ACQUIRE)) {
		unsigned long code = code_at(0x1000, 7);

		r->wrong += code != 1 && code != 2;
	}
	return NULL;
}

static void test_reader(void **state)
{
	struct version a = made(0x1000, 1, 1, FOR_EVER), b = made(0x1000, 2, 1, FOR_EVER);
	struct reader r = { 0 };
	pthread_t thread;

	(void)state;
	versions_add(&all, &a);
	assert_int_equal(pthread_create(&thread, NULL, read_on, &r), 0);
	for (int i = 0; i < 200000; i++) {
		versions_add(&all, &b);
		versions_remove(&all, &b);
	}
	__atomic_store_n(&r.end, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	assert_int_equal(r.wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_times, start),       cmocka_unit_test_setup(test_stack, start),
		cmocka_unit_test_setup(test_replacement, start), cmocka_unit_test_setup(test_way_on, start),
		cmocka_unit_test_setup(test_reader, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
