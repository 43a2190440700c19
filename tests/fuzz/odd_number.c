/* SPDX-License-Identifier: GPL-2.0-or-later */
/* odd_number.c - numbers at random, and those at which programs break */
#include "elf_mutate.h"

uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint32_t random_below(struct random *r, uint32_t limit)
{
	return limit ? (uint32_t)(random_next(r) % limit) : 0;
}

/* 2^n, or a number beside it. */
static uint64_t near_power(struct random *r)
{
	return (UINT64_C(1) << random_below(r, 64)) + random_below(r, 3) - 1;
}

static uint64_t a_step(struct random *r)
{
	static const uint8_t steps[] = { 1, 1, 2, 3, 4, 5, 8, 12, 16, 24, 32, 64 };
	uint64_t step = steps[random_below(r, sizeof(steps))];

	return random_below(r, 2) ? step : -step;
}

uint64_t odd_number(struct random *r, uint64_t value)
{
	switch (random_below(r, 8)) {
	case 0:
		return 0;
	case 1:
		return near_power(r);
	case 2:
		return -near_power(r);
	case 3:
		return value ^ UINT64_C(1) << random_below(r, 64);
	case 4:
		return random_below(r, 64);
	case 5:
		return value * 2;
	default:
		return value + a_step(r);
	}
}
