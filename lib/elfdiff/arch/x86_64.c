/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64.c - decoding by Zydis: the one architecture here whose instructions have no evident length */
#include <string.h>

#include "arch/x86_64.h"

#define ABS(bytes) ABSOLUTE(bytes, ALL_BITS(bytes))
#define PCREL(bytes) PC_RELATIVE(bytes, ALL_BITS(bytes))

static const struct reloc_row rows[] = {
	RELOC(R_X86_64_NONE, MARKER),
	RELOC(R_X86_64_64, ABS(8)),
	RELOC(R_X86_64_PC32, PCREL(4)),
	LINKER_RELOC(R_X86_64_GOT32, ABS(4)),
	RELOC(R_X86_64_PLT32, BRANCH(4, ALL_BITS(4))),
	LINKER_RELOC(R_X86_64_GLOB_DAT, ABS(8)),
	LINKER_RELOC(R_X86_64_JUMP_SLOT, ABS(8)),
	LINKER_RELOC(R_X86_64_RELATIVE, ABS(8)),
	LINKER_RELOC(R_X86_64_GOTPCREL, PCREL(4)),
	RELOC(R_X86_64_32, ABS(4)),
	RELOC(R_X86_64_32S, ABS(4)),
	LINKER_RELOC(R_X86_64_16, ABS(2)),
	LINKER_RELOC(R_X86_64_PC16, PCREL(2)),
	LINKER_RELOC(R_X86_64_8, ABS(1)),
	LINKER_RELOC(R_X86_64_PC8, PCREL(1)),
	LINKER_RELOC(R_X86_64_DTPMOD64, ABS(8)),
	LINKER_RELOC(R_X86_64_DTPOFF64, ABS(8)),
	LINKER_RELOC(R_X86_64_TPOFF64, ABS(8)),
	LINKER_RELOC(R_X86_64_TLSGD, PCREL(4)),
	LINKER_RELOC(R_X86_64_TLSLD, PCREL(4)),
	LINKER_RELOC(R_X86_64_DTPOFF32, ABS(4)),
	LINKER_RELOC(R_X86_64_GOTTPOFF, PCREL(4)),
	LINKER_RELOC(R_X86_64_TPOFF32, ABS(4)),
	RELOC(R_X86_64_PC64, PCREL(8)),
	LINKER_RELOC(R_X86_64_GOTOFF64, ABS(8)),
	LINKER_RELOC(R_X86_64_GOTPC32, PCREL(4)),
	LINKER_RELOC(R_X86_64_GOT64, ABS(8)),
	LINKER_RELOC(R_X86_64_GOTPCREL64, PCREL(8)),
	LINKER_RELOC(R_X86_64_GOTPC64, PCREL(8)),
	LINKER_RELOC(R_X86_64_GOTPLT64, ABS(8)),
	LINKER_RELOC(R_X86_64_PLTOFF64, ABS(8)),
	LINKER_RELOC(R_X86_64_SIZE32, ABS(4)),
	LINKER_RELOC(R_X86_64_SIZE64, ABS(8)),
	LINKER_RELOC(R_X86_64_GOTPC32_TLSDESC, PCREL(4)),
	LINKER_RELOC(R_X86_64_TLSDESC_CALL, MARKER),
	LINKER_RELOC(R_X86_64_GOTPCRELX, PCREL(4)),
	LINKER_RELOC(R_X86_64_REX_GOTPCRELX, PCREL(4)),
};

static bool x86_field(uint32_t type, struct reloc_field *ret)
{
	return reloc_rows_field(RELOC_ROWS(rows), type, ret);
}

/* mov foo@GOTPCREL(%rip) becomes lea or mov of a constant, call and jmp direct ones (psABI, B.2). */
static bool x86_rewritten(const struct object *o, const struct reloc *r, uint64_t *from, uint64_t *to)
{
	uint64_t before = r->type == R_X86_64_REX_GOTPCRELX ? 3 : 2;

	(void)o;
	if (r->type != R_X86_64_REX_GOTPCRELX && r->type != R_X86_64_GOTPCREL && r->type != R_X86_64_GOTPCRELX)
		return false;
	*from = r->offset < before ? 0 : r->offset - before;
	*to = r->offset;
	return true;
}

static const char *x86_reloc_name(uint32_t type)
{
	return reloc_rows_name(RELOC_ROWS(rows), type);
}

/*
 * Decode without operands. Minimal mode is several times faster and tells all
 * that is asked here: length, opcode, and where displacement and immediates are.
 */
static bool decode_raw(const struct section *s, uint64_t offset, ZydisDecodedInstruction *ret)
{
	const uint8_t *p = section_bytes(s, offset, 1);
	ZydisDecoder decoder;

	return p && ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)) &&
	       ZYAN_SUCCESS(ZydisDecoderEnableMode(&decoder, ZYDIS_DECODER_MODE_MINIMAL, ZYAN_TRUE)) &&
	       ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, p, s->size - offset, ret));
}

/*
 * The four bytes at `offset` are the displacement of a call, jmp or jcc: its
 * opcode stands right before them. No ModR/M or SIB byte before a RIP-relative
 * displacement can look like it, so nothing has to be decoded.
 */
static bool follows_branch_opcode(const struct section *s, uint64_t offset)
{
	const uint8_t *p = section_is_code(s) && offset ? section_bytes(s, offset - 1, 5) : NULL;

	if (!p)
		return false;
	return *p == 0xe8 || *p == 0xe9 || (offset > 1 && p[-1] == 0x0f && (*p & 0xf0) == 0x80);
}

static bool x86_is_branch(const struct object *o, const struct reloc *r)
{
	const struct section *s = &o->sections[r->section];

	if (r->type == R_X86_64_PLT32 || r->type == R_X86_64_PC8)
		return section_is_code(s);
	return r->type == R_X86_64_PC32 && follows_branch_opcode(s, r->offset);
}

/* Bytes from the relocation to the end of its instruction; 0: not found. */
static int64_t to_instruction_end(const struct section *s, uint64_t offset, uint64_t start)
{
	ZydisDecodedInstruction in;

	while (start <= offset && decode_raw(s, start, &in)) {
		if (offset - start < in.length)
			return (int64_t)(start + in.length - offset);
		start += in.length;
	}
	return 0;
}

/*
 * The same of an operand at RIP plus displacement that no immediate stands behind: of 0x84 to 0x8d, which test, move and
 * load addresses. Of all maps of opcodes only AMD's XOP has some with an immediate there (its byte 0x8f is in front).
 */
static bool follows_plain_operand(const struct section *s, uint64_t offset)
{
	const uint8_t *p = offset > 1 ? section_bytes(s, offset - 2, 6) : NULL;

	return p && (p[1] & 0xc7) == 0x05 && p[0] >= 0x84 && p[0] <= 0x8d && p[0] != 0x8c && p[0] != 0x86 &&
	       (offset < 5 || p[-3] != 0x8f);
}

/*
 * Its field is the last of an instruction's, and does not need more to be known for that. PC8 is of a branch; no other
 * operand is that short.
 */
static bool ends_instruction(const struct section *s, const struct reloc *r, const struct reloc_field *f)
{
	if (r->type == R_X86_64_PC8)
		return true;
	return f->pc_relative && f->size == 4 &&
	       (follows_branch_opcode(s, r->offset) || follows_plain_operand(s, r->offset));
}

/* 64 bits: the addend of a movabs is the author's business. */
static bool counts_from_end(const struct reloc *r, struct reloc_field *ret)
{
	return x86_field(r->type, ret) && ret->pc_relative && ret->size <= 4;
}

static bool x86_needs_start(const struct object *o, const struct reloc *r)
{
	struct reloc_field f;

	return counts_from_end(r, &f) && !ends_instruction(&o->sections[r->section], r, &f);
}

/* Behind the last call or jump that has a relocation. */
static uint64_t x86_known_boundary(const struct object *o, const struct section *s, uint64_t start, uint64_t offset)
{
	for (uint32_t i = object_first_reloc(o, s, offset); i > s->reloc_first; i--) {
		const struct reloc *r = &o->relocs[i - 1];

		if (r->offset < start)
			break;
		if (r->type == R_X86_64_PLT32 && follows_branch_opcode(s, r->offset) && r->offset + 4 <= offset)
			return r->offset + 4;
	}
	return start;
}

static int64_t x86_bias(const struct object *o, const struct reloc *r, uint64_t start)
{
	const struct section *s = &o->sections[r->section];
	struct reloc_field f;
	int64_t bias;

	if (!section_is_code(s) || !counts_from_end(r, &f))
		return 0;
	if (start == NO_START || ends_instruction(s, r, &f))
		return f.size;
	bias = to_instruction_end(s, r->offset, start);
	return bias >= f.size ? bias : f.size;
}

static bool no_reloc(const struct object *o, const struct section *s, uint64_t offset, unsigned bytes)
{
	return !reloc_fills(&arch_x86_64, o, s, offset, bytes);
}

static void describe_branch(const struct object *o, const struct section *s, uint64_t offset,
			    const ZydisDecodedInstruction *in, struct insn *ret)
{
	unsigned bytes = in->raw.imm[0].size / 8;

	if (!no_reloc(o, s, offset + in->raw.imm[0].offset, bytes))
		return;
	ret->direct_branch = true;
	ret->target = offset + in->length + (uint64_t)in->raw.imm[0].value.s;
	ret->field_offset = in->raw.imm[0].offset;
	ret->reloc_type = bytes == 4 ? R_X86_64_PLT32 : bytes == 1 ? R_X86_64_PC8 : 0;
	ret->reloc_addend = -(int64_t)bytes;
}

/* mov $imm,reg; mov $imm,mem; push $imm. Arithmetic and comparisons have no line numbers. */
static bool loads_immediate(const ZydisDecodedInstruction *in)
{
	if (in->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY || in->opcode_map != ZYDIS_OPCODE_MAP_DEFAULT)
		return false;
	return (in->opcode & 0xf0) == 0xb0 || in->opcode == 0x68 || in->opcode == 0x6a ||
	       ((in->opcode & 0xfe) == 0xc6 && in->raw.modrm.reg == 0);
}

/* Encoding number of the register that mov $imm,reg loads as a whole, or -1. A line number is an int. */
static int loaded_register(const ZydisDecodedInstruction *in)
{
	unsigned high = (in->attributes & ZYDIS_ATTRIB_HAS_REX) ? in->raw.rex.B << 3 : 0;

	if (in->raw.imm[0].size != 32)
		return -1;
	if ((in->opcode & 0xf8) == 0xb8)
		return (int)((in->opcode & 7u) | high);
	return in->opcode == 0xc7 && in->raw.modrm.mod == 3 ? (int)(in->raw.modrm.rm | high) : -1;
}

/* mov $imm,disp(%rsp): no index, no register above the eighth as base. */
static bool stores_to_stack(const ZydisDecodedInstruction *in)
{
	bool extended = (in->attributes & ZYDIS_ATTRIB_HAS_REX) && (in->raw.rex.B || in->raw.rex.X);

	return in->opcode == 0xc7 && in->raw.imm[0].size == 32 && in->raw.modrm.mod != 3 && in->raw.modrm.rm == 4 &&
	       in->raw.sib.base == 4 && in->raw.sib.index == 4 && !extended;
}

/* By encoding number. */
static const uint8_t argument_of[16] = { [7] = 1, [6] = 2, [2] = 3, [1] = 4, [8] = 5, [9] = 6 };

static uint8_t immediate_argument(const ZydisDecodedInstruction *in)
{
	int reg = loaded_register(in);

	if (in->opcode == 0x68 || in->opcode == 0x6a || stores_to_stack(in))
		return ARGUMENT_STACK;
	return reg < 0 ? 0 : argument_of[reg];
}

static void describe_immediate(const struct object *o, const struct section *s, uint64_t offset,
			       const ZydisDecodedInstruction *in, struct insn *ret)
{
	unsigned bytes = in->raw.imm[0].size / 8;

	if (bytes < 1 || bytes > 4 || !no_reloc(o, s, offset + in->raw.imm[0].offset, bytes))
		return;
	ret->imm_offset = in->raw.imm[0].offset;
	ret->imm_size = (uint8_t)bytes;
	ret->imm_mask = ALL_BITS(bytes);
	ret->imm_value = in->raw.imm[0].value.u & ret->imm_mask;
	ret->imm_argument = immediate_argument(in);
}

/* disp32(%rip) */
static void describe_operand(const struct object *o, const struct section *s, uint64_t offset,
			     const ZydisDecodedInstruction *in, struct insn *ret)
{
	if (in->raw.modrm.mod || in->raw.modrm.rm != 5 || in->raw.disp.size != 32 ||
	    !no_reloc(o, s, offset + in->raw.disp.offset, 4))
		return;
	ret->pc_operand = true;
	ret->target = offset + in->length + (uint64_t)in->raw.disp.value;
}

/* Traps count as ends: where one is resumed (WARN), the compiler put something behind it. */
static enum flow one_byte_flow(uint8_t opcode, uint8_t reg)
{
	switch (opcode) {
	case 0xc2: /* ret */
	case 0xc3:
	case 0xca:
	case 0xcb:
	case 0xcc: /* int3 */
	case 0xcf: /* iret */
	case 0xe9: /* jmp */
	case 0xeb:
		return FLOW_STOPS;
	case 0xe8:
		return FLOW_CALL;
	case 0xff: /* /2 and /3 call, /4 and /5 jmp */
		return reg == 2 || reg == 3 ? FLOW_CALL : reg == 4 || reg == 5 ? FLOW_STOPS : FLOW_ON;
	default:
		return FLOW_ON;
	}
}

/* nop and xchg %ax,%ax, but neither pause nor xchg %r8,%rax. */
static bool is_short_nop(const ZydisDecodedInstruction *in)
{
	return in->opcode == 0x90 && in->mnemonic == ZYDIS_MNEMONIC_NOP;
}

static enum flow flow_of(const ZydisDecodedInstruction *in)
{
	if (in->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY)
		return FLOW_ON;
	if (in->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && is_short_nop(in))
		return FLOW_NOP;
	if (in->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT)
		return one_byte_flow(in->opcode, in->raw.modrm.reg);
	if (in->opcode_map != ZYDIS_OPCODE_MAP_0F)
		return FLOW_ON;
	/* ud2, ud1, ud0; sysret, sysexit; nopw */
	if (in->opcode == 0x0b || in->opcode == 0xb9 || in->opcode == 0xff || in->opcode == 0x07 || in->opcode == 0x35)
		return FLOW_STOPS;
	return in->opcode == 0x1f ? FLOW_NOP : FLOW_ON;
}

static bool x86_decode(const struct object *o, const struct section *s, uint64_t offset, struct insn *ret)
{
	ZydisDecodedInstruction in;

	if (!decode_raw(s, offset, &in))
		return false;
	*ret = (struct insn){ .length = in.length, .flow = flow_of(&in) };
	if (in.raw.imm[0].is_relative)
		describe_branch(o, s, offset, &in, ret);
	else if (loads_immediate(&in))
		describe_immediate(o, s, offset, &in, ret);
	describe_operand(o, s, offset, &in, ret);
	return true;
}

static bool is_argument(ZydisRegister reg, uint8_t argument)
{
	ZyanI8 id = ZydisRegisterGetId(ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg));

	return ZydisRegisterGetClass(reg) >= ZYDIS_REGCLASS_GPR8 &&
	       ZydisRegisterGetClass(reg) <= ZYDIS_REGCLASS_GPR64 && id >= 0 && id < 16 && argument_of[id] == argument;
}

/* What is pushed is there until something reads the stack. */
static bool reads_stack(const ZydisDecodedOperand *op)
{
	return op->type == ZYDIS_OPERAND_TYPE_MEMORY && op->actions & ZYDIS_OPERAND_ACTION_MASK_READ &&
	       (op->mem.base == ZYDIS_REGISTER_RSP || op->mem.index == ZYDIS_REGISTER_RSP);
}

static bool concerns(const ZydisDecodedOperand *op, uint8_t argument)
{
	if (argument == ARGUMENT_STACK)
		return reads_stack(op);
	switch (op->type) {
	case ZYDIS_OPERAND_TYPE_REGISTER:
		return is_argument(op->reg.value, argument);
	case ZYDIS_OPERAND_TYPE_MEMORY:
		return is_argument(op->mem.base, argument) || is_argument(op->mem.index, argument);
	default:
		return false;
	}
}

/* jz and the like, which read flags alone. */
static bool is_conditional_jump(const ZydisDecodedInstruction *in)
{
	return (in->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && in->opcode >> 4 == 0x7) ||
	       (in->opcode_map == ZYDIS_OPCODE_MAP_0F && in->opcode >> 4 == 0x8);
}

bool x86_decode_full(const struct section *s, uint64_t offset, struct x86_insn *ret)
{
	const uint8_t *p = section_bytes(s, offset, 1);
	ZydisDecoder decoder;

	return p && ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)) &&
	       ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, p, s->size - offset, &ret->in, ret->operands));
}

/* A hypervisor, the firmware, an enclave, a system call: each reads the registers of its own convention. */
bool x86_hands_over(const ZydisDecodedInstruction *in)
{
	switch (in->mnemonic) {
	case ZYDIS_MNEMONIC_VMMCALL:
	case ZYDIS_MNEMONIC_VMRUN:
	case ZYDIS_MNEMONIC_TDCALL:
	case ZYDIS_MNEMONIC_SEAMCALL:
	case ZYDIS_MNEMONIC_GETSEC:
		return true;
	default:
		return in->meta.category == ZYDIS_CATEGORY_VTX || in->meta.category == ZYDIS_CATEGORY_SGX ||
		       in->meta.category == ZYDIS_CATEGORY_SYSCALL || in->meta.category == ZYDIS_CATEGORY_SYSRET;
	}
}

/* What enters or leaves the kernel changes more than it says. */
static bool x86_spares_argument(const struct object *o, const struct section *s, uint64_t offset, uint8_t argument)
{
	struct x86_insn x;

	(void)o;
	if (!x86_decode_full(s, offset, &x) ||
	    (x.in.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE && !is_conditional_jump(&x.in)) ||
	    flow_of(&x.in) == FLOW_STOPS || flow_of(&x.in) == FLOW_CALL || x86_hands_over(&x.in) ||
	    x.in.meta.category == ZYDIS_CATEGORY_INTERRUPT)
		return false;
	for (unsigned i = 0; i < x.in.operand_count; i++)
		if (concerns(&x.operands[i], argument))
			return false;
	return true;
}

/* Opcodes that take an address and leave its memory alone: lea; prefetch, nop and invlpg behind 0f. */
static bool only_addresses(uint8_t before, uint8_t opcode)
{
	return opcode == 0x8d ||
	       (before == 0x0f && (opcode == 0x01 || opcode == 0x0d || opcode == 0x18 || opcode == 0x1f));
}

/*
 * What stands at `p` is disp32(%rip): a ModR/M byte that says so is right
 * before it. The same byte behind REX is an opcode (add $imm,%rax).
 */
static bool reads_rip_relative(const uint8_t *p)
{
	bool rex = (p[-2] & 0xf0) == 0x40 && p[-3] != 0x0f;

	return (p[-1] & 0xc7) == 0x05 && !rex && !only_addresses(p[-3], p[-2]);
}

/*
 * What stands at `p` is disp32(,%index,scale): opcode, ModR/M and SIB are right
 * before it. No other instruction with an immediate or displacement of 32 bits
 * has these three bytes there.
 */
static bool reads_table(const uint8_t *p)
{
	static const uint8_t opcodes[] = { 0x03, 0x2b, 0x39, 0x3b, 0x80, 0x83, 0x88, 0x89, 0x8a, 0x8b, 0xc7, 0xff };

	return (p[-1] & 0x07) == 0x05 && (p[-2] & 0xc7) == 0x04 && memchr(opcodes, p[-3], sizeof(opcodes));
}

/* The field of a relocation, with three bytes before it; or NULL. */
static const uint8_t *field_in_code(const struct object *o, const struct reloc *r)
{
	const struct section *s = &o->sections[r->section];
	const uint8_t *p = section_is_code(s) && r->offset >= 3 ? section_bytes(s, r->offset - 3, 7) : NULL;

	return p ? p + 3 : NULL;
}

/* No instruction boundary is known here: true only where the bytes before the field leave no doubt. */
static bool x86_dereferences_exactly(const struct object *o, const struct reloc *r)
{
	const uint8_t *p = field_in_code(o, r);

	return p && r->type == R_X86_64_PC32 && reads_rip_relative(p);
}

static bool x86_dereferences(const struct object *o, const struct reloc *r)
{
	const uint8_t *p = field_in_code(o, r);

	return x86_dereferences_exactly(o, r) || (p && r->type == R_X86_64_32S && reads_table(p));
}

/*
 * movabs $0x0123456789abcdef,%reg, of which the entry names the immediate. In its place comes what the kernel has in
 * modules: mov variable(%rip),%reg, and a no-op to fill up.
 */
static bool x86_runtime_load(const struct object *o, const struct section *s, uint64_t offset, struct runtime_load *ret)
{
	static const uint8_t immediate[8] = { 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01 };
	const uint8_t *p = section_is_code(s) && offset >= 2 ? section_bytes(s, offset - 2, 10) : NULL;

	if (!p || (p[0] & 0xfe) != 0x48 || (p[1] & 0xf8) != 0xb8 || memcmp(p + 2, immediate, sizeof(immediate)) ||
	    !no_reloc(o, s, offset - 2, 10))
		return false;
	*ret = (struct runtime_load){ .start = offset - 2,
				      .size = 10,
				      .bytes = { [7] = 0x0f, 0x1f, 0x00 },
				      .reloc_count = 1,
				      .relocs = { { .offset = 3, .type = R_X86_64_PC32, .addend = -4 } } };
	ret->bytes[0] = (uint8_t)(0x48 | (p[0] & 1) << 2); /* REX: the register is in another field */
	ret->bytes[1] = 0x8b;
	ret->bytes[2] = (uint8_t)((p[1] & 7) << 3 | 5);
	return true;
}

static bool set_style(ZydisFormatter *f)
{
	static const struct {
		ZydisFormatterProperty property;
		ZyanUPointer value;
	} style[] = {
		{ ZYDIS_FORMATTER_PROP_FORCE_RELATIVE_RIPREL, ZYAN_TRUE },
		{ ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_ADDR_PADDING_RELATIVE, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_DISP_PADDING, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_IMM_PADDING, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE },
	};

	if (ZYAN_FAILED(ZydisFormatterInit(f, ZYDIS_FORMATTER_STYLE_ATT)))
		return false;
	for (size_t i = 0; i < sizeof(style) / sizeof(style[0]); i++)
		if (ZYAN_FAILED(ZydisFormatterSetProperty(f, style[i].property, style[i].value)))
			return false;
	return true;
}

static bool x86_format(const struct object *o, const struct section *s, uint64_t offset, char *buf, size_t size)
{
	ZydisFormatter formatter;
	struct x86_insn x;

	(void)o;
	return set_style(&formatter) && x86_decode_full(s, offset, &x) &&
	       ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &x.in, x.operands, x.in.operand_count_visible,
							    buf, size, offset, NULL));
}

/* Called by asm() of the kernel's headers, or what its compilers call without saving registers. */
static const char *const odd_callees[] = { "__fentry__",
					   "__get_user_",
					   "__put_user_",
					   "__sw_hweight",
					   "copy_user_",
					   "__copy_user_",
					   "clear_user_",
					   "__clear_user",
					   "rep_movs",
					   "rep_stos",
					   "__SCT__",
					   "preempt_schedule",
					   "___preempt_schedule",
					   "call_rwsem_",
					   "__raw_callee_save_",
					   "__pv_",
					   "__asan_",
					   "__sanitizer_",
					   NULL };

static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };

const struct arch arch_x86_64 = {
	.machine = EM_X86_64,
	.name = "x86_64",
	.bit = ARCH_X86_64,
	.pointer_reloc = R_X86_64_64,
	.none_reloc = R_X86_64_NONE,
	.max_insn = 15,
	.field = x86_field,
	.reloc_name = x86_reloc_name,
	.bias = x86_bias,
	.needs_start = x86_needs_start,
	.known_boundary = x86_known_boundary,
	.is_branch = x86_is_branch,
	.dereferences = x86_dereferences,
	.dereferences_exactly = x86_dereferences_exactly,
	.decode = x86_decode,
	.spares_argument = x86_spares_argument,
	.register_use = x86_register_use,
	.argument_registers = REGISTER(7) | REGISTER(6) | REGISTER(2) | REGISTER(1) | REGISTER(8) | REGISTER(9),
	.result_register = REGISTER(0),
	.preserved_registers = REGISTER(3) | REGISTER(4) | REGISTER(5) | REGISTER(12) | REGISTER(13) | REGISTER(14) |
			       REGISTER(15),
	.odd_callees = odd_callees,
	.return_thunk = "__x86_return_thunk",
	.jump_thunk = "__x86_indirect_",
	.format = x86_format,
	.runtime_load = x86_runtime_load,
	.key_detour = x86_key_detour,
	.landing_pad = endbr64,
	.landing_pad_size = sizeof(endbr64),
	.trace_bytes = 5, /* MCOUNT_INSN_SIZE: a call or a no-op */
	.rewritten = x86_rewritten,
	.shortens_jumps = true,
	.kprobe_redirects = true,
	.trace_symbol = "__fentry__",
};
