/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ppc64le.c - tables, branches, and what the TOC pointer keeps a module from
 *
 * Code finds its data by r2, the module's TOC pointer: the addresses are in
 * slots of .toc, or r2 and a distance of 32 bits make them, which does not
 * reach from a module to the kernel (-mcmodel=large has slots alone). A call
 * that leaves the module changes r2; the loader has it restored where the
 * compiler has left a nop for that, which it does not between functions of one
 * object, unless a plugin has it do so (as kpatch's does).
 */
#include "arch/internal.h"

#include <string.h>

#ifndef R_PPC64_ENTRY
#define R_PPC64_ENTRY 118
#endif
#ifndef R_PPC64_REL24_NOTOC
#define R_PPC64_REL24_NOTOC 116
#define R_PPC64_ADDR64_LOCAL 117
#endif
#ifndef R_PPC64_PLTSEQ
#define R_PPC64_PLTSEQ 119
#define R_PPC64_PLTCALL 120
#endif
#ifndef R_PPC64_PCREL34
#define R_PPC64_PLTSEQ_NOTOC 121
#define R_PPC64_PLTCALL_NOTOC 122
#define R_PPC64_PCREL_OPT 123
#define R_PPC64_PCREL34 132
#define R_PPC64_GOT_PCREL34 133
#endif
#ifndef R_PPC64_REL16_HIGH
#define R_PPC64_REL16_HIGH 240
#define R_PPC64_REL16_HIGHA 241
#define R_PPC64_REL16_HIGHER 242
#define R_PPC64_REL16_HIGHERA 243
#define R_PPC64_REL16_HIGHEST 244
#define R_PPC64_REL16_HIGHESTA 245
#define R_PPC64_REL16DX_HA 246
#endif

#define ABS(bytes) ABSOLUTE(bytes, ALL_BITS(bytes))
#define PCREL(bytes) PC_RELATIVE(bytes, ALL_BITS(bytes))
#define HALF ABSOLUTE(2, BITS(0, 16))
#define HALF_DS ABSOLUTE(2, BITS(2, 14)) /* the two lowest bits belong to the opcode */
#define HALF_PCREL PC_RELATIVE(2, BITS(0, 16))
/* Prefix and suffix read as one little-endian number: the prefix is its low half. */
#define PREFIXED34 PC_RELATIVE(8, BITS(0, 18) | BITS(32, 16))

static const struct reloc_row rows[] = {
	LINKER_RELOC(R_PPC64_NONE, MARKER),
	RELOC(R_PPC64_ADDR32, ABS(4)),
	LINKER_RELOC(R_PPC64_ADDR24, ABSOLUTE(4, BITS(2, 24))),
	LINKER_RELOC(R_PPC64_ADDR16, HALF),
	LINKER_RELOC(R_PPC64_ADDR16_LO, HALF),
	LINKER_RELOC(R_PPC64_ADDR16_HI, HALF),
	LINKER_RELOC(R_PPC64_ADDR16_HA, HALF),
	LINKER_RELOC(R_PPC64_ADDR14, ABSOLUTE(4, BITS(2, 14))),
	RELOC(R_PPC64_REL24, BRANCH(4, BITS(2, 24))),
	LINKER_RELOC(R_PPC64_REL14, BRANCH(4, BITS(2, 14))),
	LINKER_RELOC(R_PPC64_REL14_BRTAKEN, BRANCH(4, BITS(2, 14))),
	LINKER_RELOC(R_PPC64_REL14_BRNTAKEN, BRANCH(4, BITS(2, 14))),
	LINKER_RELOC(R_PPC64_GOT16, HALF),
	LINKER_RELOC(R_PPC64_GOT16_LO, HALF),
	LINKER_RELOC(R_PPC64_GOT16_HI, HALF),
	LINKER_RELOC(R_PPC64_GOT16_HA, HALF),
	LINKER_RELOC(R_PPC64_GLOB_DAT, ABS(8)),
	LINKER_RELOC(R_PPC64_JMP_SLOT, ABS(8)),
	LINKER_RELOC(R_PPC64_RELATIVE, ABS(8)),
	LINKER_RELOC(R_PPC64_UADDR32, ABS(4)),
	LINKER_RELOC(R_PPC64_UADDR16, ABS(2)),
	RELOC(R_PPC64_REL32, PCREL(4)),
	LINKER_RELOC(R_PPC64_PLT16_LO, HALF),
	LINKER_RELOC(R_PPC64_PLT16_HI, HALF),
	LINKER_RELOC(R_PPC64_PLT16_HA, HALF),
	RELOC(R_PPC64_ADDR64, ABS(8)),
	LINKER_RELOC(R_PPC64_ADDR16_HIGHER, HALF),
	LINKER_RELOC(R_PPC64_ADDR16_HIGHERA, HALF),
	LINKER_RELOC(R_PPC64_ADDR16_HIGHEST, HALF),
	LINKER_RELOC(R_PPC64_ADDR16_HIGHESTA, HALF),
	LINKER_RELOC(R_PPC64_UADDR64, ABS(8)),
	RELOC(R_PPC64_REL64, PCREL(8)),
	RELOC(R_PPC64_TOC16, HALF),
	RELOC(R_PPC64_TOC16_LO, HALF),
	LINKER_RELOC(R_PPC64_TOC16_HI, HALF),
	RELOC(R_PPC64_TOC16_HA, HALF),
	RELOC(R_PPC64_TOC, ABS(8)),
	LINKER_RELOC(R_PPC64_ADDR16_DS, HALF_DS),
	LINKER_RELOC(R_PPC64_ADDR16_LO_DS, HALF_DS),
	LINKER_RELOC(R_PPC64_GOT16_DS, HALF_DS),
	LINKER_RELOC(R_PPC64_GOT16_LO_DS, HALF_DS),
	LINKER_RELOC(R_PPC64_PLT16_LO_DS, HALF_DS),
	RELOC(R_PPC64_TOC16_DS, HALF_DS),
	RELOC(R_PPC64_TOC16_LO_DS, HALF_DS),
	LINKER_RELOC(R_PPC64_ADDR16_HIGH, HALF),
	LINKER_RELOC(R_PPC64_ADDR16_HIGHA, HALF),
	RELOC(R_PPC64_REL24_NOTOC, BRANCH(4, BITS(2, 24))),
	LINKER_RELOC(R_PPC64_ADDR64_LOCAL, ABS(8)),
	RELOC(R_PPC64_ENTRY, MARKER),
	LINKER_RELOC(R_PPC64_PLTSEQ, MARKER),
	LINKER_RELOC(R_PPC64_PLTCALL, MARKER),
	LINKER_RELOC(R_PPC64_PLTSEQ_NOTOC, MARKER),
	LINKER_RELOC(R_PPC64_PLTCALL_NOTOC, MARKER),
	LINKER_RELOC(R_PPC64_PCREL_OPT, MARKER),
	RELOC(R_PPC64_PCREL34, PREFIXED34),
	RELOC(R_PPC64_GOT_PCREL34, PREFIXED34),
	LINKER_RELOC(R_PPC64_REL16_HIGH, HALF_PCREL),
	LINKER_RELOC(R_PPC64_REL16_HIGHA, HALF_PCREL),
	LINKER_RELOC(R_PPC64_REL16_HIGHER, HALF_PCREL),
	LINKER_RELOC(R_PPC64_REL16_HIGHERA, HALF_PCREL),
	LINKER_RELOC(R_PPC64_REL16_HIGHEST, HALF_PCREL),
	LINKER_RELOC(R_PPC64_REL16_HIGHESTA, HALF_PCREL),
	LINKER_RELOC(R_PPC64_REL16DX_HA, PC_RELATIVE(4, BITS(0, 1) | BITS(6, 10) | BITS(16, 5))),
	LINKER_RELOC(R_PPC64_REL16, HALF_PCREL),
	RELOC(R_PPC64_REL16_LO, HALF_PCREL),
	LINKER_RELOC(R_PPC64_REL16_HI, HALF_PCREL),
	RELOC(R_PPC64_REL16_HA, HALF_PCREL),
};

static bool ppc64_field(uint32_t type, struct reloc_field *ret)
{
	return reloc_rows_field(RELOC_ROWS(rows), type, ret);
}

static const char *ppc64_reloc_name(uint32_t type)
{
	return reloc_rows_name(RELOC_ROWS(rows), type);
}

/* struct fixup_entry: mask and value, then start and end of the code and of what may replace it, from the entry. */
enum { FTR_ENTRY = 48 };

static bool is_feature_table(const struct section *s)
{
	return !strcmp(s->name, "__ftr_fixup") || !strcmp(s->name, "__mmu_ftr_fixup") ||
	       !strcmp(s->name, "__fw_ftr_fixup");
}

static int64_t ppc64_bias(const struct object *o, const struct reloc *r, uint64_t start)
{
	(void)start;
	if (r->type == R_PPC64_REL64 && is_feature_table(&o->sections[r->section]))
		return -(int64_t)(r->offset % FTR_ENTRY);
	return 0;
}

static bool ppc64_is_branch(const struct object *o, const struct reloc *r)
{
	return reloc_rows_branch(RELOC_ROWS(rows), o, r);
}

/* b, bl, bc, bcl: relative, not absolute (AA is 0). */
static bool is_branch_insn(uint32_t word)
{
	return (word >> 26 == 18 || word >> 26 == 16) && !(word & 2);
}

static uint64_t branch_target(uint32_t word, uint64_t offset)
{
	return offset +
	       (uint64_t)(word >> 26 == 18 ? sign_extend(word & BITS(2, 24), 26) : sign_extend(word & BITS(2, 14), 16));
}

/* li: addi rT,0,imm */
static bool is_li(uint32_t word)
{
	return word >> 26 == 14 && !(word >> 16 & 31);
}

/* Opcode 19: bclr, bcctr, bctar; rfi, rfid, rfscv, hrfid. */
static enum flow xl_flow(uint32_t word)
{
	unsigned xo = word >> 1 & BITS(0, 10);
	bool always = (word >> 21 & 0x14) == 0x14;

	if (xo == 50 || xo == 18 || xo == 82 || xo == 274)
		return FLOW_STOPS;
	if ((xo != 16 && xo != 528 && xo != 560) || !always)
		return FLOW_ON;
	return word & 1 ? FLOW_CALL : FLOW_STOPS;
}

/* twi, tdi, tw, td on every condition */
static bool is_trap(uint32_t word)
{
	unsigned op = word >> 26, xo = word >> 1 & BITS(0, 10);

	return (word >> 21 & 31) == 31 && (op == 2 || op == 3 || (op == 31 && (xo == 4 || xo == 68)));
}

/* A trap counts as an end: where one is resumed (WARN), the compiler put something behind it. */
static enum flow flow_of(uint32_t word)
{
	bool always = word >> 26 == 18 || (word >> 26 == 16 && (word >> 21 & 0x14) == 0x14);

	if (word >> 26 == 19)
		return xl_flow(word);
	if (always)
		return word & 1 ? FLOW_CALL : FLOW_STOPS;
	if (is_trap(word) || !(word >> 26)) /* opcode 0 is none, and how a traceback table begins and ends */
		return FLOW_STOPS;
	return word == 0x60000000 ? FLOW_NOP : FLOW_ON;
}

/* li to r3..r10 */
static uint8_t immediate_argument(uint32_t word)
{
	unsigned reg = word >> 21 & 31;

	return reg >= 3 && reg <= 10 ? (uint8_t)(reg - 2) : 0;
}

/* An instruction with a prefix; one that is all zeros behind its opcode does nothing (pnop). */
static bool decode_prefixed(const struct section *s, uint64_t offset, uint32_t prefix, struct insn *ret)
{
	*ret = (struct insn){ .length = 8, .flow = prefix == 0x07000000 ? FLOW_NOP : FLOW_ON };
	return section_bytes(s, offset, 8);
}

static bool ppc64_decode(const struct object *o, const struct section *s, uint64_t offset, struct insn *ret)
{
	uint32_t word;

	if (!section_word(s, offset, &word))
		return false;
	if (word >> 26 == 1)
		return decode_prefixed(s, offset, word, ret);
	*ret = (struct insn){ .length = 4, .flow = flow_of(word) };
	if (reloc_fills(&arch_ppc64le, o, s, offset, 4))
		return true;
	if (is_branch_insn(word)) {
		ret->direct_branch = true;
		ret->target = branch_target(word, offset);
		ret->reloc_type = word >> 26 == 18 ? R_PPC64_REL24 : R_PPC64_REL14;
	} else if (is_li(word)) {
		ret->imm_size = 4;
		ret->imm_mask = BITS(0, 16);
		ret->imm_value = word & 0xffff;
		ret->imm_argument = immediate_argument(word);
	}
	return true;
}

/*
 * Of opcode 31: or (mr), add, subf, mfspr (mflr), extsb, extsh, extsw; cmp, cmpl; slw, sld, and, mulld, mullw, xor; ldx, lwzx, lwax
 */
static bool is_plain_arithmetic(uint32_t word)
{
	switch (word >> 1 & 1023) {
	case 444:
	case 266:
	case 40:
	case 339:
	case 954:
	case 922:
	case 986:
	case 0:
	case 32:
	case 24:
	case 27:
	case 28:
	case 233:
	case 235:
	case 316:
	case 21:
	case 23:
	case 341:
		return true;
	default:
		return false;
	}
}

/*
 * What there is between the instructions that load arguments, the function's prologue included. Their registers stand in
 * two fields, of opcode 31 in three (or a number does, which costs a proof at worst).
 */
static bool ppc64_spares_argument(const struct object *o, const struct section *s, uint64_t offset, uint8_t argument)
{
	uint32_t reg = argument + 2u, word;

	(void)o;
	if (argument == ARGUMENT_STACK || !section_word(s, offset, &word) || (word >> 21 & 31) == reg ||
	    (word >> 16 & 31) == reg)
		return false;
	switch (word >> 26) {
	case 10: /* cmpli, cmpi */
	case 11:
	case 14: /* addi, addis (li, lis), ori */
	case 15:
	case 24:
	case 21:        /* rlwinm, rldicl and the like with a number */
	case 32 ... 45: /* loads and stores of integers, ld, std and stdu */
	case 58:
	case 62:
		return true;
	case 30:
		return !(word & 16);
	case 31:
		return is_plain_arithmetic(word) && (word >> 11 & 31) != reg;
	default:
		return false;
	}
}

static const char *const odd_callees[] = { "_mcount",  "_savegpr", "_restgpr", "_savefpr",
					   "_restfpr", "_savevr",  "_restvr",  NULL };
static const char *const ordinary_prefixes[] = { ".TOC.",     "_savegpr0_", "_restgpr0_", "_savegpr1_", "_restgpr1_",
						 "_savefpr_", "_restfpr_",  "_savevr_",   "_restvr_",   NULL };

/* bl, and a nop behind it. */
static bool has_nop(const struct object *o, const struct reloc *r)
{
	uint32_t call, next;

	return section_word(&o->sections[r->section], r->offset, &call) && call & 1 &&
	       section_word(&o->sections[r->section], r->offset + 4, &next) && next == 0x60000000;
}

/* Between functions of one object (but for weak ones) the nop may be there for another reason, such as a static key. */
static bool returns_through_nop(const struct object *o, const struct reloc *r)
{
	const struct symbol *s = &o->symbols[r->symbol];

	return (s->place != SYMBOL_DEFINED || s->bind == STB_WEAK) && has_nop(o, r);
}

static uint64_t ppc64_written_behind(const struct object *o, const struct reloc *r)
{
	return r->type == R_PPC64_REL24 && has_nop(o, r) ? r->offset + 4 : 0;
}

static const char *ppc64_confined(const struct object *o, const struct reloc *r)
{
	const struct symbol *s = &o->symbols[r->symbol];

	if (s->place == SYMBOL_UNDEFINED && arch_keeps_ordinary(&arch_ppc64le, s->name))
		return NULL;
	switch (r->type) {
	case R_PPC64_TOC16:
	case R_PPC64_TOC16_LO:
	case R_PPC64_TOC16_HI:
	case R_PPC64_TOC16_HA:
	case R_PPC64_TOC16_DS:
	case R_PPC64_TOC16_LO_DS:
	case R_PPC64_REL16:
	case R_PPC64_REL16_LO:
	case R_PPC64_REL16_HI:
	case R_PPC64_REL16_HA:
	case R_PPC64_PCREL34:
		return "its instruction reaches at most 2 GiB, and modules are farther than that from the kernel";
	case R_PPC64_REL14:
	case R_PPC64_REL14_BRTAKEN:
	case R_PPC64_REL14_BRNTAKEN:
		return "it is a conditional branch, which reaches 32 KiB";
	case R_PPC64_REL24:
		return returns_through_nop(o, r)
			       ? NULL
			       : "it is a jump, or a call that no nop of its own follows: the module loader could "
				 "not restore the TOC pointer";
	default:
		return NULL;
	}
}

/* With -mcmodel=large the distance to the TOC stands right before a function. */
static uint8_t ppc64_lead(const struct object *o, const struct symbol *function)
{
	const struct reloc *r =
		function->value < 8 ? NULL : object_reloc_at(o, &o->sections[function->section], function->value - 8);

	return r && r->type == R_PPC64_REL64 && !strcmp(o->symbols[r->symbol].name, ".TOC.") ? 8 : 0;
}

static bool ppc64_format(const struct object *o, const struct section *s, uint64_t offset, char *buf, size_t size)
{
	uint32_t word;

	(void)o;
	if (!section_word(s, offset, &word))
		return false;
	if (is_branch_insn(word))
		return format_fits(buf, size, "b%s%s 0x%llx", word >> 26 == 16 ? "c" : "", word & 1 ? "l" : "",
				   (unsigned long long)branch_target(word, offset));
	if (is_li(word))
		return format_fits(buf, size, "li r%u,%d", word >> 21 & 31, (int16_t)word);
	return format_fits(buf, size, ".long 0x%08x", word);
}

const struct arch arch_ppc64le = {
	.machine = EM_PPC64,
	.name = "ppc64le",
	.unrecorded = "code for a module (-mcmodel=large) is not the kernel's",
	.bit = ARCH_PPC64LE,
	.pointer_reloc = R_PPC64_ADDR64,
	.none_reloc = R_PPC64_NONE,
	.max_insn = 8,
	.field = ppc64_field,
	.reloc_name = ppc64_reloc_name,
	.bias = ppc64_bias,
	.is_branch = ppc64_is_branch,
	.decode = ppc64_decode,
	.spares_argument = ppc64_spares_argument,
	.register_use = ppc64_register_use,
	.argument_registers = BITS(3, 8),
	.result_register = REGISTER(3),
	.preserved_registers = REGISTER(1) | REGISTER(2) | BITS(13, 19),
	.odd_callees = odd_callees,
	.format = ppc64_format,
	.confined = ppc64_confined,
	.written_behind = ppc64_written_behind,
	.confined_hint = "compile both objects with -mcmodel=large, as the kernel's modules are",
	.lead = ppc64_lead,
	.trace_symbol = "_mcount",
	.ordinary_prefixes = ordinary_prefixes,
};
