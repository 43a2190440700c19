/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bytes.h - numbers in the byte order of an object, ranges without overflow */
#ifndef ELFDIFF_BYTES_H
#define ELFDIFF_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* [offset, offset + size) lies within [0, limit). */
static inline bool range_ok(uint64_t offset, uint64_t size, uint64_t limit)
{
	return offset <= limit && size <= limit - offset;
}

#define BYTES_HOST_BIG (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* `width` bytes (1 to 8), zero-extended. */
static inline uint64_t bytes_get(const uint8_t *p, unsigned width, bool big_endian)
{
	uint64_t v = 0;
	uint32_t half;

	if (__builtin_constant_p(width) && width == 8) {
		memcpy(&v, p, 8);
		return big_endian == BYTES_HOST_BIG ? v : __builtin_bswap64(v);
	}
	if (__builtin_constant_p(width) && width == 4) {
		memcpy(&half, p, 4);
		return big_endian == BYTES_HOST_BIG ? half : __builtin_bswap32(half);
	}
	for (unsigned i = 0; i < width; i++)
		v |= (uint64_t)p[i] << 8 * (big_endian ? width - 1 - i : i);
	return v;
}

static inline void bytes_put(uint8_t *p, uint64_t v, unsigned width, bool big_endian)
{
	uint32_t half = (uint32_t)v;

	if (__builtin_constant_p(width) && width == 4) {
		half = big_endian == BYTES_HOST_BIG ? half : __builtin_bswap32(half);
		memcpy(p, &half, 4);
		return;
	}
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> 8 * (big_endian ? width - 1 - i : i));
}

static inline uint64_t align_up(uint64_t v, uint64_t align)
{
	return align > 1 ? (v + align - 1) / align * align : v;
}

#endif
