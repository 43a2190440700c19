// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/name_order.h"

#include <string.h>

static uint32_t hash_of_item(uint64_t item)
{
	return (uint32_t)(item >> 32);
}

uint32_t name_order_hash(const char *name, size_t length)
{
	return (uint32_t)(hash_bytes(name, length) >> 32);
}

/* ---- making it ---- */

enum { PLACE_BITS = 16, DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS };

/* From how many of each to where those of each begin. */
static void sum_up(uint32_t *place, uint32_t count)
{
	for (uint32_t i = 0, sum = 0; i < count; i++) {
		uint32_t n = place[i];

		place[i] = sum;
		sum += n;
	}
}

/* Hashes are spread evenly, so that their upper bits tell the place but for a few items. */
static void put_near(struct arena *a, uint64_t *items, const uint32_t *hashes, uint32_t count)
{
	unsigned bits = 1;
	uint32_t *place;

	while (bits < PLACE_BITS && count >> bits > 1)
		bits++;
	place = arena_array(a, 1U << bits, uint32_t);
	for (uint32_t i = 0; i < count; i++)
		place[hashes[i] >> (32 - bits)]++;
	sum_up(place, 1U << bits);
	for (uint32_t i = 0; i < count; i++)
		items[place[hashes[i] >> (32 - bits)]++] = (uint64_t)hashes[i] << 32 | i;
}

/* False, with all of them there: it would take too long, because somebody chose the names. */
static bool insert_each(uint64_t *items, uint32_t count)
{
	uint64_t left = 8 * (uint64_t)count;

	for (uint32_t i = 1; i < count; i++) {
		uint64_t moved = items[i];
		uint32_t j = i;

		for (; j && items[j - 1] > moved; j--)
			items[j] = items[j - 1];
		items[j] = moved;
		if (i - j > left)
			return false;
		left -= i - j;
	}
	return true;
}

static void by_digit(const uint64_t *from, uint64_t *to, uint32_t count, unsigned shift)
{
	uint32_t place[DIGITS] = { 0 };

	for (uint32_t i = 0; i < count; i++)
		place[from[i] >> shift & (DIGITS - 1)]++;
	sum_up(place, DIGITS);
	for (uint32_t i = 0; i < count; i++)
		to[place[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

/* By hash and number, from the last digit to the first; the steps are even in number. */
static void by_digits(struct arena *a, uint64_t *items, uint32_t count)
{
	uint64_t *spare = arena_array(a, count, uint64_t);

	for (unsigned shift = 0; shift < 64; shift += 2 * DIGIT_BITS) {
		by_digit(items, spare, count, shift);
		by_digit(spare, items, count, shift + DIGIT_BITS);
	}
}

struct namer {
	name_of_fn name_of;
	const void *of;
};

static int compare_names(const struct namer *n, uint64_t x, uint64_t y)
{
	return strcmp(n->name_of(n->of, name_order_number(x)), n->name_of(n->of, name_order_number(y)));
}

static void merge_names(const struct namer *n, const uint64_t *from, uint64_t *to, uint32_t middle, uint32_t end)
{
	uint32_t i = 0, j = middle;

	for (uint32_t k = 0; k < end; k++)
		to[k] = j >= end || (i < middle && compare_names(n, from[i], from[j]) <= 0) ? from[i++] : from[j++];
}

/* Different names of one hash: rare, unless somebody looks for them. Merged, so that equal ones keep their order. */
static void by_name(struct arena *a, const struct namer *n, uint64_t *items, uint32_t count)
{
	uint64_t *spare = arena_array(a, count, uint64_t);

	for (uint64_t width = 1; width < count; width *= 2) {
		memcpy(spare, items, count * sizeof(*items));
		for (uint64_t i = 0; i < count; i += 2 * width) {
			uint64_t left = count - i;

			merge_names(n, spare + i, items + i, (uint32_t)(width < left ? width : left),
				    (uint32_t)(2 * width < left ? 2 * width : left));
		}
	}
}

static bool is_one_name(const struct namer *n, const uint64_t *items, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (compare_names(n, items[0], items[i]))
			return false;
	return true;
}

void name_order_build(struct arena *a, struct name_order *o, const uint32_t *hashes, uint32_t count, name_of_fn name_of,
		      const void *of)
{
	const struct namer n = { name_of, of };

	o->items = arena_array(a, count, uint64_t);
	o->count = count;
	put_near(a, o->items, hashes, count);
	if (!insert_each(o->items, count))
		by_digits(a, o->items, count);
	for (uint32_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && hash_of_item(o->items[end]) == hash_of_item(o->items[i]);)
			end++;
		if (!is_one_name(&n, o->items + i, end - i))
			by_name(a, &n, o->items + i, end - i);
	}
}

/* ---- asking ---- */

struct search {
	const struct name_order *o;
	struct namer n;
	need_item_fn need;
	uint32_t hash;
	const char *name;
};

static uint64_t item(const struct search *s, uint32_t i)
{
	if (s->need)
		s->need(s->n.of, i);
	return s->o->items[i];
}

/* Below, at or above what is sought. */
static int side(const struct search *s, uint32_t i)
{
	uint64_t it = item(s, i);
	uint32_t hash = hash_of_item(it);

	if (hash != s->hash)
		return hash < s->hash ? -1 : 1;
	return strcmp(s->n.name_of(s->n.of, name_order_number(it)), s->name);
}

/* The first item in [low, high) whose side is more than `below`, or `high`. */
static uint32_t first_beyond(const struct search *s, uint32_t low, uint32_t high, int below)
{
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (side(s, middle) <= below)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Where the hash must be, by steps that double: hashes are spread evenly, so that the place follows from the hash but for a
 * hundred items or two of a hundred thousand. Where they are not (somebody chose the names), it takes a few steps more.
 */
static struct name_range narrow(const struct search *s)
{
	uint32_t count = s->o->count, guess = (uint32_t)((uint64_t)s->hash * count >> 32);
	struct name_range r = { guess, guess };

	for (uint32_t step = 32; r.first && hash_of_item(item(s, r.first - 1)) >= s->hash;
	     step += step < count ? step : 0)
		r.first = r.first > step ? r.first - step : 0;
	for (uint32_t step = 32; r.end < count && hash_of_item(item(s, r.end)) <= s->hash;
	     step += step < count ? step : 0)
		r.end = count - r.end > step ? r.end + step : count;
	return r;
}

struct name_range name_order_find(const struct name_order *o, const char *name, name_of_fn name_of, need_item_fn need,
				  const void *of)
{
	const struct search s = { o, { name_of, of }, need, name_order_hash(name, strlen(name)), name };
	struct name_range r;

	if (!o->count)
		return (struct name_range){ 0 };
	r = narrow(&s);
	r.first = first_beyond(&s, r.first, r.end, -1);
	if (r.first == r.end || side(&s, r.first))
		return (struct name_range){ 0 };
	if (r.first + 1 < r.end && side(&s, r.first + 1))
		r.end = r.first + 1;
	else
		r.end = first_beyond(&s, r.first, r.end, 0);
	return r;
}
