// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * relocate_arm64.c - relocations of the ABI for AArch64 that code of the kernel has
 *
 * A call or a jump reaches 128 MB, and functions may be farther: then it goes through a veneer (x16 is there for that). ADRP must
 * not stand in the last two words of a page where processors have erratum 843419: then it, too, is in a veneer.
 */
#include <linux/bits.h>
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/elf.h>

#include "internal.h"

#define BRANCH 0x14000000U
#define IMM26 GENMASK(25, 0)
#define IMM19 GENMASK(23, 5)
#define IMM14 GENMASK(18, 5)
#define IMM12 GENMASK(21, 10)
#define IMM_ADR (GENMASK(30, 29) | GENMASK(23, 5))

#ifndef R_AARCH64_LDST128_ABS_LO12_NC
#define R_AARCH64_LDST128_ABS_LO12_NC 299
#endif

/* Into the bits of an instruction that a mask without gaps has. */
static int put_bits(u8 *field, u32 mask, u64 value)
{
	u32 instruction;

	memcpy(&instruction, field, 4);
	if (instruction & mask)
		return -EEXIST;
	instruction |= (u32)(value << __ffs(mask)) & mask;
	memcpy(field, &instruction, 4);
	return 4;
}

static u32 with_adr(u32 instruction, s64 value)
{
	return instruction | (u32)(value & 3) << 29 | (u32)(value >> 2 & 0x7ffff) << 5;
}

static s64 pages(unsigned long value, unsigned long place)
{
	return (s64)((value & ~0xfffUL) - (place & ~0xfffUL)) >> 12;
}

static u32 branch_to(unsigned long from, unsigned long to)
{
	return BRANCH | ((u32)((s64)(to - from) >> 2) & IMM26);
}

static int through_veneer(const struct relocation *r, unsigned long value, u8 *field)
{
	unsigned long veneer = (unsigned long)r->veneer;
	s64 reach = veneer - (unsigned long)r->of->dest;
	u32 code[] = { with_adr(0x90000010, pages(value, veneer)), /* adrp x16, value */
		       0x91000210 | (u32)(value & 0xfff) << 10,    /* add x16, x16, #:lo12:value */
		       0xd61f0200 };                               /* br x16 */

	if (!veneer || !relocate_fits(pages(value, veneer), 21) || !relocate_fits(reach, 28))
		return -ERANGE;
	return relocate_poke(r->veneer, code, sizeof(code)) ?: put_bits(field, IMM26, reach >> 2);
}

static int put_call(const struct relocation *r, unsigned long value, u8 *field)
{
	s64 distance = value - (unsigned long)r->of->dest;

	return relocate_fits(distance, 28) ? put_bits(field, IMM26, distance >> 2) : through_veneer(r, value, field);
}

static bool is_forbidden(unsigned long place)
{
	return IS_ENABLED(CONFIG_ARM64_ERRATUM_843419) && (place & 0xfff) >= 0xff8;
}

/* A veneer begins at a multiple of 16, which is allowed. */
static int put_elsewhere(const struct relocation *r, unsigned long value, u32 instruction, u8 *field)
{
	unsigned long place = (unsigned long)r->of->dest, veneer = (unsigned long)r->veneer;
	u32 code[] = { with_adr(instruction, pages(value, veneer)), branch_to(veneer + 4, place + 4) }, jump;
	int err;

	if (!veneer || !relocate_fits(pages(value, veneer), 21) || !relocate_fits((s64)(veneer - place), 27))
		return -ERANGE;
	err = relocate_poke(r->veneer, code, sizeof(code));
	if (err)
		return err;
	jump = branch_to(place, veneer);
	memcpy(field, &jump, 4);
	return 4;
}

static int put_page(const struct relocation *r, unsigned long value, u8 *field)
{
	unsigned long place = (unsigned long)r->of->dest;
	u32 instruction;

	memcpy(&instruction, field, 4);
	if (instruction & IMM_ADR)
		return -EEXIST;
	if (is_forbidden(place))
		return put_elsewhere(r, value, instruction, field);
	if (!relocate_fits(pages(value, place), 21))
		return -ERANGE;
	instruction = with_adr(instruction, pages(value, place));
	memcpy(field, &instruction, 4);
	return 4;
}

/* An offset in a page, counted in what is loaded or stored. */
static int put_offset(u8 *field, unsigned long value, unsigned int shift)
{
	value &= 0xfff;
	return value & ((1UL << shift) - 1) ? -ERANGE : put_bits(field, IMM12, value >> shift);
}

int relocate_encode(const struct relocation *r, unsigned long value, u8 *field)
{
	s64 distance = value - (unsigned long)r->of->dest;

	switch (r->of->type) {
	case R_AARCH64_ABS64:
		return relocate_put(field, 8, value);
	case R_AARCH64_PREL64:
		return relocate_put(field, 8, distance);
	case R_AARCH64_PREL32:
		return relocate_fits(distance, 32) ? relocate_put(field, 4, distance) : -ERANGE;
	case R_AARCH64_CALL26:
	case R_AARCH64_JUMP26:
		return put_call(r, value, field);
	case R_AARCH64_CONDBR19:
		return relocate_fits(distance, 21) ? put_bits(field, IMM19, distance >> 2) : -ERANGE;
	case R_AARCH64_TSTBR14:
		return relocate_fits(distance, 16) ? put_bits(field, IMM14, distance >> 2) : -ERANGE;
	case R_AARCH64_ADR_PREL_PG_HI21:
		return put_page(r, value, field);
	case R_AARCH64_ADD_ABS_LO12_NC:
	case R_AARCH64_LDST8_ABS_LO12_NC:
		return put_offset(field, value, 0);
	case R_AARCH64_LDST16_ABS_LO12_NC:
		return put_offset(field, value, 1);
	case R_AARCH64_LDST32_ABS_LO12_NC:
		return put_offset(field, value, 2);
	case R_AARCH64_LDST64_ABS_LO12_NC:
		return put_offset(field, value, 3);
	case R_AARCH64_LDST128_ABS_LO12_NC:
		return put_offset(field, value, 4);
	}
	return -ENOEXEC;
}
