/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_check.c - every rule of check_file() fires where it should, and nowhere else
 *
 * A `spec` describes a finished livepatch module; good() is one without a
 * breach. A test changes one thing and names the one diagnostic it expects.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "elf_builder.h"
#include "form_names.h"
#include "kpatch-patch.h"

#define KLP_FLAGS (SHF_ALLOC | SHF_INFO_LINK | SHF_RELA_LIVEPATCH)

enum { R_X86_64_ABS64 = 1, R_X86_64_REL = 2, R_390_ABS64 = 22, R_390_REL = 5 };

struct record {
	const char *name, *object;
	uint64_t position;
	uint64_t function_addend;
	bool no_pointer, no_name_pointer, cut_string;
};

struct spec {
	bool big_endian, unfinished, no_symtab;
	const char *modinfo;
	size_t modinfo_size;
	struct {
		const char *name, *symbol;
		uint32_t type;
		uint64_t flags;
		uint16_t shndx; /* of the symbol */
	} early, late;
	uint64_t late_target_flags;
	const char *late_target;
	const char *ordinary_target; /* an ordinary relocation of it names the early symbol */
	uint64_t ordinary_target_flags;
	const char *undefined;
	uint8_t undefined_bind;
	const char *extra[2]; /* loaded sections */
	uint64_t extra_size[2], extra_flags;
	const char *common;
	struct record record[2];
	unsigned record_count, record_cut; /* bytes missing at the end */
	struct record callback;
	unsigned sections; /* so many more */
	const char *version; /* a name in __versions */
	uint64_t version_crc;
};

struct test {
	struct arena arena;
	struct diags ds;
	struct kernel_symbols ks;
	struct symvers sv;
	jmp_buf unwind;
	char dir[64];
};

static struct spec good(void)
{
	return (struct spec){
		.modinfo = "license=GPL\0livepatch=Y\0import_ns=SPACE\0vermagic=6.1.0 SMP",
		.modinfo_size = sizeof("license=GPL\0livepatch=Y\0import_ns=SPACE\0vermagic=6.1.0 SMP"),
		.early = { ".klp.rela.vmlinux..text", ".klp.sym.vmlinux.hidden,0", SHT_RELA, KLP_FLAGS, SHN_LIVEPATCH },
		.late = { ".klp.rela.ext4..text.late", ".klp.sym.ext4.twice,2", SHT_RELA, KLP_FLAGS, SHN_LIVEPATCH },
		.late_target = ".text.late",
		.late_target_flags = SHF_ALLOC,
		.undefined = "exported",
		.undefined_bind = STB_GLOBAL,
		.extra = { ".data.one", ".data.two" },
		.extra_size = { 8, 8 },
		.extra_flags = SHF_ALLOC | SHF_WRITE,
		.record = { { .name = "hidden", .object = "vmlinux" }, { .name = "twice", .object = "ext4", .position = 2 } },
		.record_count = 2,
		.callback = { .object = "vmlinux" },
	};
}

/* ---- from a spec to a file -------------------------------------------------- */

static void build_klp(struct eb *b, const char *name, uint32_t target, uint32_t symbol, uint32_t type, uint64_t flags)
{
	uint32_t r = eb_rela(b, name, target, flags);

	eb_reloc(b, r, 4, symbol, b->big_endian ? R_390_REL : R_X86_64_REL, -4);
	b->sections.items[r].type = type;
}

/* Strings of the records, at what eb_string() says. */
static uint32_t strings_section(struct eb *b, const struct spec *s, uint32_t at[5])
{
	eb_bytes bytes = { 0 };

	for (unsigned i = 0; i < 2; i++) {
		at[2 * i] = eb_string(b, &bytes, s->record[i].name ? s->record[i].name : "");
		at[2 * i + 1] = eb_string(b, &bytes, s->record[i].object ? s->record[i].object : "");
	}
	at[4] = eb_string(b, &bytes, s->callback.object);
	for (unsigned i = 0; i < 2; i++)
		if (s->record[i].cut_string)
			bytes.count = at[2 * i] + 2;
	return eb_section(b, KPATCH_STRINGS_SECTION, SHT_PROGBITS, SHF_ALLOC, bytes.items, bytes.count);
}

static uint32_t funcs_section(struct eb *b, const struct spec *s)
{
	eb_bytes bytes = { 0 };

	for (unsigned i = 0; i < s->record_count; i++)
		for (unsigned word = 0; word < 7; word++)
			eb_put(b, &bytes, word == 4 ? s->record[i].position : 0, 8);
	return eb_section(b, KPATCH_FUNCS_SECTION, SHT_PROGBITS, SHF_ALLOC, bytes.items, bytes.count - s->record_cut);
}

static void build(struct test *t, const struct spec *s, const char *path)
{
	struct eb b = eb_start(&t->arena, s->big_endian ? EM_S390 : EM_X86_64);
	uint32_t text, late, ordinary = 0, strings, funcs, calls, str_sym, early_sym, late_sym, fn, r, at[5];
	uint32_t abs64 = s->big_endian ? R_390_ABS64 : R_X86_64_ABS64;

	b.big_endian = s->big_endian;
	b.no_symtab = s->no_symtab;
	text = eb_section(&b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 64);
	late = eb_section(&b, s->late_target, SHT_PROGBITS, s->late_target_flags, NULL, 64);
	strings = strings_section(&b, s, at);
	funcs = funcs_section(&b, s);
	calls = eb_section(&b, KPATCH_PRE_PATCH_SECTION, SHT_PROGBITS, SHF_ALLOC, NULL, 16);
	for (unsigned i = 0; i < 2; i++)
		if (s->extra[i])
			eb_section(&b, s->extra[i], SHT_PROGBITS, s->extra_flags, NULL, s->extra_size[i]);
	for (unsigned i = 0; i < s->sections; i++)
		eb_section(&b, "x", SHT_PROGBITS, 0, NULL, 0);
	if (s->ordinary_target)
		ordinary = eb_section(&b, s->ordinary_target, SHT_PROGBITS, s->ordinary_target_flags, NULL, 64);
	if (s->modinfo)
		eb_section(&b, ".modinfo", SHT_PROGBITS, SHF_ALLOC, s->modinfo, s->modinfo_size);
	if (s->version) {
		eb_bytes bytes = { 0 };
		char name[56] = { 0 };

		strncpy(name, s->version, sizeof(name) - 1);
		eb_put(&b, &bytes, s->version_crc, 8);
		eb_data(&b, &bytes, name, sizeof(name));
		eb_section(&b, "__versions", SHT_PROGBITS, SHF_ALLOC, bytes.items, bytes.count);
	}
	if (!s->unfinished)
		eb_section(&b, ".gnu.linkonce.this_module", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, NULL, 64);

	str_sym = eb_symbol(&b, "", STB_LOCAL, STT_SECTION, (uint16_t)strings, 0);
	fn = eb_symbol(&b, "hidden", STB_LOCAL, STT_FUNC, (uint16_t)text, 16);
	early_sym = eb_symbol(&b, s->early.symbol, STB_GLOBAL, STT_NOTYPE, s->early.shndx, 0);
	late_sym = eb_symbol(&b, s->late.symbol, STB_GLOBAL, STT_NOTYPE, s->late.shndx, 0);
	if (s->undefined)
		eb_symbol(&b, s->undefined, s->undefined_bind, STT_NOTYPE, SHN_UNDEF, 0);
	if (s->common)
		eb_symbol(&b, s->common, STB_GLOBAL, STT_OBJECT, SHN_COMMON, 8);

	build_klp(&b, s->early.name, text, early_sym, s->early.type, s->early.flags);
	build_klp(&b, s->late.name, late, late_sym, s->late.type, s->late.flags);
	if (ordinary)
		build_klp(&b, ".rela.ordinary", ordinary, early_sym, SHT_RELA, SHF_INFO_LINK);
	r = eb_rela(&b, ".rela.kpatch.funcs", funcs, SHF_INFO_LINK);
	for (unsigned i = 0; i < s->record_count; i++) {
		if (!s->record[i].no_pointer)
			eb_reloc(&b, r, i * 56, fn, abs64, (int64_t)s->record[i].function_addend);
		if (i + 1 == s->record_count && s->record_cut)
			break;
		if (!s->record[i].no_name_pointer)
			eb_reloc(&b, r, i * 56 + 40, str_sym, abs64, at[2 * i]);
		eb_reloc(&b, r, i * 56 + 48, str_sym, abs64, at[2 * i + 1]);
	}
	r = eb_rela(&b, ".rela.kpatch.callbacks", calls, SHF_INFO_LINK);
	if (!s->callback.no_pointer)
		eb_reloc(&b, r, 0, fn, abs64, (int64_t)s->callback.function_addend);
	eb_reloc(&b, r, 8, str_sym, abs64, at[4]);
	eb_write(&b, path);
}

/* ---- what is expected --------------------------------------------------------- */

static void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void give_kernel(struct test *t)
{
	const char *path = arena_printf(&t->arena, "%s/kallsyms", t->dir);

	put_file(path, "ffffffff81000000 T _text\nffffffff81000010 t hidden\nffffffff81000020 t pair\n"
		       "ffffffff81000030 t pair\nffffffffc0000000 t twice\t[ext4]\n"
		       "ffffffffc0000010 t twice\t[ext4]\nffffffffc0000020 t once\t[ext4]\n"
		       "ffffffffc0001000 t cache\t[mbcache]\n");
	assert_int_equal(kernel_symbols_read(&t->arena, &t->ds, path, &t->ks), ELFDIFF_OK);
}

static void give_symvers(struct test *t)
{
	const char *path = arena_printf(&t->arena, "%s/Module.symvers", t->dir);

	put_file(path, "0x00000001\texported\tvmlinux\tEXPORT_SYMBOL\t\n"
		       "0x00000002\tspaced\tvmlinux\tEXPORT_SYMBOL_GPL\tSPACE\n"
		       "0x00000003\tother_space\tvmlinux\tEXPORT_SYMBOL_GPL\tOTHER\n"
		       "0x00000004\tprefix_space\tvmlinux\tEXPORT_SYMBOL_GPL\tSPAC\n"
		       "0x00000005\tnamed\tvmlinux\tEXPORT_SYMBOL_GPL\tmodule:kvm\n"
		       "0x00000006\tjbd2_thing\tfs/jbd2/jbd2\tEXPORT_SYMBOL\t\n");
	assert_int_equal(symvers_read(&t->arena, &t->ds, path, &t->sv), ELFDIFF_OK);
}

static int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	strcpy(t->dir, "/tmp/test-check-XXXXXX");
	if (!mkdtemp(t->dir))
		return -1;
	t->arena.unwind = &t->unwind;
	t->ds.arena = &t->arena;
	give_kernel(t);
	give_symvers(t);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;
	char command[128];

	arena_free(&t->arena);
	snprintf(command, sizeof(command), "rm -rf %s", t->dir);
	if (system(command))
		return -1;
	free(t);
	return 0;
}

static enum elfdiff_status run(struct test *t, const struct spec *s)
{
	const char *path = arena_printf(&t->arena, "%s/module.ko", t->dir);

	t->ds = (struct diags){ .arena = &t->arena };
	build(t, s, path);
	return check_file(&t->arena, &t->ds, path, &t->ks, &t->sv);
}

static void show(const struct test *t)
{
	for (uint32_t i = 0; i < t->ds.list.count; i++)
		print_message("  %s: %s\n", t->ds.list.items[i].id, t->ds.list.items[i].message);
}

/* Exactly these diagnostics, and no others; each with its file, a cause and a hint. */
static void expect(struct test *t, const struct spec *s, enum elfdiff_severity severity, const char *id)
{
	enum elfdiff_status status = run(t, s);

	if (t->ds.list.count != 1 || strcmp(t->ds.list.items[0].id, id) != 0)
		show(t);
	assert_int_equal(t->ds.list.count, 1);
	assert_string_equal(t->ds.list.items[0].id, id);
	assert_int_equal(t->ds.list.items[0].severity, severity);
	assert_non_null(t->ds.list.items[0].object);
	assert_non_null(t->ds.list.items[0].cause);
	assert_non_null(t->ds.list.items[0].hint);
	assert_int_equal(status, severity == ELFDIFF_REFUSAL ? ELFDIFF_REFUSED : ELFDIFF_OK);
}

static void expect_nothing(struct test *t, const struct spec *s)
{
	assert_int_equal(run(t, s), ELFDIFF_OK);
	show(t);
	assert_int_equal(t->ds.list.count, 0);
}

#define RULE(name, severity, id, ...)                        \
	static void test_##name(void **state)                \
	{                                                    \
		struct spec s = good();                      \
                                                             \
		__VA_ARGS__;                                 \
		expect(*state, &s, ELFDIFF_##severity, id);  \
	}
#define FINE(name, ...)                       \
	static void test_##name(void **state) \
	{                                     \
		struct spec s = good();       \
                                              \
		__VA_ARGS__;                  \
		expect_nothing(*state, &s);   \
	}

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
RULE(position_not_zero, WARNING, "symbol-position-not-zero", s.early.symbol = ".klp.sym.vmlinux.hidden,1")
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
RULE(record_position_not_zero, REFUSAL, "symbol-position-not-zero", s.record[0].position = 1)
RULE(record_missing, REFUSAL, "symbol-not-in-kernel", s.record[0].name = "absent")
RULE(callback_pointer, REFUSAL, "record-pointer", s.callback.no_pointer = true)
RULE(callback_function, REFUSAL, "record-function", s.callback.function_addend = 8)
FINE(record_other_position, s.record[0] = s.record[1]; s.record[0].position = 1)

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

	eb_symbol(&b, ".TOC.", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	eb_symbol(&b, "_savegpr0_29", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	eb_symbol(&b, "_restgpr0_29", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	eb_symbol(&b, "_GLOBAL_OFFSET_TABLE_", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	eb_write(&b, path);
	assert_int_equal(check_file(&t->arena, &t->ds, path, &t->ks, &t->sv), ELFDIFF_OK);
	assert_int_equal(t->ds.list.count, 1);
	assert_string_equal(t->ds.list.items[0].symbol, "_GLOBAL_OFFSET_TABLE_");
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

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

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
		TEST(position_not_zero),
		TEST(position_last),
		TEST(position_unknown_object),
		TEST(duplicate_table),
		TEST(duplicate_empty_table),
		TEST(duplicate_section),
		TEST(duplicate_empty_section),
		TEST(duplicate_not_loaded),
		TEST(writable_code),
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
		TEST(linkable_relocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
