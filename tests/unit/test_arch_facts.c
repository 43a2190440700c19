/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where control goes behind an instruction, and what its operands are. */
#include "arch_common.h"

/* Flows of the instructions from 0 on; they must fill the section. */
static void check_flows(const struct fixture *f, const enum flow *flows, size_t count)
{
	uint64_t offset = 0;
	struct insn in;

	for (size_t i = 0; i < count; i++, offset += in.length) {
		assert_true(decode(f, offset, &in));
		if (in.flow != flows[i])
			fail_msg("flow %d at 0x%llx, not %d", in.flow, (unsigned long long)offset, flows[i]);
	}
	assert_int_equal(offset, f->sections[1].size);
}

/* Little-endian words, made into the code of one section. */
#define MAX_WORDS 40

static void make_words(struct fixture *f, uint16_t machine, uint8_t code[4 * MAX_WORDS], const uint32_t *words,
		       size_t count)
{
	assert_true(count <= MAX_WORDS);
	for (size_t i = 0; i < 4 * count; i++)
		code[i] = (uint8_t)(words[i / 4] >> 8 * (i % 4));
	make(f, machine, code, 4 * count, NULL, 0);
}

/* The place that an operand without a relocation refers to; none: NOWHERE. */
#define NOWHERE UINT64_MAX

static void check_operand(const struct fixture *f, uint64_t offset, uint64_t target)
{
	struct insn in;

	assert_true(decode(f, offset, &in));
	assert_false(in.direct_branch);
	assert_int_equal(in.pc_operand, target != NOWHERE);
	if (target != NOWHERE)
		assert_int_equal(in.target, target);
}

/* An immediate goes to this argument. */
static void check_argument(const struct fixture *f, uint64_t offset, unsigned argument)
{
	struct insn in;

	assert_true(decode(f, offset, &in));
	assert_int_not_equal(in.imm_size, 0);
	assert_int_equal(in.imm_argument, argument);
}

static void x86_knows_flow(void **state)
{
	static const uint8_t code[] = {
		0xf3, 0x0f, 0x1e, 0xfa,                      /* endbr64 */
		0xcb,                                        /* lret */
		0xca, 0x08, 0x00,                            /* lret $8 */
		0xc3,                                        /* ret */
		0xcc,                                        /* int3 */
		0xc2, 0x08, 0x00,                            /* ret $8 */
		0xe9, 0,    0,    0,    0,                   /* jmp foo */
		0xeb, 0xfe,                                  /* jmp . */
		0x75, 0xfe,                                  /* jne . */
		0xe8, 0,    0,    0,    0,                   /* call foo */
		0xff, 0xd0,                                  /* call *%rax */
		0xff, 0xe0,                                  /* jmp *%rax */
		0xff, 0xc0,                                  /* inc %eax */
		0xff, 0x30,                                  /* push (%rax) */
		0x0f, 0x0b,                                  /* ud2 */
		0x0f, 0xb9, 0xc0,                            /* ud1 %eax,%eax */
		0x48, 0xcf,                                  /* iretq */
		0x48, 0x0f, 0x07,                            /* sysretq */
		0xf4,                                        /* hlt: an interrupt goes on behind it */
		0x90,                                        /* nop */
		0x66, 0x90,                                  /* xchg %ax,%ax */
		0xf3, 0x90,                                  /* pause */
		0x49, 0x90,                                  /* xchg %r8,%rax */
		0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, /* cs nopw 0(%rax,%rax,1) */
		0xc5, 0xf8, 0x77,                            /* vzeroupper */
	};
	static const enum flow flows[] = {
		FLOW_ON,    FLOW_STOPS, FLOW_STOPS, FLOW_STOPS, FLOW_STOPS, FLOW_STOPS, FLOW_STOPS,
		FLOW_STOPS, FLOW_ON,    FLOW_CALL,  FLOW_CALL,  FLOW_STOPS, FLOW_ON,    FLOW_ON,
		FLOW_STOPS, FLOW_STOPS, FLOW_STOPS, FLOW_STOPS, FLOW_ON,    FLOW_NOP,   FLOW_NOP,
		FLOW_ON,    FLOW_ON,    FLOW_NOP,   FLOW_ON,
	};
	struct fixture f;

	(void)state;
	make(&f, EM_X86_64, code, sizeof(code), NULL, 0);
	check_flows(&f, flows, COUNT(flows));
}

static void x86_knows_operands(void **state)
{
	static const uint8_t code[] = {
		0x48, 0x8d, 0x05, 0xf9, 0xff, 0xff, 0xff,                   /*  0 lea 0(%rip),%rax */
		0x48, 0x8d, 0x05, 0,    0,    0,    0,                      /*  7 lea foo(%rip),%rax */
		0xc7, 0x05, 0x08, 0x00, 0x00, 0x00, 0x45, 0x23, 0x01, 0x00, /*  e movl $0x12345,20(%rip) */
		0xc5, 0xfa, 0x6f, 0x05, 0xe0, 0xff, 0xff, 0xff,             /* 18 vmovdqu 0(%rip),%xmm0 */
		0x8b, 0x04, 0x25, 0x10, 0x00, 0x00, 0x00,                   /* 20 mov 0x10,%eax */
		0x89, 0xc5,                                                 /* 27 mov %eax,%ebp */
		0x0f, 0x20, 0x05,                                           /* 29 mov %cr0,%rbp: no memory */
		0xff, 0x25, 0xfa, 0xff, 0xff, 0xff,                         /* 2c jmp *0x2c(%rip) */
		0x8b, 0x85, 0x00, 0x01, 0x00, 0x00,                         /* 32 mov 256(%rbp),%eax */
	};
	struct reloc r[] = { { .offset = 0x0a, .type = R_X86_64_PC32, .addend = -4 } };
	struct fixture f;

	(void)state;
	make(&f, EM_X86_64, code, sizeof(code), r, 1);
	check_operand(&f, 0x00, 0);
	check_operand(&f, 0x07, NOWHERE); /* a relocation fills it in */
	check_operand(&f, 0x0e, 0x20);
	check_imm(&f, 0x0e, 6, 4, 0xffffffff, 0x12345);
	check_operand(&f, 0x18, 0);
	check_operand(&f, 0x20, NOWHERE);
	check_operand(&f, 0x27, NOWHERE);
	check_operand(&f, 0x29, NOWHERE);
	check_operand(&f, 0x2c, 0x2c);
	check_operand(&f, 0x32, NOWHERE);
}

static void x86_knows_arguments(void **state)
{
	static const uint8_t code[] = {
		0xbf, 0x01, 0x00, 0x00, 0x00,                         /*  0 mov $1,%edi */
		0xbe, 0x02, 0x00, 0x00, 0x00,                         /*  5 mov $2,%esi */
		0xba, 0x03, 0x00, 0x00, 0x00,                         /*  a mov $3,%edx */
		0xb9, 0x04, 0x00, 0x00, 0x00,                         /*  f mov $4,%ecx */
		0x41, 0xb8, 0x05, 0x00, 0x00, 0x00,                   /* 14 mov $5,%r8d */
		0x41, 0xb9, 0x06, 0x00, 0x00, 0x00,                   /* 1a mov $6,%r9d */
		0x41, 0xbf, 0x07, 0x00, 0x00, 0x00,                   /* 20 mov $7,%r15d */
		0xb8, 0x07, 0x00, 0x00, 0x00,                         /* 26 mov $7,%eax */
		0x48, 0xc7, 0xc6, 0x08, 0x00, 0x00, 0x00,             /* 2b mov $8,%rsi */
		0x49, 0xc7, 0xc1, 0x08, 0x00, 0x00, 0x00,             /* 32 mov $8,%r9 */
		0x40, 0xb7, 0x09,                                     /* 39 mov $9,%dil */
		0x6a, 0x0a,                                           /* 3c push $10 */
		0x68, 0x2c, 0x01, 0x00, 0x00,                         /* 3e push $300 */
		0xc7, 0x44, 0x24, 0x08, 0x0b, 0x00, 0x00, 0x00,       /* 43 movl $11,8(%rsp) */
		0x48, 0xc7, 0x04, 0x24, 0x0b, 0x00, 0x00, 0x00,       /* 4b movq $11,(%rsp) */
		0x41, 0xc7, 0x44, 0x24, 0x08, 0x0b, 0x00, 0x00, 0x00, /* 53 movl $11,8(%r12) */
		0xc7, 0x47, 0x08, 0x0b, 0x00, 0x00, 0x00,             /* 5c movl $11,8(%rdi) */
		0xc7, 0x44, 0x3c, 0x08, 0x0b, 0x00, 0x00, 0x00,       /* 63 movl $11,8(%rsp,%rdi) */
		0x66, 0xbf, 0x09, 0x00,                               /* 6b mov $9,%di */
	};
	static const uint8_t at[] = { 0x00, 0x05, 0x0a, 0x0f, 0x14, 0x1a, 0x20, 0x26, 0x2b, 0x32,
				      0x39, 0x3c, 0x3e, 0x43, 0x4b, 0x53, 0x5c, 0x63, 0x6b };
	static const uint8_t arguments[] = { 1, 2, 3, 4, 5, 6, 0, 0, 2, 6, 0, 255, 255, 255, 255, 0, 0, 0, 0 };
	struct fixture f;

	(void)state;
	make(&f, EM_X86_64, code, sizeof(code), NULL, 0);
	for (size_t i = 0; i < COUNT(at); i++)
		check_argument(&f, at[i], arguments[i]);
}

static void x86_knows_memory(void **state)
{
	static const struct {
		uint8_t code[12], size, field;
		uint32_t type;
		bool memory;
	} rows[] = {
		{ { 0x48, 0x8b, 0x05 }, 7, 3, R_X86_64_PC32, true },             /* mov foo(%rip),%rax */
		{ { 0x90, 0x8b, 0x0d }, 7, 3, R_X86_64_PC32, true },             /* mov foo(%rip),%ecx */
		{ { 0x65, 0x8b, 0x0d }, 7, 3, R_X86_64_PC32, true },             /* mov %gs:foo(%rip),%ecx */
		{ { 0x90, 0xc7, 0x05 }, 11, 3, R_X86_64_PC32, true },            /* movl $0,foo(%rip) */
		{ { 0x48, 0x0f, 0x48, 0x05 }, 8, 4, R_X86_64_PC32, true },       /* cmovs foo(%rip),%rax */
		{ { 0x48, 0x8d, 0x05 }, 7, 3, R_X86_64_PC32, false },            /* lea foo(%rip),%rax */
		{ { 0x0f, 0x18, 0x05 }, 7, 3, R_X86_64_PC32, false },            /* prefetchnta foo(%rip) */
		{ { 0x90, 0x48, 0x05 }, 7, 3, R_X86_64_PC32, false },            /* add $foo-.,%rax */
		{ { 0x90, 0x90, 0xe8 }, 7, 3, R_X86_64_PC32, false },            /* call foo */
		{ { 0x90, 0x0f, 0x85 }, 7, 3, R_X86_64_PC32, false },            /* jne foo */
		{ { 0x48, 0x8b, 0x05 }, 7, 3, R_X86_64_GOTPCREL, false },        /* mov foo@GOTPCREL(%rip),%rax */
		{ { 0x48, 0x8b, 0x14, 0xc5 }, 8, 4, R_X86_64_32S, true },        /* mov foo(,%rax,8),%rdx */
		{ { 0xff, 0x24, 0xc5 }, 7, 3, R_X86_64_32S, true },              /* jmp *foo(,%rax,8) */
		{ { 0x48, 0x8d, 0x14, 0xc5 }, 8, 4, R_X86_64_32S, false },       /* lea foo(,%rax,8),%rdx */
		{ { 0xb0, 0x8b, 0x48, 0x3d }, 8, 4, R_X86_64_32S, false },       /* mov $0x8b,%al; cmp $foo,%rax */
		{ { 0x48, 0xc7, 0xc5 }, 7, 3, R_X86_64_32S, false },             /* mov $foo,%rbp */
		{ { 0x48, 0xc7, 0x44, 0x24, 0x05 }, 9, 5, R_X86_64_32S, false }, /* movq $foo,5(%rsp) */
		{ { 0x48, 0x8b }, 6, 2, R_X86_64_PC32, false },                  /* nothing to look at */
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reloc r = { .offset = rows[i].field, .type = rows[i].type };

		make(&f, EM_X86_64, rows[i].code, rows[i].size, &r, 1);
		if (f.o.arch->dereferences(&f.o, &r) != rows[i].memory ||
		    f.o.arch->dereferences_exactly(&f.o, &r) != (rows[i].memory && r.type == R_X86_64_PC32))
			fail_msg("row %zu", i);
		f.sections[1].flags = SHF_ALLOC;
		assert_false(f.o.arch->dereferences(&f.o, &r));
	}
}

static void aarch64_knows_flow(void **state)
{
	static const uint32_t words[] = {
		0x14000000, /* b . */
		0x94000000, /* bl . */
		0xd61f0200, /* br x16 */
		0xd63f0020, /* blr x1 */
		0xd65f03c0, /* ret */
		0xd65f0bff, /* retaa */
		0xd63f083f, /* blraaz x1 */
		0xd61f083f, /* braaz x1 */
		0xd69f03e0, /* eret */
		0xd4210000, /* brk #0x800 */
		0x00000000, /* udf #0 */
		0xd503201f, /* nop */
		0xd503245f, /* bti c */
		0xd503233f, /* paciasp */
		0xd503207f, /* wfi */
		0xd503203f, /* yield */
		0x54000001, /* b.ne . */
		0xb4000000, /* cbz x0,. */
		0xd4000001, /* svc #0 */
		0x52807d00, /* mov w0,#1000 */
		0xd73f0801, /* blraa x0,x1 */
		0xd71f0801, /* braa x0,x1 */
		0xd4400000, /* hlt #0 */
	};
	static const enum flow flows[] = {
		FLOW_STOPS, FLOW_CALL,  FLOW_STOPS, FLOW_CALL, FLOW_STOPS, FLOW_STOPS, FLOW_CALL, FLOW_STOPS,
		FLOW_STOPS, FLOW_STOPS, FLOW_STOPS, FLOW_NOP,  FLOW_ON,    FLOW_ON,    FLOW_ON,   FLOW_ON,
		FLOW_ON,    FLOW_ON,    FLOW_ON,    FLOW_ON,   FLOW_CALL,  FLOW_STOPS, FLOW_ON,
	};
	struct reloc r = { .offset = 0, .type = R_AARCH64_JUMP26 };
	uint8_t code[4 * MAX_WORDS];
	struct fixture f;
	struct insn in;

	(void)state;
	make_words(&f, EM_AARCH64, code, words, COUNT(words));
	check_flows(&f, flows, COUNT(flows));
	make(&f, EM_AARCH64, code, 4, &r, 1); /* a relocation does not hide it */
	assert_true(decode(&f, 0, &in));
	assert_int_equal(in.flow, FLOW_STOPS);
}

static void aarch64_knows_operands(void **state)
{
	static const uint32_t words[] = {
		0x10000000, /*  0 adr x0,0 */
		0x70000021, /*  4 adr x1,b */
		0x70ffffe1, /*  8 adr x1,7 */
		0x5800006c, /*  c ldr x12,18 */
		0x18ffffe2, /* 10 ldr w2,c */
		0x98ffffc2, /* 14 ldrsw x2,c */
		0x9cffffa2, /* 18 ldr q2,c */
		0xd8ffff80, /* 1c prfm pldl1keep,c */
		0x90000000, /* 20 adrp x0,. */
		0xf9400000, /* 24 ldr x0,[x0] */
	};
	static const uint64_t targets[] = { 0, 0xb, 0x7, 0x18, 0xc, 0xc, 0xc, 0xc, NOWHERE, NOWHERE };
	struct reloc r = { .offset = 0x0c, .type = R_AARCH64_LD_PREL_LO19 };
	uint8_t code[4 * MAX_WORDS];
	struct fixture f;

	(void)state;
	make_words(&f, EM_AARCH64, code, words, COUNT(words));
	for (size_t i = 0; i < COUNT(targets); i++)
		check_operand(&f, 4 * i, targets[i]);
	make(&f, EM_AARCH64, code, 4 * COUNT(words), &r, 1);
	check_operand(&f, 0x0c, NOWHERE);
}

static void aarch64_knows_arguments_and_memory(void **state)
{
	static const uint32_t words[] = {
		0x52800060, /*  0 mov w0,#3 */
		0xd2800067, /*  4 mov x7,#3 */
		0x52800068, /*  8 mov w8,#3 */
		0xf9400000, /*  c ldr x0,[x0] */
		0xf9800000, /* 10 prfm pldl1keep,[x0] */
		0x91000000, /* 14 add x0,x0,#0 */
		0x58000000, /* 18 ldr x0,. */
		0xd8000000, /* 1c prfm pldl1keep,. */
	};
	static const struct reloc relocs[] = {
		{ .offset = 0x0c, .type = R_AARCH64_LDST64_ABS_LO12_NC },
		{ .offset = 0x0c, .type = R_AARCH64_LDST8_ABS_LO12_NC },
		{ .offset = 0x0c, .type = R_AARCH64_LDST16_ABS_LO12_NC },
		{ .offset = 0x0c, .type = R_AARCH64_LDST32_ABS_LO12_NC },
		{ .offset = 0x0c, .type = R_AARCH64_LDST128_ABS_LO12_NC },
		{ .offset = 0x18, .type = R_AARCH64_LD_PREL_LO19 },
		{ .offset = 0x10, .type = R_AARCH64_LDST64_ABS_LO12_NC },
		{ .offset = 0x1c, .type = R_AARCH64_LD_PREL_LO19 },
		{ .offset = 0x14, .type = R_AARCH64_ADD_ABS_LO12_NC },
		{ .offset = 0x14, .type = R_AARCH64_ADR_PREL_PG_HI21 },
	};
	uint8_t code[4 * MAX_WORDS];
	struct fixture f;

	(void)state;
	make_words(&f, EM_AARCH64, code, words, COUNT(words));
	check_argument(&f, 0x00, 1);
	check_argument(&f, 0x04, 8);
	check_argument(&f, 0x08, 0);
	for (size_t i = 0; i < COUNT(relocs); i++) {
		struct reloc r = relocs[i];

		r.section = 1;
		assert_int_equal(f.o.arch->dereferences(&f.o, &r), i < 6);
		assert_int_equal(f.o.arch->dereferences_exactly(&f.o, &r), i < 6);
	}
}

static void s390_knows_flow(void **state)
{
	static const uint8_t code[] = {
		0xa7, 0xf4, 0x00, 0x00,             /* j . */
		0xc0, 0xf4, 0x00, 0x00, 0x00, 0x00, /* jg . */
		0xa7, 0x84, 0x00, 0x00,             /* je . */
		0xc0, 0x74, 0x00, 0x00, 0x00, 0x00, /* jgne . */
		0x07, 0xfe,                         /* br %r14 */
		0x07, 0x8e,                         /* ber %r14 */
		0x07, 0x07,                         /* nopr %r7 */
		0x07, 0x00,                         /* nopr */
		0x07, 0xf0,                         /* bcr 15,0: a barrier */
		0x07, 0xe0,                         /* bcr 14,0: the same */
		0xa7, 0x04, 0x00, 0x00,             /* brc 0,. */
		0xc0, 0x04, 0x00, 0x00, 0x00, 0x00, /* brcl 0,. */
		0x47, 0xf0, 0x10, 0x00,             /* b 0(%r1) */
		0x47, 0x00, 0x00, 0x00,             /* nop 0 */
		0xe3, 0xf0, 0x10, 0x00, 0x00, 0x47, /* bi 0(%r1) */
		0xe3, 0xf0, 0x10, 0x00, 0x00, 0x04, /* lg %r15,0(%r1) */
		0x00, 0x00,                         /* .insn 0 */
		0xaf, 0x00, 0x00, 0x00,             /* mc 0,0 */
		0xaf, 0x01, 0x00, 0x00,             /* mc 0,1 */
		0xb2, 0xb2, 0x10, 0x00,             /* lpswe 0(%r1) */
		0x82, 0x00, 0x10, 0x00,             /* lpsw 0(%r1) */
		0xeb, 0x00, 0x10, 0x00, 0x00, 0x71, /* lpswey 0(%r1) */
		0xc0, 0xe5, 0x00, 0x00, 0x00, 0x00, /* brasl %r14,. */
		0xa7, 0xe5, 0x00, 0x00,             /* bras %r14,. */
		0x0d, 0xe1,                         /* basr %r14,%r1 */
		0x0d, 0xd0,                         /* basr %r13,0 */
		0xa7, 0x16, 0x00, 0x00,             /* brct %r1,. */
		0xec, 0x16, 0x00, 0x00, 0x00, 0x7c, /* cgijne %r1,0,. */
	};
	static const enum flow flows[] = {
		FLOW_STOPS, FLOW_STOPS, FLOW_ON,    FLOW_ON,    FLOW_STOPS, FLOW_ON,    FLOW_NOP,
		FLOW_NOP,   FLOW_ON,    FLOW_ON,    FLOW_NOP,   FLOW_NOP,   FLOW_STOPS, FLOW_NOP,
		FLOW_STOPS, FLOW_ON,    FLOW_STOPS, FLOW_STOPS, FLOW_ON,    FLOW_STOPS, FLOW_STOPS,
		FLOW_STOPS, FLOW_CALL,  FLOW_CALL,  FLOW_CALL,  FLOW_ON,    FLOW_ON,    FLOW_ON,
	};
	struct fixture f;

	(void)state;
	make(&f, EM_S390, code, sizeof(code), NULL, 0);
	check_flows(&f, flows, COUNT(flows));
}

static void s390_knows_operands_and_memory(void **state)
{
	static const uint8_t code[] = {
		0xc0, 0x10, 0x00, 0x00, 0x00, 0x01, /*  0 larl %r1,2 */
		0xc4, 0x18, 0xff, 0xff, 0xff, 0xfd, /*  6 lgrl %r1,0 */
		0xc4, 0x1f, 0xff, 0xff, 0xff, 0xfa, /*  c strl %r1,0 */
		0xc6, 0x00, 0xff, 0xff, 0xff, 0xf7, /* 12 exrl %r0,0 */
		0xc6, 0x05, 0xff, 0xff, 0xff, 0xf4, /* 18 chrl %r0,0 */
		0xc6, 0x12, 0xff, 0xff, 0xff, 0xf1, /* 1e pfdrl 1,0 */
		0xc0, 0x11, 0x00, 0x00, 0x00, 0x08, /* 24 lgfi %r1,8 */
		0xc0, 0xe5, 0x00, 0x00, 0x00, 0x08, /* 2a brasl %r14,3a */
	};
	static const uint64_t targets[] = { 2, 0, 0, 0, 0, 0, NOWHERE };
	static const bool memory[] = { false, true, true, true, true, false, false, false };
	struct reloc r = { .type = R_390_PC32DBL, .addend = 2 };
	struct fixture f;

	(void)state;
	make(&f, EM_S390, code, sizeof(code), NULL, 0);
	for (size_t i = 0; i < COUNT(targets); i++)
		check_operand(&f, 6 * i, targets[i]);
	check_branch(&f, 0x2a, 0x3a, 2, "R_390_PLT32DBL", 2);
	for (size_t i = 0; i < COUNT(memory); i++) {
		r.offset = 6 * i + 2;
		make(&f, EM_S390, code, sizeof(code), &r, 1);
		check_operand(&f, 6 * i, NOWHERE);
		assert_int_equal(f.o.arch->dereferences(&f.o, &r), memory[i]);
		assert_int_equal(f.o.arch->dereferences_exactly(&f.o, &r), memory[i]);
	}
	r = (struct reloc){ .section = 1, .offset = 8, .type = R_390_GOTENT };
	assert_false(f.o.arch->dereferences(&f.o, &r)); /* what is read is the GOT */
}

static void s390_knows_arguments(void **state)
{
	static const uint8_t code[] = {
		0xa7, 0x28, 0x00, 0x03,             /*  0 lhi %r2,3 */
		0xa7, 0x68, 0x00, 0x05,             /*  4 lhi %r6,5 */
		0xa7, 0x78, 0x00, 0x06,             /*  8 lhi %r7,6 */
		0xa7, 0x18, 0x00, 0x06,             /*  c lhi %r1,6 */
		0xa5, 0x3f, 0x00, 0x07,             /* 10 llill %r3,7 */
		0xc0, 0x41, 0x00, 0x00, 0x00, 0x08, /* 14 lgfi %r4,8 */
		0xe5, 0x4c, 0xf0, 0x08, 0x00, 0x03, /* 1a mvhi 8(%r15),3 */
		0xe5, 0x48, 0xf0, 0xa0, 0x00, 0x03, /* 20 mvghi 160(%r15),3 */
		0xe5, 0x4c, 0x10, 0x08, 0x00, 0x03, /* 26 mvhi 8(%r1),3 */
	};
	static const uint8_t at[] = { 0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x1a, 0x20, 0x26 };
	static const uint8_t arguments[] = { 1, 5, 0, 0, 2, 3, 255, 255, 0 };
	struct fixture f;

	(void)state;
	make(&f, EM_S390, code, sizeof(code), NULL, 0);
	for (size_t i = 0; i < COUNT(at); i++)
		check_argument(&f, at[i], arguments[i]);
}

static void ppc64_knows_flow(void **state)
{
	static const uint32_t words[] = {
		0x48000000,             /* b . */
		0x48000001,             /* bl . */
		0x48000102,             /* ba 100 */
		0x4e800020,             /* blr */
		0x4e800021,             /* blrl */
		0x4e800420,             /* bctr */
		0x4e800421,             /* bctrl */
		0x4d820020,             /* beqlr */
		0x4c820420,             /* bnectr */
		0x41820000,             /* beq . */
		0x42000000,             /* bdnz . */
		0x429f0005,             /* bcl 20,31,.+4 */
		0x7fe00008,             /* trap */
		0x0fe00000,             /* twi 31,0,0 */
		0x0b030000,             /* tdnei r3,0 */
		0x7fe32088,             /* td 31,r3,r4 */
		0x4c000024,             /* rfid */
		0x4c000224,             /* hrfid */
		0x4c0000a4,             /* rfscv */
		0x00000000,             /* illegal */
		0x00000280,             /* the end of a traceback table */
		0x60000000,             /* nop */
		0x60210000,             /* ori r1,r1,0 */
		0x07000000, 0x00000000, /* pnop */
		0x06000000, 0x38630001, /* paddi r3,r3,1 */
		0x4cc63182,             /* crclr 6 */
		0x0be00000,             /* tdi 31,0,0 */
	};
	static const enum flow flows[] = {
		FLOW_STOPS, FLOW_CALL,  FLOW_STOPS, FLOW_STOPS, FLOW_CALL,  FLOW_STOPS, FLOW_CALL,
		FLOW_ON,    FLOW_ON,    FLOW_ON,    FLOW_ON,    FLOW_CALL,  FLOW_STOPS, FLOW_STOPS,
		FLOW_ON,    FLOW_STOPS, FLOW_STOPS, FLOW_STOPS, FLOW_STOPS, FLOW_STOPS, FLOW_STOPS,
		FLOW_NOP,   FLOW_ON,    FLOW_NOP,   FLOW_ON,    FLOW_ON,    FLOW_STOPS,
	};
	uint8_t code[4 * MAX_WORDS];
	struct fixture f;

	(void)state;
	make_words(&f, EM_PPC64, code, words, COUNT(words));
	check_flows(&f, flows, COUNT(flows));
}

static void ppc64_knows_arguments(void **state)
{
	static const uint32_t words[] = { 0x38600001, 0x39400001, 0x38400001, 0x39600001 }; /* li to r3, r10, r2, r11 */
	static const uint8_t arguments[] = { 1, 8, 0, 0 };
	uint8_t code[4 * MAX_WORDS];
	struct fixture f;

	(void)state;
	make_words(&f, EM_PPC64, code, words, COUNT(words));
	for (size_t i = 0; i < COUNT(arguments); i++) {
		check_argument(&f, 4 * i, arguments[i]);
		check_operand(&f, 4 * i, NOWHERE);
	}
	assert_null(f.o.arch->dereferences);
}

static void loongarch64_knows_flow(void **state)
{
	static const uint32_t words[] = {
		0x50000000, /* b . */
		0x54000000, /* bl . */
		0x4c000020, /* ret: jirl $zero,$ra,0 */
		0x4c000180, /* jr $t0 */
		0x4c000181, /* jirl $ra,$t0,0 */
		0x002a0001, /* break 1 */
		0x002b0000, /* syscall 0 */
		0x06483800, /* ertn */
		0x03400000, /* nop: andi $zero,$zero,0 */
		0x03400084, /* andi $a0,$a0,0 */
		0x40000080, /* beqz $a0,. */
		0x58000085, /* beq $a0,$a1,. */
	};
	static const enum flow flows[] = {
		FLOW_STOPS, FLOW_CALL,  FLOW_STOPS, FLOW_STOPS, FLOW_CALL, FLOW_STOPS,
		FLOW_ON,    FLOW_STOPS, FLOW_NOP,   FLOW_ON,    FLOW_ON,   FLOW_ON,
	};
	uint8_t code[4 * MAX_WORDS];
	struct fixture f;

	(void)state;
	make_words(&f, 258, code, words, COUNT(words));
	check_flows(&f, flows, COUNT(flows));
}

static void loongarch64_knows_operands_and_arguments(void **state)
{
	static const uint32_t words[] = {
		0x18000044, /*  0 pcaddi $a0,2 */
		0x19ffffe4, /*  4 pcaddi $a0,-1 */
		0x1a000044, /*  8 pcalau12i $a0,2 */
		0x1c000044, /*  c pcaddu12i $a0,2 */
		0x02800404, /* 10 li.w $a0,1 */
		0x0280040b, /* 14 li.w $a7,1 */
		0x02800403, /* 18 li.w $sp,1 */
		0x0280040c, /* 1c li.w $t0,1 */
		0x18ffffe4, /* 20 pcaddi $a0, the farthest on */
	};
	static const uint64_t targets[] = { 8, 0, NOWHERE, NOWHERE, NOWHERE };
	static const uint8_t arguments[] = { 1, 8, 0, 0 };
	struct reloc r = { .offset = 0, .type = 103 /* R_LARCH_PCREL20_S2 */ };
	uint8_t code[4 * MAX_WORDS];
	struct fixture f;

	(void)state;
	make_words(&f, 258, code, words, COUNT(words));
	for (size_t i = 0; i < COUNT(targets); i++)
		check_operand(&f, 4 * i, targets[i]);
	for (size_t i = 0; i < COUNT(arguments); i++)
		check_argument(&f, 0x10 + 4 * i, arguments[i]);
	check_operand(&f, 0x20, 0x20 + 4 * 0x7ffffull);
	make(&f, 258, code, 4 * COUNT(words), &r, 1);
	check_operand(&f, 0, NOWHERE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x86_knows_flow),
		cmocka_unit_test(x86_knows_operands),
		cmocka_unit_test(x86_knows_arguments),
		cmocka_unit_test(x86_knows_memory),
		cmocka_unit_test(aarch64_knows_flow),
		cmocka_unit_test(aarch64_knows_operands),
		cmocka_unit_test(aarch64_knows_arguments_and_memory),
		cmocka_unit_test(s390_knows_flow),
		cmocka_unit_test(s390_knows_operands_and_memory),
		cmocka_unit_test(s390_knows_arguments),
		cmocka_unit_test(ppc64_knows_flow),
		cmocka_unit_test(ppc64_knows_arguments),
		cmocka_unit_test(loongarch64_knows_flow),
		cmocka_unit_test(loongarch64_knows_operands_and_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
