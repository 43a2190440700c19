// SPDX-License-Identifier: GPL-2.0-or-later
/* What names tell: stems, outlined code, things of which a copy is as good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "elf/names.h"

static void assert_stem(const char *name, const char *stem)
{
	assert_int_equal(name_stem(name), strlen(stem));
}

static void test_counts_statics(void **state)
{
	(void)state;
	assert_true(name_counts_statics("table.lto_priv.0"));
	assert_true(name_counts_statics("f.count.1.llvm.123"));
	assert_true(name_was_static("f.llvm.123"));
	assert_false(name_counts_statics("f.llvm.123"));
	assert_false(name_counts_statics("f.count.llvm.123"));
	assert_false(name_was_static("f.part.0"));
}

static void test_stem(void **state)
{
	(void)state;
	assert_stem("tcp_ack", "tcp_ack");
	assert_stem("tcp_ack.isra.0", "tcp_ack");
	assert_stem("f.constprop.0.isra.12", "f");
	assert_stem("f.part.0.cold", "f");
	assert_stem("f.cold.3", "f");
	assert_stem("f.llvm.1234567890", "f");
	assert_stem("f.lto_priv.3", "f");
	assert_stem("count.5.lto_priv.0", "count");
	assert_stem(".str.5.llvm.1234567890", ".str");
	assert_stem("count.5", "count");
	assert_stem("main.count.5", "main.count");
	assert_stem("main.count", "main.count");
	assert_stem("__UNIQUE_ID_ddebug123", "__UNIQUE_ID_ddebug");
	assert_stem("__UNIQUE_ID_x1130.186", "__UNIQUE_ID_x");
	assert_stem("__UNIQUE_ID_ddebug_485.24", "__UNIQUE_ID_ddebug_");
	assert_stem("aio_free_ring.__UNIQUE_ID_ddebug405", "aio_free_ring.__UNIQUE_ID_ddebug");
	assert_stem("aio_free_ring.__UNIQUE_ID_ddebug405.7", "aio_free_ring.__UNIQUE_ID_ddebug");
	assert_stem("f2.v__UNIQUE_ID_x3", "f2.v__UNIQUE_ID_x3");
	assert_stem("__addressable_vring_interrupt12", "__addressable_vring_interrupt");
	assert_stem("__BTF_ID__func__f__12", "__BTF_ID__func__f__");
	assert_stem("__BTF_ID__set__types2", "__BTF_ID__set__types2");
	assert_stem("v2", "v2");
	assert_stem(".5", ".5");
	assert_stem("", "");
}

static void test_stem_of_rust(void **state)
{
	(void)state;
	assert_stem("_ZN4core3fmt5write17h0123456789abcdefE", "_ZN4core3fmt5write");
	assert_stem("_ZN4core3fmt5write17h0123456789abcdegE", "_ZN4core3fmt5write17h0123456789abcdegE");
}

static void test_same_stem(void **state)
{
	(void)state;
	assert_true(name_same_stem("f.isra.0", "f"));
	assert_true(name_same_stem("x.1", "x.22"));
	assert_false(name_same_stem("f", "ff"));
	assert_false(name_same_stem("a.1", "b.1"));
}

static void test_outlined_from(void **state)
{
	(void)state;
	assert_int_equal(name_outlined_from("f.cold"), 1);
	assert_int_equal(name_outlined_from("f.cold.2"), 1);
	assert_int_equal(name_outlined_from("f.isra.0.cold"), strlen("f.isra.0"));
	assert_int_equal(name_outlined_from("f.part.0"), 1);
	assert_int_equal(name_outlined_from("f.isra.0"), 0);
	assert_int_equal(name_outlined_from("cold"), 0);
	assert_true(name_is_cold("f.cold"));
	assert_true(name_is_cold("f.cold.1"));
	assert_false(name_is_cold("f.part.0"));
	assert_false(name_is_cold("scold"));
}

static void test_fresh(void **state)
{
	(void)state;
	assert_int_equal(name_fresh("__already_done.3", ".data.__already_done.3", true), FRESH_NOT);
	assert_int_equal(name_fresh("anything", ".data.once", true), FRESH_NOT);
	assert_int_equal(name_fresh("___done.4", ".data.once", true), FRESH_NOT);
	assert_int_equal(name_fresh("__already_done", ".data.once", true), FRESH_NOT);
	assert_int_equal(name_fresh("__already_done.3", ".data.once", true), FRESH_ONCE_FLAG);
	assert_int_equal(name_fresh("__print_once.15", ".data.once", true), FRESH_ONCE_FLAG);
	assert_int_equal(name_fresh("__warned.1", ".data.unlikely", true), FRESH_ONCE_FLAG);
	assert_int_equal(name_fresh("f.__already_done", ".data..once", true), FRESH_ONCE_FLAG);
	assert_int_equal(name_fresh("__key.4", ".bss.__key.4", true), FRESH_LOCK_KEY);
	assert_int_equal(name_fresh("f.__key", ".bss.f.__key", true), FRESH_LOCK_KEY);
	assert_int_equal(name_fresh("__key", ".bss.__key", true), FRESH_NOT);
	assert_int_equal(name_fresh("_rs.1", ".data._rs.1", true), FRESH_RATE_LIMIT);
	assert_int_equal(name_fresh("descriptor.9", "__dyndbg", true), FRESH_ANYHOW);
	assert_int_equal(name_fresh("__UNIQUE_ID_ddebug1130.186", "__verbose", true), FRESH_ANYHOW);
	assert_int_equal(name_fresh("descriptor.9", ".data.descriptor.9", true), FRESH_NOT);
	assert_int_equal(name_fresh("__func__.12", ".rodata.__func__.12", false), FRESH_ANYHOW);
	assert_int_equal(name_fresh("_entry", ".rodata._entry", false), FRESH_NOT);
	assert_int_equal(name_fresh("f._entry", ".rodata.f._entry", false), FRESH_INDEX_ENTRY);
	assert_int_equal(name_fresh("CSWTCH", ".rodata.CSWTCH", false), FRESH_NOT);
	assert_int_equal(name_fresh("count.3", ".bss.count.3", true), FRESH_NOT);
	assert_int_equal(name_fresh("__compound_literal.0", ".rodata", false), FRESH_ANYHOW);
	assert_int_equal(name_fresh("__compound_literal.0", ".data", true), FRESH_NOT);
}

static void test_sections(void **state)
{
	(void)state;
	assert_int_equal(section_stem(".data.foo", "foo"), strlen(".data"));
	assert_int_equal(section_stem(".text.unlikely.foo", "foo"), strlen(".text.unlikely"));
	assert_int_equal(section_stem(".data..read_mostly", "foo"), strlen(".data..read_mostly"));
	assert_int_equal(section_stem(".bss.count.1", "count.1"), strlen(".bss"));
	assert_true(section_is_per_cpu(".data..percpu..shared_aligned"));
	assert_false(section_is_per_cpu(".data..ro_after_init"));
}

static void test_markers(void **state)
{
	(void)state;
	assert_true(name_is_marker(".LC3"));
	assert_true(name_is_marker("$d"));
	assert_true(name_is_marker(""));
	assert_false(name_is_marker("L"));
	assert_true(name_is_prefix_symbol("__pfx_f"));
	assert_true(name_is_prefix_symbol("__cfi_f"));
	assert_false(name_is_prefix_symbol("pfx_f"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts_statics), cmocka_unit_test(test_stem),
		cmocka_unit_test(test_stem_of_rust),   cmocka_unit_test(test_same_stem),
		cmocka_unit_test(test_outlined_from),  cmocka_unit_test(test_fresh),
		cmocka_unit_test(test_sections),       cmocka_unit_test(test_markers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
