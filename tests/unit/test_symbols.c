// SPDX-License-Identifier: GPL-2.0-or-later
/* test_symbols.c - kernel symbols and Module.symvers: every form that they are read from */
#include "symbols_common.h"

#include <zlib.h>

static const char *put_gzip(struct ctx *c, const char *text)
{
	const char *path = new_path(c);
	gzFile f = gzopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(gzwrite(f, text, (unsigned)strlen(text)), strlen(text));
	assert_int_equal(gzclose(f), Z_OK);
	return path;
}

/* ---- files ---- */

static void test_unreadable_files(void **state)
{
	static const uint8_t not_gzip[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct ctx *c = *state;
	struct arena *a = &c->arena;
	char gz[4096];
	FILE *f;
	size_t n;

	assert_int_equal(kernel_symbols_read(a, &c->ds, "/nonexistent/map", &c->ks), ELFDIFF_ERROR);
	assert_failed(c, "input-unreadable", "No such file");
	assert_int_equal(kernel_symbols_read(a, &c->ds, c->dir, &c->ks), ELFDIFF_ERROR);
	assert_failed(c, "input-unreadable", "directory");
	assert_int_equal(read_text(c, ""), ELFDIFF_ERROR);
	assert_failed(c, "input-unreadable", "empty");
	assert_int_equal(kernel_symbols_read(a, &c->ds, put(c, not_gzip, sizeof(not_gzip)), &c->ks), ELFDIFF_ERROR);
	assert_failed(c, "input-unreadable", "corrupt");

	f = fopen(put_gzip(c, "ffffffff81000000 T _stext\nffffffff81000010 T a\n"), "rb");
	assert_non_null(f);
	n = fread(gz, 1, sizeof(gz), f);
	fclose(f);
	assert_int_equal(kernel_symbols_read(a, &c->ds, put(c, gz, n - 10), &c->ks), ELFDIFF_ERROR);
	assert_failed(c, "input-unreadable", "truncated");
	assert_int_equal(c->ks.tables.count, 0);
}

static void test_gzip_members(void **state)
{
	struct ctx *c = *state;
	char both[8192];
	size_t n = 0;
	static const char *const parts[] = { "ffffffff81000000 T _stext\n", "ffffffff81000010 T second\n" };

	for (int i = 0; i < 2; i++) {
		FILE *f = fopen(put_gzip(c, parts[i]), "rb");

		assert_non_null(f);
		n += fread(both + n, 1, sizeof(both) - n, f);
		fclose(f);
	}
	assert_int_equal(kernel_symbols_read(&c->arena, &c->ds, put(c, both, n), &c->ks), ELFDIFF_OK);
	assert_order(c, table(c, "vmlinux"), "_stext second");
}

/* Text that packs well: the buffer for it has to grow. */
static void test_gzip_grows(void **state)
{
	enum { LINES = 50000 };
	struct ctx *c = *state;
	char *text = arena_alloc(&c->arena, LINES * 30 + 1), *p = text;

	for (int i = 0; i < LINES; i++)
		p += sprintf(p, "ffffffff81000000 t same_name\n");
	assert_int_equal(kernel_symbols_read(&c->arena, &c->ds, put_gzip(c, text), &c->ks), ELFDIFF_OK);
	assert_int_equal(symbol_table_count(table(c, "vmlinux"), "same_name"), LINES);
}

static void test_packed_files(void **state)
{
	static const uint8_t xz[] = { 0xfd, '7', 'z', 'X', 'Z', 0, 0, 4 }, zst[] = { 0x28, 0xb5, 0x2f, 0xfd, 0 };
	struct ctx *c = *state;

	assert_int_equal(kernel_symbols_read(&c->arena, &c->ds, put(c, xz, sizeof(xz)), &c->ks), ELFDIFF_ERROR);
	assert_failed(c, "symbols-compressed", "unxz");
	assert_int_equal(kernel_symbols_read(&c->arena, &c->ds, put(c, zst, sizeof(zst)), &c->ks), ELFDIFF_ERROR);
	assert_failed(c, "symbols-compressed", "unzstd");
	assert_int_equal(read_text(c, "int main(void)\n{\n}\n"), ELFDIFF_ERROR);
	assert_failed(c, "symbols-unknown", "it is not ELF");
}

/* ---- Module.symvers ---- */

static const struct export *export_of(struct ctx *c, const char *name)
{
	const struct export *e = symvers_find(&c->sv, name);

	assert_non_null(e);
	assert_string_equal(e->name, name);
	return e;
}

static const char symvers_text[] = "0x4c9d28b0\tphys_base\tvmlinux\tEXPORT_SYMBOL\n"
				   "0xffffffff\tinit_uts_ns\tvmlinux\tEXPORT_SYMBOL_GPL\t\n"
				   "0x00000001\tsnd_open\tsound/core/snd-pcm\tEXPORT_SYMBOL_GPL\tSND\n"
				   "0x00000002\tfor_kvm\tvmlinux\tEXPORT_SYMBOL_GPL\tmodule:kvm,kvm-intel\n"
				   "0x00000003\tearly\tOLD_NS\tdrivers/usb/usbcore\tEXPORT_SYMBOL\n";

static void test_symvers(void **state)
{
	struct ctx *c = *state;

	assert_false(c->sv.read);
	assert_int_equal(symvers_read(&c->arena, &c->ds, put_gzip(c, symvers_text), &c->sv), ELFDIFF_OK);
	assert_true(c->sv.read);
	assert_int_equal(c->sv.exports.count, 5);
	assert_string_equal(export_of(c, "phys_base")->object, "vmlinux");
	assert_int_equal(export_of(c, "phys_base")->crc, 0x4c9d28b0);
	assert_false(export_of(c, "phys_base")->gpl_only);
	assert_null(export_of(c, "phys_base")->name_space);
	assert_true(export_of(c, "init_uts_ns")->gpl_only);
	assert_null(export_of(c, "init_uts_ns")->name_space);
	assert_string_equal(export_of(c, "snd_open")->object, "snd_pcm");
	assert_string_equal(export_of(c, "snd_open")->name_space, "SND");
	assert_false(export_of(c, "snd_open")->to_named_modules);
	assert_true(export_of(c, "for_kvm")->to_named_modules);
	assert_string_equal(export_of(c, "early")->object, "usbcore");
	assert_string_equal(export_of(c, "early")->name_space, "OLD_NS");
	assert_null(symvers_find(&c->sv, "phys_bas"));
}

static void test_symvers_errors(void **state)
{
	static const char *const bad[] = {
		"0x1\ta\tvmlinux\tEXPORT_SYMBOL\n0x2\tb\tvmlinux\n",
		"0x1\ta\tvmlinux\tEXPORT_SYMBOL\n0x2\tb\tvmlinux\tEXPORT_SYMBOL\tN\tmore\n",
		"0x1\ta\tvmlinux\tEXPORT_SYMBOL\nxyz\tb\tvmlinux\tEXPORT_SYMBOL\n",
		"0x1\ta\tvmlinux\tEXPORT_SYMBOL\n0x100000000\tb\tvmlinux\tEXPORT_SYMBOL\n",
		"0x1\ta\tvmlinux\tEXPORT_SYMBOL\n0x2\t\tvmlinux\tEXPORT_SYMBOL\n",
	};
	struct ctx *c = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *path = put(c, bad[i], strlen(bad[i]));

		assert_int_equal(symvers_read(&c->arena, &c->ds, path, &c->sv), ELFDIFF_ERROR);
		assert_failed(c, "symvers-line", "line 2");
	}
	assert_false(c->sv.read);
	/* A module tree that exports nothing. */
	assert_int_equal(symvers_read(&c->arena, &c->ds, put(c, "", 0), &c->sv), ELFDIFF_OK);
	assert_true(c->sv.read);
	assert_int_equal(c->ds.list.count, 0);
}

/* ---- System.map and kallsyms ---- */

static void test_system_map(void **state)
{
	struct ctx *c = *state;
	const struct symbol_table *t;

	assert_int_equal(read_text(c, "0000000000000000 D __per_cpu_start\n"
				      "0000000000000040 a small_constant\n"
				      "0000000001000000 A phys_startup_64\n"
				      "0000000000000080 A per_cpu_absolute\n"
				      "00000000000000ff D __per_cpu_end\n"
				      "                 U nowhere_to_be_seen\n"),
			 ELFDIFF_ERROR); /* no address */
	assert_failed(c, "symbols-line", "line 6");
	assert_int_equal(read_text(c, "0000000000000000 D __per_cpu_start\r\n"
				      "0000000000000040 a small_constant\n"
				      "0000000000000080 A per_cpu_absolute\n"
				      "0000000000000100 D __per_cpu_end\n"
				      "0000000001000000 A phys_startup_64\n"
				      "ffffffff81000030 t dup\n"
				      "ffffffff81000000 T _stext\n"
				      "ffffffff81000010 t dup\n"
				      "ffffffff81000020 W weak_one\n"
				      "ffffffff81000020 t __pfx_hidden\n"
				      "ffffffff81000028 t .Llabel\n"
				      "ffffffff82000000 d data"),
			 ELFDIFF_OK);
	t = table(c, "vmlinux");
	assert_order(c, t, "__per_cpu_start per_cpu_absolute __per_cpu_end _stext dup weak_one dup data");
	assert_int_equal(t->entries.items[4].address, 0xffffffff81000010);
	assert_true(t->entries.items[4].local);
	assert_true(t->entries.items[4].is_function);
	assert_false(t->entries.items[5].local);
	assert_false(t->entries.items[7].is_function);
	assert_false(t->has_sizes);
	assert_false(t->has_files);
	assert_true(t->has_binds);
}

static void test_system_map_stub(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(read_text(c, "ffffffffffffffff B The real System.map is in the linux-image-6-dbg package\n"),
			 ELFDIFF_ERROR);
	assert_failed(c, "symbols-line", "debug package");
}

static void test_kallsyms(void **state)
{
	struct ctx *c = *state;
	const struct symbol_table *t;

	assert_int_equal(read_text(c, "ffffffff81000000 T _stext\n"
				      "ffffffffc0002000 t late\t[snd_pcm]\n"
				      "ffffffffc0001000 t dup\t[snd_pcm]\n"
				      "ffffffffc0003000 T dup\t[ext4]\n"
				      "ffffffffc0000000 t dup\t[snd_pcm]\n"
				      "ffffffffc0009000 t bpf_prog_1\t[bpf]\n"
				      "ffffffffc000a000 t ftrace_trampoline\t[__builtin__ftrace]\n"),
			 ELFDIFF_OK);
	assert_int_equal(c->ks.tables.count, 3);
	assert_order(c, table(c, "vmlinux"), "_stext");
	t = table(c, "snd-pcm");
	assert_order(c, t, "late dup dup"); /* as the module's symbol table has them, not by address */
	assert_int_equal(t->entries.items[1].address, 0xffffffffc0001000);
	assert_false(t->has_binds);
	assert_order(c, table(c, "ext4"), "dup");
	assert_null(kernel_symbols_of(&c->ks, "bpf", "bpf"));
	assert_null(kernel_symbols_of(&c->ks, "snd", "snd"));
}

static void test_kallsyms_without_privilege(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(read_text(c, "0000000000000000 T _stext\n0000000000000000 t a\n"
				      "0000000000000000 t b\t[ext4]\n"),
			 ELFDIFF_ERROR);
	assert_failed(c, "symbols-hidden", "as root");
	assert_int_equal(c->ks.tables.count, 0);
}

static void test_hidden_names(void **state)
{
	static const char *const hidden[] = { "__crc_a",
					      ".L1",
					      "$x",
					      "$d.3",
					      "__pfx_f",
					      "__kstrtab_a",
					      "__ksymtab_a",
					      "__kstrtabns_a",
					      "L0",
					      "a_veneer",
					      "x.long_branch.y",
					      "__kcfi_typeid_f",
					      "__AArch64ADRPThunk_f",
					      "__efistub_f",
					      "__kvm_nvhe_$x",
					      "__kvm_nvhe_.L1",
					      "__pi_$x",
					      "__pi_.L1",
					      "_SDA_BASE_",
					      "_SDA2_BASE_",
					      "f_from_arm",
					      "f_from_thumb",
					      "0000001f.plt_branch.f",
					      "a.b.long_branch.",
					      "" };
	static const char *const shown[] = { "crc_a",  "f",         "f.isra.0",     "__pf", "L01",
					     "veneer", "kstrtab",   "a$x",          "_",    "__",
					     "__k",    "__pi_f",    "__kvm_nvhe_f", ".",    "a.plt_branch",
					     "L",      "_SDA_BASE", "_SDA_BASE_1" };

	(void)state;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
		assert_true(kallsyms_hides(hidden[i]));
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		assert_false(kallsyms_hides(shown[i]));
	assert_true(kallsyms_hides_name("L0123", 2));
	assert_false(kallsyms_hides_name("a.long_branch.b", 13));
}

/* ---- the text of readelf ---- */

static void test_readelf_vmlinux(void **state)
{
	struct ctx *c = *state;
	const struct symbol_table *t;

	assert_int_equal(
		read_text(
			c,
			"File: vmlinux\n" HEAD(".dynsym") "     1: ffffffff81000030    16 FUNC    GLOBAL DEFAULT    1 late\n" HEAD(
				".symtab") "     1: ffffffff81000000     0 SECTION LOCAL  DEFAULT    1 .text\n"
					   "     2: 0000000000000000     0 FILE    LOCAL  DEFAULT  ABS one file.c\n"
					   "     3: ffffffff81000020  0x10 FUNC    LOCAL  DEFAULT [<localentry>: 8] 1 dup\n"
					   "     4: 0000000000000000     0 FILE    LOCAL  DEFAULT  ABS two.c\n"
					   "     5: ffffffff81000010    12 FUNC    LOCAL  DEFAULT    1 dup\n"
					   "     6: 0000000000000000     0 NOTYPE  GLOBAL DEFAULT  UND elsewhere\n"
					   "     7: 0000000000000001     0 NOTYPE  GLOBAL DEFAULT  ABS constant\n"
					   "     8: ffffffff81000030    16 FUNC    GLOBAL DEFAULT    1 late\n"
					   "     9: ffffffff81000000     0 NOTYPE  GLOBAL DEFAULT    1 _stext\n"),
		ELFDIFF_OK);
	t = table(c, "vmlinux");
	assert_order(c, t, "_stext dup dup late");
	assert_true(t->has_files);
	assert_true(t->has_sizes);
	assert_int_equal(t->files.count, 2);
	assert_string_equal(t->files.items[0], "one file.c");
	assert_int_equal(t->entries.items[1].file, 1);
	assert_int_equal(t->entries.items[1].size, 12);
	assert_int_equal(t->entries.items[2].file, 0);
	assert_int_equal(t->entries.items[2].size, 16);
	assert_int_equal(t->entries.items[3].file, NONE);
	assert_true(t->entries.items[2].local);
	assert_true(t->entries.items[2].is_function);
	assert_true(t->whole);
	assert_true(symbol_table_proves_position(t, 1));
	assert_true(symbol_table_imports(t, "elsewhere"));
	assert_false(symbol_table_imports(t, "late"));
}

/* A source's object: nothing that only the last link adds. What is weak may be nowhere. */
static void test_readelf_part(void **state)
{
	struct ctx *c = *state;
	const struct symbol_table *t;

	assert_int_equal(read_text(c,
				   HEAD(".symtab") "     1: 0000000000000010    12 FUNC    LOCAL  DEFAULT    1 dup\n"
						   "     2: 0000000000000020    12 FUNC    LOCAL  DEFAULT    1 dup\n"
						   "     3: 0000000000000030    12 FUNC    LOCAL  DEFAULT    1 alone\n"
						   "     4: 0000000000000000     0 NOTYPE  GLOBAL DEFAULT  UND taken\n"
						   "     5: 0000000000000000     0 NOTYPE  WEAK   DEFAULT  UND weak\n"),
			 ELFDIFF_OK);
	t = table(c, "vmlinux");
	assert_false(t->whole);
	assert_false(symbol_table_proves_position(t, 0));
	assert_true(symbol_table_proves_position(t, 2));
	assert_true(symbol_table_imports(t, "taken"));
	assert_false(symbol_table_imports(t, "weak"));
	assert_int_equal(read_text(c, HEAD(".symtab") "     1: 0000000000000010    12 FUNC    LOCAL  DEFAULT    1 dup\n"
						      "     2: 0000000000000000   960 OBJECT  GLOBAL DEFAULT    5 "
						      "__this_module\n"),
			 ELFDIFF_OK);
	assert_true(c->ks.tables.items[1]->whole);
}

static void test_readelf_module(void **state)
{
	struct ctx *c = *state;
	const struct symbol_table *t;

	assert_int_equal(
		read_text(
			c,
			HEAD(".symtab") "     1: 0000000000000000     0 SECTION LOCAL  DEFAULT    3 .init.text\n"
					"     2: 0000000000000030     8 FUNC    LOCAL  DEFAULT    1 second_by_address\n"
					"     3: 0000000000000020     8 FUNC    LOCAL  DEFAULT    1 first_by_address\n"
					"     4: 0000000000000000     8 FUNC    LOCAL  DEFAULT    3 gone_after_init\n"),
		ELFDIFF_OK);
	t = kernel_symbols_of(&c->ks, "ext4", "ext4");
	assert_non_null(t);
	assert_null(t->object);
	assert_order(c, t, "second_by_address first_by_address");
	assert_null(kernel_symbols_of(&c->ks, "vmlinux", "ext4"));
	assert_int_equal(read_text(c, "ffffffffc0000000 t named\t[ext4]\n"), ELFDIFF_OK);
	assert_order(c, kernel_symbols_of(&c->ks, "ext4", "ext4"), "named");
}

static void test_readelf_errors(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(
		read_text(
			c,
			HEAD(".symtab") "     1: 0000000000000020     8 FUNC    LOCAL  DEFAULT    1 a_name_that_i[...]\n"),
		ELFDIFF_ERROR);
	assert_failed(c, "symbols-line", "readelf -sW");
	assert_int_equal(read_text(c, HEAD(".symtab") "     1: 0000000000000020     8 FUNC    LOC\n"), ELFDIFF_ERROR);
	assert_failed(c, "symbols-line", "line 5");
	assert_int_equal(read_text(c, HEAD(".symtab")), ELFDIFF_ERROR);
	assert_failed(c, "symbols-none", "no kernel symbols");
}

/* ---- ELF ---- */

static void read_vmlinux(struct ctx *c, bool big_endian)
{
	struct eb b = eb_start(&c->arena, big_endian ? S390 : X86);
	uint16_t text, debug, data;

	b.big_endian = big_endian;
	text = (uint16_t)eb_section(&b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 64);
	debug = (uint16_t)eb_section(&b, ".debug_x", SHT_PROGBITS, 0, NULL, 8);
	/* as in Debian's 7.2 */
	data = (uint16_t)eb_section(&b, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR, NULL, 8);
	local(&b, "", STT_SECTION, text, 0x1000, 0);
	local(&b, "variable", STT_OBJECT, data, 0x2000, 8);
	local(&b, "one.c", STT_FILE, SHN_ABS, 0, 0);
	local(&b, "dup", STT_FUNC, text, 0x1020, 16);
	local(&b, "__pfx_dup", STT_FUNC, text, 0x1010, 16);
	local(&b, "constant", STT_NOTYPE, SHN_ABS, 0x1000, 0);
	local(&b, "two.c", STT_FILE, SHN_ABS, 0, 0);
	local(&b, "dup", STT_FUNC, text, 0x1008, 12);
	local(&b, "in_debug", STT_NOTYPE, debug, 0, 0);
	global(&b, "alias_z", STT_FUNC, text, 0x1000, 8);
	global(&b, "alias_a", STT_FUNC, text, 0x1000, 8);
	global(&b, "outside", STT_NOTYPE, SHN_UNDEF, 0, 0);
	assert_int_equal(kernel_symbols_read(&c->arena, &c->ds, finish(c, &b, ET_EXEC), &c->ks), ELFDIFF_OK);
}

static void check_vmlinux(struct ctx *c, const struct symbol_table *t)
{
	assert_order(c, t, "alias_z alias_a dup dup variable");
	assert_string_equal(t->object, "vmlinux");
	assert_int_equal(t->entries.items[2].size, 12);
	assert_string_equal(t->files.items[t->entries.items[2].file], "two.c");
	assert_string_equal(t->files.items[t->entries.items[3].file], "one.c");
	assert_int_equal(t->entries.items[0].file, NONE);
	assert_true(t->has_sizes && t->has_files && t->has_binds);
	assert_true(t->entries.items[3].is_function && !t->entries.items[4].is_function);
}

static void test_elf_vmlinux(void **state)
{
	struct ctx *c = *state;

	read_vmlinux(c, false);
	read_vmlinux(c, true);
	assert_int_equal(c->ks.tables.count, 2);
	check_vmlinux(c, c->ks.tables.items[0]);
	check_vmlinux(c, c->ks.tables.items[1]);
}

static void test_positions(void **state)
{
	struct ctx *c = *state;
	const struct symbol_table *t;

	read_vmlinux(c, false);
	t = table(c, "vmlinux");
	assert_int_equal(symbol_table_count(t, "dup"), 2);
	assert_int_equal(symbol_table_count(t, "alias_a"), 1);
	assert_int_equal(symbol_table_count(t, "__pfx_dup"), 0);
	assert_int_equal(symbol_table_position(t, 0), 0);
	assert_int_equal(symbol_table_position(t, 2), 1);
	assert_int_equal(symbol_table_position(t, 3), 2);
	assert_int_equal(symbol_table_at(t, "dup", 1), 2);
	assert_int_equal(symbol_table_at(t, "dup", 2), 3);
	assert_int_equal(symbol_table_at(t, "dup", 3), NONE);
	assert_int_equal(symbol_table_at(t, "dup", 0), 2);
	assert_int_equal(symbol_table_at(t, "alias_a", 0), 1);
	assert_int_equal(symbol_table_at(t, "alias_a", 1), 1);
	assert_int_equal(symbol_table_at(t, "nobody", 0), NONE);
}

/* The one that tells more is asked, whichever came first. */
static void test_richest_table(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(read_text(c, "0000000000001000 T poor\n"), ELFDIFF_OK);
	read_vmlinux(c, false);
	assert_int_equal(read_text(c, "0000000000001000 T poor_too\n"), ELFDIFF_OK);
	assert_ptr_equal(table(c, "vmlinux"), c->ks.tables.items[1]);
}

static const char *module(struct ctx *c, const char *modinfo, size_t size, bool this_module)
{
	struct eb b = eb_start(&c->arena, X86);
	uint16_t text = (uint16_t)eb_section(&b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 64);
	uint16_t init = (uint16_t)eb_section(&b, ".init.text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 64);
	uint16_t percpu = (uint16_t)eb_section(&b, ".data..percpu", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, NULL, 8);
	uint16_t info = (uint16_t)eb_section(&b, ".modinfo", SHT_PROGBITS, SHF_ALLOC, modinfo, size);

	if (this_module)
		eb_section(&b, ".gnu.linkonce.this_module", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, NULL, 8);
	local(&b, "dup", STT_FUNC, text, 0x20, 8);
	local(&b, "dup", STT_FUNC, init, 0x00, 8);
	local(&b, "dup", STT_FUNC, text, 0x10, 8);
	local(&b, "info", STT_OBJECT, info, 0, 4);
	local(&b, "counter", STT_OBJECT, percpu, 0, 8);
	global(&b, "printk", STT_NOTYPE, SHN_UNDEF, 0, 0);
	return finish(c, &b, ET_REL);
}

static void test_elf_module(void **state)
{
	static const char info[] = "license=GPL\0depends=jbd2,crc16\0name=my_mod\0vermagic=x";
	struct ctx *c = *state;
	const struct symbol_table *t;

	assert_int_equal(kernel_symbols_read(&c->arena, &c->ds, module(c, info, sizeof(info), true), &c->ks),
			 ELFDIFF_OK);
	t = table(c, "my-mod");
	assert_string_equal(t->object, "my_mod");
	assert_order(c, t, "dup dup counter");
	assert_int_equal(t->entries.items[0].address, 0x20);
	assert_int_equal(symbol_table_position(t, 0), 1);
	assert_int_equal(symbol_table_position(t, 1), 2);
	assert_true(t->has_depends);
	assert_int_equal(t->depends.count, 2);
	assert_string_equal(t->depends.items[0], "jbd2");
	assert_string_equal(t->depends.items[1], "crc16");
	assert_true(symbol_table_imports(t, "printk"));
}

static void test_elf_not_linked(void **state)
{
	static const char info[] = "ext4.license=GPL";
	struct ctx *c = *state;

	assert_int_equal(kernel_symbols_read(&c->arena, &c->ds, module(c, info, sizeof(info), false), &c->ks),
			 ELFDIFF_ERROR);
	assert_failed(c, "symbols-no-addresses", "linked vmlinux");
}

/* Whatever is cut off or overwritten: an answer or a diagnostic, never a crash (run with sanitizers). */
static void test_elf_damaged(void **state)
{
	static const char info[] = "name=m";
	struct ctx *c = *state;
	const char *path = module(c, info, sizeof(info), true);
	uint8_t whole[4096], copy[4096];
	FILE *f = fopen(path, "rb");
	size_t n;
	unsigned refused = 0;

	assert_non_null(f);
	n = fread(whole, 1, sizeof(whole), f);
	fclose(f);
	for (size_t i = 0; i < n; i += 3) {
		struct kernel_symbols ks = { 0 };

		memcpy(copy, whole, n);
		copy[i] ^= 0xff;
		refused += kernel_symbols_read(&c->arena, &c->ds, put(c, copy, n), &ks) != ELFDIFF_OK;
		refused += kernel_symbols_read(&c->arena, &c->ds, put(c, whole, i + 5), &ks) != ELFDIFF_OK;
	}
	assert_true(refused > n / 3);
	assert_int_equal(c->ds.failures, refused);
}

static int open_files(void)
{
	int n = 0;

	for (int fd = 0; fd < 64; fd++)
		n += lseek(fd, 0, SEEK_CUR) != -1;
	return n;
}

/* The allocation of number `n` fails; true when there was none of that number. */
static bool read_with_memory_for(const char *path, size_t n)
{
	jmp_buf unwind;
	struct arena a = { .unwind = &unwind, .fail_after = n };
	struct diags ds = { .arena = &a };
	struct kernel_symbols ks = { 0 };
	volatile bool done = false;

	if (!setjmp(unwind)) {
		assert_int_equal(kernel_symbols_read(&a, &ds, path, &ks), ELFDIFF_OK);
		done = true;
	}
	arena_free(&a);
	return done;
}

/* Short memory at any point: unwound, and nothing is left open. */
static void test_short_memory(void **state)
{
	struct ctx *c = *state;
	const char *path = put_gzip(c, "ffffffff81000000 T _stext\nffffffffc0000000 t a\t[ext4]\n");
	int before = open_files();
	size_t n = 1;

	while (!read_with_memory_for(path, n))
		n++;
	assert_true(n > 10);
	assert_int_equal(open_files(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unreadable_files), TEST(test_gzip_members),
		TEST(test_gzip_grows),       TEST(test_packed_files),
		TEST(test_symvers),          TEST(test_symvers_errors),
		TEST(test_system_map),       TEST(test_system_map_stub),
		TEST(test_kallsyms),         TEST(test_kallsyms_without_privilege),
		TEST(test_hidden_names),     TEST(test_readelf_vmlinux),
		TEST(test_readelf_part),     TEST(test_readelf_module),
		TEST(test_readelf_errors),   TEST(test_elf_vmlinux),
		TEST(test_positions),        TEST(test_richest_table),
		TEST(test_elf_module),       TEST(test_elf_not_linked),
		TEST(test_elf_damaged),      TEST(test_short_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
