// SPDX-License-Identifier: GPL-2.0-or-later
/* test_symbols.c - kernel symbols, Module.symvers, and finding an object's symbols among them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "elf_builder.h"
#include "kernel_symbols.h"
#include "load.h"
#include "locate.h"
#include "symvers.h"

#define X86 62 /* EM_X86_64, with little-endian; any other machine does as well */
#define S390 22

struct ctx {
	struct arena arena;
	struct diags ds;
	jmp_buf unwind;
	struct kernel_symbols ks;
	struct symvers sv;
	char dir[32];
	unsigned files;
};

static int setup(void **state)
{
	struct ctx *c = calloc(1, sizeof(*c));

	c->arena.unwind = &c->unwind;
	c->ds.arena = &c->arena;
	strcpy(c->dir, "/tmp/test_symbols.XXXXXX");
	*state = c;
	return mkdtemp(c->dir) ? 0 : -1;
}

static const char *file_name(struct ctx *c, unsigned n)
{
	return arena_printf(&c->arena, "%s/%u", c->dir, n);
}

static int teardown(void **state)
{
	struct ctx *c = *state;

	for (unsigned i = 0; i < c->files; i++)
		unlink(file_name(c, i));
	rmdir(c->dir);
	arena_free(&c->arena);
	free(c);
	return 0;
}

static const char *new_path(struct ctx *c)
{
	return file_name(c, c->files++);
}

static const char *put(struct ctx *c, const void *data, size_t size)
{
	const char *path = new_path(c);
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	return path;
}

static const char *put_gzip(struct ctx *c, const char *text)
{
	const char *path = new_path(c);
	gzFile f = gzopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(gzwrite(f, text, (unsigned)strlen(text)), strlen(text));
	assert_int_equal(gzclose(f), Z_OK);
	return path;
}

static enum elfdiff_status read_text(struct ctx *c, const char *text)
{
	return kernel_symbols_read(&c->arena, &c->ds, put(c, text, strlen(text)), &c->ks);
}

/* The only failure so far has this id, and this in its message, cause or hint. */
static void assert_failed(struct ctx *c, const char *id, const char *says)
{
	const struct elfdiff_diag *d = &c->ds.list.items[0];

	assert_int_equal(c->ds.list.count, 1);
	assert_int_equal(c->ds.failures, 1);
	assert_string_equal(d->id, id);
	assert_non_null(d->cause);
	assert_non_null(d->hint);
	if (!strstr(d->message, says) && !strstr(d->cause, says) && !strstr(d->hint, says))
		fail_msg("`%s` / `%s` / `%s` does not say `%s`", d->message, d->cause, d->hint, says);
	c->ds.list.count = 0;
	c->ds.failures = 0;
}

static const struct symbol_table *table(struct ctx *c, const char *object)
{
	const struct symbol_table *t = kernel_symbols_of(&c->ks, object, object);

	assert_non_null(t);
	return t;
}

/* The names of a table in its order, with blanks between them. */
static void assert_order(struct ctx *c, const struct symbol_table *t, const char *names)
{
	const char *all = "";

	for (uint32_t i = 0; i < t->symbols.count; i++)
		all = arena_printf(&c->arena, "%s%s%s", all, i ? " " : "", t->symbols.items[i].name);
	assert_string_equal(all, names);
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
	assert_failed(c, "input-unreadable", "damaged");

	f = fopen(put_gzip(c, "ffffffff81000000 T _stext\nffffffff81000010 T a\n"), "rb");
	assert_non_null(f);
	n = fread(gz, 1, sizeof(gz), f);
	fclose(f);
	assert_int_equal(kernel_symbols_read(a, &c->ds, put(c, gz, n - 10), &c->ks), ELFDIFF_ERROR);
	assert_failed(c, "input-unreadable", "cut short");
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
	assert_failed(c, "symbols-unknown", "neither");
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
	assert_int_equal(t->symbols.items[4].address, 0xffffffff81000010);
	assert_true(t->symbols.items[4].local);
	assert_true(t->symbols.items[4].is_function);
	assert_false(t->symbols.items[5].local);
	assert_false(t->symbols.items[7].is_function);
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
	assert_int_equal(t->symbols.items[1].address, 0xffffffffc0001000);
	assert_false(t->has_binds);
	assert_order(c, table(c, "ext4"), "dup");
	assert_null(kernel_symbols_of(&c->ks, "bpf", "bpf"));
	assert_null(kernel_symbols_of(&c->ks, "snd", "snd"));
}

static void test_kallsyms_without_privilege(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(read_text(c, "0000000000000000 T _stext\n0000000000000000 t a\n"
				      "0000000000000000 t b\t[ext4]\n"), ELFDIFF_ERROR);
	assert_failed(c, "symbols-hidden", "as root");
	assert_int_equal(c->ks.tables.count, 0);
}

static void test_hidden_names(void **state)
{
	static const char *const hidden[] = { "__crc_a", ".L1", "$x", "$d.3", "__pfx_f", "__kstrtab_a", "__ksymtab_a",
					      "__kstrtabns_a", "L0", "a_veneer", "x.long_branch.y",
					      "__kcfi_typeid_f", "" };
	static const char *const shown[] = { "crc_a", "f", "f.isra.0", "__pf", "L01", "veneer", "kstrtab", "a$x" };

	(void)state;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
		assert_true(kallsyms_hides(hidden[i]));
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		assert_false(kallsyms_hides(shown[i]));
}

/* ---- the text of readelf ---- */

#define HEAD(table) "\nSymbol table '" table "' contains 9 entries:\n" \
		    "   Num:    Value          Size Type    Bind   Vis      Ndx Name\n" \
		    "     0: 0000000000000000     0 NOTYPE  LOCAL  DEFAULT  UND \n"

static void test_readelf_vmlinux(void **state)
{
	struct ctx *c = *state;
	const struct symbol_table *t;

	assert_int_equal(read_text(c, "File: vmlinux\n" HEAD(".dynsym")
				      "     1: ffffffff81000030    16 FUNC    GLOBAL DEFAULT    1 late\n"
				      HEAD(".symtab")
				      "     1: ffffffff81000000     0 SECTION LOCAL  DEFAULT    1 .text\n"
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
	assert_int_equal(t->symbols.items[1].file, 1);
	assert_int_equal(t->symbols.items[1].size, 12);
	assert_int_equal(t->symbols.items[2].file, 0);
	assert_int_equal(t->symbols.items[2].size, 16);
	assert_int_equal(t->symbols.items[3].file, NONE);
	assert_true(t->symbols.items[2].local);
	assert_true(t->symbols.items[2].is_function);
}

static void test_readelf_module(void **state)
{
	struct ctx *c = *state;
	const struct symbol_table *t;

	assert_int_equal(read_text(c, HEAD(".symtab")
				      "     1: 0000000000000000     0 SECTION LOCAL  DEFAULT    3 .init.text\n"
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

	assert_int_equal(read_text(c, HEAD(".symtab")
				      "     1: 0000000000000020     8 FUNC    LOCAL  DEFAULT    1 a_name_that_i[...]\n"),
			 ELFDIFF_ERROR);
	assert_failed(c, "symbols-line", "readelf -sW");
	assert_int_equal(read_text(c, HEAD(".symtab") "     1: 0000000000000020     8 FUNC    LOC\n"), ELFDIFF_ERROR);
	assert_failed(c, "symbols-line", "line 5");
	assert_int_equal(read_text(c, HEAD(".symtab")), ELFDIFF_ERROR);
	assert_failed(c, "symbols-none", "no kernel symbols");
}

/* ---- ELF ---- */

static void sized(struct eb *b, uint64_t size)
{
	bytes_put(b->symbols.items + b->symbols.count - 8, size, 8, b->big_endian);
}

static void local(struct eb *b, const char *name, uint8_t type, uint16_t section, uint64_t value, uint64_t size)
{
	eb_symbol(b, name, STB_LOCAL, type, section, value);
	sized(b, size);
}

static void global(struct eb *b, const char *name, uint8_t type, uint16_t section, uint64_t value, uint64_t size)
{
	eb_symbol(b, name, STB_GLOBAL, type, section, value);
	sized(b, size);
}

static const char *finish(struct ctx *c, struct eb *b, uint16_t type)
{
	const char *path = new_path(c);
	uint8_t bytes[2];
	FILE *f;

	eb_write(b, path);
	f = fopen(path, "r+b");
	assert_non_null(f);
	bytes_put(bytes, type, 2, b->big_endian);
	assert_int_equal(fseek(f, offsetof(Elf64_Ehdr, e_type), SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, 2, f), 2);
	fclose(f);
	return path;
}

static void read_vmlinux(struct ctx *c, bool big_endian)
{
	struct eb b = eb_start(&c->arena, big_endian ? S390 : X86);
	uint16_t text, debug;

	b.big_endian = big_endian;
	text = (uint16_t)eb_section(&b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 64);
	debug = (uint16_t)eb_section(&b, ".debug_x", SHT_PROGBITS, 0, NULL, 8);
	local(&b, "", STT_SECTION, text, 0x1000, 0);
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
	assert_order(c, t, "alias_z alias_a dup dup");
	assert_string_equal(t->object, "vmlinux");
	assert_int_equal(t->symbols.items[2].size, 12);
	assert_string_equal(t->files.items[t->symbols.items[2].file], "two.c");
	assert_string_equal(t->files.items[t->symbols.items[3].file], "one.c");
	assert_int_equal(t->symbols.items[0].file, NONE);
	assert_true(t->has_sizes && t->has_files && t->has_binds);
	assert_true(t->symbols.items[3].is_function);
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
	assert_int_equal(t->symbols.items[0].address, 0x20);
	assert_int_equal(symbol_table_position(t, 0), 1);
	assert_int_equal(symbol_table_position(t, 1), 2);
	assert_true(t->has_depends);
	assert_int_equal(t->depends.count, 2);
	assert_string_equal(t->depends.items[0], "jbd2");
	assert_string_equal(t->depends.items[1], "crc16");
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

/* ---- an object to be found, and a vmlinux around it ---- */

static const struct object *load(struct ctx *c, struct eb *b)
{
	const struct object *o;

	assert_int_equal(load_object(&c->arena, &c->ds, finish(c, b, ET_REL), LOAD_CODE_AND_DATA, &o), ELFDIFF_OK);
	return o;
}

static uint16_t code(struct eb *b, const char *section)
{
	return (uint16_t)eb_section(b, section, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 512);
}

static uint16_t data(struct eb *b, const char *section)
{
	return (uint16_t)eb_section(b, section, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, NULL, 512);
}

static uint32_t symbol_number(const struct object *o, const char *name, unsigned nth)
{
	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (!strcmp(o->symbols[i].name, name) && o->symbols[i].type != STT_SECTION && !nth--)
			return i;
	fail_msg("no symbol %s", name);
	return 0;
}

/* Address where the nth symbol of that name is found; 0 missing, 1 ambiguous. */
static uint64_t find_nth(struct ctx *c, const struct symbol_table *t, const struct object *o, const char *name,
			 unsigned nth)
{
	const struct unit_place *p = locate_unit(&c->arena, t, o);
	uint32_t id = NONE;
	enum locate_result r = locate_symbol(p, symbol_number(o, name, nth), &id);

	if (r == LOCATE_FOUND) {
		assert_string_equal(t->symbols.items[id].name, name);
		return t->symbols.items[id].address;
	}
	assert_int_equal(id, NONE);
	return r == LOCATE_AMBIGUOUS;
}

static uint64_t find(struct ctx *c, const struct symbol_table *t, const struct object *o, const char *name)
{
	return find_nth(c, t, o, name, 0);
}

#define FILE_LINE(name) "  1: 0000000000000000 0 FILE LOCAL DEFAULT ABS " name "\n"
#define FUNC_LINE(address, size, name) "  1: " address " " size " FUNC LOCAL DEFAULT 1 " name "\n"
#define DATA_LINE(address, size, name) "  1: " address " " size " OBJECT LOCAL DEFAULT 2 " name "\n"
#define GLOBAL_LINE(address, size, name) "  1: " address " " size " FUNC GLOBAL DEFAULT 1 " name "\n"
#define STEXT GLOBAL_LINE("1000", "0", "_stext")

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

static const char same_names[] =
	HEAD(".symtab") FILE_LINE("init.c")
	FUNC_LINE("2000", "16", "x") FUNC_LINE("2010", "16", "y") FUNC_LINE("2020", "64", "shared")
	FILE_LINE("init.c")
	FUNC_LINE("3000", "16", "a") FUNC_LINE("3010", "32", "b.constprop.0") FUNC_LINE("3030", "64", "shared")
	DATA_LINE("9000", "8", "buf") DATA_LINE("9008", "8", "buf.1") DATA_LINE("9010", "8", "buf.2")
	FILE_LINE("other.c")
	FUNC_LINE("4000", "16", "a") FUNC_LINE("4010", "32", "b.isra.0") FUNC_LINE("4030", "64", "shared")
	DATA_LINE("9100", "8", "buf") DATA_LINE("9108", "8", "buf.1") DATA_LINE("9110", "8", "buf.2")
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
	assert_string_equal(t->symbols.items[6].name, "shared");
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

	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("init.c")
				      FUNC_LINE("2000", "16", "a") FUNC_LINE("2010", "32", "b.isra.0")
				      FUNC_LINE("2030", "64", "shared")
				      FILE_LINE("init.c")
				      FUNC_LINE("3000", "16", "a") FUNC_LINE("3010", "32", "b.isra.0")
				      FUNC_LINE("3030", "64", "shared") STEXT), ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), small_object(c, "init.c"), "a"), 1);
}

/* Static variables are numbered: with one more in the kernel, `buf.1` is another. */
static void test_file_numbers_shifted(void **state)
{
	struct ctx *c = *state;
	const struct object *o = small_object(c, "init.c");

	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("init.c")
				      FUNC_LINE("3000", "16", "a") FUNC_LINE("3010", "32", "b.isra.0")
				      FUNC_LINE("3030", "64", "shared")
				      DATA_LINE("9000", "8", "buf") DATA_LINE("9008", "8", "buf.0")
				      DATA_LINE("9010", "8", "buf.1") DATA_LINE("9018", "8", "buf.2") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "buf.1"), 1);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "buf"), 0x9000);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "b.isra.0"), 0x3010);
}

static const struct object *doubles(struct ctx *c, bool one_section)
{
	struct eb b = eb_start(&c->arena, X86);
	uint16_t text = code(&b, ".text"), other = one_section ? text : code(&b, ".text.other");

	local(&b, "asm.c", STT_FILE, SHN_ABS, 0, 0);
	local(&b, "a", STT_FUNC, text, 0, 16);
	local(&b, "twice", STT_FUNC, other, 64, 16);
	local(&b, "b", STT_FUNC, text, 16, 16);
	local(&b, "twice", STT_FUNC, text, 32, 16);
	return load(c, &b);
}

static void test_file_doubles(void **state)
{
	struct ctx *c = *state;
	const struct object *ordered = doubles(c, true), *unordered = doubles(c, false);
	const struct symbol_table *t;

	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("asm.c")
				      FUNC_LINE("3000", "16", "a") FUNC_LINE("3010", "16", "b")
				      FUNC_LINE("3040", "16", "twice") FUNC_LINE("3020", "16", "twice") STEXT),
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

	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("asm.c")
				      FUNC_LINE("3000", "16", "a") FUNC_LINE("3010", "16", "b")
				      FUNC_LINE("3020", "24", "twice") FUNC_LINE("3040", "20", "twice") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find_nth(c, table(c, "vmlinux"), doubles(c, true), "twice", 0), 1);
}

/* The only file of that name, but not this one: it has little of what the object has. */
static void test_file_of_another(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("init.c")
				      FUNC_LINE("2000", "16", "x") FUNC_LINE("2010", "16", "y")
				      FUNC_LINE("2020", "64", "shared") STEXT), ELFDIFF_OK);
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
				      FILE_LINE("init.c") FUNC_LINE("3000", "24", "setup") STEXT), ELFDIFF_OK);
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
	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("s.c")
				      FUNC_LINE("3000", "16", "plain") FUNC_LINE("3010", "16", "one")
				      FUNC_LINE("3020", "16", "two.constprop.1") FUNC_LINE("3030", "16", "three.part.0")
				      FILE_LINE("s.c") FUNC_LINE("4000", "16", "plain") FUNC_LINE("4010", "16", "other")
				      FUNC_LINE("4020", "16", "another") FUNC_LINE("4030", "16", "yet_another")
				      STEXT), ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "plain"), 0x3000);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "three"), 0);
}

/* `ld -r` of two sources: each local symbol is looked for under its own FILE. */
static void test_file_joined_object(void **state)
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
	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("two.c")
				      FUNC_LINE("3000", "16", "show") FUNC_LINE("3010", "16", "only_two")
				      FILE_LINE("one.c")
				      FUNC_LINE("4000", "16", "show") FUNC_LINE("4010", "16", "only_one") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find_nth(c, table(c, "vmlinux"), o, "show", 0), 0x4000);
	assert_int_equal(find_nth(c, table(c, "vmlinux"), o, "show", 1), 0x3000);
}

/* A local of the name does not stand for a global one, nor the other way round. */
static void test_binding(void **state)
{
	struct ctx *c = *state;
	const struct object *o = small_object(c, "init.c");

	assert_int_equal(read_text(c, HEAD(".symtab") FILE_LINE("init.c")
				      FUNC_LINE("3000", "16", "entry") FUNC_LINE("3010", "32", "b.isra.0")
				      FUNC_LINE("3030", "64", "shared") GLOBAL_LINE("4000", "16", "a") STEXT),
			 ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "entry"), 0);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "a"), 0);
}

/* ---- by neighbours ---- */

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
				      "0000a000 d other\n0000a008 d key.3\n0000a010 d another\n"), ELFDIFF_OK);
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
				      "00009000 d x_of_n\n00009010 d y_of_n\n"), ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "show"), 0);
}

static void test_neighbours_size_denies(void **state)
{
	struct ctx *c = *state;
	const struct object *o = neighbours_object(c);

	/* Only 32 bytes before the next function, and `show` has 60. */
	assert_int_equal(read_text(c, "00003000 t first\n00003010 t show\n00003030 t last\n00003060 T entry\n"
				      "00009000 d x_of_n\n00009008 d key.3\n00009010 d y_of_n\n"), ELFDIFF_OK);
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
				      "00009000 d x_of_n\n00009008 d key.3\n00009010 d y_of_n\n"), ELFDIFF_OK);
	assert_int_equal(find(c, table(c, "vmlinux"), o, "first"), 1);
}

/* The number counts through the file: beside other variables it is another one. */
static void test_neighbours_numbers_shifted(void **state)
{
	struct ctx *c = *state;
	const struct object *o = neighbours_object(c);

	assert_int_equal(read_text(c, "00003000 t first\n00003010 t show\n00003050 t last\n00003060 T entry\n"
				      "00009000 d x_of_n\n00009008 d key.2\n00009010 d y_of_n\n00009018 d key.3\n"
				      "00009020 d z\n"), ELFDIFF_OK);
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
static void test_neighbours_of_joined_object(void **state)
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
				      "00003030 t a2\n00003050 t z2\n00003060 t end\n"), ELFDIFF_OK);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unreadable_files),
		TEST(test_gzip_members),
		TEST(test_gzip_grows),
		TEST(test_packed_files),
		TEST(test_symvers),
		TEST(test_symvers_errors),
		TEST(test_system_map),
		TEST(test_system_map_stub),
		TEST(test_kallsyms),
		TEST(test_kallsyms_without_privilege),
		TEST(test_hidden_names),
		TEST(test_readelf_vmlinux),
		TEST(test_readelf_module),
		TEST(test_readelf_errors),
		TEST(test_elf_vmlinux),
		TEST(test_positions),
		TEST(test_richest_table),
		TEST(test_elf_module),
		TEST(test_elf_not_linked),
		TEST(test_elf_damaged),
		TEST(test_short_memory),
		TEST(test_file_of_two),
		TEST(test_file_of_another),
		TEST(test_file_thin_win),
		TEST(test_file_other_suffixes),
		TEST(test_file_unknown),
		TEST(test_file_tie),
		TEST(test_file_numbers_shifted),
		TEST(test_file_doubles),
		TEST(test_file_doubles_of_other_sizes),
		TEST(test_file_joined_object),
		TEST(test_binding),
		TEST(test_neighbours),
		TEST(test_neighbours_vanished),
		TEST(test_neighbours_size_denies),
		TEST(test_neighbours_twice),
		TEST(test_neighbours_numbers_shifted),
		TEST(test_neighbours_of_a_stranger),
		TEST(test_neighbours_doubles),
		TEST(test_neighbours_of_joined_object),
		TEST(test_neighbours_in_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
