// SPDX-License-Identifier: GPL-2.0-or-later
/* relocate_s390.c - the ABI's relocations that code of the kernel has, without those that want a table of the linker's */
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/elf.h>

#include "internal.h"

/* The low bytes of the value, big-endian as all here. */
static int put(u8 *field, int size, u64 value)
{
	static const u8 nothing[8];

	if (memcmp(field, nothing, size))
		return -EEXIST;
	memcpy(field, (const u8 *)&value + sizeof(value) - size, size);
	return size;
}

/* Distances of instructions are counted in halfwords. */
static int put_halfwords(u8 *field, s64 distance)
{
	if (distance & 1 || distance >> 1 != (s32)(distance >> 1))
		return -ERANGE;
	return put(field, 4, distance >> 1);
}

int relocate_encode(const struct relocation *r, unsigned long value, u8 *field)
{
	s64 distance = value - (unsigned long)r->of->dest;

	switch (r->of->type) {
	case R_390_64:
		return put(field, 8, value);
	case R_390_PC64:
		return put(field, 8, distance);
	case R_390_PC32:
		return distance == (s32)distance ? put(field, 4, distance) : -ERANGE;
	case R_390_PC32DBL:
	case R_390_PLT32DBL:
		return put_halfwords(field, distance);
	}
	return -ENOEXEC;
}
