// SPDX-License-Identifier: GPL-2.0-or-later
/* test_locate_by_file.c - finding an object's symbols among the kernel's by FILE symbols */
#include "locate_common.h"

/* Under FILE `file`: a, b, shared (functions), buf, buf.1 and buf.2 (data); the global `entry`. */
static const struct object *small_object(struct ctx *c, const char *file)
{
	struct eb b = eb_start(&c->arena, X86);
	uint16_t text = code(&b, ".text.x"), bss = data(&b, ".data.x");

	local(&b, file, STT_FILE, SHN_ABS, 0, 0);
	local(&b, "a", STT_FUNC, text, 0, 16);
	local(&b, "b.isra.0", STT_FUNC, text, 16, 32);
	local(&b, "shared", STT_FUNC, text, 48, 64);
	local(&b, "buf", STT_OBJECT, bss, 0, 8);
	local(&b, "buf.1", STT_OBJECT, bss, 8, 8);
	local(&b, "buf.2", STT_OBJECT, bss, 16, 8);
	global(&b, "entry", STT_FUNC, text, 112, 16);
	return load(c, &b);
}

static const char same_names[] = HEAD(".symtab") FILE_LINE("init.c") FUNC_LINE("2000", "16", "x")
	FUNC_LINE("2010", "16", "y") FUNC_LINE("2020", "64", "shared") FILE_LINE("init.c") FUNC_LINE("3000", "16", "a")
		FUNC_LINE("3010", "32", "b.constprop.0") FUNC_LINE("3030", "64", "shared") DATA_LINE("9000", "8", "buf")
			DATA_LINE("9008", "8", "buf.1") DATA_LINE("9010", "8", "buf.2") FILE_LINE("other.c")
				FUNC_LINE("4000", "16", "a") FUNC_LINE("4010", "32", "b.isra.0")
					FUNC_LINE("4030", "64", "shared") DATA_LINE("9100", "8", "buf")
						DATA_LINE("9108", "8", "buf.1") DATA_LINE("9110", "8", "buf.2")
							GLOBAL_LINE("5000", "16", "entry") STEXT;

static void test_file_of_two(void **state)
{
	struct ctx *c = *state;
	const struct object *o = small_object(c, "init.c");
	const struct symbol_table *t;

	assert_int_equal(read_text(c, same_names), ELFDIFF_OK);
	t = table(c, "vmlinux");
	assert_int_equal(find(c, t, o, "a"), 0x3000);
	assert_int_equal(find(c, t, o, "shared"), 0x3030);
	assert_int_equal(find(c, t, o, "buf"), 0x9000);
	assert_int_equal(find(c, t, o, "buf.1"), 0x9008);
	assert_int_equal(find(c, t, o, "entry"), 0x5000);
	/* Its suffix did not spoil the choice of the group, but it is another function than b.constprop.0. */
	assert_int_equal(find(c, t, o, "b.isra.0"), 0);
	assert_string_equal(t->entries.items[6].name, "shared");
	assert_int_equal(symbol_table_position(t, 6), 2);
}

static void test_file_unknown(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(read_text(c, same_names), ELFDIFF_OK);
	/* No such FILE, and the neighbours are there more than once. */
	assert_int_equal(find(c, table(c, "vmlinux"), small_object(c, "new.c"), "shared"), 1);
}

static void test_file_tie(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("init.c") FUNC_LINE("2000", "16", "a")
					      FUNC_LINE("2010", "32", "b.isra.0") FUNC_LINE("2030", "64", "shared")
						      FILE_LINE("init.c") FUNC_LINE("3000", "16", "a")
							      FUNC_LINE("3010", "32", "b.isra.0")
								      FUNC_LINE("3030", "64", "shared") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), small_object(c, "init.c"), "a"), 1);
}

/* Static variables are numbered: with one more in the kernel, `buf.1` is another. */
static void test_file_numbers_shifted(void **state)
{
	struct ctx *c = *state;
	const struct object *o = small_object(c, "init.c");

	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("init.c") FUNC_LINE("3000", "16", "a")
					      FUNC_LINE("3010", "32", "b.isra.0") FUNC_LINE("3030", "64", "shared")
						      DATA_LINE("9000", "8", "buf") DATA_LINE("9008", "8", "buf.0")
							      DATA_LINE("9010", "8", "buf.1")
								      DATA_LINE("9018", "8", "buf.2") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "buf.1"), 1);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "buf"), 0x9000);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "b.isra.0"), 0x3010);
}

static void test_file_doubles(void **state)
{
	struct ctx *c = *state;
	const struct object *ordered = doubles(c, true), *unordered = doubles(c, false);
	const struct symbol_table *t;

	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("asm.c") FUNC_LINE("3000", "16", "a")
					      FUNC_LINE("3010", "16", "b") FUNC_LINE("3040", "16", "twice")
						      FUNC_LINE("3020", "16", "twice") STEXT),
			 ELFDIFF_OK);
	t = table(c, "vmlinux");
	assert_int_equal(find_nth(c, t, ordered, "twice", 0), 0x3040);
	assert_int_equal(find_nth(c, t, ordered, "twice", 1), 0x3020);
	assert_int_equal(find_nth(c, t, unordered, "twice", 0), 1);
	assert_int_equal(find_nth(c, t, unordered, "twice", 1), 1);
}

/* The order says one thing and the sizes another. */
static void test_file_doubles_of_other_sizes(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("asm.c") FUNC_LINE("3000", "16", "a")
					      FUNC_LINE("3010", "16", "b") FUNC_LINE("3020", "24", "twice")
						      FUNC_LINE("3040", "20", "twice") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find_nth(c, table(c, "vmlinux"), doubles(c, true), "twice", 0), 1);
}

/* The only file of that name, but not this one: it has little of what the object has. */
static void test_file_of_another(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("init.c") FUNC_LINE("2000", "16", "x")
					      FUNC_LINE("2010", "16", "y") FUNC_LINE("2020", "64", "shared") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), small_object(c, "init.c"), "shared"), 0);
}

/* One function is all that the file has, and two files have it: that the size agrees with one is too little. */
static void test_file_thin_win(void **state)
{
	struct ctx *c = *state;
	struct eb b = eb_start(&c->arena, X86);
	const struct object *o;

	local(&b, "init.c", STT_FILE, SHN_ABS, 0, 0);
	local(&b, "setup", STT_FUNC, code(&b, ".text"), 0, 16);
	o = load(c, &b);
	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("init.c") FUNC_LINE("2000", "16", "setup")
					      FILE_LINE("init.c") FUNC_LINE("3000", "24", "setup") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "setup"), 1);
}

/* Nearly every function was cut and specialised in another way: still the same file. */
static void test_file_other_suffixes(void **state)
{
	struct ctx *c = *state;
	struct eb b = eb_start(&c->arena, X86);
	uint16_t text = code(&b, ".text");
	const struct object *o;

	local(&b, "s.c", STT_FILE, SHN_ABS, 0, 0);
	local(&b, "plain", STT_FUNC, text, 0, 16);
	local(&b, "one.isra.0", STT_FUNC, text, 16, 16);
	local(&b, "two.constprop.0", STT_FUNC, text, 32, 16);
	local(&b, "three", STT_FUNC, text, 48, 16);
	o = load(c, &b);
	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("s.c") FUNC_LINE("3000", "16", "plain") FUNC_LINE(
					      "3010", "16", "one") FUNC_LINE("3020", "16", "two.constprop.1")
					      FUNC_LINE("3030", "16", "three.part.0") FILE_LINE("s.c")
						      FUNC_LINE("4000", "16", "plain") FUNC_LINE("4010", "16", "other")
							      FUNC_LINE("4020", "16", "another")
								      FUNC_LINE("4030", "16", "yet_another") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "plain"), 0x3000);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "three"), 0);
}

/* `ld -r` of two sources: each local symbol is looked for under its own FILE. */
static void test_file_of_linked_object(void **state)
{
	struct ctx *c = *state;
	struct eb b = eb_start(&c->arena, X86);
	uint16_t text = code(&b, ".text");
	const struct object *o;

	local(&b, "one.c", STT_FILE, SHN_ABS, 0, 0);
	local(&b, "show", STT_FUNC, text, 0, 16);
	local(&b, "only_one", STT_FUNC, text, 16, 16);
	local(&b, "two.c", STT_FILE, SHN_ABS, 0, 0);
	local(&b, "show", STT_FUNC, text, 32, 16);
	local(&b, "only_two", STT_FUNC, text, 48, 16);
	o = load(c, &b);
	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("two.c") FUNC_LINE("3000", "16", "show")
					      FUNC_LINE("3010", "16", "only_two") FILE_LINE("one.c") FUNC_LINE(
						      "4000", "16", "show") FUNC_LINE("4010", "16", "only_one") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find_nth(c, table(c, "vmlinux"), o, "show", 0), 0x4000);
	assert_int_equal(find_nth(c, table(c, "vmlinux"), o, "show", 1), 0x3000);
}

/* Numbered variables are all that the file has: its name alone tells, if it is the only one and has the same ones. */
static void test_file_of_numbers(void **state)
{
	static const char *const others[] = {
		FILE_LINE("s.c") DATA_LINE("9000", "8", "count.0") FILE_LINE("s.c"),
		FILE_LINE("s.c") DATA_LINE("9000", "8", "count.0") FUNC_LINE("3000", "16", "other"),
		FILE_LINE("s.c") DATA_LINE("9000", "4", "count.0"),
		FILE_LINE("s.c") DATA_LINE("9000", "8", "count.0") DATA_LINE("9008", "8", "count.1"),
	};
	struct ctx *c = *state;
	struct eb b = eb_start(&c->arena, X86);
	const struct object *o;

	local(&b, "s.c", STT_FILE, SHN_ABS, 0, 0);
	local(&b, "count.0", STT_OBJECT, data(&b, ".bss.count.0"), 0, 8);
	global(&b, "entry", STT_FUNC, code(&b, ".text"), 0, 16);
	o = load(c, &b);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		c->ks.tables.count = 0;
		assert_int_equal(read_text(c, arena_printf(&c->arena, "%s%s%s", HEAD(".symtab"), others[i], STEXT)),
				 ELFDIFF_OK);
		assert_true(find(c, table(c, "vmlinux"), o, "count.0") < 2); /* not found */
	}
	c->ks.tables.count = 0;
	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("t.c") DATA_LINE("8000", "8", "count.0")
					      FILE_LINE("s.c") DATA_LINE("9000", "8", "count.0") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "count.0"), 0x9000);
}

/* A local of the name does not stand for a global one, nor the other way round. */
static void test_binding(void **state)
{
	struct ctx *c = *state;
	const struct object *o = small_object(c, "init.c");

	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("init.c") FUNC_LINE("3000", "16", "entry")
					      FUNC_LINE("3010", "32", "b.isra.0") FUNC_LINE("3030", "64", "shared")
						      GLOBAL_LINE("4000", "16", "a") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "entry"), 0);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "a"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_file_of_two),           TEST(test_file_of_another), TEST(test_file_thin_win),
		TEST(test_file_other_suffixes),   TEST(test_file_unknown),    TEST(test_file_tie),
		TEST(test_file_numbers_shifted),  TEST(test_file_doubles),    TEST(test_file_doubles_of_other_sizes),
		TEST(test_file_of_linked_object), TEST(test_binding),         TEST(test_file_of_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
