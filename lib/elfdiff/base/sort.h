/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sort.h - sorting by number, stable: files of kernel symbols are all but sorted */
#ifndef ELFDIFF_SORT_H
#define ELFDIFF_SORT_H

#include <stdint.h>

#include "base/arena.h"

struct sort_key {
	uint64_t key;
	uint32_t id;
};

/* By ascending key; equal keys keep their order. */
void sort_keys(struct arena *a, struct sort_key *keys, uint32_t count);

#endif
