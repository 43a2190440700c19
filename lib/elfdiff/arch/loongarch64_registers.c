/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loongarch64_registers.c - what instructions do with the values of registers: see arch.register_use */
#include "arch/registers.h"

#define ZERO REGISTER(0)

#define RD register_at(word, 0)
#define RJ register_at(word, 5)
#define RK register_at(word, 10)

/* With an immediate of 12 bits. */
static bool with_immediate(uint32_t word, struct register_use *ret)
{
	unsigned op = word >> 22;

	if (op == 0x0b || op == 0x0c || op == 0x0e) /* addi.d, lu52i.d, ori */
		use_copy(RJ | FILLED, RD, ret);
	else if (op == 0xa3) /* ld.d */
		use_load(RJ | FILLED, RD, true, ret);
	else if ((op >= 0xa0 && op <= 0xa2) || (op >= 0xa8 && op <= 0xaa))
		use_load(RJ | FILLED, RD, false, ret);
	else if (op >= 0xa4 && op <= 0xa7)
		use_store(RJ | FILLED, RD, ret);
	else if (op >= 0xac && op <= 0xaf) /* of floating point */
		use_read(RJ | FILLED, REGISTER(REGISTER_MEMORY), 0, ret);
	else
		return op == 0xab || word == 0x03400000; /* preld, nop */
	return true;
}

/* ldptr, stptr, ll, sc */
static bool with_long_immediate(uint32_t word, struct register_use *ret)
{
	switch (word >> 24) {
	case 0x20:
	case 0x22:
	case 0x24:
	case 0x26:
		use_load(RJ | FILLED, RD, word >> 24 == 0x26 || word >> 24 == 0x22, ret);
		return true;
	case 0x21:
	case 0x23:
	case 0x25:
	case 0x27:
		use_store(RJ | FILLED, RD, ret);
		return true;
	default:
		return false;
	}
}

static bool of_registers(uint32_t word, struct register_use *ret)
{
	unsigned op = word >> 15;

	if (op == 0x21 || word >> 17 == 0x16) { /* add.d, alsl.d */
		use_copy(RJ | RK, RD, ret);
	} else if (op == 0x23) { /* sub.d */
		ret->subtracted = RK;
		use_copy(RJ, RD, ret);
	} else if (op == 0x2a) { /* or; move */
		ret->one_of = true;
		use_copy(RK == ZERO ? RJ : RJ | RK, RD, ret);
	} else if (op == 0x2b) { /* xor: nil where both are the same */
		ret->compared = RJ | RK;
		ret->written = RD;
	} else if (op == 0x26 || op == 0x27) { /* maskeqz, masknez */
		ret->one_of = true;
		use_copy(RJ | REGISTER(REGISTER_OTHER), RD, ret);
	} else if ((op >= 0x7000 && op <= 0x7018) || (op >= 0x7040 && op <= 0x7050)) {
		use_load(RJ | RK, RD, op == 0x7018, ret);
	} else if (op >= 0x7020 && op <= 0x7038) {
		use_store(RJ | RK, RD, ret);
	} else {
		return op == 0x70e4 || op == 0x70e5 || op == 0x54; /* dbar, ibar, break */
	}
	return true;
}

/* beqz, b, bl and the like use no address. */
static bool transfer(uint32_t word, struct register_use *ret)
{
	unsigned op = word >> 26;

	if (op == 0x13) { /* jirl */
		ret->returns = !(word & 31) && RJ == REGISTER(1);
		ret->jumps = !(word & 31) && RJ != REGISTER(1);
	} else if (op >= 0x16 && op <= 0x1b) {
		ret->compared = RJ == ZERO || RD == ZERO ? 0 : RJ | RD;
	}
	return op >= 0x10 && op <= 0x1b;
}

bool larch_register_use(const struct object *o, const struct section *s, uint64_t offset, struct register_use *ret)
{
	uint32_t word;

	(void)o;
	*ret = (struct register_use){ 0 };
	if (!section_word(s, offset, &word) || word >> 15 == 0x56) /* syscall */
		return false;
	if (word >> 25 >= 0x0a && word >> 25 <= 0x0f) { /* lu12i.w, lu32i.d, pcaddi, pcalau12i, pcaddu12i, pcaddu18i */
		use_copy(FILLED | (word >> 25 == 0x0b ? RD : 0), RD, ret);
		return true;
	}
	if (transfer(word, ret) || with_immediate(word, ret) || with_long_immediate(word, ret) ||
	    of_registers(word, ret))
		return true;
	ret->read = RD | RJ | RK;
	ret->blurred = RD;
	return true;
}
