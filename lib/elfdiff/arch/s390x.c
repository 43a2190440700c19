/* SPDX-License-Identifier: GPL-2.0-or-later */
/* s390x.c - instructions of 2, 4 or 6 bytes; displacements count halfwords from the instruction's start */
#include "arch/internal.h"

#ifndef R_390_PC12DBL
#define R_390_PC12DBL 62
#define R_390_PLT12DBL 63
#define R_390_PC24DBL 64
#define R_390_PLT24DBL 65
#endif

#define ABS(bytes) ABSOLUTE(bytes, ALL_BITS(bytes))
#define PCREL(bytes) PC_RELATIVE(bytes, ALL_BITS(bytes))
#define DISP12 ABSOLUTE(2, BITS(0, 12))
#define DISP20 ABSOLUTE(4, BITS(8, 20))

/* PLT32DBL is no BRANCH: gcc takes a function's address with `larl reg,f@PLT`. */
static const struct reloc_row rows[] = {
	RELOC(R_390_NONE, MARKER),
	RELOC(R_390_8, ABS(1)),
	RELOC(R_390_12, DISP12),
	RELOC(R_390_16, ABS(2)),
	RELOC(R_390_32, ABS(4)),
	RELOC(R_390_PC32, PCREL(4)),
	RELOC(R_390_GOT12, DISP12),
	RELOC(R_390_GOT32, ABS(4)),
	RELOC(R_390_PLT32, PCREL(4)),
	LINKER_RELOC(R_390_GLOB_DAT, ABS(8)),
	LINKER_RELOC(R_390_JMP_SLOT, ABS(8)),
	LINKER_RELOC(R_390_RELATIVE, ABS(8)),
	RELOC(R_390_GOTOFF32, ABS(4)),
	RELOC(R_390_GOTPC, PCREL(8)),
	RELOC(R_390_GOT16, ABS(2)),
	RELOC(R_390_PC16, PCREL(2)),
	RELOC(R_390_PC16DBL, PCREL(2)),
	RELOC(R_390_PLT16DBL, PCREL(2)),
	RELOC(R_390_PC32DBL, PCREL(4)),
	RELOC(R_390_PLT32DBL, PCREL(4)),
	RELOC(R_390_GOTPCDBL, PCREL(4)),
	RELOC(R_390_64, ABS(8)),
	RELOC(R_390_PC64, PCREL(8)),
	RELOC(R_390_GOT64, ABS(8)),
	RELOC(R_390_PLT64, PCREL(8)),
	RELOC(R_390_GOTENT, PCREL(4)),
	RELOC(R_390_GOTOFF16, ABS(2)),
	RELOC(R_390_GOTOFF64, ABS(8)),
	RELOC(R_390_GOTPLT12, DISP12),
	RELOC(R_390_GOTPLT16, ABS(2)),
	RELOC(R_390_GOTPLT32, ABS(4)),
	RELOC(R_390_GOTPLT64, ABS(8)),
	RELOC(R_390_GOTPLTENT, PCREL(4)),
	RELOC(R_390_PLTOFF16, ABS(2)),
	RELOC(R_390_PLTOFF32, ABS(4)),
	RELOC(R_390_PLTOFF64, ABS(8)),
	RELOC(R_390_20, DISP20),
	RELOC(R_390_GOT20, DISP20),
	RELOC(R_390_GOTPLT20, DISP20),
	LINKER_RELOC(R_390_PC12DBL, PC_RELATIVE(2, BITS(0, 12))),
	LINKER_RELOC(R_390_PLT12DBL, PC_RELATIVE(2, BITS(0, 12))),
	LINKER_RELOC(R_390_PC24DBL, PC_RELATIVE(3, BITS(0, 24))),
	LINKER_RELOC(R_390_PLT24DBL, PC_RELATIVE(3, BITS(0, 24))),
};

static bool s390_field(uint32_t type, struct reloc_field *ret)
{
	return reloc_rows_field(RELOC_ROWS(rows), type, ret);
}

static const char *s390_reloc_name(uint32_t type)
{
	return reloc_rows_name(RELOC_ROWS(rows), type);
}

/*
 * A field counts from the instruction's start, a relocation from the field:
 * the addend makes up for the bytes between them.
 */
static int64_t s390_bias(const struct object *o, const struct reloc *r, uint64_t start)
{
	(void)start;
	if (!section_is_code(&o->sections[r->section]))
		return 0;
	switch (r->type) {
	case R_390_PC16DBL:
	case R_390_PLT16DBL:
	case R_390_PC32DBL:
	case R_390_PLT32DBL:
	case R_390_GOTPCDBL:
	case R_390_GOTENT:
	case R_390_GOTPLTENT:
		return -2;
	case R_390_PC12DBL: /* bprp: two displacements in one instruction */
	case R_390_PLT12DBL:
		return -1;
	case R_390_PC24DBL:
	case R_390_PLT24DBL:
		return -3;
	default:
		return 0;
	}
}

static uint8_t length_of(uint8_t first_byte)
{
	static const uint8_t length[] = { 2, 4, 4, 6 };

	return length[first_byte >> 6];
}

/* The instruction's bytes, zeros after its end; false where it is not whole. */
static bool fetch(const struct section *s, uint64_t offset, uint8_t ret[6], uint8_t *length)
{
	const uint8_t *p = offset % 2 ? NULL : section_bytes(s, offset, 2);

	*length = p ? length_of(*p) : 0;
	if (!p || !section_bytes(s, offset, *length))
		return false;
	for (unsigned i = 0; i < 6; i++)
		ret[i] = i < *length ? p[i] : 0;
	return true;
}

/* How an opcode is found: by its first byte and, in most formats, by one more nibble or byte. */
enum extended { FIRST, NIBBLE /* low half of byte 1 */, BYTE1, BYTE5 };

struct opcode {
	uint8_t first;
	enum extended where;
	uint8_t second;
	const char *name;
	uint8_t offset, size; /* of the displacement, or of the immediate */
};

/* Every branch has its displacement at byte 2. */
static const struct opcode branches[] = {
	{ 0x84, FIRST, 0, "brxh", 2, 2 },     { 0x85, FIRST, 0, "brxle", 2, 2 },
	{ 0xa7, NIBBLE, 0x4, "brc", 2, 2 },   { 0xa7, NIBBLE, 0x5, "bras", 2, 2 },
	{ 0xa7, NIBBLE, 0x6, "brct", 2, 2 },  { 0xa7, NIBBLE, 0x7, "brctg", 2, 2 },
	{ 0xc0, NIBBLE, 0x4, "brcl", 2, 4 },  { 0xc0, NIBBLE, 0x5, "brasl", 2, 4 },
	{ 0xcc, NIBBLE, 0x6, "brcth", 2, 4 }, { 0xec, BYTE5, 0x44, "brxhg", 2, 2 },
	{ 0xec, BYTE5, 0x45, "brxlg", 2, 2 }, { 0xec, BYTE5, 0x64, "cgrj", 2, 2 },
	{ 0xec, BYTE5, 0x65, "clgrj", 2, 2 }, { 0xec, BYTE5, 0x76, "crj", 2, 2 },
	{ 0xec, BYTE5, 0x77, "clrj", 2, 2 },  { 0xec, BYTE5, 0x7c, "cgij", 2, 2 },
	{ 0xec, BYTE5, 0x7d, "clgij", 2, 2 }, { 0xec, BYTE5, 0x7e, "cij", 2, 2 },
	{ 0xec, BYTE5, 0x7f, "clij", 2, 2 },
};

/* Small constants loaded to a register or stored to memory. */
static const struct opcode immediates[] = {
	{ 0xa5, NIBBLE, 0xf, "llill", 2, 2 }, { 0xa7, NIBBLE, 0x8, "lhi", 2, 2 },
	{ 0xa7, NIBBLE, 0x9, "lghi", 2, 2 },  { 0xc0, NIBBLE, 0x1, "lgfi", 2, 4 },
	{ 0xc0, NIBBLE, 0x9, "iilf", 2, 4 },  { 0xc0, NIBBLE, 0xf, "llilf", 2, 4 },
	{ 0xe5, BYTE1, 0x44, "mvhhi", 4, 2 }, { 0xe5, BYTE1, 0x48, "mvghi", 4, 2 },
	{ 0xe5, BYTE1, 0x4c, "mvhi", 4, 2 },
};

static bool matches(const struct opcode *op, const uint8_t in[6])
{
	if (in[0] != op->first)
		return false;
	switch (op->where) {
	case NIBBLE:
		return (in[1] & 0xf) == op->second;
	case BYTE1:
		return in[1] == op->second;
	case BYTE5:
		return in[5] == op->second;
	default:
		return true;
	}
}

static const struct opcode *find(const struct opcode *table, size_t count, const uint8_t in[6])
{
	for (size_t i = 0; i < count; i++)
		if (matches(&table[i], in))
			return &table[i];
	return NULL;
}

#define FIND(table, in) find(table, sizeof(table) / sizeof((table)[0]), in)

static uint64_t branch_target(const struct opcode *op, const uint8_t in[6], uint64_t offset)
{
	return offset + 2 * (uint64_t)sign_extend(bytes_get(in + op->offset, op->size, true), 8 * op->size);
}

static bool s390_is_branch(const struct object *o, const struct reloc *r)
{
	const struct section *s = &o->sections[r->section];
	const struct opcode *op;
	uint8_t in[6], length;
	struct reloc_field f;

	if (!section_is_code(s) || s390_bias(o, r, 0) != -2 || r->offset < 2 || !s390_field(r->type, &f))
		return false;
	if (!fetch(s, r->offset - 2, in, &length))
		return false;
	op = FIND(branches, in);
	return op && op->size == f.size;
}

/* Operands that lie at the instruction plus a displacement at byte 2: larl, loads and stores, exrl and comparisons. */
static bool has_pc_operand(const uint8_t in[6])
{
	return (in[0] == 0xc0 && !(in[1] & 0xf)) || in[0] == 0xc4 || in[0] == 0xc6;
}

/* All of them but larl, which only takes the address, and pfdrl, which only hints at it. */
static bool s390_dereferences(const struct object *o, const struct reloc *r)
{
	uint8_t in[6], length;

	if ((r->type != R_390_PC32DBL && r->type != R_390_PLT32DBL) || s390_bias(o, r, 0) != -2 || r->offset < 2)
		return false;
	return fetch(&o->sections[r->section], r->offset - 2, in, &length) && has_pc_operand(in) && in[0] != 0xc0 &&
	       !(in[0] == 0xc6 && (in[1] & 0xf) == 2);
}

static enum flow by_condition(uint8_t mask)
{
	return mask == 15 ? FLOW_STOPS : mask ? FLOW_ON : FLOW_NOP;
}

/* bcr and basr with register 0 do not branch: the one is a barrier (or a nop), the other tells where it is. */
static enum flow register_branch_flow(const uint8_t in[6])
{
	if (in[0] == 0x0d)
		return in[1] & 0xf ? FLOW_CALL : FLOW_ON;
	return in[1] >> 4 && !(in[1] & 0xf) ? FLOW_ON : by_condition(in[1] >> 4);
}

/* Never to the next instruction: illegal; lpsw, lpswe, lpswey; BUG (mc 0,0: WARN has something behind it). */
static bool stops(const uint8_t in[6])
{
	return !in[0] || in[0] == 0x82 || (in[0] == 0xb2 && in[1] == 0xb2) || (in[0] == 0xeb && in[5] == 0x71) ||
	       (in[0] == 0xaf && !in[1] && !in[2] && !in[3]);
}

static enum flow flow_of(const uint8_t in[6])
{
	uint8_t mask = in[1] >> 4, second = in[1] & 0xf;

	if (in[0] == 0x07 || in[0] == 0x0d)
		return register_branch_flow(in);
	if (in[0] == 0x47 || ((in[0] == 0xa7 || in[0] == 0xc0) && second == 4) || (in[0] == 0xe3 && in[5] == 0x47))
		return by_condition(mask);                   /* bc; brc, brcl; bic */
	if ((in[0] == 0xa7 || in[0] == 0xc0) && second == 5) /* bras, brasl */
		return FLOW_CALL;
	return stops(in) ? FLOW_STOPS : FLOW_ON;
}

static void describe_branch(const struct opcode *op, const uint8_t in[6], uint64_t offset, struct insn *ret)
{
	ret->direct_branch = true;
	ret->target = branch_target(op, in, offset);
	ret->field_offset = op->offset;
	ret->reloc_type = op->size == 2                         ? R_390_PC16DBL
			  : in[0] == 0xc0 && (in[1] & 0xf) == 5 ? R_390_PLT32DBL
								: R_390_PC32DBL;
	ret->reloc_addend = op->offset;
}

/* %r2 to %r6; mv*hi stores to the stack where the base is %r15. */
static uint8_t immediate_argument(const uint8_t in[6])
{
	uint8_t reg = in[1] >> 4;

	if (in[0] == 0xe5)
		return in[2] >> 4 == 15 ? ARGUMENT_STACK : 0;
	return reg >= 2 && reg <= 6 ? reg - 1 : 0;
}

static void describe_immediate(const struct opcode *op, const uint8_t in[6], struct insn *ret)
{
	ret->imm_offset = op->offset;
	ret->imm_size = op->size;
	ret->imm_mask = ALL_BITS(op->size);
	ret->imm_value = bytes_get(in + op->offset, op->size, true);
	ret->imm_argument = immediate_argument(in);
}

static void describe_operand(const uint8_t in[6], uint64_t offset, struct insn *ret)
{
	ret->pc_operand = true;
	ret->target = offset + 2 * (uint64_t)sign_extend(bytes_get(in + 2, 4, true), 32);
}

static bool s390_decode(const struct object *o, const struct section *s, uint64_t offset, struct insn *ret)
{
	const struct opcode *branch, *immediate;
	uint8_t in[6], length;

	if (!fetch(s, offset, in, &length))
		return false;
	*ret = (struct insn){ .length = length, .flow = flow_of(in) };
	branch = FIND(branches, in);
	immediate = branch ? NULL : FIND(immediates, in);
	if (branch && !reloc_fills(&arch_s390x, o, s, offset + branch->offset, branch->size))
		describe_branch(branch, in, offset, ret);
	if (immediate && !reloc_fills(&arch_s390x, o, s, offset + immediate->offset, immediate->size))
		describe_immediate(immediate, in, ret);
	if (has_pc_operand(in) && !reloc_fills(&arch_s390x, o, s, offset + 2, 4))
		describe_operand(in, offset, ret);
	return true;
}

static bool s390_format(const struct object *o, const struct section *s, uint64_t offset, char *buf, size_t size)
{
	const struct opcode *op;
	uint8_t in[6], length;

	(void)o;
	if (!fetch(s, offset, in, &length))
		return false;
	op = FIND(branches, in);
	if (op)
		return format_fits(buf, size, "%s 0x%llx", op->name, (unsigned long long)branch_target(op, in, offset));
	op = FIND(immediates, in);
	if (op)
		return format_fits(buf, size, "%s 0x%llx", op->name,
				   (unsigned long long)bytes_get(in + op->offset, op->size, true));
	return format_fits(buf, size, ".insn 0x%0*llx", 2 * length, (unsigned long long)bytes_get(in, length, true));
}

/*
 * iihf %r,0x01234567; iilf %r,0x89abcdef. In their place come lgrl %r,variable, which reaches the kernel's data wherever
 * there are runtime constants, and a brcl that never branches.
 */
static bool s390_runtime_load(const struct object *o, const struct section *s, uint64_t offset,
			      struct runtime_load *ret)
{
	const uint8_t *p = section_is_code(s) && !(offset % 2) ? section_bytes(s, offset, 12) : NULL;

	if (!p || p[0] != 0xc0 || (p[1] & 0xf) != 8 || p[6] != 0xc0 || p[7] != (p[1] | 1) ||
	    bytes_get(p + 2, 4, true) != 0x01234567 || bytes_get(p + 8, 4, true) != 0x89abcdef ||
	    reloc_fills(&arch_s390x, o, s, offset, 12))
		return false;
	*ret = (struct runtime_load){ .start = offset,
				      .size = 12,
				      .bytes = { 0xc4, p[1], [6] = 0xc0, 0x04 },
				      .reloc_count = 1,
				      .relocs = { { .offset = 2, .type = R_390_PC32DBL, .addend = 2 } } };
	return true;
}

/* Calls by way of the PLT reach everything: the loader puts an entry into the module for them. */
static bool s390_stays_near(const struct object *o, const struct reloc *r)
{
	if (!section_is_code(&o->sections[r->section]))
		return false;
	return r->type == R_390_PC16DBL || r->type == R_390_PC32DBL ||
	       (r->type == R_390_PLT32DBL && !s390_is_branch(o, r));
}

/*
 * larl %r,symbol becomes lgrl %r,symbol@GOTENT. Before Linux 6.10 modules are farther from the kernel than the 4 GB that larl
 * reaches; of a function `larl %r,f@PLT` would then take the address of an entry that the loader makes in the module, which is
 * not f's and goes with the module. Neither changes the condition code.
 */
static bool s390_far_form(const struct object *o, const struct reloc *r, struct runtime_load *ret)
{
	uint8_t in[6], length;

	if ((r->type != R_390_PC32DBL && r->type != R_390_PLT32DBL) || s390_bias(o, r, 0) != -2 || r->offset < 2 ||
	    !fetch(&o->sections[r->section], r->offset - 2, in, &length) || in[0] != 0xc0 || in[1] & 0xf)
		return false;
	*ret = (struct runtime_load){ .start = r->offset - 2,
				      .size = 6,
				      .bytes = { 0xc4, in[1] | 8 },
				      .reloc_count = 1,
				      .relocs = { { .offset = 2, .type = R_390_GOTENT, .addend = 2 } } };
	return true;
}

/*
 * The opcode, two bytes before the field: lgrl of a slot in the GOT becomes larl, and what refers to a weak symbol that there is
 * not may become an instruction without an address (elf64-s390.c).
 */
static bool s390_rewritten(const struct object *o, const struct reloc *r, uint64_t *from, uint64_t *to)
{
	if (s390_bias(o, r, 0) != -2 || r->offset < 2)
		return false;
	*from = r->offset - 2;
	*to = r->offset;
	return r->type == R_390_GOTENT || r->type == R_390_GOTPLTENT || reloc_to_weak(o, r);
}

static const char *const odd_callees[] = { "__fentry__", "_mcount", NULL };
/* Expolines: the compiler makes one in every object, the kernel finds them by name. */
static const char *const ordinary_prefixes[] = { "__s390_indirect_jump_", NULL };

const struct arch arch_s390x = {
	.machine = EM_S390,
	.name = "s390x",
	.big_endian = true,
	.bit = ARCH_S390X,
	.pointer_reloc = R_390_64,
	.none_reloc = R_390_NONE,
	.max_insn = 6,
	.field = s390_field,
	.reloc_name = s390_reloc_name,
	.bias = s390_bias,
	.is_branch = s390_is_branch,
	.dereferences = s390_dereferences,
	.dereferences_exactly = s390_dereferences,
	.decode = s390_decode,
	.spares_argument = s390_spares_argument,
	.register_use = s390_register_use,
	.argument_registers = BITS(2, 5),
	.result_register = REGISTER(2),
	.preserved_registers = BITS(6, 8) | REGISTER(15),
	.odd_callees = odd_callees,
	.return_thunk = "__s390_indirect_jump_r14",
	.jump_thunk = "__s390_indirect_jump_",
	.format = s390_format,
	.runtime_load = s390_runtime_load,
	.far_form = s390_far_form,
	.far_below = 1ULL << 32, /* where kernels before 6.10 are; modules are always at the end of the address space */
	.stays_near = s390_stays_near,
	.trace_bytes = 6, /* brcl or brasl (arch/s390/kernel/ftrace.c) */
	.rewritten = s390_rewritten,
	.shares_anchors = true,
	.trace_symbol = "__fentry__",
	.ordinary_prefixes = ordinary_prefixes,
};
