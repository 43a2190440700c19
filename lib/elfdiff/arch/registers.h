/* SPDX-License-Identifier: GPL-2.0-or-later */
/* registers.h - the common kinds of instructions, for the hooks register_use(); each returns true */
#ifndef ELFDIFF_REGISTERS_H
#define ELFDIFF_REGISTERS_H

#include "arch/internal.h"

/* A load into the whole of a register; `address`: of an address's worth. */
static inline bool use_load(uint64_t base, uint64_t to, bool address, struct register_use *ret)
{
	ret->base = base;
	ret->written = to;
	ret->copied = address ? REGISTER(REGISTER_MEMORY) : 0;
	return true;
}

static inline bool use_store(uint64_t base, uint64_t from, struct register_use *ret)
{
	ret->base = base;
	ret->stored = from;
	return true;
}

static inline bool use_copy(uint64_t from, uint64_t to, struct register_use *ret)
{
	ret->copied = from;
	ret->written = to;
	return true;
}

/* Anything else that is done with registers and memory. */
static inline bool use_read(uint64_t base, uint64_t from, uint64_t blurred, struct register_use *ret)
{
	ret->base = base;
	ret->read = from;
	ret->blurred = blurred;
	return true;
}

#endif
