// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base.c - vectors and indexes that are as large as they can be */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/index.h"
#include "base/vec.h"

#include <cmocka.h>

/* What the vectors hold: elements without bytes, so that the numbers alone count. */
static char none;

static void a_vector_grows_to_the_last_number(void **state)
{
	jmp_buf unwind;
	struct arena a = { .unwind = &unwind };
	uint32_t room = UINT32_C(1) << 30;

	(void)state;
	assert_int_equal(setjmp(unwind), 0);
	vec_grow(&a, &none, room, &room, 0);
	assert_int_equal(room, UINT32_C(1) << 31);
	vec_grow(&a, &none, room, &room, 0);
	assert_int_equal(room, UINT32_MAX);
	vec_grow(&a, &none, UINT32_MAX - 1, &room, 0);
	assert_int_equal(room, UINT32_MAX);
	arena_free(&a);
}

/* Behind the last number there is none: short memory, and not the start again. */
static void a_full_vector_unwinds(void **state)
{
	jmp_buf unwind;
	struct arena a = { .unwind = &unwind };
	uint32_t room = UINT32_MAX;

	(void)state;
	if (!setjmp(unwind)) {
		vec_grow(&a, &none, UINT32_MAX, &room, 0);
		fail_msg("it has grown");
	}
	arena_free(&a);
}

/* Two buckets for each entry: their number has 32 bits. */
static void a_full_index_unwinds(void **state)
{
	jmp_buf unwind;
	struct arena a = { .unwind = &unwind };
	struct index ix = { .count = UINT32_C(1) << 30, .room = UINT32_C(1) << 30 };

	(void)state;
	if (!setjmp(unwind)) {
		index_add(&a, &ix, 0, 0);
		fail_msg("it has grown");
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vector_grows_to_the_last_number),
		cmocka_unit_test(a_full_vector_unwinds),
		cmocka_unit_test(a_full_index_unwinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
