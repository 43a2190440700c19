/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ELF_MUTATE_H
#define ELF_MUTATE_H

#include "elf_view.h"

/* The same numbers from the same seed: two objects that are alike get the same mutation. */
struct random {
	uint64_t state;
};
uint64_t random_next(struct random *r);
uint32_t random_below(struct random *r, uint32_t limit); /* 0 for 0 */

/* Change one thing that ELF has a word for. */
void elf_mutate(struct elf *e, struct random *r);

/* Some number that a program may not expect where VALUE was. */
uint64_t odd_number(struct random *r, uint64_t value);

#endif
