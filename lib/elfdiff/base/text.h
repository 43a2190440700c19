/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - how names begin and end */
#ifndef ELFDIFF_TEXT_H
#define ELFDIFF_TEXT_H

#include <stdbool.h>
#include <string.h>

static inline bool starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* `s` has `n` characters. */
static inline bool part_starts_with(const char *s, size_t n, const char *prefix)
{
	size_t m = strlen(prefix);

	return n >= m && !memcmp(s, prefix, m);
}

/* The first `n` characters of `s`, of which there are as many, end with it. */
static inline bool part_ends_with(const char *s, size_t n, const char *suffix)
{
	size_t m = strlen(suffix);

	return n >= m && !memcmp(s + n - m, suffix, m);
}

static inline bool ends_with(const char *s, const char *suffix)
{
	return part_ends_with(s, strlen(s), suffix);
}

#endif
