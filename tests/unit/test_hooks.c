/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_hooks.c - which ftrace location a kernel finds for a function, as far as its symbols tell */
#include "kernel/hooks.h"
#include "symbols_common.h"

#define TEXT 0x1000
#define LIST 0x2000

/* Each function of the kernel in a row, and the ftrace locations. */
static const uint64_t locations[] = { 0, TEXT + 0x04, TEXT + 0x34, 0, TEXT + 0x60, TEXT + 0x74, TEXT + 0x84 };

static void put_functions(struct eb *b, uint16_t text, uint64_t base)
{
	global(b, "followed", STT_FUNC, text, base, 0x20);
	global(b, "alias", STT_FUNC, text, base, 0x20);
	global(b, "at_start", STT_FUNC, text, base + 0x60, 0x10);
	global(b, "alone", STT_FUNC, text, base + 0x80, 0x10);
	global(b, "behind", STT_NOTYPE, text, base + 0xc0, 0);
}

static enum hook hook_at(const struct symbol_table *t, const char *name)
{
	struct entries_named n = symbol_table_named(t, name);

	assert_true(next_entry_named(&n));
	return hook_of(t, n.id, 0x20);
}

static void assert_hooks(const struct symbol_table *t, enum hook followed, enum hook alone)
{
	assert_int_equal(hook_at(t, "followed"), followed);
	assert_int_equal(hook_at(t, "alias"), followed);
	assert_int_equal(hook_at(t, "alone"), alone);
}

/* `type`: of the section that has the list; a stripped file has none of its bytes. */
static const struct symbol_table *vmlinux(struct ctx *c, bool big_endian, uint32_t type, uint64_t list_end)
{
	struct eb b = eb_start(&c->arena, big_endian ? S390 : X86);
	uint8_t list[sizeof(locations)];
	uint16_t text, data;

	b.big_endian = big_endian;
	for (uint32_t i = 0; i < sizeof(list) / 8; i++)
		bytes_put(list + 8 * i, locations[i], 8, big_endian);
	text = (uint16_t)eb_section(&b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 0x100);
	data = (uint16_t)eb_section(&b, ".init.data", type, SHF_ALLOC | SHF_WRITE, list, sizeof(list));
	b.sections.items[text].address = TEXT;
	b.sections.items[data].address = LIST;
	put_functions(&b, text, TEXT);
	global(&b, "__start_mcount_loc", STT_NOTYPE, data, LIST, 0);
	global(&b, "__stop_mcount_loc", STT_NOTYPE, data, list_end, 0);
	c->ks.tables.count = 0;
	assert_int_equal(kernel_symbols_read(&c->arena, &c->ds, finish(c, &b, ET_EXEC), &c->ks), ELFDIFF_OK);
	return table(c, "vmlinux");
}

static void test_vmlinux(void **state)
{
	struct ctx *c = *state;

	for (int big_endian = 0; big_endian < 2; big_endian++) {
		const struct symbol_table *t = vmlinux(c, big_endian, SHT_PROGBITS, LIST + sizeof(locations));

		assert_true(t->has_hooks);
		assert_int_equal(t->hooks.count, 5);
		assert_hooks(t, HOOK_AMBIGUOUS, HOOK_CERTAIN);
		assert_int_equal(hook_at(t, "at_start"), HOOK_CERTAIN);
		/* nothing lies behind the last symbol */
		assert_int_equal(hook_at(t, "behind"), HOOK_CERTAIN);
	}
}

/* Then only the room tells, which is behind `alone` too. */
static void test_without_list(void **state)
{
	struct ctx *c = *state;

	assert_false(vmlinux(c, false, SHT_NOBITS, LIST + sizeof(locations))->has_hooks);
	assert_hooks(table(c, "vmlinux"), HOOK_UNKNOWN, HOOK_UNKNOWN);
	assert_false(vmlinux(c, false, SHT_PROGBITS, LIST + sizeof(locations) + 1)->has_hooks);
	assert_false(vmlinux(c, false, SHT_PROGBITS, LIST - 8)->has_hooks);
	assert_false(vmlinux(c, false, SHT_PROGBITS, LIST)->has_hooks);
}

static void put_location(struct eb *b, uint32_t rela, uint32_t number, uint64_t addend)
{
	eb_reloc(b, rela, 8 * (uint64_t)number, 1, 1, (int64_t)addend);
}

/* Its sections have addresses of their own, and its symbols may be in any order. */
static void test_module(void **state)
{
	struct ctx *c = *state;
	struct eb b = eb_start(&c->arena, X86);
	uint16_t text = (uint16_t)eb_section(&b, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 0x100);
	uint16_t other = (uint16_t)eb_section(&b, ".text.other", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 0x100);
	uint32_t list = eb_section(&b, "__mcount_loc", SHT_PROGBITS, SHF_ALLOC, NULL, 0x30);
	uint32_t rela = eb_rela(&b, ".rela__mcount_loc", list, 0);

	eb_section(&b, ".gnu.linkonce.this_module", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, NULL, 8);
	local(&b, "", STT_SECTION, text, 0, 0);
	put_location(&b, rela, 0, 0x84);
	put_location(&b, rela, 1, 0x34);
	put_location(&b, rela, 2, 0x04);
	eb_reloc(&b, rela, 24, 1000, 1, 0x90); /* no such symbol */
	global(&b, "elsewhere", STT_FUNC, other, 0x10, 0x10);
	put_functions(&b, text, 0);
	global(&b, "last", STT_FUNC, other, 0x40, 0x10);
	assert_int_equal(kernel_symbols_read(&c->arena, &c->ds, finish(c, &b, ET_REL), &c->ks), ELFDIFF_OK);
	assert_int_equal(c->ks.tables.items[0]->hooks.count, 3);
	assert_hooks(c->ks.tables.items[0], HOOK_AMBIGUOUS, HOOK_CERTAIN);
	assert_int_equal(hook_at(c->ks.tables.items[0], "last"), HOOK_CERTAIN);
}

/* The size is the object's where the text has none; a part of the symbols does not tell which is the next. */
static void test_texts(void **state)
{
	struct ctx *c = *state;

	assert_int_equal(read_text(c,
				   "0000000000001000 T _stext\n0000000000001000 T followed\n0000000000001000 T alias\n"
				   "0000000000001030 T alone\n000000000000105f T behind\n"),
			 ELFDIFF_OK);
	assert_hooks(table(c, "vmlinux"), HOOK_UNKNOWN, HOOK_CERTAIN);
	c->ks.tables.count = 0;
	assert_int_equal(
		read_text(c, HEAD(".symtab") "     1: 0000000000001000    16 FUNC    GLOBAL DEFAULT    1 followed\n"
					     "     2: 0000000000001000    16 FUNC    GLOBAL DEFAULT    1 alias\n"
					     "     3: 0000000000001080    16 FUNC    GLOBAL DEFAULT    1 alone\n"),
		ELFDIFF_OK);
	assert_hooks(table(c, "vmlinux"), HOOK_CERTAIN, HOOK_CERTAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_vmlinux), TEST(test_without_list), TEST(test_module),
					    TEST(test_texts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
