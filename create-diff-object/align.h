/* SPDX-License-Identifier: GPL-2.0-or-later */
/* align.h - two lists side by side */
#ifndef CREATE_DIFF_OBJECT_ALIGN_H
#define CREATE_DIFF_OBJECT_ALIGN_H

#include <stdbool.h>
#include <stddef.h>

#define ALIGN_NONE ((size_t)-1)

/*
 * The longest list that both have in common, of elements that are the same text. of_a[i] becomes the number of the
 * element of `b` that stands beside the i-th of `a`, or ALIGN_NONE. Between the first and the last difference the lists
 * have to be short enough for a table; false: they are not, and nothing there stands beside anything.
 */
bool align(const char *const *a, size_t a_count, const char *const *b, size_t b_count, size_t *of_a);

#endif
