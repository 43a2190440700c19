/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_check.c - every rule of check_file() fires where it should, and nowhere else */
#include "check_spec.h"

/* ---- the rules ---------------------------------------------------------------- */

FINE(good, (void)0)
FINE(good_big_endian, s.big_endian = true)

RULE(section_name, REFUSAL, "klp-section-name", s.early.name = ".rela.klp")
RULE(section_object_long, REFUSAL, "klp-section-name",
     s.late.name = ".klp.rela.oooooooooooooooooooooooooooooooooooooooooooooooooooooooo..text")
RULE(section_flag, REFUSAL, "klp-section-flag", s.early.flags &= ~(uint64_t)SHF_RELA_LIVEPATCH)
RULE(section_not_loaded, REFUSAL, "klp-section-not-loaded", s.early.flags &= ~(uint64_t)SHF_ALLOC)
RULE(section_info_link, WARNING, "klp-section-info-link", s.early.flags &= ~(uint64_t)SHF_INFO_LINK)
RULE(section_type, REFUSAL, "klp-section-type", s.early.type = SHT_PROGBITS)
RULE(section_target, REFUSAL, "klp-section-target", s.late_target = ".debug_info"; s.late_target_flags = 0)

RULE(symbol_not_livepatch, REFUSAL, "klp-symbol-ordinary", s.early.shndx = SHN_ABS)
RULE(symbol_name, REFUSAL, "klp-symbol-name", s.early.symbol = ".klp.sym.vmlinux.hidden")
RULE(symbol_object, REFUSAL, "klp-symbol-name",
     s.late.symbol = ".klp.sym.oooooooooooooooooooooooooooooooooooooooooooooooooooooooo.once,0")
RULE(symbol_in_ordinary, REFUSAL, "klp-symbol-in-ordinary", s.ordinary_target = ".rodata";
     s.ordinary_target_flags = SHF_ALLOC)
FINE(symbol_in_debug, s.ordinary_target = ".debug_info")

RULE(late_vmlinux, REFUSAL, "klp-late-vmlinux", s.late.symbol = ".klp.sym.vmlinux.hidden,0")
RULE(early_module, WARNING, "klp-early-module", s.early.symbol = ".klp.sym.ext4.once,0")
RULE(late_table, REFUSAL, "klp-late-table", s.late_target = "__jump_table")
RULE(late_init, REFUSAL, "klp-late-init", s.late_target = ".init.text")
FINE(early_init, s.late_target = ".init.text"; s.late.name = ".klp.rela.vmlinux..init.text";
     s.late.symbol = ".klp.sym.vmlinux.pair,1")
FINE(early_table, s.late_target = "__jump_table"; s.late.name = ".klp.rela.vmlinux.__jump_table";
     s.late.symbol = ".klp.sym.vmlinux.pair,1")
FINE(arch_section, s.late_target = ".klp.arch.ext4..altinstructions")

RULE(position_missing, REFUSAL, "symbol-not-in-kernel", s.early.symbol = ".klp.sym.vmlinux.absent,0")
RULE(position_ambiguous, REFUSAL, "symbol-ambiguous", s.early.symbol = ".klp.sym.vmlinux.pair,0")
RULE(position_too_large, REFUSAL, "symbol-position", s.early.symbol = ".klp.sym.vmlinux.pair,3")
FINE(reference_from_one, s.early.symbol = ".klp.sym.vmlinux.hidden,1")
FINE(position_last, s.early.symbol = ".klp.sym.vmlinux.pair,2")
RULE(position_unknown_object, NOTICE, "unchecked-positions", s.late.name = ".klp.rela.xfs..text.late";
     s.late.symbol = ".klp.sym.xfs.thing,0")

RULE(duplicate_table, REFUSAL, "duplicate-table", s.extra[0] = s.extra[1] = "__ex_table")
RULE(duplicate_empty_table, REFUSAL, "duplicate-table", s.extra[0] = s.extra[1] = "__ex_table"; s.extra_size[0] = 0)
RULE(duplicate_section, REFUSAL, "duplicate-section", s.extra[0] = s.extra[1] = ".data.same")
FINE(duplicate_empty_section, s.extra[0] = s.extra[1] = ".data.same"; s.extra_size[0] = 0)
FINE(duplicate_not_loaded, s.extra[0] = s.extra[1] = ".data.same"; s.extra_flags = 0)
RULE(writable_code, REFUSAL, "writable-code", s.extra[1] = NULL; s.extra_flags |= SHF_EXECINSTR)
RULE(too_many_sections, REFUSAL, "too-many-sections", s.sections = SHN_LORESERVE)
RULE(runtime_pointer, REFUSAL, "runtime-constant-left", s.extra[1] = "runtime_ptr_USER_PTR_MAX")
RULE(runtime_shift, REFUSAL, "runtime-constant-left", s.extra[1] = "runtime_shift_d_hash_shift")
RULE(runtime_unfinished, REFUSAL, "runtime-constant-left", s.unfinished = true; s.extra[1] = "runtime_ptr_USER_PTR_MAX")
FINE(runtime_empty, s.extra[1] = "runtime_ptr_USER_PTR_MAX"; s.extra_size[1] = 0)
FINE(runtime_not_loaded, s.extra[1] = "runtime_ptr_USER_PTR_MAX"; s.extra_flags = 0)
RULE(common, REFUSAL, "common-symbol", s.common = "tentative")
FINE(common_lto, s.common = "__gnu_lto_slim")

RULE(record_size, REFUSAL, "record-size", s.record_cut = 16)
RULE(record_pointer, REFUSAL, "record-pointer", s.record[0].no_pointer = true)
RULE(record_name_pointer, REFUSAL, "record-pointer", s.record[0].no_name_pointer = true)
RULE(record_function, REFUSAL, "record-function", s.record[0].function_addend = 4)
RULE(record_name_long, REFUSAL, "record-object",
     s.callback.object = "oooooooooooooooooooooooooooooooooooooooooooooooooooooooo")
RULE(record_duplicate, REFUSAL, "record-duplicate", s.record[0] = s.record[1])
RULE(record_position, REFUSAL, "symbol-ambiguous", s.record[1].position = 0)
RULE(record_position_not_zero, WARNING, "symbol-position-not-zero", s.record[0].position = 1)
RULE(record_missing, REFUSAL, "symbol-not-in-kernel", s.record[0].name = "absent")
RULE(callback_pointer, REFUSAL, "record-pointer", s.callback.no_pointer = true)
RULE(callback_function, REFUSAL, "record-function", s.callback.function_addend = 8)
FINE(redirect, s.redirects = true; s.record_count = 1)
RULE(redirect_no_original, REFUSAL, "record-original", s.redirects = true; s.record_count = 1; s.no_original = true)
RULE(redirect_inside, REFUSAL, "record-original", s.redirects = true; s.record_count = 1; s.original_addend = 4)
RULE(redirect_other, REFUSAL, "record-original", s.redirects = true; s.record_count = 1;
     s.early.symbol = ".klp.sym.vmlinux.pair,1")
RULE(redirect_function, REFUSAL, "record-function", s.redirects = true; s.record_count = 1;
     s.record[0].function_addend = 4)
FINE(record_other_position, s.record[0] = s.record[1]; s.record[0].position = 1)

RULE(nothing_to_patch, REFUSAL, "nothing-to-patch", s.record_count = 0; s.no_callback = true)
FINE(callback_alone, s.record_count = 0)
FINE(nothing_in_part, s.record_count = 0; s.no_callback = true; s.unfinished = true; s.modinfo = NULL)

RULE(no_livepatch, REFUSAL, "modinfo-livepatch", s.modinfo = "license=GPL\0vermagic=6.1.0 SMP"; s.modinfo_size = 31)
RULE(license, REFUSAL, "modinfo-license", s.modinfo = "license=Proprietary\0livepatch=Y\0vermagic=6.1.0";
     s.modinfo_size = 47)
RULE(no_license, REFUSAL, "modinfo-license", s.modinfo = "livepatch=Y\0vermagic=6.1.0"; s.modinfo_size = 27)
RULE(vermagic, REFUSAL, "modinfo-vermagic", s.modinfo = "livepatch=Y\0license=Dual MIT/GPL"; s.modinfo_size = 33)
FINE(unfinished, s.unfinished = true; s.modinfo = NULL)
RULE(linkable_left, REFUSAL, "linkable-left", s.undefined = ".klp.sym.rela.vmlinux.vmlinux.hidden,0")
RULE(linkable_left_marked, REFUSAL, "linkable-left", s.undefined = ".klp.sym.rela.vmlinux.vmlinux.hidden,0";
     s.unfinished = true)
FINE(linkable_in_part, s.undefined = ".klp.sym.rela.vmlinux.vmlinux.hidden,0"; s.unfinished = true; s.modinfo = NULL)

RULE(undefined, REFUSAL, "undefined-symbol", s.undefined = "nowhere")
RULE(undefined_in_part, WARNING, "undefined-symbol", s.undefined = "nowhere"; s.unfinished = true)
FINE(undefined_weak, s.undefined = "nowhere"; s.undefined_bind = STB_WEAK)
FINE(undefined_got, s.undefined = "_GLOBAL_OFFSET_TABLE_")
RULE(undefined_got_elsewhere, REFUSAL, "undefined-symbol", s.undefined = "_GLOBAL_OFFSET_TABLE_"; s.big_endian = true)
RULE(restricted, REFUSAL, "export-restricted", s.undefined = "named")
RULE(name_space, REFUSAL, "namespace-not-imported", s.undefined = "other_space")
RULE(name_space_prefix, REFUSAL, "namespace-not-imported", s.undefined = "prefix_space")
FINE(name_space_imported, s.undefined = "spaced")
RULE(module_dependency, WARNING, "module-dependency", s.undefined = "jbd2_thing")

FINE(version, s.version = "exported"; s.version_crc = 1)
FINE(version_big_endian, s.version = "exported"; s.version_crc = 1; s.big_endian = true)
RULE(version_differs, REFUSAL, "version-differs", s.version = "exported"; s.version_crc = 9)
RULE(version_missing, REFUSAL, "version-missing", s.version = "other"; s.version_crc = 1)
FINE(version_in_part, s.version = "exported"; s.version_crc = 9; s.unfinished = true)

/* ---- what does not fit into one line ------------------------------------------- */

static void test_symbol_long(void **state)
{
	struct spec s = good();
	char name[128 + 32] = ".klp.sym.xfs.";

	memset(name + 13, 'n', 128);
	strcpy(name + 13 + 128, ",0");
	s.early.symbol = name;
	run(*state, &s);
	assert_int_equal(((struct test *)*state)->ds.list.count, 3);
	assert_string_equal(((struct test *)*state)->ds.list.items[0].id, "klp-symbol-long");
	strcpy(name + 13 + 127, ",0");
	run(*state, &s);
	assert_string_equal(((struct test *)*state)->ds.list.items[0].id, "klp-early-module");
}

static void test_record_string(void **state)
{
	struct test *t = *state;
	struct spec s = good();

	/* The cut takes the object's name of the last record and the callback's with it. */
	s.record[1].cut_string = true;
	assert_int_equal(run(t, &s), ELFDIFF_REFUSED);
	assert_int_equal(t->ds.list.count, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_string_equal(t->ds.list.items[i].id, "record-string");
	assert_int_equal(t->ds.list.items[0].offset, 56 + 40);
}

static void test_dependency(void **state)
{
	struct test *t = *state;
	struct spec s = good();
	struct symbol_table *ext4 = NULL;

	s.late.symbol = ".klp.sym.mbcache.cache,0";
	expect_nothing(t, &s); /* kallsyms does not tell what depends on what */
	for (uint32_t i = 0; i < t->ks.tables.count; i++)
		if (!strcmp(t->ks.tables.items[i]->object, "ext4"))
			ext4 = t->ks.tables.items[i];
	assert_non_null(ext4);
	ext4->has_depends = true;
	*vec_push(&t->arena, &ext4->depends) = "mbcachf";
	expect(t, &s, ELFDIFF_WARNING, "klp-dependency");
	*vec_push(&t->arena, &ext4->depends) = "mbcache";
	expect_nothing(t, &s);
	s = good();
	expect_nothing(t, &s);
}

static void test_nothing_given(void **state)
{
	struct test *t = *state;
	struct spec s = good();

	t->ks = (struct kernel_symbols){ 0 };
	t->sv = (struct symvers){ 0 };
	assert_int_equal(run(t, &s), ELFDIFF_OK);
	assert_int_equal(t->ds.list.count, 2);
	assert_string_equal(t->ds.list.items[0].id, "unchecked-exports");
	assert_string_equal(t->ds.list.items[1].id, "unchecked-positions");
	assert_string_equal(t->ds.list.items[1].message,
			    "names and positions of symbols were not checked for: vmlinux, ext4");
	assert_int_equal(t->ds.list.items[1].severity, ELFDIFF_NOTICE);
}

static void test_stripped(void **state)
{
	struct test *t = *state;
	struct spec s = good();

	s.no_symtab = true;
	assert_int_equal(run(t, &s), ELFDIFF_ERROR);
}

/* A linker merges sections of one name, so the linkable form may have them. */
static void test_duplicates_before_the_link(void **state)
{
	struct test *t = *state;
	const char *path = arena_printf(&t->arena, "%s/part.o", t->dir);
	struct eb b = eb_start(&t->arena, EM_X86_64);

	eb_section(&b, KPATCH_STRINGS_SECTION, SHT_PROGBITS, SHF_ALLOC, NULL, 0);
	eb_section(&b, "__ex_table", SHT_PROGBITS, SHF_ALLOC, NULL, 12);
	eb_section(&b, "__ex_table", SHT_PROGBITS, SHF_ALLOC, NULL, 12);
	eb_write(&b, path);
	assert_int_equal(check_file(&t->arena, &t->ds, path, &t->ks, &t->sv), ELFDIFF_OK);
	assert_int_equal(t->ds.list.count, 0);
}

/* What the ppc64le loader and kbuild's crtsavres.o provide. */
static void test_undefined_on_ppc64le(void **state)
{
	struct test *t = *state;
	const char *path = arena_printf(&t->arena, "%s/part.o", t->dir);
	struct eb b = eb_start(&t->arena, EM_PPC64);

	eb_section(&b, KPATCH_STRINGS_SECTION, SHT_PROGBITS, SHF_ALLOC, NULL, 0);
	eb_symbol(&b, ".TOC.", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	eb_symbol(&b, "_savegpr0_29", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	eb_symbol(&b, "_restgpr0_29", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	eb_symbol(&b, "_GLOBAL_OFFSET_TABLE_", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	eb_write(&b, path);
	assert_int_equal(check_file(&t->arena, &t->ds, path, &t->ks, &t->sv), ELFDIFF_OK);
	assert_int_equal(t->ds.list.count, 1);
	assert_string_equal(t->ds.list.items[0].symbol, "_GLOBAL_OFFSET_TABLE_");
}

/* What the compiler or kbuild made is no livepatch that breaks no rule, nor one that breaks many. */
static void expect_ordinary(struct test *t, const char *also, const char *what)
{
	const char *path = arena_printf(&t->arena, "%s/ordinary.o", t->dir);
	struct eb b = eb_start(&t->arena, EM_X86_64);

	eb_section(&b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 16);
	if (also)
		eb_section(&b, also, SHT_PROGBITS, SHF_ALLOC, NULL, 64);
	eb_write(&b, path);
	assert_int_equal(check_file(&t->arena, &t->ds, path, &t->ks, &t->sv), ELFDIFF_REFUSED);
	assert_int_equal(t->ds.list.count, 1);
	assert_string_equal(t->ds.list.items[0].id, "not-a-livepatch");
	assert_non_null(strstr(t->ds.list.items[0].message, what));
}

static void test_ordinary_object(void **state)
{
	expect_ordinary(*state, NULL, "ordinary object");
}

static void test_ordinary_module(void **state)
{
	expect_ordinary(*state, ".gnu.linkonce.this_module", "ordinary kernel module");
}

/* The rules on when a relocation is applied hold for the linkable form too. */
static void test_linkable_relocations(void **state)
{
	struct test *t = *state;
	const char *path = arena_printf(&t->arena, "%s/part.o", t->dir);
	struct eb b = eb_start(&t->arena, EM_X86_64);
	uint32_t table, r, symbol;

	table = eb_section(&b, "__jump_table", SHT_PROGBITS, SHF_ALLOC, NULL, 16);
	symbol = eb_symbol(&b, ".klp.sym.rela.ext4.vmlinux.hidden,0", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	r = eb_rela(&b, ".rela__jump_table", table, SHF_INFO_LINK);
	eb_reloc(&b, r, 0, symbol, R_X86_64_REL, 0);
	eb_reloc(&b, r, 4, symbol, R_X86_64_REL, 0);
	eb_write(&b, path);
	assert_int_equal(check_file(&t->arena, &t->ds, path, &t->ks, &t->sv), ELFDIFF_REFUSED);
	assert_int_equal(t->ds.list.count, 2);
	assert_string_equal(t->ds.list.items[0].id, "klp-late-vmlinux");
	assert_string_equal(t->ds.list.items[1].id, "klp-late-table");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good),
		TEST(good_big_endian),
		TEST(section_name),
		TEST(section_object_long),
		TEST(section_flag),
		TEST(section_not_loaded),
		TEST(section_info_link),
		TEST(section_type),
		TEST(section_target),
		TEST(symbol_not_livepatch),
		TEST(symbol_name),
		TEST(symbol_object),
		TEST(symbol_in_ordinary),
		TEST(symbol_in_debug),
		TEST(late_vmlinux),
		TEST(early_module),
		TEST(late_table),
		TEST(late_init),
		TEST(early_init),
		TEST(early_table),
		TEST(arch_section),
		TEST(position_missing),
		TEST(position_ambiguous),
		TEST(position_too_large),
		TEST(reference_from_one),
		TEST(position_last),
		TEST(position_unknown_object),
		TEST(duplicate_table),
		TEST(duplicate_empty_table),
		TEST(duplicate_section),
		TEST(duplicate_empty_section),
		TEST(duplicate_not_loaded),
		TEST(writable_code),
		TEST(runtime_pointer),
		TEST(runtime_shift),
		TEST(runtime_unfinished),
		TEST(runtime_empty),
		TEST(runtime_not_loaded),
		TEST(too_many_sections),
		TEST(common),
		TEST(common_lto),
		TEST(record_size),
		TEST(record_pointer),
		TEST(record_name_pointer),
		TEST(record_function),
		TEST(record_name_long),
		TEST(record_duplicate),
		TEST(record_position),
		TEST(record_position_not_zero),
		TEST(record_missing),
		TEST(callback_pointer),
		TEST(callback_function),
		TEST(record_other_position),
		TEST(redirect),
		TEST(redirect_no_original),
		TEST(redirect_inside),
		TEST(redirect_other),
		TEST(redirect_function),
		TEST(nothing_to_patch),
		TEST(callback_alone),
		TEST(nothing_in_part),
		TEST(no_livepatch),
		TEST(license),
		TEST(no_license),
		TEST(vermagic),
		TEST(unfinished),
		TEST(linkable_left),
		TEST(linkable_left_marked),
		TEST(linkable_in_part),
		TEST(undefined),
		TEST(undefined_in_part),
		TEST(undefined_weak),
		TEST(undefined_got),
		TEST(undefined_got_elsewhere),
		TEST(restricted),
		TEST(name_space),
		TEST(name_space_prefix),
		TEST(name_space_imported),
		TEST(module_dependency),
		TEST(version),
		TEST(version_big_endian),
		TEST(version_differs),
		TEST(version_missing),
		TEST(version_in_part),
		TEST(symbol_long),
		TEST(record_string),
		TEST(dependency),
		TEST(nothing_given),
		TEST(stripped),
		TEST(duplicates_before_the_link),
		TEST(undefined_on_ppc64le),
		TEST(ordinary_object),
		TEST(ordinary_module),
		TEST(linkable_relocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
