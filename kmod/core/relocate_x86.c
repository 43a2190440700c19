// SPDX-License-Identifier: GPL-2.0-or-later
/* relocate_x86.c - the psABI's relocations, as apply_relocate_add() of arch/x86/kernel/module.c knows them */
#include <linux/elf.h>
#include <linux/errno.h>

#include "internal.h"

int relocate_encode(const struct relocation *r, unsigned long value, u8 *field)
{
	s64 distance = value - (unsigned long)r->of->dest;

	switch (r->of->type) {
	case R_X86_64_64:
		return relocate_put(field, 8, value);
	case R_X86_64_PC64:
		return relocate_put(field, 8, distance);
	case R_X86_64_32:
		return value == (u32)value ? relocate_put(field, 4, value) : -ERANGE;
	case R_X86_64_32S:
		return relocate_fits(value, 32) ? relocate_put(field, 4, value) : -ERANGE;
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		return relocate_fits(distance, 32) ? relocate_put(field, 4, distance) : -ERANGE;
	}
	return -ENOEXEC;
}
