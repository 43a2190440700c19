/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pair.h - the input of diff.c: several files in one
 *
 * "PAIR", a byte of options, four lengths (32 bits, little-endian), and then the contents of the four files. What a length
 * claims and the input does not have is not there.
 */
#ifndef PAIR_H
#define PAIR_H

#include <stddef.h>
#include <stdint.h>

enum { PAIR_ORIG, PAIR_PATCHED, PAIR_SYMBOLS, PAIR_SYMVERS, PAIR_FILES };

enum {
	PAIR_KLP_ARCH = 1,
	PAIR_POSITIONS = 2,
	PAIR_NAMED = 4,         /* the object's name is stated */
	PAIR_OWN_SYMBOLS = 8,   /* the original is the kernel, too */
	PAIR_ENTRY_SIZE = 0x10, /* an entry's size is stated */
};

enum { PAIR_OPTIONS = 4, PAIR_LENGTHS = 5, PAIR_HEAD = PAIR_LENGTHS + 4 * PAIR_FILES };

struct pair {
	uint8_t options;
	const uint8_t *data[PAIR_FILES];
	size_t size[PAIR_FILES];
};

/* 0, or -1 where the input is no pair. The files point into it. */
int pair_read(const uint8_t *data, size_t size, struct pair *pair);
/* The bytes written, or 0 where there is no room for them. DATA may not overlap the files. */
size_t pair_write(uint8_t *data, size_t room, const struct pair *pair);

#endif
