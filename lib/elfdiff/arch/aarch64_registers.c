/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aarch64_registers.c - what instructions do with the values of registers: see arch.register_use
 *
 * The general registers that an instruction names stand in four fields: 0 to 4
 * (written, as a rule), 5 to 9, 10 to 14 and 16 to 20. Number 31 is the stack
 * pointer or zero, and holds no address of data.
 */
#include "arch/registers.h"

#define RD register_at(word, 0)
#define RN register_at(word, 5)
#define RA register_at(word, 10)
#define RM register_at(word, 16)
#define ZERO REGISTER(31)

/* adr, adrp; movz, movn, movk; add, sub of an immediate; logical ones, bitfields, extr */
static bool immediate(uint32_t word, struct register_use *ret)
{
	bool wide = word >> 31, sets_flags = word >> 29 & 1;

	ret->written = RD;
	switch (word >> 23 & 7) {
	case 0:
	case 1:
		ret->copied = FILLED;
		return true;
	case 2:
		if (sets_flags && RD == ZERO) /* cmp with a number */
			return true;
		*(wide ? &ret->copied : &ret->read) = RN;
		ret->copied |= FILLED;
		return true;
	case 5:
		ret->copied = FILLED | ((word >> 29 & 3) == 3 ? RD : 0);
		return true;
	case 4:
		ret->read = (word >> 29 & 3) == 3 && RD == ZERO ? 0 : RN; /* tst */
		return true;
	case 6:
		ret->read = RN;
		return true;
	case 7:
		ret->read = RN | RM;
		return true;
	default:
		return false;
	}
}

static void sum(uint32_t word, struct register_use *ret)
{
	bool minus = word >> 30 & 1, sets_flags = word >> 29 & 1;

	if (!(word >> 31)) {
		ret->read = RN | RM;
	} else if (minus && sets_flags && RD == ZERO) { /* cmp */
		ret->compared = RN == RM || RM == ZERO ? 0 : RN | RM;
	} else {
		ret->copied = minus ? RN : RN | RM;
		ret->subtracted = minus ? RM : 0;
	}
}

/* Bits 25 to 27 are 101. */
static bool of_registers(uint32_t word, struct register_use *ret)
{
	ret->written = RD;
	if ((word & 0x7fe0ffe0) == 0x2a0003e0) /* mov */
		*(word >> 31 ? &ret->copied : &ret->read) = RM;
	else if ((word & 0x7f200000) == 0x4a000000) /* eor: nil where both are the same */
		ret->compared = RN | RM;
	else if ((word & 0x1f000000) == 0x0b000000)
		sum(word, ret);
	else if ((word & 0x1fe00c00) == 0x1a800000 && !(word >> 30 & 1)) { /* csel */
		*(word >> 31 ? &ret->copied : &ret->read) = RN | RM;
		ret->one_of = true;
	} else if ((word & 0x1fe00000) == 0x1a400000) { /* ccmp */
		ret->written = 0;
		ret->compared = word >> 11 & 1 ? 0 : RN | RM;
	} else if ((word & 0x1f000000) == 0x1b000000)
		ret->read = RN | RM | RA;
	else
		ret->read = (word & 0x5fe00000) == 0x5ac00000 ? RN : RN | RM;
	return true;
}

/* ldr, str and their kin, one register of `size` bits */
static void one_register(uint32_t word, struct register_use *ret)
{
	unsigned opc = word >> 22 & 3, size = word >> 30;
	bool vector = word >> 26 & 1, by_register = (word & 0x3b200c00) == 0x38200800;

	ret->base = RN | FILLED | (by_register ? RM : 0);
	if (!vector && size == 3 && opc == 2) /* prfm */
		return;
	if (vector) {
		ret->read = MEMORY;
	} else if (!opc) {
		ret->stored = RD;
	} else {
		ret->written = RD;
		ret->copied = size == 3 && opc == 1 ? MEMORY : 0;
	}
}

static void pair(uint32_t word, struct register_use *ret)
{
	ret->base = RN | FILLED;
	if (word >> 26 & 1) { /* of vectors */
		ret->read = MEMORY;
	} else if (word >> 22 & 1) {
		ret->written = RD | RA;
		ret->copied = word >> 30 == 2 ? MEMORY : 0;
	} else {
		ret->stored = RD | RA;
	}
}

/* Exclusive, ordered, compare and swap */
static void exclusive(uint32_t word, struct register_use *ret)
{
	bool load = word >> 22 & 1, swaps = (word & 0x00a00000) == 0x00a00000;

	ret->base = RN;
	if (swaps) {
		ret->stored = RD;
		ret->compared = RM | MEMORY;
		ret->blurred = RM;
	} else if (load) {
		ret->written = RD | RA;
		ret->copied = word >> 30 == 3 ? MEMORY : 0;
	} else {
		ret->stored = RD | RA;
		ret->written = RM;
	}
}

static bool memory(uint32_t word, struct register_use *ret)
{
	if ((word & 0x3b000000) == 0x18000000) { /* of a place */
		ret->base = FILLED;
		if (word >> 26 & 1) {
			ret->read = MEMORY;
		} else {
			ret->written = RD;
			ret->copied = word >> 30 == 1 ? MEMORY : 0;
		}
	} else if ((word & 0x3b200c00) == 0x38200000) { /* ldadd, swp and their kin */
		ret->base = RN;
		ret->stored = RM;
		ret->copied = word >> 30 == 3 ? MEMORY : 0;
		ret->written = RD;
	} else if ((word & 0x3a000000) == 0x38000000) {
		one_register(word, ret);
	} else if ((word & 0x3a000000) == 0x28000000) {
		pair(word, ret);
	} else if ((word & 0x3f000000) == 0x08000000) {
		exclusive(word, ret);
	} else {
		ret->base = RN;
		ret->read = RM | MEMORY;
		return (word & 0xbe000000) == 0x0c000000; /* vectors */
	}
	return true;
}

static bool transfer(uint32_t word, struct register_use *ret)
{
	if ((word & 0xfe000000) == 0xd6000000) {
		ret->returns = (word >> 21 & 15) == 2;
		ret->jumps = (word >> 21 & 15) == 0 || (word >> 21 & 15) == 8;
	} else if ((word & 0xffc00000) == 0xd5000000) { /* msr, mrs, hints */
		*(word >> 21 & 1 ? &ret->written : &ret->read) = RD & ~ZERO;
	}
	return (word & 0xff00001f) != 0xd4000001 && (word & 0xff00001f) != 0xd4000002 &&
	       (word & 0xff00001f) != 0xd4000003; /* svc, hvc, smc */
}

bool aarch64_register_use(const struct object *o, const struct section *s, uint64_t offset, struct register_use *ret)
{
	uint32_t word;

	(void)o;
	*ret = (struct register_use){ 0 };
	if (!section_word(s, offset, &word))
		return false;
	switch (word >> 25 & 15) {
	case 8:
	case 9:
		return immediate(word, ret);
	case 10:
	case 11:
		return transfer(word, ret);
	case 5:
	case 13:
		return of_registers(word, ret);
	case 4:
	case 6:
	case 12:
	case 14:
		return memory(word, ret);
	case 7:
	case 15: /* floating point, vectors */
		ret->read = RN;
		ret->blurred = RD;
		return true;
	default:
		return !word; /* udf */
	}
}
