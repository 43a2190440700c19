/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the architectures say about literal instructions, as assemblers made them. */
#include "arch_common.h"

/* Decodes from 0 and compares the lengths; they must fill the section. */
static void check_lengths(const struct fixture *f, const uint8_t *lengths, size_t count)
{
	uint64_t offset = 0;
	struct insn in;

	for (size_t i = 0; i < count; i++, offset += in.length) {
		assert_true(decode(f, offset, &in));
		assert_int_equal(in.length, lengths[i]);
	}
	assert_int_equal(offset, f->sections[1].size);
}

static void check_plain(const struct fixture *f, uint64_t offset)
{
	struct insn in;

	assert_true(decode(f, offset, &in));
	assert_false(in.direct_branch);
	assert_int_equal(in.imm_size, 0);
}

static void check_text(const struct fixture *f, uint64_t offset, const char *want)
{
	char buf[64];

	assert_true(f->o.arch->format(&f->o, &f->sections[1], offset, buf, sizeof(buf)));
	assert_string_equal(buf, want);
	assert_false(f->o.arch->format(&f->o, &f->sections[1], offset, buf, 3));
}

static uint32_t type_named(const struct arch *a, const char *name)
{
	for (uint32_t t = 0; t < 2048; t++)
		if (a->reloc_name(t) && !strcmp(a->reloc_name(t), name))
			return t;
	fail_msg("%s has no %s", a->name, name);
	return 0;
}

/* One field of every architecture, and a count: a row out of order would not be found. */
static void tables(void **state)
{
	static const struct {
		uint16_t machine;
		const char *name, *pointer, *type;
		unsigned count, size;
		uint64_t mask;
		bool pc_relative, branch;
	} rows[] = {
		{ EM_X86_64, "x86_64", "R_X86_64_64", "R_X86_64_PLT32", 37, 4, 0xffffffff, true, true },
		{ EM_AARCH64, "aarch64", "R_AARCH64_ABS64", "R_AARCH64_TSTBR14", 48, 4, 0x7ffe0, true, true },
		{ EM_PPC64, "ppc64le", "R_PPC64_ADDR64", "R_PPC64_REL24", 67, 4, 0x03fffffc, true, true },
		{ EM_S390, "s390x", "R_390_64", "R_390_20", 43, 4, 0x0fffff00, false, false },
		{ 258, "loongarch64", "R_LARCH_64", "R_LARCH_B21", 70, 4, 0x03fffc1f, true, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct arch *a = arch_find(rows[i].machine);
		struct reloc_field f;
		unsigned count = 0;

		assert_non_null(a);
		assert_string_equal(a->name, rows[i].name);
		for (uint32_t t = 0; t < 2048; t++) {
			bool known = a->field(t, &f);

			assert_int_equal(known, a->reloc_name(t) != NULL);
			count += known;
			if (known && f.size && f.size < 8)
				assert_true(f.mask && !(f.mask >> 8 * f.size));
		}
		assert_int_equal(count, rows[i].count);
		assert_string_equal(a->reloc_name(a->pointer_reloc), rows[i].pointer);
		assert_true(a->field(type_named(a, rows[i].type), &f));
		assert_int_equal(f.size, rows[i].size);
		assert_int_equal(f.mask, rows[i].mask);
		assert_int_equal(f.pc_relative, rows[i].pc_relative);
		assert_int_equal(f.branch, rows[i].branch);
	}
	assert_null(arch_find(EM_ARM));
}

static const uint8_t x86_code[] = {
	0xc7, 0x05, 0,    0,    0,    0,    0x45, 0x23, 0x01, 0x00, /*  0 movl $0x12345,foo(%rip) */
	0xc6, 0x05, 0,    0,    0,    0,    0x01,                   /*  a movb $1,foo(%rip) */
	0x66, 0x81, 0x3d, 0,    0,    0,    0,    0x00, 0x01,       /* 11 cmpw $0x100,foo(%rip) */
	0x8b, 0x05, 0,    0,    0,    0,                            /* 1a mov foo(%rip),%eax */
	0x0f, 0x85, 0,    0,    0,    0,                            /* 20 jne foo */
	0xe9, 0,    0,    0,    0,                                  /* 26 jmp foo */
	0xbe, 0x2c, 0x01, 0x00, 0x00,                               /* 2b mov $300,%esi */
	0xeb, 0xce,                                                 /* 30 jmp 0 */
	0x0f, 0x85, 0xc8, 0xff, 0xff, 0xff,                         /* 32 jne 0 */
	0xe8, 0xc3, 0xff, 0xff, 0xff,                               /* 38 call 0 */
	0x48, 0xc7, 0xc7, 0,    0,    0,    0,                      /* 3d mov $foo,%rdi */
	0x83, 0xf8, 0x64,                                           /* 44 cmp $100,%eax */
};
static const uint8_t x86_lengths[] = { 10, 7, 9, 6, 6, 5, 5, 2, 6, 5, 7, 3 };

static void x86_relocs(struct reloc r[6])
{
	memset(r, 0, 6 * sizeof(*r));
	r[0] = (struct reloc){ .offset = 0x02, .type = R_X86_64_PC32, .addend = -8 };
	r[1] = (struct reloc){ .offset = 0x0c, .type = R_X86_64_PC32, .addend = -5 };
	r[2] = (struct reloc){ .offset = 0x14, .type = R_X86_64_PC32, .addend = -6 };
	r[3] = (struct reloc){ .offset = 0x22, .type = R_X86_64_PC32, .addend = -4 };
	r[4] = (struct reloc){ .offset = 0x27, .type = R_X86_64_PLT32, .addend = -4 };
	r[5] = (struct reloc){ .offset = 0x40, .type = R_X86_64_32S };
}

static void x86_decodes(void **state)
{
	struct reloc r[6];
	struct fixture f;

	(void)state;
	x86_relocs(r);
	make(&f, EM_X86_64, x86_code, sizeof(x86_code), r, 6);
	check_lengths(&f, x86_lengths, sizeof(x86_lengths));
	check_branch(&f, 0x30, 0, 1, "R_X86_64_PC8", -1);
	check_branch(&f, 0x32, 0, 2, "R_X86_64_PLT32", -4);
	check_branch(&f, 0x38, 0, 1, "R_X86_64_PLT32", -4);
	check_imm(&f, 0x00, 6, 4, 0xffffffff, 0x12345);
	check_imm(&f, 0x0a, 6, 1, 0xff, 1);
	check_imm(&f, 0x2b, 1, 4, 0xffffffff, 300);
	check_plain(&f, 0x20); /* a relocation fills in the displacement */
	check_plain(&f, 0x26);
	check_plain(&f, 0x3d); /* and here the immediate */
	check_plain(&f, 0x44); /* no line number is compared */
	check_text(&f, 0x2b, "mov $0x12c, %esi");
	check_text(&f, 0x30, "jmp 0x0");
}

static void x86_knows_bias(void **state)
{
	static const int64_t bias[] = { 8, 5, 6, 4, 4, 0 };
	static const bool branch[] = { false, false, false, true, true, false };
	struct reloc r[6];
	struct fixture f;

	(void)state;
	x86_relocs(r);
	make(&f, EM_X86_64, x86_code, sizeof(x86_code), r, 6);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(f.o.arch->bias(&f.o, &r[i], 0), bias[i]);
		assert_int_equal(f.o.arch->is_branch(&f.o, &r[i]), branch[i]);
	}
	assert_int_equal(f.o.arch->bias(&f.o, &r[2], 0x11), 6); /* from the instruction itself */
	assert_int_equal(f.o.arch->bias(&f.o, &r[2], 0x15), 4); /* no start at all: fall back */
	f.sections[1].flags = SHF_ALLOC;
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(f.o.arch->bias(&f.o, &r[i], 0), 0);
		assert_false(f.o.arch->is_branch(&f.o, &r[i]));
	}
}

static void x86_falls_back_where_it_cannot_decode(void **state)
{
	static const uint8_t code[] = { 0x06, 0x06, 0x8b, 0x05, 0, 0, 0, 0 }; /* 06: no instruction in 64-bit mode */
	struct reloc r = { .offset = 4, .type = R_X86_64_PC32 };
	struct fixture f;
	struct insn in;

	(void)state;
	make(&f, EM_X86_64, code, sizeof(code), &r, 1);
	assert_false(decode(&f, 0, &in));
	assert_int_equal(f.o.arch->bias(&f.o, &r, 0), 4);
}

/* Every prefix of the section, on the heap so that ASan sees a read past its end. */
static void stays_inside(void **state)
{
	static const uint8_t s390_code[] = { 0xc0, 0xe5, 0, 0, 0, 1 }, words[] = { 0, 0, 0, 0x14, 0, 0, 0, 0x14 };
	static const struct {
		uint16_t machine;
		const uint8_t *code;
		size_t size, first;
	} rows[] = {
		{ EM_X86_64, x86_code, 10, 10 }, { EM_S390, s390_code, 6, 6 }, { EM_AARCH64, words, 8, 4 },
		{ EM_PPC64, words, 8, 4 },       { 258, words, 8, 4 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t size = 0; size <= rows[i].size; size++) {
			uint8_t *copy = test_malloc(size + !size);
			struct fixture f;
			struct insn in;

			memcpy(copy, rows[i].code, size);
			make(&f, rows[i].machine, size ? copy : NULL, size, NULL, 0);
			assert_int_equal(decode(&f, 0, &in), size >= rows[i].first);
			assert_false(decode(&f, size, &in));
			assert_false(decode(&f, size + 2, &in));
			assert_false(decode(&f, UINT64_MAX - 3, &in));
			f.sections[1].type = SHT_NOBITS;
			assert_false(decode(&f, 0, &in));
			test_free(copy);
		}
	}
}

static void aarch64_decodes(void **state)
{
	static const uint8_t code[] = {
		0x00, 0x00, 0x00, 0x94, /*  0 bl g */
		0x60, 0x00, 0x80, 0x52, /*  4 mov w0,#3 */
		0xfe, 0xff, 0xff, 0x97, /*  8 bl 0 */
		0x00, 0x88, 0x93, 0xd2, /*  c mov x0,#40000 */
		0xa1, 0xfc, 0xff, 0xb5, /* 10 cbnz x1,-0x5c */
		0x40, 0x00, 0x18, 0x36, /* 14 tbz w0,#3,1c */
		0xc1, 0xff, 0xff, 0x54, /* 18 b.ne 10 */
		0x20, 0x00, 0xa0, 0x72, /* 1c movk w0,#1,lsl 16 */
		0xc0, 0x03, 0x5f, 0xd6, /* 20 ret */
		0x20, 0x00, 0x80, 0x72, /* 24 movk w0,#1 */
	};
	static const uint8_t lengths[] = { 4, 4, 4, 4, 4, 4, 4, 4, 4, 4 };
	struct reloc r[] = { { .offset = 0, .type = R_AARCH64_CALL26 } };
	struct fixture f;
	struct insn in;

	(void)state;
	make(&f, EM_AARCH64, code, sizeof(code), r, 1);
	check_lengths(&f, lengths, sizeof(lengths));
	check_plain(&f, 0x00);
	assert_true(f.o.arch->is_branch(&f.o, &r[0]));
	assert_int_equal(f.o.arch->bias(&f.o, &r[0], 0), 0);
	check_imm(&f, 0x04, 0, 4, 0x1fffe0, 3);
	check_branch(&f, 0x08, 0, 0, "R_AARCH64_CALL26", 0);
	check_imm(&f, 0x0c, 0, 4, 0x1fffe0, 40000);
	check_branch(&f, 0x10, 0x10 - 0x6c, 0, "R_AARCH64_CONDBR19", 0);
	check_branch(&f, 0x14, 0x1c, 0, "R_AARCH64_TSTBR14", 0);
	check_branch(&f, 0x18, 0x10, 0, "R_AARCH64_CONDBR19", 0);
	check_plain(&f, 0x1c);
	check_plain(&f, 0x20);
	check_plain(&f, 0x24);
	assert_false(decode(&f, 2, &in)); /* between instructions */
	check_text(&f, 0x04, "mov w0, #0x3");
	check_text(&f, 0x20, ".inst 0xd65f03c0");
}

static void s390_decodes(void **state)
{
	static const uint8_t code[] = {
		0xc0, 0xe5, 0x00, 0x00, 0x00, 0x00, /*  0 brasl %r14,g */
		0xc0, 0x20, 0x00, 0x00, 0x00, 0x00, /*  6 larl %r2,h@PLT */
		0xa7, 0x29, 0x03, 0xe8,             /*  c lghi %r2,1000 */
		0xa5, 0x2f, 0x9c, 0x40,             /* 10 llill %r2,40000 */
		0xc0, 0x21, 0x00, 0x01, 0x11, 0x70, /* 14 lgfi %r2,70000 */
		0xc0, 0xe5, 0xff, 0xff, 0xff, 0xf3, /* 1a brasl %r14,0 */
		0xa7, 0xf4, 0x00, 0x02,             /* 20 j 24 */
		0xec, 0x28, 0xff, 0xee, 0x00, 0x7e, /* 24 cije %r2,0,0 */
		0xc0, 0x04, 0x00, 0x00, 0x00, 0x05, /* 2a brcl 0,34 */
		0x07, 0xfe,                         /* 30 br %r14 */
		0xa7, 0x84, 0x00, 0x00,             /* 32 je g */
		0x58, 0x10, 0xf0, 0x00,             /* 36 l %r1,0(%r15) */
	};
	static const uint8_t lengths[] = { 6, 6, 4, 4, 6, 6, 4, 6, 6, 2, 4, 4 };
	struct reloc r[] = {
		{ .offset = 0x02, .type = R_390_PLT32DBL, .addend = 2 },
		{ .offset = 0x08, .type = R_390_PLT32DBL, .addend = 2 },
		{ .offset = 0x34, .type = R_390_PC16DBL, .addend = 2 },
	};
	struct fixture f;
	struct insn in;

	(void)state;
	make(&f, EM_S390, code, sizeof(code), r, 3);
	check_lengths(&f, lengths, sizeof(lengths));
	check_plain(&f, 0x00);
	check_plain(&f, 0x32);
	check_imm(&f, 0x0c, 2, 2, 0xffff, 1000);
	check_imm(&f, 0x10, 2, 2, 0xffff, 40000);
	check_imm(&f, 0x14, 2, 4, 0xffffffff, 70000);
	check_branch(&f, 0x1a, 0, 2, "R_390_PLT32DBL", 2);
	check_branch(&f, 0x20, 0x24, 2, "R_390_PC16DBL", 2);
	check_branch(&f, 0x24, 0, 2, "R_390_PC16DBL", 2);
	check_branch(&f, 0x2a, 0x34, 2, "R_390_PC32DBL", 2);
	assert_false(decode(&f, 1, &in));
	check_text(&f, 0x1a, "brasl 0x0");
	check_text(&f, 0x30, ".insn 0x07fe");
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(f.o.arch->bias(&f.o, &r[i], 0), -2);
		assert_int_equal(f.o.arch->is_branch(&f.o, &r[i]), i != 1); /* larl takes an address */
	}
	assert_string_equal(f.o.arch->ordinary_prefixes[0], "__s390_indirect_jump_");
	f.sections[1].flags = SHF_ALLOC;
	assert_int_equal(f.o.arch->bias(&f.o, &r[0], 0), 0);
	assert_false(f.o.arch->is_branch(&f.o, &r[0]));
}

static void ppc64_decodes(void **state)
{
	static const uint8_t code[] = {
		0x00, 0x00, 0x10, 0x06, 0x00, 0x00, 0x60, 0x38, /*  0 paddi r3,0,0,1 */
		0xae, 0x01, 0x80, 0x38,                         /*  8 li r4,430 */
		0xf5, 0xff, 0xff, 0x4b,                         /*  c bl 0 */
		0xf8, 0xff, 0x82, 0x41,                         /* 10 beq 8 */
		0x20, 0x00, 0x80, 0x4e,                         /* 14 blr */
	};
	static const uint8_t lengths[] = { 8, 4, 4, 4, 4 };
	struct fixture f;

	(void)state;
	make(&f, EM_PPC64, code, sizeof(code), NULL, 0);
	check_lengths(&f, lengths, sizeof(lengths));
	check_imm(&f, 0x08, 0, 4, 0xffff, 430);
	check_branch(&f, 0x0c, 0, 0, "R_PPC64_REL24", 0);
	check_branch(&f, 0x10, 8, 0, "R_PPC64_REL14", 0);
	check_plain(&f, 0x14);
	check_text(&f, 0x08, "li r4,430");
}

static void loongarch64_decodes(void **state)
{
	static const uint8_t code[] = {
		0x04, 0x04, 0x80, 0x02, /*  0 addi.w $a0,$zero,1 */
		0xff, 0xff, 0xff, 0x57, /*  4 bl 0 */
		0x80, 0x08, 0x00, 0x40, /*  8 beqz $a0,10 */
		0x85, 0xf4, 0xff, 0x5f, /*  c bne $a0,$a1,0 */
		0x20, 0x00, 0x00, 0x4c, /* 10 ret */
		0x00, 0x02, 0x00, 0x54, /* 14 bl, the farthest back */
		0x90, 0x00, 0x00, 0x40, /* 18 beqz $a0, the farthest back */
		0x84, 0x04, 0x80, 0x02, /* 1c addi.w $a0,$a0,1 */
	};
	static const uint8_t lengths[] = { 4, 4, 4, 4, 4, 4, 4, 4 };
	struct fixture f;

	(void)state;
	make(&f, 258, code, sizeof(code), NULL, 0);
	check_lengths(&f, lengths, sizeof(lengths));
	check_imm(&f, 0x00, 0, 4, 0x3ffc00, 1);
	check_branch(&f, 0x04, 0, 0, "R_LARCH_B26", 0);
	check_branch(&f, 0x08, 0x10, 0, "R_LARCH_B21", 0);
	check_branch(&f, 0x0c, 0, 0, "R_LARCH_B16", 0);
	check_plain(&f, 0x10);
	check_branch(&f, 0x14, 0x14 - 0x8000000ull, 0, "R_LARCH_B26", 0);
	check_branch(&f, 0x18, 0x18 - 0x400000ull, 0, "R_LARCH_B21", 0);
	check_plain(&f, 0x1c);
	check_text(&f, 0x04, "bl 0x0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables),
		cmocka_unit_test(x86_decodes),
		cmocka_unit_test(x86_knows_bias),
		cmocka_unit_test(x86_falls_back_where_it_cannot_decode),
		cmocka_unit_test(stays_inside),
		cmocka_unit_test(aarch64_decodes),
		cmocka_unit_test(s390_decodes),
		cmocka_unit_test(ppc64_decodes),
		cmocka_unit_test(loongarch64_decodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
