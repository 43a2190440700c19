/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sort.h - sorting by number, stable: files of kernel symbols are all but sorted */
#ifndef ELFDIFF_SORT_H
#define ELFDIFF_SORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct sort_key {
	uint64_t key;
	uint32_t id;
};

/* By ascending key; equal keys keep their order. */
void sort_keys(struct arena *a, struct sort_key *keys, uint32_t count);

/* Sorted keys, or what a walk has left of them. */
struct key_list {
	const struct sort_key *keys;
	uint32_t count;
};

/*
 * The next two of equal keys, one of each list: their ids. Both lists go on behind them, so that of several equal keys the
 * first stands beside the first, and so on. False where there are no more.
 */
bool next_equal_keys(struct key_list *x, struct key_list *y, uint32_t *id_of_x, uint32_t *id_of_y);

#endif
