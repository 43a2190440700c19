/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64.c - decoding by Zydis: the one architecture here whose instructions have no evident length */
#include <Zydis/Zydis.h>

#include "rows.h"

#define ABS(bytes) ABSOLUTE(bytes, ALL_BITS(bytes))
#define PCREL(bytes) PC_RELATIVE(bytes, ALL_BITS(bytes))

static const struct reloc_row rows[] = {
	RELOC(R_X86_64_NONE, MARKER),
	RELOC(R_X86_64_64, ABS(8)),
	RELOC(R_X86_64_PC32, PCREL(4)),
	RELOC(R_X86_64_GOT32, ABS(4)),
	RELOC(R_X86_64_PLT32, BRANCH(4, ALL_BITS(4))),
	RELOC(R_X86_64_GLOB_DAT, ABS(8)),
	RELOC(R_X86_64_JUMP_SLOT, ABS(8)),
	RELOC(R_X86_64_RELATIVE, ABS(8)),
	RELOC(R_X86_64_GOTPCREL, PCREL(4)),
	RELOC(R_X86_64_32, ABS(4)),
	RELOC(R_X86_64_32S, ABS(4)),
	RELOC(R_X86_64_16, ABS(2)),
	RELOC(R_X86_64_PC16, PCREL(2)),
	RELOC(R_X86_64_8, ABS(1)),
	RELOC(R_X86_64_PC8, PCREL(1)),
	RELOC(R_X86_64_DTPMOD64, ABS(8)),
	RELOC(R_X86_64_DTPOFF64, ABS(8)),
	RELOC(R_X86_64_TPOFF64, ABS(8)),
	RELOC(R_X86_64_TLSGD, PCREL(4)),
	RELOC(R_X86_64_TLSLD, PCREL(4)),
	RELOC(R_X86_64_DTPOFF32, ABS(4)),
	RELOC(R_X86_64_GOTTPOFF, PCREL(4)),
	RELOC(R_X86_64_TPOFF32, ABS(4)),
	RELOC(R_X86_64_PC64, PCREL(8)),
	RELOC(R_X86_64_GOTOFF64, ABS(8)),
	RELOC(R_X86_64_GOTPC32, PCREL(4)),
	RELOC(R_X86_64_GOT64, ABS(8)),
	RELOC(R_X86_64_GOTPCREL64, PCREL(8)),
	RELOC(R_X86_64_GOTPC64, PCREL(8)),
	RELOC(R_X86_64_GOTPLT64, ABS(8)),
	RELOC(R_X86_64_PLTOFF64, ABS(8)),
	RELOC(R_X86_64_SIZE32, ABS(4)),
	RELOC(R_X86_64_SIZE64, ABS(8)),
	RELOC(R_X86_64_GOTPC32_TLSDESC, PCREL(4)),
	RELOC(R_X86_64_TLSDESC_CALL, MARKER),
	RELOC(R_X86_64_GOTPCRELX, PCREL(4)),
	RELOC(R_X86_64_REX_GOTPCRELX, PCREL(4)),
};

static bool x86_field(uint32_t type, struct reloc_field *ret)
{
	return reloc_rows_field(RELOC_ROWS(rows), type, ret);
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

	if (r->type == R_X86_64_PLT32)
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

static int64_t x86_bias(const struct object *o, const struct reloc *r, uint64_t start)
{
	const struct section *s = &o->sections[r->section];
	struct reloc_field f;
	int64_t bias;

	/* 64 bits: the addend of a movabs is the author's business. */
	if (!section_is_code(s) || !x86_field(r->type, &f) || !f.pc_relative || f.size > 4)
		return 0;
	if (f.size == 4 && follows_branch_opcode(s, r->offset))
		return 4;
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
	if (bytes == 4) {
		ret->reloc_type = R_X86_64_PLT32;
		ret->reloc_addend = -4;
	}
}

/* mov $imm,reg; mov $imm,mem; push $imm. Arithmetic and comparisons have no line numbers. */
static bool loads_immediate(const ZydisDecodedInstruction *in)
{
	if (in->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY || in->opcode_map != ZYDIS_OPCODE_MAP_DEFAULT)
		return false;
	return (in->opcode & 0xf0) == 0xb0 || in->opcode == 0x68 || in->opcode == 0x6a ||
	       ((in->opcode & 0xfe) == 0xc6 && in->raw.modrm.reg == 0);
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
}

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
	case 0xf4: /* hlt */
		return FLOW_STOPS;
	case 0xe8:
		return FLOW_CALL;
	case 0xff: /* /2 and /3 call, /4 and /5 jmp */
		return reg == 2 || reg == 3 ? FLOW_CALL : reg == 4 || reg == 5 ? FLOW_STOPS : FLOW_ON;
	case 0x90:
		return FLOW_NOP;
	default:
		return FLOW_ON;
	}
}

static enum flow flow_of(const ZydisDecodedInstruction *in)
{
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
	const uint8_t *p = section_bytes(s, offset, 1);
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction in;
	ZydisFormatter formatter;
	ZydisDecoder decoder;

	(void)o;
	return p && set_style(&formatter) &&
	       ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)) &&
	       ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, p, s->size - offset, &in, operands)) &&
	       ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &in, operands, in.operand_count_visible, buf,
							    size, offset, NULL));
}

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
	.is_branch = x86_is_branch,
	.decode = x86_decode,
	.format = x86_format,
	.landing_pad = endbr64,
	.landing_pad_size = sizeof(endbr64),
	.trace_symbol = "__fentry__",
};
