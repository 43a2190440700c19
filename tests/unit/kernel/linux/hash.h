/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hash.h - as the kernel's, for 64 bits: the golden ratio's multiple, its upper bits */
#ifndef TEST_KERNEL_HASH_H
#define TEST_KERNEL_HASH_H

static inline unsigned int hash_long(unsigned long value, unsigned int bits)
{
	return (unsigned int)(value * 0x61C8864680B583EBUL >> (64 - bits));
}

#endif
