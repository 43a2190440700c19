/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64.h - an instruction with its operands, the hidden ones too: of x86_64*.c alone */
#ifndef ELFDIFF_ARCH_X86_64_H
#define ELFDIFF_ARCH_X86_64_H

#include <Zydis/Zydis.h>

#include "arch/internal.h"

struct x86_insn {
	ZydisDecodedInstruction in;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* False: there is none at that offset of the section. */
bool x86_decode_full(const struct section *s, uint64_t offset, struct x86_insn *ret);

/* Registers that it does not name as operands are read elsewhere. */
bool x86_hands_over(const ZydisDecodedInstruction *in);

#endif
