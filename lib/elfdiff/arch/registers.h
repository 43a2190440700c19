/* SPDX-License-Identifier: GPL-2.0-or-later */
/* registers.h - the common kinds of instructions, for the hooks register_use(); each returns true */
#ifndef ELFDIFF_REGISTERS_H
#define ELFDIFF_REGISTERS_H

#include "arch/internal.h"

#define FILLED REGISTER(REGISTER_VALUE)
#define MEMORY REGISTER(REGISTER_MEMORY)

/* The register that five bits of an instruction name, the lowest of them bit number `low`. */
static inline uint64_t register_at(uint32_t word, unsigned low)
{
	return REGISTER(word >> low & 31);
}

/* A load into the whole of a register; `address`: of an address's worth. */
static inline bool use_load(uint64_t base, uint64_t to, bool address, struct register_use *ret)
{
	ret->base = base;
	ret->written = to;
	ret->copied = address ? MEMORY : 0;
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
