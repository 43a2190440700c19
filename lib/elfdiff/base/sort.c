/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/sort.h"

#include <string.h>

/* A digit of the keys: 11 bits, so that what is counted of it stays near the processor. */
enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, FEW = 64 };

static bool keys_sorted(const struct sort_key *keys, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (keys[i - 1].key > keys[i].key)
			return false;
	return true;
}

static void insert_each(struct sort_key *keys, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		struct sort_key moved = keys[i];
		uint32_t j = i;

		for (; j && keys[j - 1].key > moved.key; j--)
			keys[j] = keys[j - 1];
		keys[j] = moved;
	}
}

static unsigned digit(uint64_t key, unsigned shift)
{
	return (unsigned)(key >> shift) & (DIGITS - 1);
}

static void by_digit(const struct sort_key *from, struct sort_key *to, uint32_t count, unsigned shift)
{
	uint32_t place[DIGITS] = { 0 };

	for (uint32_t i = 0; i < count; i++)
		place[digit(from[i].key, shift)]++;
	for (uint32_t d = 0, sum = 0; d < DIGITS; d++) {
		uint32_t n = place[d];

		place[d] = sum;
		sum += n;
	}
	for (uint32_t i = 0; i < count; i++)
		to[place[digit(from[i].key, shift)]++] = from[i];
}

/* The bits in which keys differ: addresses of one kernel have most of theirs in common. */
static uint64_t varying_bits(const struct sort_key *keys, uint32_t count)
{
	uint64_t bits = 0;

	for (uint32_t i = 1; i < count; i++)
		bits |= keys[i].key ^ keys[0].key;
	return bits;
}

/*
 * How many of the lower bits decide: where all keys are small numbers with a sign, the bits above repeat it. Addresses of a
 * kernel are such, high ones as negative numbers and those of per-CPU data as positive ones.
 */
static unsigned deciding_bits(const struct sort_key *keys, uint32_t count)
{
	uint64_t size = 0;

	for (uint32_t i = 0; i < count; i++)
		size |= keys[i].key ^ -(keys[i].key >> 63);
	return size ? 65 - (unsigned)__builtin_clzll(size) : 1;
}

/* From the last digit to the first; equal digits keep their order. */
void sort_keys(struct arena *a, struct sort_key *keys, uint32_t count)
{
	struct sort_key *from = keys, *to;
	uint64_t varying;
	unsigned bits;

	if (keys_sorted(keys, count))
		return;
	if (count < FEW) {
		insert_each(keys, count);
		return;
	}
	varying = varying_bits(keys, count);
	bits = deciding_bits(keys, count);
	to = arena_array(a, count, struct sort_key);
	for (unsigned shift = 0; shift < 64 && shift < bits; shift += DIGIT_BITS) {
		struct sort_key *swap = from;

		if (!digit(varying, shift))
			continue;
		by_digit(from, to, count, shift);
		from = to;
		to = swap;
	}
	if (from != keys)
		memcpy(keys, from, count * sizeof(*keys));
}

static uint32_t take_first(struct key_list *l)
{
	l->count--;
	return l->keys++->id;
}

bool next_equal_keys(struct key_list *x, struct key_list *y, uint32_t *id_of_x, uint32_t *id_of_y)
{
	while (x->count && y->count && x->keys->key != y->keys->key)
		take_first(x->keys->key < y->keys->key ? x : y);
	if (!x->count || !y->count)
		return false;
	*id_of_x = take_first(x);
	*id_of_y = take_first(y);
	return true;
}
