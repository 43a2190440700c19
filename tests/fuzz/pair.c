/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pair.h"

#include <string.h>

static size_t length_at(const uint8_t *p)
{
	return p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

int pair_read(const uint8_t *data, size_t size, struct pair *pair)
{
	const uint8_t *at = data + PAIR_HEAD, *end = data + size;

	if (size < PAIR_HEAD || memcmp(data, "PAIR", 4))
		return -1;
	pair->options = data[PAIR_OPTIONS];
	for (size_t i = 0; i < PAIR_FILES; i++) {
		size_t length = length_at(data + PAIR_LENGTHS + 4 * i), left = (size_t)(end - at);

		pair->data[i] = at;
		pair->size[i] = length < left ? length : left;
		at += pair->size[i];
	}
	return 0;
}

size_t pair_write(uint8_t *data, size_t room, const struct pair *pair)
{
	size_t used = PAIR_HEAD;

	for (unsigned i = 0; i < PAIR_FILES; i++)
		used += pair->size[i];
	if (used > room)
		return 0;
	memcpy(data, "PAIR", 4); /* NOLINT(bugprone-not-null-terminated-result): a magic number, no string */
	data[PAIR_OPTIONS] = pair->options;
	used = PAIR_HEAD;
	for (unsigned i = 0; i < PAIR_FILES; i++) {
		for (unsigned k = 0; k < 4; k++)
			data[PAIR_LENGTHS + 4 * i + k] = (uint8_t)(pair->size[i] >> 8 * k);
		if (pair->size[i])
			memcpy(data + used, pair->data[i], pair->size[i]);
		used += pair->size[i];
	}
	return used;
}
