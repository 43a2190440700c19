/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the architectures say about literal instructions, as assemblers made them. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arch.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* An object of one section (number 1) and its relocations. */
struct fixture {
	struct section sections[2];
	struct object o;
};

static void make(struct fixture *f, uint16_t machine, const uint8_t *code, size_t size, struct reloc *relocs,
		 uint32_t reloc_count)
{
	memset(f, 0, sizeof(*f));
	f->sections[1] = (struct section){ .name = ".text",
					   .type = SHT_PROGBITS,
					   .size = size,
					   .data = code,
					   .flags = SHF_ALLOC | SHF_EXECINSTR,
					   .reloc_count = reloc_count };
	f->o = (struct object){ .machine = machine,
				.arch = arch_find(machine),
				.sections = f->sections,
				.section_count = 2,
				.relocs = relocs,
				.reloc_count = reloc_count,
				.big_endian = machine == EM_S390 };
	for (uint32_t i = 0; i < reloc_count; i++)
		relocs[i].section = 1;
	assert_non_null(f->o.arch);
}

static bool decode(const struct fixture *f, uint64_t offset, struct insn *ret)
{
	memset(ret, 0xa5, sizeof(*ret));
	return f->o.arch->decode(&f->o, &f->sections[1], offset, ret);
}

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

static void check_branch(const struct fixture *f, uint64_t offset, uint64_t target, unsigned field, const char *type,
			 int64_t addend)
{
	struct insn in;

	assert_true(decode(f, offset, &in));
	assert_true(in.direct_branch);
	assert_int_equal(in.target, target);
	assert_int_equal(in.field_offset, field);
	assert_int_equal(in.reloc_addend, addend);
	assert_int_equal(in.imm_size, 0);
	if (type)
		assert_string_equal(f->o.arch->reloc_name(in.reloc_type), type);
	else
		assert_int_equal(in.reloc_type, 0);
}

static void check_imm(const struct fixture *f, uint64_t offset, unsigned at, unsigned size, uint64_t mask,
		      uint64_t value)
{
	struct insn in;

	assert_true(decode(f, offset, &in));
	assert_false(in.direct_branch);
	assert_int_equal(in.imm_offset, at);
	assert_int_equal(in.imm_size, size);
	assert_int_equal(in.imm_mask, mask);
	assert_int_equal(in.imm_value, value);
}

static void check_plain(const struct fixture *f, uint64_t offset)
{
	struct insn in;

	assert_true(decode(f, offset, &in));
	assert_false(in.direct_branch);
	assert_int_equal(in.imm_size, 0);
}

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
	check_branch(&f, 0x30, 0, 1, NULL, 0);
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
		if (f.o.arch->dereferences(&f.o, &r) != rows[i].memory)
			fail_msg("row %zu", i);
		f.sections[1].flags = SHF_ALLOC;
		assert_false(f.o.arch->dereferences(&f.o, &r));
	}
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
	}
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
		cmocka_unit_test(tables),
		cmocka_unit_test(x86_decodes),
		cmocka_unit_test(x86_knows_bias),
		cmocka_unit_test(x86_falls_back_where_it_cannot_decode),
		cmocka_unit_test(x86_knows_flow),
		cmocka_unit_test(x86_knows_operands),
		cmocka_unit_test(x86_knows_arguments),
		cmocka_unit_test(x86_knows_memory),
		cmocka_unit_test(stays_inside),
		cmocka_unit_test(aarch64_decodes),
		cmocka_unit_test(aarch64_knows_flow),
		cmocka_unit_test(aarch64_knows_operands),
		cmocka_unit_test(aarch64_knows_arguments_and_memory),
		cmocka_unit_test(s390_decodes),
		cmocka_unit_test(s390_knows_flow),
		cmocka_unit_test(s390_knows_operands_and_memory),
		cmocka_unit_test(s390_knows_arguments),
		cmocka_unit_test(ppc64_decodes),
		cmocka_unit_test(ppc64_knows_flow),
		cmocka_unit_test(ppc64_knows_arguments),
		cmocka_unit_test(loongarch64_decodes),
		cmocka_unit_test(loongarch64_knows_flow),
		cmocka_unit_test(loongarch64_knows_operands_and_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
