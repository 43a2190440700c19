/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What instructions do with the values of registers. */
#include "arch_common.h"

#define R REGISTER
#define DISPLACEMENT R(REGISTER_DISPLACEMENT)
#define VALUE R(REGISTER_VALUE)
#define MEMORY R(REGISTER_MEMORY)
#define OTHER R(REGISTER_OTHER)

struct row {
	const char *text;
	uint8_t code[8], size;
	struct register_use use;
};

static void check_set(const struct row *row, const char *name, uint64_t is, uint64_t wanted)
{
	if (is != wanted)
		fail_msg("%s: %s is %#llx, not %#llx", row->text, name, (unsigned long long)is,
			 (unsigned long long)wanted);
}

static void check_rows(uint16_t machine, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct register_use *w = &rows[i].use;
		struct register_use use;
		struct fixture f;

		make(&f, machine, rows[i].code, rows[i].size, NULL, 0);
		if (!f.o.arch->register_use(&f.o, &f.sections[1], 0, &use))
			fail_msg("%s is not known", rows[i].text);
		check_set(&rows[i], "base", use.base, w->base);
		check_set(&rows[i], "copied", use.copied, w->copied);
		check_set(&rows[i], "subtracted", use.subtracted, w->subtracted);
		check_set(&rows[i], "compared", use.compared, w->compared);
		check_set(&rows[i], "stored", use.stored, w->stored);
		check_set(&rows[i], "read", use.read, w->read);
		check_set(&rows[i], "written", use.written, w->written);
		check_set(&rows[i], "blurred", use.blurred, w->blurred);
		check_set(&rows[i], "one_of", use.one_of, w->one_of);
		check_set(&rows[i], "block", use.block, w->block);
		check_set(&rows[i], "returns", use.returns, w->returns);
		check_set(&rows[i], "jumps", use.jumps, w->jumps);
	}
}

static void check_unknown(uint16_t machine, const uint8_t *code, size_t size)
{
	struct register_use use;
	struct fixture f;

	make(&f, machine, code, size, NULL, 0);
	assert_false(f.o.arch->register_use(&f.o, &f.sections[1], 0, &use));
	assert_false(f.o.arch->register_use(&f.o, &f.sections[1], size, &use)); /* behind the section */
}

/* rax 0, rcx 1, rdx 2, rsp 4, rsi 6, rdi 7; the flags and rsp's own changes do not count */
static void x86(void **state)
{
	static const struct row rows[] = {
		{ "mov (%rdi),%rax",
		  { 0x48, 0x8b, 0x07 },
		  3,
		  { .base = R(7) | DISPLACEMENT, .written = R(0), .copied = MEMORY } },
		{ "mov 8(%rdi,%rsi,8),%ecx",
		  { 0x8b, 0x4c, 0xf7, 0x08 },
		  4,
		  { .base = R(7) | R(6) | DISPLACEMENT, .copied = OTHER, .written = R(1) } },
		{ "cmp 0(,%rsi,8),%rdi",
		  { 0x48, 0x3b, 0x3c, 0xf5, 0x00, 0x00, 0x00, 0x00 },
		  8,
		  { .base = R(6) | DISPLACEMENT, .compared = R(7) | MEMORY } },
		{ "cmp (%rsi),%edi", { 0x3b, 0x3e }, 2, { .base = R(6) | DISPLACEMENT, .compared = R(7) | OTHER } },
		{ "sub (%rsi),%rdi",
		  { 0x48, 0x2b, 0x3e },
		  3,
		  { .base = R(6) | DISPLACEMENT, .copied = R(7), .subtracted = MEMORY, .written = R(7) } },
		{ "add (%rsi),%rdi",
		  { 0x48, 0x03, 0x3e },
		  3,
		  { .base = R(6) | DISPLACEMENT, .copied = R(7) | MEMORY, .written = R(7) } },
		{ "and (%rsi),%rdi",
		  { 0x48, 0x23, 0x3e },
		  3,
		  { .base = R(6) | DISPLACEMENT, .read = R(7) | MEMORY, .written = R(7) } },
		{ "push (%rsi)",
		  { 0xff, 0x36 },
		  2,
		  { .base = R(6) | R(4) | DISPLACEMENT, .stored = MEMORY, .written = R(4) } },
		{ "rep movsq",
		  { 0xf3, 0x48, 0xa5 },
		  3,
		  { .base = R(6) | R(7) | DISPLACEMENT,
		    .stored = MEMORY,
		    .block = R(6),
		    .blurred = R(1) | R(6) | R(7) } },
		{ "cmpsb",
		  { 0xa6 },
		  1,
		  { .base = R(6) | R(7) | DISPLACEMENT, .compared = MEMORY, .blurred = R(6) | R(7) } },
		{ "mov %rax,8(%rdi)", { 0x48, 0x89, 0x47, 0x08 }, 4, { .base = R(7) | DISPLACEMENT, .stored = R(0) } },
		{ "lea (%rdi,%rsi,8),%rdx",
		  { 0x48, 0x8d, 0x14, 0xf7 },
		  4,
		  { .copied = R(7) | R(6) | DISPLACEMENT, .written = R(2) } },
		{ "add %rsi,%rdi", { 0x48, 0x01, 0xf7 }, 3, { .copied = R(7) | R(6), .written = R(7) } },
		{ "sub %rsi,%rdi", { 0x48, 0x29, 0xf7 }, 3, { .copied = R(7), .subtracted = R(6), .written = R(7) } },
		{ "cmp %rsi,%rdi", { 0x48, 0x39, 0xf7 }, 3, { .compared = R(7) | R(6) } },
		{ "mov %rsi,%rdi", { 0x48, 0x89, 0xf7 }, 3, { .copied = R(6), .written = R(7) } },
		{ "ret", { 0xc3 }, 1, { .returns = true } },
		{ "jmp *%rax", { 0xff, 0xe0 }, 2, { .jumps = true } },
	};
	static const uint8_t bad[] = { 0x06 };

	(void)state;
	check_rows(EM_X86_64, rows, COUNT(rows));
	check_unknown(EM_X86_64, bad, sizeof(bad));
}

/* Of a load, an immediate may be filled in or not. */
static void aarch64(void **state)
{
	static const struct row rows[] = {
		{ "ldr x0,[x1]",
		  { 0x20, 0x00, 0x40, 0xf9 },
		  4,
		  { .base = R(1) | VALUE, .written = R(0), .copied = MEMORY } },
		{ "ldr w0,[x1,x2,lsl #2]",
		  { 0x20, 0x78, 0x62, 0xb8 },
		  4,
		  { .base = R(1) | R(2) | VALUE, .written = R(0) } },
		{ "str x0,[x1,#8]", { 0x20, 0x04, 0x00, 0xf9 }, 4, { .base = R(1) | VALUE, .stored = R(0) } },
		{ "add x0,x1,x2,lsl #3", { 0x20, 0x0c, 0x02, 0x8b }, 4, { .copied = R(1) | R(2), .written = R(0) } },
		{ "sub x0,x1,x2",
		  { 0x20, 0x00, 0x02, 0xcb },
		  4,
		  { .copied = R(1), .subtracted = R(2), .written = R(0) } },
		{ "cmp x0,x1", { 0x1f, 0x00, 0x01, 0xeb }, 4, { .compared = R(0) | R(1), .written = R(31) } }, /* xzr */
		{ "mov x0,x1", { 0xe0, 0x03, 0x01, 0xaa }, 4, { .copied = R(1), .written = R(0) } },
		{ "csel x0,x1,x2,eq",
		  { 0x20, 0x00, 0x82, 0x9a },
		  4,
		  { .copied = R(1) | R(2), .written = R(0), .one_of = true } },
		{ "stp x0,x1,[x2]", { 0x40, 0x04, 0x00, 0xa9 }, 4, { .base = R(2) | VALUE, .stored = R(0) | R(1) } },
		{ "ldar x0,[x1]",
		  { 0x20, 0xfc, 0xdf, 0xc8 },
		  4,
		  { .base = R(1), .copied = MEMORY, .written = R(0) | R(31) } },
		{ "ldr q0,[x1]", { 0x20, 0x00, 0xc0, 0x3d }, 4, { .base = R(1) | VALUE, .read = MEMORY } },
		{ "ret", { 0xc0, 0x03, 0x5f, 0xd6 }, 4, { .returns = true } },
		{ "br x3", { 0x60, 0x00, 0x1f, 0xd6 }, 4, { .jumps = true } },
	};
	static const uint8_t bad[] = { 0x01, 0x00, 0x00, 0xd4 }; /* svc */

	(void)state;
	check_rows(EM_AARCH64, rows, COUNT(rows));
	check_unknown(EM_AARCH64, bad, sizeof(bad));
}

static void s390x(void **state)
{
	static const struct row rows[] = {
		{ "lg %r2,8(%r3,%r4)",
		  { 0xe3, 0x23, 0x40, 0x08, 0x00, 0x04 },
		  6,
		  { .base = R(3) | R(4) | VALUE, .written = R(2), .copied = MEMORY } },
		{ "ic %r2,0(%r3)", { 0x43, 0x20, 0x30, 0x00 }, 4, { .base = R(3) | VALUE, .blurred = R(2) } },
		{ "stg %r2,8(%r3)",
		  { 0xe3, 0x20, 0x30, 0x08, 0x00, 0x24 },
		  6,
		  { .base = R(3) | VALUE, .stored = R(2) } },
		{ "cg %r2,8(%r3)",
		  { 0xe3, 0x20, 0x30, 0x08, 0x00, 0x20 },
		  6,
		  { .base = R(3) | VALUE, .compared = R(2) | MEMORY } },
		{ "sg %r2,8(%r3)",
		  { 0xe3, 0x20, 0x30, 0x08, 0x00, 0x09 },
		  6,
		  { .base = R(3) | VALUE, .copied = R(2), .subtracted = MEMORY, .written = R(2) } },
		{ "ng %r2,8(%r3)",
		  { 0xe3, 0x20, 0x30, 0x08, 0x00, 0x80 },
		  6,
		  { .base = R(3) | VALUE, .read = R(2) | MEMORY, .blurred = R(2) } },
		{ "cgrl %r2,.",
		  { 0xc6, 0x28, 0x00, 0x00, 0x00, 0x00 },
		  6,
		  { .base = VALUE, .compared = R(2) | MEMORY } },
		{ "lmg %r2,%r3,0(%r4)",
		  { 0xeb, 0x23, 0x40, 0x00, 0x00, 0x04 },
		  6,
		  { .base = R(4) | VALUE, .copied = MEMORY, .written = R(2) | R(3) } },
		{ "locge %r2,0(%r4)",
		  { 0xeb, 0x28, 0x40, 0x00, 0x00, 0xe2 },
		  6,
		  { .base = R(4) | VALUE, .copied = MEMORY, .blurred = R(2) } },
		{ "mvc 0(24,%r2),0(%r3)",
		  { 0xd2, 0x17, 0x20, 0x00, 0x30, 0x00 },
		  6,
		  { .base = R(2) | R(3) | VALUE, .stored = MEMORY, .block = R(3) } },
		{ "mvc 0(8,%r2),0(%r3)",
		  { 0xd2, 0x07, 0x20, 0x00, 0x30, 0x00 },
		  6,
		  { .base = R(2) | R(3) | VALUE, .stored = MEMORY } },
		{ "mvc 0(4,%r2),0(%r3)", { 0xd2, 0x03, 0x20, 0x00, 0x30, 0x00 }, 6, { .base = R(2) | R(3) | VALUE } },
		{ "clc 0(8,%r2),0(%r3)",
		  { 0xd5, 0x07, 0x20, 0x00, 0x30, 0x00 },
		  6,
		  { .base = R(2) | R(3) | VALUE, .compared = MEMORY } },
		{ "agr %r2,%r3", { 0xb9, 0x08, 0x00, 0x23 }, 4, { .copied = R(2) | R(3), .written = R(2) } },
		{ "sgr %r2,%r3",
		  { 0xb9, 0x09, 0x00, 0x23 },
		  4,
		  { .copied = R(2), .subtracted = R(3), .written = R(2) } },
		{ "cgr %r2,%r3", { 0xb9, 0x20, 0x00, 0x23 }, 4, { .compared = R(2) | R(3) } },
		{ "lgr %r2,%r3", { 0xb9, 0x04, 0x00, 0x23 }, 4, { .copied = R(3), .written = R(2) } },
		{ "la %r2,8(%r3,%r4)",
		  { 0x41, 0x23, 0x40, 0x08 },
		  4,
		  { .copied = R(3) | R(4) | VALUE, .written = R(2) } },
		{ "br %r14", { 0x07, 0xfe }, 2, { .returns = true } },
		{ "br %r1", { 0x07, 0xf1 }, 2, { .jumps = true } },
	};
	static const uint8_t bad[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	(void)state;
	check_rows(EM_S390, rows, COUNT(rows));
	check_unknown(EM_S390, bad, sizeof(bad));
}

static void ppc64(void **state)
{
	static const struct row rows[] = {
		{ "ld r3,8(r4)",
		  { 0x08, 0x00, 0x64, 0xe8 },
		  4,
		  { .base = R(4) | VALUE, .written = R(3), .copied = MEMORY } },
		{ "lwz r3,8(r4)", { 0x08, 0x00, 0x64, 0x80 }, 4, { .base = R(4) | VALUE, .written = R(3) } },
		{ "ldx r3,r4,r5",
		  { 0x2a, 0x28, 0x64, 0x7c },
		  4,
		  { .base = R(4) | R(5), .written = R(3), .copied = MEMORY } },
		{ "std r3,8(r4)", { 0x08, 0x00, 0x64, 0xf8 }, 4, { .base = R(4) | VALUE, .stored = R(3) } },
		{ "add r3,r4,r5", { 0x14, 0x2a, 0x64, 0x7c }, 4, { .copied = R(4) | R(5), .written = R(3) } },
		{ "subf r3,r4,r5",
		  { 0x50, 0x28, 0x64, 0x7c },
		  4,
		  { .copied = R(5), .subtracted = R(4), .written = R(3) } },
		{ "cmpd r3,r4", { 0x00, 0x20, 0x23, 0x7c }, 4, { .compared = R(3) | R(4) } },
		{ "mr r3,r4", { 0x78, 0x23, 0x83, 0x7c }, 4, { .copied = R(4), .written = R(3) } },
		{ "addi r3,r4,8", { 0x08, 0x00, 0x64, 0x38 }, 4, { .copied = R(4) | VALUE, .written = R(3) } },
		{ "li r3,8", { 0x08, 0x00, 0x60, 0x38 }, 4, { .copied = VALUE, .written = R(3) } },
		{ "lfd f1,8(r4)", { 0x08, 0x00, 0x24, 0xc8 }, 4, { .base = R(4) | VALUE, .read = MEMORY } },
		{ "iseleq r3,r4,r5",
		  { 0x9e, 0x28, 0x64, 0x7c },
		  4,
		  { .copied = R(4) | R(5), .written = R(3), .one_of = true } },
		{ "blr", { 0x20, 0x00, 0x80, 0x4e }, 4, { .returns = true } },
		{ "bctr", { 0x20, 0x04, 0x80, 0x4e }, 4, { .jumps = true } },
	};
	static const uint8_t bad[] = { 0x00, 0x00, 0x00, 0x00 };

	(void)state;
	check_rows(EM_PPC64, rows, COUNT(rows));
	check_unknown(EM_PPC64, bad, sizeof(bad));
}

/* a0 4, a1 5, a2 6; ra 1; move is `or` with nil: one of the two, if any */
static void loongarch64(void **state)
{
	static const struct row rows[] = {
		{ "ld.d $a0,$a1,8",
		  { 0xa4, 0x20, 0xc0, 0x28 },
		  4,
		  { .base = R(5) | VALUE, .written = R(4), .copied = MEMORY } },
		{ "ld.w $a0,$a1,8", { 0xa4, 0x20, 0x80, 0x28 }, 4, { .base = R(5) | VALUE, .written = R(4) } },
		{ "st.d $a0,$a1,8", { 0xa4, 0x20, 0xc0, 0x29 }, 4, { .base = R(5) | VALUE, .stored = R(4) } },
		{ "addi.d $a0,$a1,8", { 0xa4, 0x20, 0xc0, 0x02 }, 4, { .copied = R(5) | VALUE, .written = R(4) } },
		{ "add.d $a0,$a1,$a2", { 0xa4, 0x98, 0x10, 0x00 }, 4, { .copied = R(5) | R(6), .written = R(4) } },
		{ "sub.d $a0,$a1,$a2",
		  { 0xa4, 0x98, 0x11, 0x00 },
		  4,
		  { .copied = R(5), .subtracted = R(6), .written = R(4) } },
		{ "move $a0,$a1", { 0xa4, 0x00, 0x15, 0x00 }, 4, { .copied = R(5), .written = R(4), .one_of = true } },
		{ "beq $a0,$a1,8", { 0x85, 0x08, 0x00, 0x58 }, 4, { .compared = R(4) | R(5) } },
		{ "fld.d $fa0,$a1,8", { 0xa0, 0x20, 0x80, 0x2b }, 4, { .base = R(5) | VALUE, .read = MEMORY } },
		{ "ret", { 0x20, 0x00, 0x00, 0x4c }, 4, { .returns = true } },
		{ "jr $a0", { 0x80, 0x00, 0x00, 0x4c }, 4, { .jumps = true } },
	};
	static const uint8_t bad[] = { 0x00, 0x00, 0x2b, 0x00 }; /* syscall */

	(void)state;
	check_rows(258, rows, COUNT(rows));
	check_unknown(258, bad, sizeof(bad));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x86),   cmocka_unit_test(aarch64),     cmocka_unit_test(s390x),
		cmocka_unit_test(ppc64), cmocka_unit_test(loongarch64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
