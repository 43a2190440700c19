/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_spec.h - a livepatch module described in a few fields, and what check_file() says of it
 *
 * good() is a finished module without a breach: two KLP relocation sections,
 * two records, a callback, .modinfo. A test changes a field and names the
 * diagnostic that it expects.
 */
#ifndef CHECK_SPEC_H
#define CHECK_SPEC_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "check/check.h"
#include "elf_builder.h"
#include "remove_directory.h"
#include "klp/form_names.h"
#include "kpatch-patch.h"

#define KLP_FLAGS (SHF_ALLOC | SHF_INFO_LINK | SHF_RELA_LIVEPATCH)

enum { R_X86_64_ABS64 = 1, R_X86_64_REL = 2, R_390_ABS64 = 22, R_390_REL = 5 };

struct record {
	const char *name, *object;
	uint64_t position, old_size;
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
	bool redirects;                    /* the records' originals have relocations to the early symbol */
	bool no_original;                  /* they have not */
	int64_t original_addend;
	struct record callback;
	bool no_callback;
	unsigned callback_before, callback_tail; /* bytes before and behind the callback's record */
	uint8_t callback_filling;                /* what they are */
	struct {
		const char *name; /* NULL: no symbols; otherwise it and `name`_end */
		uint64_t start, end;
	} callback_markers;
	const char *originals; /* what .kpatch.original has; NULL: there is none */
	uint64_t originals_flags;
	unsigned sections;   /* so many more */
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

static inline struct spec good(void)
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
		.record = { { .name = "hidden", .object = "vmlinux" },
			    { .name = "twice", .object = "ext4", .position = 2 } },
		.record_count = 2,
		.callback = { .object = "vmlinux" },
	};
}

/* ---- from a spec to a file -------------------------------------------------- */

static inline void build_klp(struct eb *b, const char *name, uint32_t target, uint32_t symbol, uint32_t type,
			     uint64_t flags)
{
	uint32_t r = eb_rela(b, name, target, flags);

	eb_reloc(b, r, 4, symbol, b->big_endian ? R_390_REL : R_X86_64_REL, -4);
	b->sections.items[r].type = type;
}

/* Strings of the records, at what eb_string() says. */
static inline uint32_t strings_section(struct eb *b, const struct spec *s, uint32_t at[5])
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

static inline uint32_t funcs_section(struct eb *b, const struct spec *s)
{
	eb_bytes bytes = { 0 };

	for (unsigned i = 0; i < s->record_count; i++)
		for (unsigned word = 0; word < 7; word++)
			eb_put(b, &bytes, word == 4 ? s->record[i].position : word == 3 ? s->record[i].old_size : 0, 8);
	return eb_section(b, s->redirects ? KPATCH_REDIRECTS_SECTION : KPATCH_FUNCS_SECTION, SHT_PROGBITS, SHF_ALLOC,
			  bytes.items, bytes.count - s->record_cut);
}

static inline uint32_t callbacks_section(struct eb *b, const struct spec *s)
{
	uint8_t bytes[64];
	unsigned size = s->callback_before + (s->no_callback ? 0 : 16) + s->callback_tail;

	assert_true(size <= sizeof(bytes));
	memset(bytes, s->callback_filling, sizeof(bytes));
	if (!s->no_callback)
		memset(bytes + s->callback_before, 0, 16);
	return eb_section(b, KPATCH_PRE_PATCH_SECTION, SHT_PROGBITS, SHF_ALLOC, bytes, size);
}

static inline void mark_callbacks(struct eb *b, const struct spec *s, uint32_t calls)
{
	char end[64];

	if (!s->callback_markers.name)
		return;
	snprintf(end, sizeof(end), "%s_end", s->callback_markers.name);
	eb_symbol(b, s->callback_markers.name, STB_GLOBAL, STT_NOTYPE, (uint16_t)calls, s->callback_markers.start);
	eb_symbol(b, end, STB_GLOBAL, STT_NOTYPE, (uint16_t)calls, s->callback_markers.end);
}

static inline void build(struct test *t, const struct spec *s, const char *path)
{
	struct eb b = eb_start(&t->arena, s->big_endian ? EM_S390 : EM_X86_64);
	char ordinary_rela[64];
	uint32_t text, late, ordinary = 0, strings, funcs, calls, str_sym, early_sym, late_sym, fn, r, at[5];
	uint32_t abs64 = s->big_endian ? R_390_ABS64 : R_X86_64_ABS64;

	b.big_endian = s->big_endian;
	b.no_symtab = s->no_symtab;
	text = eb_section(&b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 64);
	late = eb_section(&b, s->late_target, SHT_PROGBITS, s->late_target_flags, NULL, 64);
	strings = strings_section(&b, s, at);
	funcs = funcs_section(&b, s);
	calls = callbacks_section(&b, s);
	for (unsigned i = 0; i < 2; i++)
		if (s->extra[i])
			eb_section(&b, s->extra[i], SHT_PROGBITS, s->extra_flags, NULL, s->extra_size[i]);
	if (s->originals)
		eb_section(&b, KPATCH_ORIGINAL_SECTION, SHT_PROGBITS, s->originals_flags, s->originals,
			   strlen(s->originals));
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
	mark_callbacks(&b, s, calls);

	build_klp(&b, s->early.name, text, early_sym, s->early.type, s->early.flags);
	build_klp(&b, s->late.name, late, late_sym, s->late.type, s->late.flags);
	snprintf(ordinary_rela, sizeof(ordinary_rela), ".rela%s", ordinary ? s->ordinary_target : "");
	if (ordinary)
		build_klp(&b, ordinary_rela, ordinary, early_sym, SHT_RELA, SHF_INFO_LINK);
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
	if (s->redirects && !s->no_original) {
		r = eb_rela(&b, ".klp.rela.vmlinux." KPATCH_REDIRECTS_SECTION, funcs, KLP_FLAGS);
		for (unsigned i = 0; i < s->record_count; i++)
			eb_reloc(&b, r, i * 56 + 16, early_sym, abs64, s->original_addend);
	}
	r = eb_rela(&b, ".rela" KPATCH_PRE_PATCH_SECTION, calls, SHF_INFO_LINK);
	if (!s->callback.no_pointer && !s->no_callback)
		eb_reloc(&b, r, s->callback_before, fn, abs64, (int64_t)s->callback.function_addend);
	if (!s->no_callback)
		eb_reloc(&b, r, s->callback_before + 8, str_sym, abs64, at[4]);
	eb_write(&b, path);
}

/* ---- what is expected --------------------------------------------------------- */

static inline void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static inline void give_kernel(struct test *t)
{
	const char *path = arena_printf(&t->arena, "%s/kallsyms", t->dir);

	put_file(path, "ffffffff81000000 T _text\nffffffff81000010 t hidden\nffffffff81000020 t pair\n"
		       "ffffffff81000030 t pair\nffffffffc0000000 t twice\t[ext4]\n"
		       "ffffffffc0000010 t twice\t[ext4]\nffffffffc0000020 t once\t[ext4]\n"
		       "ffffffffc0001000 t cache\t[mbcache]\n");
	assert_int_equal(kernel_symbols_read(&t->arena, &t->ds, path, &t->ks), ELFDIFF_OK);
}

static inline void give_symvers(struct test *t)
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

static inline int setup(void **state)
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

static inline int teardown(void **state)
{
	struct test *t = *state;

	arena_free(&t->arena);
	if (remove_directory(t->dir))
		return -1;
	free(t);
	return 0;
}

static inline enum elfdiff_status run(struct test *t, const struct spec *s)
{
	const char *path = arena_printf(&t->arena, "%s/module.ko", t->dir);

	t->ds = (struct diags){ .arena = &t->arena };
	build(t, s, path);
	return check_file(&t->arena, &t->ds, path, &t->ks, &t->sv);
}

static inline void show(const struct test *t)
{
	for (uint32_t i = 0; i < t->ds.list.count; i++)
		print_message("  %s: %s\n", t->ds.list.items[i].id, t->ds.list.items[i].message);
}

/* Exactly these diagnostics, and no others; each with its file, a cause and a hint. */
static inline void expect(struct test *t, const struct spec *s, enum elfdiff_severity severity, const char *id)
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

static inline void expect_nothing(struct test *t, const struct spec *s)
{
	assert_int_equal(run(t, s), ELFDIFF_OK);
	show(t);
	assert_int_equal(t->ds.list.count, 0);
}

/* ---- a test of one change --------------------------------------------------------- */

#define RULE(name, severity, id, ...)                                                                                  \
	static void test_##name(void **state)                                                                          \
	{                                                                                                              \
		struct spec s = good();                                                                                \
                                                                                                                       \
		__VA_ARGS__;                                                                                           \
		expect(*state, &s, ELFDIFF_##severity, id);                                                            \
	}
#define FINE(name, ...)                                                                                                \
	static void test_##name(void **state)                                                                          \
	{                                                                                                              \
		struct spec s = good();                                                                                \
                                                                                                                       \
		__VA_ARGS__;                                                                                           \
		expect_nothing(*state, &s);                                                                            \
	}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

#endif
