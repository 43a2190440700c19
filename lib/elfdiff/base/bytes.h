/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bytes.h - numbers in the byte order of an object, ranges without overflow */
#ifndef ELFDIFF_BYTES_H
#define ELFDIFF_BYTES_H

#include <stdbool.h>
#include <stdint.h>

/* [offset, offset + size) lies within [0, limit). */
static inline bool range_ok(uint64_t offset, uint64_t size, uint64_t limit)
{
	return offset <= limit && size <= limit - offset;
}

/* `width` bytes (1 to 8), zero-extended. */
static inline uint64_t bytes_get(const uint8_t *p, unsigned width, bool big_endian)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < width; i++)
		v |= (uint64_t)p[i] << 8 * (big_endian ? width - 1 - i : i);
	return v;
}

static inline void bytes_put(uint8_t *p, uint64_t v, unsigned width, bool big_endian)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> 8 * (big_endian ? width - 1 - i : i));
}

static inline uint64_t align_up(uint64_t v, uint64_t align)
{
	return align > 1 ? (v + align - 1) / align * align : v;
}

#endif
