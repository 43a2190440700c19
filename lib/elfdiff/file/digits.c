/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file/digits.h"

/* One more than what a character stands for as a digit; 0: it is none. */
static const uint8_t digits[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* The usual case: so few digits that there is no overflow. */
static bool short_number(const char *p, size_t n, unsigned base, uint64_t *ret)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = digits[(unsigned char)p[i]];

		if (d - 1 >= base)
			return false;
		v = v * base + d - 1;
	}
	*ret = v;
	return true;
}

static bool long_number(const char *p, size_t n, unsigned base, uint64_t *ret)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = digits[(unsigned char)p[i]];

		if (d - 1 >= base || __builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d - 1, &v))
			return false;
	}
	*ret = v;
	return true;
}

bool any_number_of_16(const char *p, uint64_t *ret)
{
	return short_number(p, 16, 16, ret);
}

bool word_number(const struct word *w, unsigned base, uint64_t *ret)
{
	const char *p = w->text;
	size_t n = w->length;

	if (base == 16 && n > 2 && p[0] == '0' && (p[1] | 0x20) == 'x') {
		p += 2;
		n -= 2;
	}
	if (!n)
		return false;
	if (n == 16 && base == 16)
		return number_of_16(p, ret);
	if (n == 8 && base == 16 && eight_digits(p, ret))
		return true;
	if (n > 16)
		return long_number(p, n, base, ret);
	return base == 16 ? short_number(p, n, 16, ret) : short_number(p, n, base, ret);
}
