/* SPDX-License-Identifier: GPL-2.0-or-later */
/* digits.h - numbers in text */
#ifndef ELFDIFF_DIGITS_H
#define ELFDIFF_DIGITS_H

#include "base/bytes.h"
#include "file/text_lines.h"

#define EACH_BYTE(v) (UINT64_C(0x0101010101010101) * (v))

/* The whole word is a number in base 10 or 16 ("0x" allowed for 16). */
bool word_number(const struct word *w, unsigned base, uint64_t *ret);
/* 8 hexadecimal digits at once, each of them in a byte of one number; false: there is another character, or a capital letter. */
static inline bool eight_digits(const char *p, uint64_t *ret)
{
	uint64_t text = bytes_get((const uint8_t *)p, 8, true), letter = text >> 6 & EACH_BYTE(1);
	uint64_t v = (text & EACH_BYTE(0x0f)) + 9 * letter;

	/* A digit is 0x30 and more, a letter 0x60 and more; what they stand for is below 10, or from 10 to 15. */
	if (((text & EACH_BYTE(0xf0)) ^ (EACH_BYTE(0x30) + 0x30 * letter)) |
	    (((v + EACH_BYTE(6)) & EACH_BYTE(0xf0)) ^ letter << 4) | (v & EACH_BYTE(0xf0)))
		return false;
	v = (v | v >> 4) & UINT64_C(0x00ff00ff00ff00ff);
	v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
	*ret = (v | v >> 16) & UINT32_MAX;
	return true;
}

bool any_number_of_16(const char *p, uint64_t *ret);

/* 16 characters in base 16, as addresses are printed. */
static inline bool number_of_16(const char *p, uint64_t *ret)
{
	uint64_t high = UINT32_MAX, low;

	/* Most addresses of a kernel begin so. */
	if ((memcmp(p, "ffffffff", 8) && !eight_digits(p, &high)) || !eight_digits(p + 8, &low))
		return any_number_of_16(p, ret);
	*ret = high << 32 | low;
	return true;
}

/*
 * The number at the right of a column, with blanks before it. Of 8 characters, the first one in the lowest byte; where the
 * column has fewer, the first ones are made blanks.
 */
static inline bool column_number(uint64_t text, uint64_t *ret)
{
	uint64_t blanks = (~text >> 4 & EACH_BYTE(1)) * 0xff; /* or what is neither blank nor digit */
	uint64_t filled = text | EACH_BYTE(0x10), v = filled & EACH_BYTE(0x0f);

	v = (v * 10 + (v >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	v = (v * 100 + (v >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*ret = (v * 10000 + (v >> 32)) & UINT32_MAX;
	return (filled & EACH_BYTE(0xf0)) == EACH_BYTE(0x30) &&
	       ((filled + EACH_BYTE(6)) & EACH_BYTE(0xf0)) == EACH_BYTE(0x30) && /* none is above 9 */
	       !(text & blanks & EACH_BYTE(0x0f)) && !(blanks & (blanks + 1)) && !(blanks >> 56);
}

/* Of a column of `width` characters before `end`, and 8 at least are before it. */
static inline bool column_before(const char *end, unsigned width, uint64_t *ret)
{
	uint64_t others = (UINT64_C(1) << (64 - 8 * width)) - 1;
	uint64_t text = bytes_get((const uint8_t *)end - 8, 8, false);

	return column_number((text & ~others) | (EACH_BYTE(' ') & others), ret);
}

#endif
