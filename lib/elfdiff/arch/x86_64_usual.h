/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64_usual.h - an instruction without its operands: of x86_64*.c alone */
#ifndef ELFDIFF_ARCH_X86_64_USUAL_H
#define ELFDIFF_ARCH_X86_64_USUAL_H

#include <stdbool.h>
#include <stdint.h>

enum x86_map {
	X86_ONE_BYTE, /* opcodes of one byte */
	X86_TWO_BYTE, /* those behind 0f */
	X86_OTHER,    /* other maps; VEX, XOP, EVEX */
};

struct x86_raw {
	uint8_t length, opcode;
	enum x86_map map;
	uint8_t mod, reg, rm; /* of ModR/M; zeros where there is none */
	uint8_t base, index;  /* of SIB; zeros where there is none */
	uint8_t rex;          /* the prefix, or 0 */
	bool nop;             /* nop and xchg %ax,%ax, but neither pause nor xchg %r8,%rax */
	bool relative;        /* the immediate is a branch's distance */
	uint8_t imm_offset, imm_size, disp_offset, disp_size; /* bytes; sizes are zero where there is none */
	int64_t imm, disp;                                    /* by their size sign-extended */
};

/*
 * Decodes what compilers make most of; false: it is another one, or none, or not all of its bytes are there. What it says is
 * what Zydis says (tests/unit/test_usual.c), for a tenth of the instructions.
 */
bool x86_usual(const uint8_t *p, uint64_t size, struct x86_raw *ret);

#endif
