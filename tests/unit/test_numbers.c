// SPDX-License-Identifier: GPL-2.0-or-later
/* test_numbers.c - numbers in words of a text, the order of names, and sorting: what is done in several ways for speed */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/sort.h"
#include "file/digits.h"
#include "file/input.h"
#include "kernel/name_order.h"

/* By the C library, which allows more. */
static bool right_number(const char *text, size_t n, unsigned base, uint64_t *ret)
{
	char copy[40] = { 0 };
	size_t skip = base == 16 && n > 2 && text[0] == '0' && tolower((unsigned char)text[1]) == 'x' ? 2 : 0;
	unsigned __int128 v = 0;

	memcpy(copy, text, n);
	if (n == skip)
		return false;
	for (size_t i = skip; i < n; i++) {
		unsigned char c = (unsigned char)tolower((unsigned char)copy[i]);
		int d = isdigit(c) ? c - '0' : isxdigit(c) ? c - 'a' + 10 : 99;

		if (d >= (int)base)
			return false;
		v = v * base + (unsigned)d;
		if (v > UINT64_MAX)
			return false;
	}
	*ret = (uint64_t)v;
	return true;
}

static void check_number(const char *text, size_t n, unsigned base)
{
	uint64_t found = 0, right = 0;
	const struct word w = { text, n };
	bool is = right_number(text, n, base, &right);

	assert_int_equal(word_number(&w, base, &found), is);
	if (is)
		assert_int_equal(found, right);
}

/* Each character at each place, in words of every length. */
static void test_word_number(void **state)
{
	static const char *const samples[] = { "ffffffff81234567",     "0123456789abcdef",  "ABCDEFABCDEFABCD",
					       "0x12345678abcdef",     "0000000000000000",  "18446744073709551615",
					       "18446744073709551616", "10000000000000000", "0xffffffffffffffff",
					       "1ffffffffffffffff" };
	char text[32];

	(void)state;
	for (size_t s = 0; s < sizeof(samples) / sizeof(*samples); s++)
		for (size_t n = 0; n <= strlen(samples[s]); n++)
			for (size_t i = 0; i < n; i++)
				for (int c = 0; c < 256; c++) {
					strcpy(text, samples[s]);
					check_number(text, n, 10);
					text[i] = (char)c;
					check_number(text, n, 16);
					check_number(text, n, 10);
				}
}

static struct arena arena;

/* Small numbers of both signs, as they are in 64 bits. */
static void check_sort_signed(uint32_t n, unsigned bits)
{
	struct sort_key *keys = arena_array(&arena, n, struct sort_key);

	for (uint32_t i = 0; i < n; i++) {
		uint64_t v = ((uint64_t)random() << 33 ^ (uint64_t)random()) >> (64 - bits);

		keys[i] = (struct sort_key){ random() % 2 ? v : ~v, i };
	}
	sort_keys(&arena, keys, n);
	for (uint32_t i = 1; i < n; i++)
		assert_true(keys[i - 1].key < keys[i].key ||
			    (keys[i - 1].key == keys[i].key && keys[i - 1].id < keys[i].id));
}

static void check_sort(uint32_t n, uint64_t mask)
{
	struct sort_key *keys = arena_array(&arena, n, struct sort_key);

	for (uint32_t i = 0; i < n; i++)
		keys[i] = (struct sort_key){ ((uint64_t)random() << 33 ^ (uint64_t)random()) & mask, i };
	sort_keys(&arena, keys, n);
	for (uint32_t i = 1; i < n; i++) {
		assert_true(keys[i - 1].key <= keys[i].key);
		assert_true(keys[i - 1].key < keys[i].key || keys[i - 1].id < keys[i].id);
	}
}

static void test_sort(void **state)
{
	static const uint32_t counts[] = { 0, 1, 2, 63, 64, 65, 1000, 20000 };
	static const uint64_t masks[] = { 0, 1, 0xff, 0x7ff000, UINT64_C(0xffffffff00000000), UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		for (size_t j = 0; j < sizeof(masks) / sizeof(*masks); j++)
			check_sort(counts[i], masks[j]);
	for (unsigned bits = 1; bits <= 64; bits++)
		check_sort_signed(1000, bits);
	arena_free(&arena);
}

/* Of equal keys the first stands beside the first; what one list has more of, and what it has alone, is left out. */
static void test_equal_keys(void **state)
{
	static const struct sort_key left[] = { { 1, 10 }, { 3, 11 }, { 3, 12 }, { 3, 13 }, { 7, 14 }, { 9, 15 } };
	static const struct sort_key right[] = { { 2, 20 }, { 3, 21 }, { 3, 22 }, { 7, 23 }, { 8, 24 } };
	static const uint32_t pairs[][2] = { { 11, 21 }, { 12, 22 }, { 14, 23 } };
	struct key_list x = { left, 6 }, y = { right, 5 }, empty = { NULL, 0 };
	uint32_t i, j;

	(void)state;
	for (size_t k = 0; k < sizeof(pairs) / sizeof(*pairs); k++) {
		assert_true(next_equal_keys(&x, &y, &i, &j));
		assert_int_equal(i, pairs[k][0]);
		assert_int_equal(j, pairs[k][1]);
	}
	assert_false(next_equal_keys(&x, &y, &i, &j));
	x = (struct key_list){ left, 6 };
	assert_false(next_equal_keys(&x, &empty, &i, &j));
	assert_false(next_equal_keys(&empty, &y, &i, &j));
}

/* ---- names ---- */

enum { NAMES = 5000 };

static char names[NAMES][16];

static const char *name_of(const void *of, uint32_t id)
{
	(void)of;
	return names[id];
}

/* `few`: hashes of which many are alike, as if somebody had looked for such names. */
/* By hash, name and number. */
static void check_order(const struct name_order *o)
{
	for (uint32_t i = 1; i < o->count; i++) {
		uint64_t x = o->items[i - 1], y = o->items[i];
		int by_name = strcmp(names[name_order_number(x)], names[name_order_number(y)]);

		assert_true(x >> 32 <= y >> 32);
		if (x >> 32 == y >> 32)
			assert_true(by_name < 0 || (!by_name && name_order_number(x) < name_order_number(y)));
	}
}

static void check_names(unsigned different, uint32_t few)
{
	uint32_t *hashes = arena_array(&arena, NAMES, uint32_t), seen = 0;
	struct name_order o = { 0 };

	for (uint32_t i = 0; i < NAMES; i++) {
		snprintf(names[i], sizeof(names[i]), "n%u", (unsigned)random() % different);
		hashes[i] = name_order_hash(names[i], strlen(names[i])) | few;
	}
	name_order_build(&arena, &o, hashes, NAMES, name_of, NULL);
	check_order(&o);
	if (few) /* cannot be asked for by name */
		return;
	for (unsigned n = 0; n < different; n++) {
		char name[16];
		struct name_range r;

		snprintf(name, sizeof(name), "n%u", n);
		r = name_order_find(&o, name, name_of, NULL, NULL);
		seen += r.end - r.first;
		for (uint32_t i = r.first; i < r.end; i++) {
			assert_string_equal(names[name_order_number(o.items[i])], name);
			assert_true(i == r.first || name_order_number(o.items[i - 1]) < name_order_number(o.items[i]));
		}
	}
	assert_int_equal(seen, NAMES);
	assert_int_equal(name_order_find(&o, "absent", name_of, NULL, NULL).end, 0);
}

static void test_names(void **state)
{
	(void)state;
	check_names(1, 0);
	check_names(10, 0);
	check_names(NAMES, 0);
	check_names(10 * NAMES, 0);
	check_names(NAMES, 0xfffffff0);
	check_names(NAMES, 0xffff0000); /* all in one place, and spread there */
	check_names(NAMES, UINT32_MAX);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_word_number), cmocka_unit_test(test_sort),
					    cmocka_unit_test(test_equal_keys), cmocka_unit_test(test_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
