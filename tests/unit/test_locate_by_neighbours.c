// SPDX-License-Identifier: GPL-2.0-or-later
/* test_locate_by_neighbours.c - finding an object's symbols among the kernel's by their neighbours */
#include "locate_common.h"

/* Functions first, show, last, then the global `entry`, as -ffunction-sections makes them; data x, counter, y. */
static const struct object *neighbours_object(struct ctx *c)
{
	struct eb b = eb_start(&c->arena, X86);
	uint16_t first = code(&b, ".text.first"), show = code(&b, ".text.show"), cold = code(&b, ".text.unlikely.show");
	uint16_t last = code(&b, ".text.last"), entry = code(&b, ".text.entry"), bss = data(&b, ".data.x");

	local(&b, "n.c", STT_FILE, SHN_ABS, 0, 0);
	local(&b, "first", STT_FUNC, first, 0, 16);
	local(&b, "show", STT_FUNC, show, 0, 60);
	local(&b, "show.cold", STT_FUNC, cold, 0, 40);
	local(&b, "last", STT_FUNC, last, 0, 16);
	local(&b, "x_of_n", STT_OBJECT, bss, 0, 8);
	local(&b, "key.3", STT_OBJECT, bss, 8, 8);
	local(&b, "y_of_n", STT_OBJECT, bss, 16, 8);
	global(&b, "entry", STT_FUNC, entry, 0, 16);
	return load(c, &b);
}

static void test_neighbours(void **state)
{
	struct ctx *c = *state;
	const struct object *o = neighbours_object(c);
	const struct symbol_table *t;

	assert_int_equal(read_text(c, "00002000 t before\n00002010 t show\n00002050 t after\n"
				      "00003000 t first\n00003010 t show\n00003050 t last\n00003060 T entry\n"
				      "00003070 t show\n000030b0 t next\n"
				      "00005000 t show.cold\n00005028 t other.cold\n"
				      "00009000 d x_of_n\n00009008 d key.3\n00009010 d y_of_n\n"
				      "0000a000 d other\n0000a008 d key.3\n0000a010 d another\n"),
			 ELFDIFF_OK);
	t = table(c, "vmlinux");
	assert_int_equal(find(c, t, o, "show"), 0x3010);
	assert_int_equal(find(c, t, o, "first"), 0x3000);
	assert_int_equal(find(c, t, o, "entry"), 0x3060);
	assert_int_equal(find(c, t, o, "show.cold"), 0x5000); /* no neighbours: the only one, and its size fits */
	assert_int_equal(find(c, t, o, "key.3"), 0x9008);
	assert_int_equal(symbol_table_position(t, 4), 2);
}

/* The object's own `show` has no entry here (it was inlined): another file's is not taken for it. */
static void test_neighbours_vanished(void **state)
{
	struct ctx *c = *state;
	const struct object *o = neighbours_object(c);

	assert_int_equal(read_text(c, "00002000 t before\n00002010 t show\n00002050 t after\n"
				      "00003000 t first\n00003050 t last\n00003060 T entry\n"
				      "00009000 d x_of_n\n00009010 d y_of_n\n"),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "show"), 0);
}

static void test_neighbours_size_denies(void **state)
{
	struct ctx *c = *state;
	const struct object *o = neighbours_object(c);

	/* Only 32 bytes before the next function, which is another object's, and `show` has 60. */
	assert_int_equal(read_text(c, "00003000 t first\n00003010 t show\n00003030 t stranger\n00003060 T other\n"
				      "00009000 d x_of_n\n00009008 d key.3\n00009010 d y_of_n\n"),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "show"), 0);
}

static void test_neighbours_twice(void **state)
{
	struct ctx *c = *state;
	const struct object *o = neighbours_object(c);

	/* The same source compiled twice: nothing tells which. */
	assert_int_equal(read_text(c, "00003000 t first\n00003010 t show\n00003050 t last\n00003060 t end\n"
				      "00004000 t first\n00004010 t show\n00004050 t last\n00004060 t end\n"
				      "00005000 T entry\n"
				      "00009000 d x_of_n\n00009008 d key.3\n00009010 d y_of_n\n"),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "first"), 1);
}

/* The number counts through the file: beside other variables it is another one. */
static void test_neighbours_numbers_shifted(void **state)
{
	struct ctx *c = *state;
	const struct object *o = neighbours_object(c);

	assert_int_equal(read_text(c, "00003000 t first\n00003010 t show\n00003050 t last\n00003060 T entry\n"
				      "00009000 d x_of_n\n00009008 d key.2\n00009010 d y_of_n\n00009018 d key.3\n"
				      "00009020 d z\n"),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "key.3"), 0);
}

/* The object is no part of this kernel; that a copy of some of its source is there does not make it so. */
static void test_neighbours_of_a_stranger(void **state)
{
	struct ctx *c = *state;
	const struct object *o = neighbours_object(c);

	assert_int_equal(read_text(c, "00003000 t first\n00003010 t show\n00003050 t last\n00003060 t of_another\n"),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "show"), 0);
}

static void test_neighbours_doubles(void **state)
{
	struct ctx *c = *state;
	const struct object *o = doubles(c, true);

	assert_int_equal(read_text(c, "00003000 t a\n00003010 t b\n00003020 t twice\n00003040 t twice\n00003050 t z\n"),
			 ELFDIFF_OK);
	assert_int_equal(find_nth(c, table(c, "vmlinux"), o, "twice", 0), 1);
	assert_int_equal(find_nth(c, table(c, "vmlinux"), o, "twice", 1), 1);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "b"), 0x3010);
}

/* `ld -r` has put the `show` of two.c into the section of one.c's, between one.c's functions. */
static void test_neighbours_of_linked_object(void **state)
{
	struct ctx *c = *state;
	struct eb b = eb_start(&c->arena, X86);
	uint16_t a1 = code(&b, ".text.a1"), show = code(&b, ".text.show"), z1 = code(&b, ".text.z1");
	uint16_t a2 = code(&b, ".text.a2"), z2 = code(&b, ".text.z2");
	const struct object *o;

	local(&b, "one.c", STT_FILE, SHN_ABS, 0, 0);
	local(&b, "a1", STT_FUNC, a1, 0, 16);
	local(&b, "show", STT_FUNC, show, 0, 16);
	local(&b, "z1", STT_FUNC, z1, 0, 16);
	local(&b, "two.c", STT_FILE, SHN_ABS, 0, 0);
	local(&b, "a2", STT_FUNC, a2, 0, 16);
	local(&b, "show", STT_FUNC, show, 16, 16);
	local(&b, "z2", STT_FUNC, z2, 0, 16);
	o = load(c, &b);
	assert_int_equal(read_text(c, "00003000 t a1\n00003010 t show\n00003020 t z1\n"
				      "00003030 t a2\n00003050 t z2\n00003060 t end\n"),
			 ELFDIFF_OK);
	/* One has no entry in this kernel; what is left does not say which. */
	assert_int_equal(find_nth(c, table(c, "vmlinux"), o, "show", 0), 1);
	assert_int_equal(find_nth(c, table(c, "vmlinux"), o, "show", 1), 1);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "a2"), 0x3030);
}

/* Letters of a module in kallsyms do not tell bindings; its table is not in the order of addresses. */
static void test_neighbours_in_module(void **state)
{
	struct ctx *c = *state;
	const struct object *o = neighbours_object(c);
	const struct symbol_table *t;

	assert_int_equal(read_text(c, "c0000060 t show\t[n]\nc00000a0 t next\t[n]\nc0000010 t show\t[n]\n"
				      "c0000000 t first\t[n]\nc0000050 t last\t[n]\nc0000058 t entry\t[n]\n"
				      "c0009000 d x_of_n\t[n]\nc0009008 d key.3\t[n]\nc0009010 d y_of_n\t[n]\n"),
			 ELFDIFF_OK);
	t = table(c, "n");
	assert_int_equal(find(c, t, o, "show"), 0xc0000010);
	assert_int_equal(symbol_table_position(t, 2), 2);
	assert_int_equal(find(c, t, o, "entry"), 0xc0000058);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_neighbours),
		TEST(test_neighbours_vanished),
		TEST(test_neighbours_size_denies),
		TEST(test_neighbours_twice),
		TEST(test_neighbours_numbers_shifted),
		TEST(test_neighbours_of_a_stranger),
		TEST(test_neighbours_doubles),
		TEST(test_neighbours_of_linked_object),
		TEST(test_neighbours_in_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
