// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * relocate_s390.c - the ABI's relocations that code of the kernel has
 *
 * Before Linux 6.10 the kernel is farther from modules than instructions reach. A call then goes through a veneer, and an address is loaded
 * from one, which is a jump and the address that it jumps to. %r1 is there for that.
 */
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/elf.h>

#include "internal.h"

/* Distances of instructions are counted in halfwords. */
static int put_halfwords(u8 *field, s64 distance)
{
	if (distance & 1 || !relocate_fits(distance, 33))
		return -ERANGE;
	return relocate_put(field, 4, distance >> 1);
}

#define ADDRESS_IN_VENEER 8

/* `offset` bytes behind the veneer's start is what the field leads to. */
static int put_veneer(const struct relocation *r, unsigned long value, unsigned int offset, u8 *field)
{
	u8 veneer[16] = { 0xc4, 0x18, 0, 0, 0, 4, /* lgrl %r1, the address */
			  0x07, 0xf1 };           /* br %r1 */
	u64 address = value - r->of->addend;
	int err;

	if (!r->veneer)
		return -ERANGE;
	memcpy(veneer + ADDRESS_IN_VENEER, &address, sizeof(address));
	err = relocate_poke(r->veneer, veneer, sizeof(veneer));
	return err ?: put_halfwords(field, r->veneer + offset + r->of->addend - r->of->dest);
}

int relocate_encode(const struct relocation *r, unsigned long value, u8 *field)
{
	s64 distance = value - (unsigned long)r->of->dest;

	switch (r->of->type) {
	case R_390_64:
		return relocate_put(field, 8, value);
	case R_390_PC64:
		return relocate_put(field, 8, distance);
	case R_390_PC32:
		return relocate_fits(distance, 32) ? relocate_put(field, 4, distance) : -ERANGE;
	case R_390_PC32DBL:
		return put_halfwords(field, distance);
	case R_390_PLT32DBL:
		if (relocate_fits(distance, 33))
			return put_halfwords(field, distance);
		return put_veneer(r, value, 0, field);
	case R_390_GOTENT:
		return put_veneer(r, value, ADDRESS_IN_VENEER, field);
	}
	return -ENOEXEC;
}
