/* SPDX-License-Identifier: GPL-2.0-or-later */
/* aarch64.c - fixed length, little-endian code; relocations refer to where they stand */
#include "arch/internal.h"

#ifndef R_AARCH64_PLT32
#define R_AARCH64_PLT32 314
#endif
#define R_AARCH64_NONE_WITHDRAWN 256
#define NOP 0xd503201f

#define ABS(bytes) ABSOLUTE(bytes, ALL_BITS(bytes))
#define PCREL(bytes) PC_RELATIVE(bytes, ALL_BITS(bytes))
#define MOVW ABSOLUTE(4, BITS(5, 16))
#define MOVW_PCREL PC_RELATIVE(4, BITS(5, 16) | BITS(29, 2)) /* movn or movz, by the sign */
#define MOVW_SIGNED ABSOLUTE(4, BITS(5, 16) | BITS(29, 2))
#define IMM12 ABSOLUTE(4, BITS(10, 12))
#define LIT19 PC_RELATIVE(4, BITS(5, 19))
#define ADR21 PC_RELATIVE(4, BITS(5, 19) | BITS(29, 2))

static const struct reloc_row rows[] = {
	RELOC(R_AARCH64_NONE, MARKER),
	RELOC(R_AARCH64_NONE_WITHDRAWN, MARKER),
	RELOC(R_AARCH64_ABS64, ABS(8)),
	RELOC(R_AARCH64_ABS32, ABS(4)),
	RELOC(R_AARCH64_ABS16, ABS(2)),
	RELOC(R_AARCH64_PREL64, PCREL(8)),
	RELOC(R_AARCH64_PREL32, PCREL(4)),
	RELOC(R_AARCH64_PREL16, PCREL(2)),
	RELOC(R_AARCH64_MOVW_UABS_G0, MOVW),
	RELOC(R_AARCH64_MOVW_UABS_G0_NC, MOVW),
	RELOC(R_AARCH64_MOVW_UABS_G1, MOVW),
	RELOC(R_AARCH64_MOVW_UABS_G1_NC, MOVW),
	RELOC(R_AARCH64_MOVW_UABS_G2, MOVW),
	RELOC(R_AARCH64_MOVW_UABS_G2_NC, MOVW),
	RELOC(R_AARCH64_MOVW_UABS_G3, MOVW),
	RELOC(R_AARCH64_MOVW_SABS_G0, MOVW_SIGNED),
	RELOC(R_AARCH64_MOVW_SABS_G1, MOVW_SIGNED),
	RELOC(R_AARCH64_MOVW_SABS_G2, MOVW_SIGNED),
	RELOC(R_AARCH64_LD_PREL_LO19, LIT19),
	RELOC(R_AARCH64_ADR_PREL_LO21, ADR21),
	RELOC(R_AARCH64_ADR_PREL_PG_HI21, ADR21),
	RELOC(R_AARCH64_ADR_PREL_PG_HI21_NC, ADR21),
	RELOC(R_AARCH64_ADD_ABS_LO12_NC, IMM12),
	RELOC(R_AARCH64_LDST8_ABS_LO12_NC, IMM12),
	RELOC(R_AARCH64_TSTBR14, BRANCH(4, BITS(5, 14))),
	RELOC(R_AARCH64_CONDBR19, BRANCH(4, BITS(5, 19))),
	RELOC(R_AARCH64_JUMP26, BRANCH(4, BITS(0, 26))),
	RELOC(R_AARCH64_CALL26, BRANCH(4, BITS(0, 26))),
	RELOC(R_AARCH64_LDST16_ABS_LO12_NC, IMM12),
	RELOC(R_AARCH64_LDST32_ABS_LO12_NC, IMM12),
	RELOC(R_AARCH64_LDST64_ABS_LO12_NC, IMM12),
	RELOC(R_AARCH64_MOVW_PREL_G0, MOVW_PCREL),
	RELOC(R_AARCH64_MOVW_PREL_G0_NC, MOVW_PCREL),
	RELOC(R_AARCH64_MOVW_PREL_G1, MOVW_PCREL),
	RELOC(R_AARCH64_MOVW_PREL_G1_NC, MOVW_PCREL),
	RELOC(R_AARCH64_MOVW_PREL_G2, MOVW_PCREL),
	RELOC(R_AARCH64_MOVW_PREL_G2_NC, MOVW_PCREL),
	RELOC(R_AARCH64_MOVW_PREL_G3, MOVW_PCREL),
	RELOC(R_AARCH64_LDST128_ABS_LO12_NC, IMM12),
	LINKER_RELOC(R_AARCH64_GOT_LD_PREL19, LIT19),
	LINKER_RELOC(R_AARCH64_LD64_GOTOFF_LO15, IMM12),
	LINKER_RELOC(R_AARCH64_ADR_GOT_PAGE, ADR21),
	LINKER_RELOC(R_AARCH64_LD64_GOT_LO12_NC, IMM12),
	LINKER_RELOC(R_AARCH64_LD64_GOTPAGE_LO15, IMM12),
	LINKER_RELOC(R_AARCH64_PLT32, PCREL(4)),
	LINKER_RELOC(R_AARCH64_GLOB_DAT, ABS(8)),
	LINKER_RELOC(R_AARCH64_JUMP_SLOT, ABS(8)),
	LINKER_RELOC(R_AARCH64_RELATIVE, ABS(8)),
};

static bool aarch64_field(uint32_t type, struct reloc_field *ret)
{
	return reloc_rows_field(RELOC_ROWS(rows), type, ret);
}

static const char *aarch64_reloc_name(uint32_t type)
{
	return reloc_rows_name(RELOC_ROWS(rows), type);
}

static int64_t aarch64_bias(const struct object *o, const struct reloc *r, uint64_t start)
{
	(void)o, (void)r, (void)start;
	return 0;
}

static bool aarch64_is_branch(const struct object *o, const struct reloc *r)
{
	return reloc_rows_branch(RELOC_ROWS(rows), o, r);
}

/* Branches that hold their displacement: a row matches where word & mask == bits. */
static const struct branch {
	uint32_t mask, bits;
	uint8_t low, width; /* of the displacement, in instructions */
	uint32_t type;
	const char *name;
} branches[] = {
	{ 0xfc000000, 0x14000000, 0, 26, R_AARCH64_JUMP26, "b" },
	{ 0xfc000000, 0x94000000, 0, 26, R_AARCH64_CALL26, "bl" },
	{ 0xff000000, 0x54000000, 5, 19, R_AARCH64_CONDBR19, "b.cond" },
	{ 0x7f000000, 0x34000000, 5, 19, R_AARCH64_CONDBR19, "cbz" },
	{ 0x7f000000, 0x35000000, 5, 19, R_AARCH64_CONDBR19, "cbnz" },
	{ 0x7f000000, 0x36000000, 5, 14, R_AARCH64_TSTBR14, "tbz" },
	{ 0x7f000000, 0x37000000, 5, 14, R_AARCH64_TSTBR14, "tbnz" },
};

static const struct branch *find_branch(uint32_t word)
{
	for (size_t i = 0; i < sizeof(branches) / sizeof(branches[0]); i++)
		if ((word & branches[i].mask) == branches[i].bits)
			return &branches[i];
	return NULL;
}

static uint64_t branch_target(const struct branch *b, uint32_t word, uint64_t offset)
{
	return offset + 4 * (uint64_t)sign_extend(word >> b->low & BITS(0, b->width), b->width);
}

/* br, blr, ret, eret and their authenticating kinds: bits 21 to 24 tell them apart. */
static enum flow register_branch_flow(uint32_t word)
{
	unsigned op = word >> 21 & 15;

	return op == 1 || op == 9 ? FLOW_CALL : FLOW_STOPS;
}

/* A trap counts as an end: where one is resumed (WARN), the compiler put something behind it. */
static enum flow flow_of(uint32_t word)
{
	if ((word & 0xfc000000) == 0x14000000) /* b */
		return FLOW_STOPS;
	if ((word & 0xfc000000) == 0x94000000) /* bl */
		return FLOW_CALL;
	if ((word & 0xfe1f0000) == 0xd61f0000)
		return register_branch_flow(word);
	if ((word & 0xffe0001f) == 0xd4200000 || !(word >> 16)) /* brk, udf */
		return FLOW_STOPS;
	return word == NOP ? FLOW_NOP : FLOW_ON;
}

static bool is_adr(uint32_t word)
{
	return (word & 0x9f000000) == 0x10000000;
}

/* ldr, ldrsw or prfm of a place, general or vector register */
static bool is_load_literal(uint32_t word)
{
	return (word & 0x3b000000) == 0x18000000;
}

static uint64_t operand_target(uint32_t word, uint64_t offset)
{
	uint64_t high = word >> 5 & BITS(0, 19), low = word >> 29 & 3;

	return offset + (uint64_t)(is_adr(word) ? sign_extend(high << 2 | low, 21) : 4 * sign_extend(high, 19));
}

/* movz wN or xN, #imm, without a shift: how a small constant is loaded. */
static bool is_movz(uint32_t word)
{
	return (word & 0x7fe00000) == 0x52800000;
}

static void describe_immediate(const struct object *o, uint32_t word, struct insn *ret)
{
	unsigned reg = word & 31;

	ret->imm_size = 4;
	/* The mask is for the field in the object's byte order, the code is little-endian. */
	ret->imm_mask = o->big_endian ? __builtin_bswap32(BITS(5, 16)) : BITS(5, 16);
	ret->imm_value = word >> 5 & 0xffff;
	ret->imm_argument = reg < 8 ? (uint8_t)(reg + 1) : 0;
}

/*
 * Loads and stores of general registers that leave the base as it is, and combinations of registers: where the lowest bits
 * of further fields that are registers stand, or 0.
 */
static const struct operands {
	uint32_t mask, value;
	uint8_t fields[3];
} combinations[] = {
	{ 0x3f000000, 0x39000000, { 5 } },         /* ldr, str and their kin, of a scaled offset */
	{ 0x3f200c00, 0x38000000, { 5 } },         /* ldur, stur */
	{ 0x3f200c00, 0x38200800, { 5, 16 } },     /* of a register's offset */
	{ 0x3f800000, 0x29000000, { 5, 10 } },     /* ldp, stp */
	{ 0x1f000000, 0x0a000000, { 5, 16 } },     /* and, orr (mov), eor */
	{ 0x1f000000, 0x0b000000, { 5, 16 } },     /* add, sub */
	{ 0x1f000000, 0x1b000000, { 5, 16, 10 } }, /* madd, msub and their kin */
	{ 0x1f800000, 0x11000000, { 5 } },         /* of an immediate */
};

static bool combines_others(uint32_t word, uint32_t reg)
{
	for (size_t i = 0; i < sizeof(combinations) / sizeof(*combinations); i++) {
		const uint8_t *field = combinations[i].fields, *end = field + sizeof(combinations[i].fields);

		if ((word & combinations[i].mask) != combinations[i].value)
			continue;
		while (field < end && *field && (word >> *field & 31) != reg)
			field++;
		return field == end || !*field;
	}
	return false;
}

/*
 * The instructions by which arguments are loaded: addresses, constants, copies, sums, what memory has. All have a register
 * that they write or store in bits 0 to 4.
 */
static bool aarch64_spares_argument(const struct object *o, const struct section *s, uint64_t offset, uint8_t argument)
{
	uint32_t reg = argument - 1u, word;

	(void)o;
	if (argument == ARGUMENT_STACK || !section_word(s, offset, &word) || (word & 31) == reg)
		return false;
	if ((word & 0x1f000000) == 0x10000000 || (word & 0x1f800000) == 0x12800000) /* adr, adrp; movz, movn, movk */
		return true;
	return combines_others(word, reg);
}

/* prfm only hints at memory. */
static bool is_prefetch(uint32_t word)
{
	return (word & 0xffc00000) == 0xf9800000 || (word & 0xff000000) == 0xd8000000;
}

static bool aarch64_dereferences(const struct object *o, const struct reloc *r)
{
	uint32_t word;

	switch (r->type) {
	case R_AARCH64_LD_PREL_LO19:
	case R_AARCH64_LDST8_ABS_LO12_NC:
	case R_AARCH64_LDST16_ABS_LO12_NC:
	case R_AARCH64_LDST32_ABS_LO12_NC:
	case R_AARCH64_LDST64_ABS_LO12_NC:
	case R_AARCH64_LDST128_ABS_LO12_NC:
		return section_word(&o->sections[r->section], r->offset, &word) && !is_prefetch(word);
	default:
		return false;
	}
}

static bool aarch64_decode(const struct object *o, const struct section *s, uint64_t offset, struct insn *ret)
{
	const struct branch *b;
	bool operand;
	uint32_t word;

	if (!section_word(s, offset, &word))
		return false;
	*ret = (struct insn){ .length = 4, .flow = flow_of(word) };
	b = find_branch(word);
	operand = is_adr(word) || is_load_literal(word);
	if ((!b && !operand && !is_movz(word)) || reloc_fills(&arch_aarch64, o, s, offset, 4))
		return true;
	if (b) {
		ret->direct_branch = true;
		ret->target = branch_target(b, word, offset);
		ret->reloc_type = b->type;
	} else if (operand) {
		ret->pc_operand = true;
		ret->target = operand_target(word, offset);
	} else {
		describe_immediate(o, word, ret);
	}
	return true;
}

static bool aarch64_format(const struct object *o, const struct section *s, uint64_t offset, char *buf, size_t size)
{
	const struct branch *b;
	uint32_t word;

	(void)o;
	if (!section_word(s, offset, &word))
		return false;
	b = find_branch(word);
	if (b)
		return format_fits(buf, size, "%s 0x%llx", b->name, (unsigned long long)branch_target(b, word, offset));
	if (is_movz(word))
		return format_fits(buf, size, "mov %c%u, #0x%x", word >> 31 ? 'x' : 'w', word & 31, word >> 5 & 0xffff);
	return format_fits(buf, size, ".inst 0x%08x", word);
}

/*
 * movz x, #0xcdef; movk x, #0x89ab, lsl #16; movk x, #0x4567, lsl #32; movk x, #0x0123, lsl #48. In their place come
 * adrp x, variable; ldr x, [x, :lo12:variable], and two no-ops.
 */
static bool aarch64_runtime_load(const struct object *o, const struct section *s, uint64_t offset,
				 struct runtime_load *ret)
{
	static const uint32_t expected[4] = { 0xd299bde0, 0xf2b13560, 0xf2c8ace0, 0xf2e02460 };
	uint32_t word, reg = 0;

	for (uint64_t i = 0; i < 4; i++) {
		if (!section_is_code(s) || !section_word(s, offset + 4 * i, &word))
			return false;
		reg = i ? reg : word & 31;
		if (word != (expected[i] | reg) || reg == 31)
			return false;
	}
	*ret = (struct runtime_load){ .start = offset,
				      .size = 16,
				      .reloc_count = 2,
				      .relocs = { { .offset = 0, .type = R_AARCH64_ADR_PREL_PG_HI21 },
						  { .offset = 4, .type = R_AARCH64_LDST64_ABS_LO12_NC } } };
	bytes_put(ret->bytes, 0x90000000 | reg, 4, false);
	bytes_put(ret->bytes + 4, 0xf9400000 | reg << 5 | reg, 4, false);
	bytes_put(ret->bytes + 8, NOP, 4, false);
	bytes_put(ret->bytes + 12, NOP, 4, false);
	return !reloc_fills(&arch_aarch64, o, s, offset, 16);
}

/*
 * For Cortex-A53's erratum 843419 ld makes an adrp an adr, or a load or store behind it a branch (elfnn-aarch64.c), and a module's
 * loader an adrp an adr or a branch (arch/arm64/kernel/module.c). lld makes adrp and what adds to it adr, or a load from the GOT
 * no load. A call of a weak function that there is not becomes a no-op. Of a branch, veneers change nothing but the field.
 */
static bool aarch64_rewritten(const struct object *o, const struct reloc *r, uint64_t *from, uint64_t *to)
{
	*from = r->offset;
	*to = r->offset + 4;
	switch (r->type) {
	case R_AARCH64_ADR_PREL_PG_HI21:
	case R_AARCH64_ADR_PREL_PG_HI21_NC:
	case R_AARCH64_ADD_ABS_LO12_NC:
	case R_AARCH64_LDST8_ABS_LO12_NC:
	case R_AARCH64_LDST16_ABS_LO12_NC:
	case R_AARCH64_LDST32_ABS_LO12_NC:
	case R_AARCH64_LDST64_ABS_LO12_NC:
	case R_AARCH64_LDST128_ABS_LO12_NC:
	case R_AARCH64_ADR_GOT_PAGE:
	case R_AARCH64_LD64_GOTOFF_LO15:
	case R_AARCH64_LD64_GOT_LO12_NC:
	case R_AARCH64_LD64_GOTPAGE_LO15:
		return true;
	default:
		return aarch64_is_branch(o, r) && reloc_to_weak(o, r);
	}
}

/* Shadow call stacks in place of signed return addresses (arch/arm64/kernel/pi/patch-scs.c): paciasp and autiasp. */
static bool aarch64_unwind_rewrites(const struct object *o, const struct section *s, uint64_t offset)
{
	uint32_t word;

	(void)o;
	return section_word(s, offset, &word) && (word == 0xd503233f || word == 0xd50323bf);
}

/* Called by asm() of the kernel's headers, or by what the compiler puts before a function's frame. */
static const char *const odd_callees[] = { "_mcount", "__aarch64_", "__ll_sc_", "__asan_", "__hwasan_", NULL };

const struct arch arch_aarch64 = {
	.machine = EM_AARCH64,
	.name = "aarch64",
	.bit = ARCH_AARCH64,
	.pointer_reloc = R_AARCH64_ABS64,
	.none_reloc = R_AARCH64_NONE,
	.max_insn = 4,
	.field = aarch64_field,
	.reloc_name = aarch64_reloc_name,
	.bias = aarch64_bias,
	.is_branch = aarch64_is_branch,
	.dereferences = aarch64_dereferences,
	.dereferences_exactly = aarch64_dereferences,
	.decode = aarch64_decode,
	.spares_argument = aarch64_spares_argument,
	.register_use = aarch64_register_use,
	.argument_registers = BITS(0, 9), /* x8: where a large result goes */
	.result_register = REGISTER(0),
	.preserved_registers = BITS(18, 14),
	.odd_callees = odd_callees,
	.format = aarch64_format,
	.runtime_load = aarch64_runtime_load,
	.key_detour = aarch64_key_detour,
	.trace_bytes = 8, /* two no-ops: mov x9, lr and bl (arch/arm64/kernel/ftrace.c) */
	.rewritten = aarch64_rewritten,
	.unwind_rewrites = aarch64_unwind_rewrites,
	.shares_anchors = true,
};
