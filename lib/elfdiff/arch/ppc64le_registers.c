/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ppc64le_registers.c - what instructions do with the values of registers: see arch.register_use
 *
 * Registers stand in the fields that begin at bits 21, 16 and 11. As a base,
 * number 0 is no register.
 */
#include "arch/registers.h"

#define RT register_at(word, 21)
#define RA register_at(word, 16)
#define RB register_at(word, 11)

static uint64_t base_of(uint32_t word)
{
	return (RA & ~REGISTER(0)) | FILLED;
}

/* Loads and stores whose address is the sum of two registers, by extended opcode. */
static bool indexed(uint32_t word, unsigned xo, struct register_use *ret)
{
	static const uint16_t loads[] = { 20,  21,  23,  52,  53,  55,  84,  87,  116, 119,
					  279, 311, 341, 343, 373, 375, 532, 534, 790 };
	static const uint16_t stores[] = { 149, 150, 151, 181, 183, 214, 215, 247, 407, 439, 660, 662, 694, 726, 918 };
	uint64_t base = (RA & ~REGISTER(0)) | RB;

	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		if (xo == loads[i])
			return use_load(base, RT, xo == 21 || xo == 53 || xo == 84, ret);
	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++)
		if (xo == stores[i])
			return use_store(base, RT, ret);
	return false;
}

static bool is_barrier_or_hint(unsigned xo)
{
	return xo == 598 || xo == 854 || xo == 54 || xo == 86 || xo == 246 || xo == 278;
}

/* Multiplication and the like, by extended opcode without the bit that asks for overflow: all of RT becomes what RA and RB make. */
static bool is_arithmetic(unsigned xo)
{
	static const uint16_t known[] = { 8,   9,   10,  11,  73,  75,  104, 136, 138, 200, 202, 232, 233,
					  234, 235, 265, 267, 393, 395, 425, 427, 457, 459, 489, 491 };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if ((xo & 511) == known[i])
			return true;
	return false;
}

/* Opcode 31 */
static bool of_registers(uint32_t word, struct register_use *ret)
{
	unsigned xo = word >> 1 & 1023;

	if ((xo & 31) == 15) { /* isel */
		ret->one_of = true;
		return use_copy(RA == REGISTER(0) ? RB | REGISTER(REGISTER_OTHER) : RA | RB, RT, ret);
	}
	switch (xo) {
	case 0: /* cmp, cmpl, tw, td */
	case 32:
	case 4:
	case 68:
		ret->compared = RA | RB;
		return true;
	case 316: /* xor: nil where both are the same */
		ret->compared = RT | RB;
		ret->written = RA;
		return true;
	case 444: /* or; mr */
		return RT == RB ? use_copy(RT, RA, ret) : use_read(0, RT | RB, RA, ret);
	case 266: /* add */
	case 778:
		return use_copy(RA | RB, RT, ret);
	case 40: /* subf */
	case 552:
		ret->subtracted = RA;
		return use_copy(RB, RT, ret);
	case 467: /* mtspr: where a jump goes, or read */
		return (word & 0x001ff800) == 0x00090000 || use_read(0, RT, 0, ret);
	case 339: /* mfspr */
		ret->written = RT;
		return true;
	default:
		if (is_barrier_or_hint(xo) || indexed(word, xo, ret))
			return true;
		if (is_arithmetic(xo)) {
			ret->written = RT;
			return use_read(0, RA | RB, 0, ret);
		}
		return use_read(0, RT | RA | RB, RT | RA, ret);
	}
}

static bool branch_to_register(uint32_t word, struct register_use *ret)
{
	unsigned xo = word >> 1 & 1023;

	ret->returns = xo == 16 && !(word & 1);
	ret->jumps = (xo == 528 || xo == 560) && !(word & 1);
	return true;
}

static bool memory(uint32_t word, struct register_use *ret)
{
	unsigned op = word >> 26;

	switch (op) {
	case 32 ... 35:
	case 40 ... 43:
		return use_load(base_of(word), RT, false, ret);
	case 36 ... 39:
	case 44 ... 45:
	case 62:
		return use_store(base_of(word), RT, ret);
	case 58:
		return use_load(base_of(word), RT, (word & 3) < 2, ret);
	case 48 ... 55: /* of floating point and vectors */
	case 57:
	case 61:
		return use_read(base_of(word), REGISTER(REGISTER_MEMORY), 0, ret);
	default:
		return false;
	}
}

bool ppc64_register_use(const struct object *o, const struct section *s, uint64_t offset, struct register_use *ret)
{
	uint32_t word;

	(void)o;
	*ret = (struct register_use){ 0 };
	if (!section_word(s, offset, &word))
		return false;
	switch (word >> 26) {
	case 2: /* comparisons with numbers, branches */
	case 3:
	case 10:
	case 11:
	case 16:
	case 18:
		return true;
	case 14: /* addi, addis */
	case 15:
		return use_copy(base_of(word), RT, ret);
	case 12: /* addic */
	case 13:
		return use_copy(RA | FILLED, RT, ret);
	case 24: /* ori, oris */
	case 25:
		return use_copy(RT | FILLED, RA, ret);
	case 7:
	case 8:
		return use_read(0, RA, RT, ret);
	case 20:
	case 21:
	case 26 ... 30:
		return use_read(0, RT | (word >> 26 == 30 && word & 16 ? RB : 0), RA, ret);
	case 4:
	case 22:
	case 23:
		return use_read(0, RT | RA | RB | register_at(word, 6), RT | RA, ret);
	case 19:
		return branch_to_register(word, ret);
	case 31:
		return of_registers(word, ret);
	default:
		return memory(word, ret);
	}
}
