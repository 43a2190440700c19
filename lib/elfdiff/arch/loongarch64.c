/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loongarch64.c - tables and branches, and what a module cannot reach
 *
 * The kernel's image is in a window of its own (0x9000...), modules are in
 * virtual memory (0xffff...). The loader makes stubs for calls and slots of a
 * GOT, but of an address that is made in two parts it fills in the bits that
 * there is room for, and does not look at the rest (apply_r_larch_pcala()).
 */
#include "arch/internal.h"

#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif
#ifndef R_LARCH_B16
#define R_LARCH_B16 64
#define R_LARCH_B21 65
#define R_LARCH_B26 66
#define R_LARCH_ABS_HI20 67
#define R_LARCH_ABS_LO12 68
#define R_LARCH_ABS64_LO20 69
#define R_LARCH_ABS64_HI12 70
#define R_LARCH_PCALA_HI20 71
#define R_LARCH_PCALA_LO12 72
#define R_LARCH_PCALA64_LO20 73
#define R_LARCH_PCALA64_HI12 74
#define R_LARCH_GOT_PC_HI20 75
#define R_LARCH_GOT_PC_LO12 76
#define R_LARCH_GOT64_PC_LO20 77
#define R_LARCH_GOT64_PC_HI12 78
#define R_LARCH_GOT_HI20 79
#define R_LARCH_GOT_LO12 80
#define R_LARCH_GOT64_LO20 81
#define R_LARCH_GOT64_HI12 82
#define R_LARCH_32_PCREL 99
#define R_LARCH_RELAX 100
#endif
#ifndef R_LARCH_ALIGN
#define R_LARCH_DELETE 101
#define R_LARCH_ALIGN 102
#define R_LARCH_PCREL20_S2 103
#define R_LARCH_CFA 104
#define R_LARCH_ADD6 105
#define R_LARCH_SUB6 106
#define R_LARCH_ADD_ULEB128 107
#define R_LARCH_SUB_ULEB128 108
#define R_LARCH_64_PCREL 109
#endif
#ifndef R_LARCH_CALL36
#define R_LARCH_CALL36 110
#endif

#define ABS(bytes) ABSOLUTE(bytes, ALL_BITS(bytes))
#define PCREL(bytes) PC_RELATIVE(bytes, ALL_BITS(bytes))
#define HI20 ABSOLUTE(4, BITS(5, 20))
#define LO12 ABSOLUTE(4, BITS(10, 12))
#define PCREL_HI20 PC_RELATIVE(4, BITS(5, 20))
/* pcaddu18i and jirl read as one little-endian number */
#define CALL36 BRANCH(8, BITS(5, 20) | BITS(32 + 10, 16))

static const struct reloc_row rows[] = {
	RELOC(R_LARCH_NONE, MARKER),
	RELOC(R_LARCH_32, ABS(4)),
	RELOC(R_LARCH_64, ABS(8)),
	LINKER_RELOC(R_LARCH_RELATIVE, ABS(8)),
	LINKER_RELOC(R_LARCH_JUMP_SLOT, ABS(8)),
	RELOC(R_LARCH_MARK_LA, MARKER),
	RELOC(R_LARCH_MARK_PCREL, MARKER),
	/* The stack machine of the first ABI: pushes compute, pops fill in. */
	RELOC(R_LARCH_SOP_PUSH_PCREL, MARKER),
	RELOC(R_LARCH_SOP_PUSH_ABSOLUTE, MARKER),
	RELOC(R_LARCH_SOP_PUSH_DUP, MARKER),
	LINKER_RELOC(R_LARCH_SOP_PUSH_GPREL, MARKER),
	RELOC(R_LARCH_SOP_PUSH_PLT_PCREL, MARKER),
	LINKER_RELOC(R_LARCH_SOP_ASSERT, MARKER),
	LINKER_RELOC(R_LARCH_SOP_NOT, MARKER),
	RELOC(R_LARCH_SOP_SUB, MARKER),
	RELOC(R_LARCH_SOP_SL, MARKER),
	RELOC(R_LARCH_SOP_SR, MARKER),
	RELOC(R_LARCH_SOP_ADD, MARKER),
	RELOC(R_LARCH_SOP_AND, MARKER),
	RELOC(R_LARCH_SOP_IF_ELSE, MARKER),
	RELOC(R_LARCH_SOP_POP_32_S_10_5, ABSOLUTE(4, BITS(10, 5))),
	RELOC(R_LARCH_SOP_POP_32_U_10_12, LO12),
	RELOC(R_LARCH_SOP_POP_32_S_10_12, LO12),
	RELOC(R_LARCH_SOP_POP_32_S_10_16, ABSOLUTE(4, BITS(10, 16))),
	RELOC(R_LARCH_SOP_POP_32_S_10_16_S2, ABSOLUTE(4, BITS(10, 16))),
	RELOC(R_LARCH_SOP_POP_32_S_5_20, HI20),
	RELOC(R_LARCH_SOP_POP_32_S_0_5_10_16_S2, ABSOLUTE(4, BITS(0, 5) | BITS(10, 16))),
	RELOC(R_LARCH_SOP_POP_32_S_0_10_10_16_S2, ABSOLUTE(4, BITS(0, 26))),
	RELOC(R_LARCH_SOP_POP_32_U, ABS(4)),
	LINKER_RELOC(R_LARCH_ADD8, ABS(1)),
	LINKER_RELOC(R_LARCH_ADD16, ABS(2)),
	LINKER_RELOC(R_LARCH_ADD24, ABS(3)),
	RELOC(R_LARCH_ADD32, ABS(4)),
	RELOC(R_LARCH_ADD64, ABS(8)),
	LINKER_RELOC(R_LARCH_SUB8, ABS(1)),
	LINKER_RELOC(R_LARCH_SUB16, ABS(2)),
	LINKER_RELOC(R_LARCH_SUB24, ABS(3)),
	RELOC(R_LARCH_SUB32, ABS(4)),
	RELOC(R_LARCH_SUB64, ABS(8)),
	LINKER_RELOC(R_LARCH_B16, BRANCH(4, BITS(10, 16))),
	LINKER_RELOC(R_LARCH_B21, BRANCH(4, BITS(0, 5) | BITS(10, 16))),
	RELOC(R_LARCH_B26, BRANCH(4, BITS(0, 26))),
	LINKER_RELOC(R_LARCH_ABS_HI20, HI20),
	LINKER_RELOC(R_LARCH_ABS_LO12, LO12),
	LINKER_RELOC(R_LARCH_ABS64_LO20, HI20),
	LINKER_RELOC(R_LARCH_ABS64_HI12, LO12),
	RELOC(R_LARCH_PCALA_HI20, PCREL_HI20),
	RELOC(R_LARCH_PCALA_LO12, LO12),
	RELOC(R_LARCH_PCALA64_LO20, PCREL_HI20),
	RELOC(R_LARCH_PCALA64_HI12, PC_RELATIVE(4, BITS(10, 12))),
	RELOC(R_LARCH_GOT_PC_HI20, PCREL_HI20),
	RELOC(R_LARCH_GOT_PC_LO12, LO12),
	LINKER_RELOC(R_LARCH_GOT64_PC_LO20, PCREL_HI20),
	LINKER_RELOC(R_LARCH_GOT64_PC_HI12, PC_RELATIVE(4, BITS(10, 12))),
	LINKER_RELOC(R_LARCH_GOT_HI20, HI20),
	LINKER_RELOC(R_LARCH_GOT_LO12, LO12),
	LINKER_RELOC(R_LARCH_GOT64_LO20, HI20),
	LINKER_RELOC(R_LARCH_GOT64_HI12, LO12),
	RELOC(R_LARCH_32_PCREL, PCREL(4)),
	LINKER_RELOC(R_LARCH_RELAX, MARKER),
	LINKER_RELOC(R_LARCH_DELETE, MARKER),
	LINKER_RELOC(R_LARCH_ALIGN, MARKER),
	LINKER_RELOC(R_LARCH_PCREL20_S2, PCREL_HI20),
	LINKER_RELOC(R_LARCH_CFA, MARKER),
	LINKER_RELOC(R_LARCH_ADD6, ABSOLUTE(1, BITS(0, 6))),
	LINKER_RELOC(R_LARCH_SUB6, ABSOLUTE(1, BITS(0, 6))),
	LINKER_RELOC(R_LARCH_ADD_ULEB128, ABS(1)),
	LINKER_RELOC(R_LARCH_SUB_ULEB128, ABS(1)),
	RELOC(R_LARCH_64_PCREL, PCREL(8)),
	LINKER_RELOC(R_LARCH_CALL36, CALL36),
};

static bool larch_field(uint32_t type, struct reloc_field *ret)
{
	return reloc_rows_field(RELOC_ROWS(rows), type, ret);
}

static const char *larch_reloc_name(uint32_t type)
{
	return reloc_rows_name(RELOC_ROWS(rows), type);
}

static int64_t larch_bias(const struct object *o, const struct reloc *r, uint64_t start)
{
	(void)o, (void)r, (void)start;
	return 0;
}

static bool larch_is_branch(const struct object *o, const struct reloc *r)
{
	return reloc_rows_branch(RELOC_ROWS(rows), o, r);
}

/* The relocation type of a branch that holds its displacement, or NONE. */
static uint32_t branch_type(uint32_t word)
{
	switch (word >> 26) {
	case 0x10: /* beqz */
	case 0x11: /* bnez */
	case 0x12: /* bceqz, bcnez */
		return R_LARCH_B21;
	case 0x14: /* b */
	case 0x15: /* bl */
		return R_LARCH_B26;
	case 0x16 ... 0x1b: /* beq, bne, blt, bge, bltu, bgeu */
		return R_LARCH_B16;
	default:
		return R_LARCH_NONE;
	}
}

/* The displacement counts instructions; its low 16 bits stand at bit 10, the rest at bit 0. */
static uint64_t branch_target(uint32_t word, uint64_t offset)
{
	uint32_t type = branch_type(word);
	unsigned high = type == R_LARCH_B26 ? 10 : type == R_LARCH_B21 ? 5 : 0;
	uint64_t v = (word >> 10 & 0xffff) | (high ? (word & BITS(0, high)) << 16 : 0);

	return offset + 4 * (uint64_t)sign_extend(v, 16 + high);
}

/* li.w and li.d of a small constant: addi.w, addi.d or ori from $zero. */
static bool is_li(uint32_t word)
{
	uint32_t op = word >> 22;

	return (op == 0x0a || op == 0x0b || op == 0x0e) && !(word >> 5 & 31);
}

/* A trap counts as an end: where one is resumed (WARN), the compiler put something behind it. */
static enum flow flow_of(uint32_t word)
{
	switch (word >> 26) {
	case 0x13: /* jirl */
		return word & 31 ? FLOW_CALL : FLOW_STOPS;
	case 0x14: /* b */
		return FLOW_STOPS;
	case 0x15: /* bl */
		return FLOW_CALL;
	}
	if ((word & 0xffff8000) == 0x002a0000 || word == 0x06483800) /* break, ertn */
		return FLOW_STOPS;
	return word == 0x03400000 ? FLOW_NOP : FLOW_ON; /* andi $zero,$zero,0 */
}

static bool is_pcaddi(uint32_t word)
{
	return word >> 25 == 0x0c;
}

/* li to $a0..$a7, which are registers 4 to 11 */
static uint8_t immediate_argument(uint32_t word)
{
	unsigned reg = word & 31;

	return reg >= 4 && reg <= 11 ? (uint8_t)(reg - 3) : 0;
}

static bool larch_decode(const struct object *o, const struct section *s, uint64_t offset, struct insn *ret)
{
	uint32_t word;

	if (!section_word(s, offset, &word))
		return false;
	*ret = (struct insn){ .length = 4, .flow = flow_of(word) };
	if (reloc_fills(&arch_loongarch64, o, s, offset, 4))
		return true;
	if (branch_type(word) != R_LARCH_NONE) {
		ret->direct_branch = true;
		ret->target = branch_target(word, offset);
		ret->reloc_type = branch_type(word);
	} else if (is_li(word)) {
		ret->imm_size = 4;
		ret->imm_mask = BITS(10, 12);
		ret->imm_value = word >> 10 & 0xfff;
		ret->imm_argument = immediate_argument(word);
	} else if (is_pcaddi(word)) {
		ret->pc_operand = true;
		ret->target = offset + 4 * (uint64_t)sign_extend(word >> 5 & BITS(0, 20), 20);
	}
	return true;
}

/* Arithmetic, loads and stores of integers: with a number, and with registers alone. */
static bool has_two_registers(uint32_t word)
{
	unsigned op = word >> 22;

	return (op >= 0x0a && op <= 0x0f) || (op >= 0xa0 && op <= 0xaa) || (word >> 24 >= 0x24 && word >> 24 <= 0x27);
}

static bool has_three_registers(uint32_t word)
{
	unsigned op = word >> 15;

	return (op >= 0x20 && op <= 0x23) || (op >= 0x29 && op <= 0x2b) || (op >= 0x7000 && op <= 0x7040 && !(op & 7));
}

/* lu12i.w, lu32i.d, pcaddi, pcalau12i, pcaddu12i, pcaddu18i */
static bool has_one_register(uint32_t word)
{
	return word >> 25 >= 0x0a && word >> 25 <= 0x0f;
}

static bool larch_spares_argument(const struct object *o, const struct section *s, uint64_t offset, uint8_t argument)
{
	uint32_t reg = argument + 3u, word;

	(void)o;
	if (argument == ARGUMENT_STACK || !section_word(s, offset, &word) || (word & 31) == reg)
		return false;
	if (has_one_register(word))
		return true;
	if ((word >> 5 & 31) == reg)
		return false;
	return has_two_registers(word) || (has_three_registers(word) && (word >> 10 & 31) != reg);
}

/* With -mcmodel=extreme the instruction after next has bits 32 to 51, and the one behind it the rest. */
static bool has_upper_half(const struct object *o, const struct reloc *r)
{
	const struct reloc *upper = object_reloc_at(o, &o->sections[r->section], r->offset + 8);

	return upper && upper->type == R_LARCH_PCALA64_LO20 && upper->symbol == r->symbol && upper->addend == r->addend;
}

static const char *larch_confined(const struct object *o, const struct reloc *r)
{
	switch (r->type) {
	case R_LARCH_PCALA_HI20:
		return has_upper_half(o, r)
			       ? NULL
			       : "its instructions reach 2 GiB, and modules are farther than that from the "
				 "kernel: the module loader would fill in a part of the address";
	case R_LARCH_PCREL20_S2:
		return "its instruction reaches 2 MiB, and modules are farther than that from the kernel";
	case R_LARCH_B16:
	case R_LARCH_B21:
		return "it is a conditional branch, for which the module loader makes no stub";
	default:
		return NULL;
	}
}

static bool larch_format(const struct object *o, const struct section *s, uint64_t offset, char *buf, size_t size)
{
	static const char *const names[] = {
		[0x10] = "beqz", [0x11] = "bnez", [0x12] = "bcz", [0x14] = "b",    [0x15] = "bl",   [0x16] = "beq",
		[0x17] = "bne",  [0x18] = "blt",  [0x19] = "bge", [0x1a] = "bltu", [0x1b] = "bgeu",
	};
	uint32_t word;

	(void)o;
	if (!section_word(s, offset, &word))
		return false;
	if (branch_type(word) != R_LARCH_NONE)
		return format_fits(buf, size, "%s 0x%llx", names[word >> 26],
				   (unsigned long long)branch_target(word, offset));
	if (is_li(word))
		return format_fits(buf, size, "li $r%u, 0x%x", word & 31, word >> 10 & 0xfff);
	return format_fits(buf, size, ".word 0x%08x", word);
}

const struct arch arch_loongarch64 = {
	.machine = EM_LOONGARCH,
	.name = "loongarch64",
	.unrecorded = "code for a module (-mcmodel=extreme) is not the kernel's",
	.bit = ARCH_LOONGARCH64,
	.pointer_reloc = R_LARCH_64,
	.none_reloc = R_LARCH_NONE,
	.max_insn = 4,
	.field = larch_field,
	.reloc_name = larch_reloc_name,
	.bias = larch_bias,
	.is_branch = larch_is_branch,
	.decode = larch_decode,
	.spares_argument = larch_spares_argument,
	.register_use = larch_register_use,
	.argument_registers = BITS(4, 8),
	.result_register = REGISTER(4),
	.preserved_registers = REGISTER(2) | REGISTER(3) | BITS(21, 11),
	.format = larch_format,
	.confined = larch_confined,
	.confined_hint = "compile both objects with -mcmodel=extreme",
};
