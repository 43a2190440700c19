/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64_registers.c - what instructions do with the values of registers: see arch.register_use */
#include "arch/x86_64.h"

/* As a set: by encoding number; empty where it is no general register. */
static uint64_t general_register(ZydisRegister reg)
{
	ZydisRegisterClass class = ZydisRegisterGetClass(reg);
	ZyanI8 id;

	if (class < ZYDIS_REGCLASS_GPR8 || class > ZYDIS_REGCLASS_GPR64)
		return 0;
	id = ZydisRegisterGetId(ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg));
	return id >= 0 && id < 16 ? REGISTER(id) : 0;
}

/* What makes the operand's address. */
static uint64_t address_of(const ZydisDecodedOperand *op)
{
	return general_register(op->mem.base) | general_register(op->mem.index) | REGISTER(REGISTER_DISPLACEMENT);
}

static bool in_memory(const ZydisDecodedOperand *op)
{
	return op->type == ZYDIS_OPERAND_TYPE_MEMORY && op->mem.type != ZYDIS_MEMOP_TYPE_AGEN;
}

/* What an operand's value is made of. Eight bits of an address tell nothing about it. */
static uint64_t value_of(const ZydisDecodedOperand *op)
{
	if (in_memory(op) && op->size >= 64)
		return REGISTER(REGISTER_MEMORY);
	if (op->type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
		return REGISTER(REGISTER_VALUE);
	if (op->type == ZYDIS_OPERAND_TYPE_REGISTER)
		return op->size > 8 ? general_register(op->reg.value) : 0;
	return REGISTER(REGISTER_OTHER);
}

static bool is_register(const ZydisDecodedOperand *op)
{
	return op->type == ZYDIS_OPERAND_TYPE_REGISTER;
}

/* Registers that operands write. */
static void note_writes(const struct x86_insn *d, struct register_use *ret)
{
	for (unsigned i = 0; i < d->in.operand_count; i++) {
		const ZydisDecodedOperand *op = &d->operands[i];

		if (!is_register(op) || !(op->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE))
			continue;
		if (op->size >= 32 && op->actions & ZYDIS_OPERAND_ACTION_WRITE)
			ret->written |= general_register(op->reg.value);
		else
			ret->blurred |= general_register(op->reg.value);
	}
}

static void note_addresses(const struct x86_insn *d, struct register_use *ret)
{
	for (unsigned i = 0; i < d->in.operand_count; i++)
		if (in_memory(&d->operands[i]))
			ret->base |= address_of(&d->operands[i]);
}

/* What is not known better: every value that it reads is used. */
static void note_reads(const struct x86_insn *d, struct register_use *ret)
{
	for (unsigned i = 0; i < d->in.operand_count; i++) {
		const ZydisDecodedOperand *op = &d->operands[i];

		if (op->type == ZYDIS_OPERAND_TYPE_MEMORY && op->mem.type == ZYDIS_MEMOP_TYPE_AGEN)
			ret->read |= address_of(op);
		else if (op->actions & ZYDIS_OPERAND_ACTION_MASK_READ)
			ret->read |= value_of(op);
	}
}

/* mov, add, sub, cmov between registers, immediates and memory: of whole addresses, or the value is another. */
static void note_copy(const struct x86_insn *d, uint64_t source, struct register_use *ret)
{
	const ZydisDecodedOperand *to = &d->operands[0], *from = &d->operands[1];

	if (in_memory(to))
		ret->stored |= source;
	else if (!is_register(to) || !general_register(to->reg.value) || (is_register(from) && to->size < 64))
		ret->read |= source;
	else
		ret->copied |= source;
}

static void note_sum(const struct x86_insn *d, struct register_use *ret)
{
	const ZydisDecodedOperand *to = &d->operands[0], *from = &d->operands[1];
	bool minus = d->in.mnemonic == ZYDIS_MNEMONIC_SUB;

	if (is_register(to))
		ret->copied |= general_register(to->reg.value);
	if (d->in.operand_count_visible > 1 && minus && is_register(to))
		ret->subtracted |= value_of(from);
	else if (d->in.operand_count_visible > 1)
		note_copy(d, value_of(from), ret);
}

static void note_choice(const struct x86_insn *d, struct register_use *ret)
{
	ret->copied = general_register(d->operands[0].reg.value);
	ret->written = ret->copied;
	ret->blurred = 0;
	ret->one_of = true;
	note_copy(d, value_of(&d->operands[1]), ret);
}

/* Is the value nil? That is no comparison with another address. */
static bool tests_itself(const struct x86_insn *d)
{
	return is_register(&d->operands[0]) && is_register(&d->operands[1]) &&
	       d->operands[0].reg.value == d->operands[1].reg.value;
}

static void note_comparison(const struct x86_insn *d, struct register_use *ret)
{
	if (d->in.mnemonic == ZYDIS_MNEMONIC_CMP || !tests_itself(d))
		ret->compared = value_of(&d->operands[0]) | value_of(&d->operands[1]);
}

/* Transfers: what is jumped to counts as used only where it is in memory. */
static bool note_transfer(const struct x86_insn *d, struct register_use *ret)
{
	const ZydisDecodedOperand *to = &d->operands[0];
	bool elsewhere = d->in.operand_count_visible && to->type != ZYDIS_OPERAND_TYPE_IMMEDIATE;

	switch (d->in.mnemonic) {
	case ZYDIS_MNEMONIC_RET:
		ret->returns = true;
		return true;
	case ZYDIS_MNEMONIC_IRET: /* where the stack says, in sync_core() to the next instruction */
	case ZYDIS_MNEMONIC_IRETD:
	case ZYDIS_MNEMONIC_IRETQ:
		ret->jumps = true;
		return true;
	case ZYDIS_MNEMONIC_JMP:
		ret->jumps = elsewhere;
		/* fall through */
	case ZYDIS_MNEMONIC_CALL:
		ret->base = elsewhere && in_memory(to) ? address_of(to) : 0;
		return true;
	default:
		return d->in.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE;
	}
}

/* The registers that lead to the operands; what is decoded does not name them all as written. */
static bool advance(struct register_use *ret)
{
	ret->blurred |= ret->written | general_register(ZYDIS_REGISTER_RSI) | general_register(ZYDIS_REGISTER_RDI);
	ret->written = 0;
	return true;
}

/* Of vectors, movsd and cmpsd are names of others. */
static bool is_string(const struct x86_insn *d)
{
	return d->in.meta.category == ZYDIS_CATEGORY_STRINGOP;
}

static bool note_string(const struct x86_insn *d, struct register_use *ret)
{
	switch (d->in.mnemonic) {
	case ZYDIS_MNEMONIC_STOSB:
	case ZYDIS_MNEMONIC_STOSW:
	case ZYDIS_MNEMONIC_STOSD:
	case ZYDIS_MNEMONIC_STOSQ:
		ret->stored = general_register(ZYDIS_REGISTER_RAX);
		return advance(ret);
	case ZYDIS_MNEMONIC_MOVSB: /* repeated, of any size */
	case ZYDIS_MNEMONIC_MOVSW:
	case ZYDIS_MNEMONIC_MOVSD:
	case ZYDIS_MNEMONIC_MOVSQ:
		ret->stored = REGISTER(REGISTER_MEMORY);
		ret->block = general_register(ZYDIS_REGISTER_RSI);
		return advance(ret);
	case ZYDIS_MNEMONIC_CMPSB:
	case ZYDIS_MNEMONIC_CMPSW:
	case ZYDIS_MNEMONIC_CMPSD:
	case ZYDIS_MNEMONIC_CMPSQ:
		ret->compared = REGISTER(REGISTER_MEMORY);
		return advance(ret);
	default:
		return false;
	}
}

static bool note_values(const struct x86_insn *d, struct register_use *ret)
{
	switch (d->in.mnemonic) {
	case ZYDIS_MNEMONIC_MOV:
		note_copy(d, value_of(&d->operands[1]), ret);
		return true;
	case ZYDIS_MNEMONIC_LEA:
		ret->copied = address_of(&d->operands[1]);
		return true;
	case ZYDIS_MNEMONIC_ADD:
	case ZYDIS_MNEMONIC_SUB:
	case ZYDIS_MNEMONIC_INC:
	case ZYDIS_MNEMONIC_DEC:
		note_sum(d, ret);
		return true;
	case ZYDIS_MNEMONIC_CMP:
	case ZYDIS_MNEMONIC_TEST:
	case ZYDIS_MNEMONIC_XOR: /* nil where both are the same */
		note_comparison(d, ret);
		return true;
	case ZYDIS_MNEMONIC_PUSH:
		ret->stored = value_of(&d->operands[0]);
		return true;
	case ZYDIS_MNEMONIC_CMPXCHG:
		ret->compared = general_register(ZYDIS_REGISTER_RAX) | value_of(&d->operands[0]);
		ret->stored = value_of(&d->operands[1]);
		return true;
	default:
		if (d->in.meta.category == ZYDIS_CATEGORY_CMOV)
			note_choice(d, ret);
		return d->in.meta.category == ZYDIS_CATEGORY_CMOV || (is_string(d) && note_string(d, ret));
	}
}

bool x86_register_use(const struct object *o, const struct section *s, uint64_t offset, struct register_use *ret)
{
	struct x86_insn d;

	(void)o;
	*ret = (struct register_use){ 0 };
	if (!x86_decode_full(s, offset, &d) || x86_hands_over(&d.in))
		return false;
	if (d.in.raw.disp.size)
		ret->address_field_end = (uint8_t)(d.in.raw.disp.offset + d.in.raw.disp.size / 8);
	if (note_transfer(&d, ret) || d.in.meta.category == ZYDIS_CATEGORY_NOP ||
	    d.in.meta.category == ZYDIS_CATEGORY_WIDENOP || d.in.meta.category == ZYDIS_CATEGORY_PREFETCH)
		return true;
	note_writes(&d, ret);
	note_addresses(&d, ret);
	if (!note_values(&d, ret))
		note_reads(&d, ret);
	return true;
}
