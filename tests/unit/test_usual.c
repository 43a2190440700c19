/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What x86_usual() decodes, it decodes as Zydis does: all opcodes of one and two bytes, all ModR/M, prefixes, cut short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arch/x86_64.h"

enum { BYTES = 15 };

static bool same(const struct x86_raw *x, const struct x86_raw *y)
{
	return x->length == y->length && x->opcode == y->opcode && x->map == y->map && x->mod == y->mod &&
	       x->reg == y->reg && x->rm == y->rm && x->base == y->base && x->index == y->index && x->rex == y->rex &&
	       x->nop == y->nop && x->relative == y->relative && x->imm_size == y->imm_size &&
	       x->disp_size == y->disp_size && (!x->imm_size || x->imm_offset == y->imm_offset) &&
	       (!x->disp_size || (x->disp_offset == y->disp_offset && x->disp == y->disp)) &&
	       (!x->relative || x->imm == y->imm) &&
	       !((x->imm ^ y->imm) & (int64_t)(x->imm_size ? UINT64_MAX >> (64 - 8 * x->imm_size) : 0));
}

/* Whether it is one of the usual. */
static bool check(const uint8_t *code, uint64_t size)
{
	struct x86_raw usual, zydis;
	char text[3 * BYTES + 1] = "";

	if (!x86_usual(code, size, &usual))
		return false;
	for (unsigned i = 0; i < size; i++)
		snprintf(text + 3 * i, 4, "%02x ", code[i]);
	if (!x86_by_zydis(code, size, &zydis))
		fail_msg("%sis no instruction", text);
	if (!same(&usual, &zydis))
		fail_msg("%sis decoded otherwise", text);
	return true;
}

/* With every ModR/M, and what looks like SIB, displacement and immediate behind it. */
static unsigned check_opcode(const uint8_t *prefix, size_t prefixes, bool two_bytes, unsigned opcode)
{
	static const uint8_t rest[3][BYTES] = { { 0x25, 0x90, 0x81, 0x72, 0x63, 0xf4, 0xe5, 0xd6, 0xc7, 0xb8 },
						{ 0xac, 0x7f, 0xfe, 0x0f, 0x66, 0x48, 0x90, 0x01, 0x02, 0x83 },
						{ 0 } };
	unsigned usual = 0;

	for (unsigned modrm = 0; modrm < 256; modrm++) {
		for (unsigned n = 0; n < 3; n++) {
			uint8_t code[2 * BYTES] = { 0 };
			size_t size = prefixes;

			memcpy(code, prefix, prefixes);
			code[size] = 0x0f;
			size += two_bytes;
			code[size++] = (uint8_t)opcode;
			code[size++] = (uint8_t)modrm;
			memcpy(code + size, rest[n], BYTES);
			usual += check(code, BYTES);
		}
	}
	return usual;
}

static void all_opcodes(void **state)
{
	static const char *const prefixes[] = { "",         "\x65",     "\x64",     "\x66",    "\x65\x66", "\x66\x65",
						"\x48",     "\x41",     "\x4f",     "\x40",    "\x65\x48", "\x66\x44",
						"\x66\x48", "\xf3",     "\xf2",     "\xf0",    "\x2e",     "\x3e",
						"\x66\x66", "\x65\x64", "\x48\x48", "\x48\x66" };
	unsigned usual = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		for (unsigned opcode = 0; opcode < 512; opcode++)
			usual += check_opcode((const uint8_t *)prefixes[i], strlen(prefixes[i]), opcode >= 256,
					      opcode & 0xff);
	assert_true(usual > 100000);
}

/* Of an instruction whose end is not there, nothing is said. */
static void cut_short(void **state)
{
	/* gs movl $imm,disp(%rsp,%rax,8) of 13 bytes; movabs of 10 */
	static const uint8_t code[2][BYTES] = { { 0x65, 0x41, 0xc7, 0x84, 0xc4, 1, 2, 3, 4, 5, 6, 7, 8 },
						{ 0x49, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8 } };
	static const uint64_t sizes[2] = { 13, 10 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_true(check(code[i], BYTES));
		assert_true(check(code[i], sizes[i]));
		for (uint64_t size = 1; size < sizes[i]; size++)
			assert_false(check(code[i], size));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_opcodes), cmocka_unit_test(cut_short) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
