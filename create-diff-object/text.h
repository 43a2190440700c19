/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - what is asked of texts in several places */
#ifndef CREATE_DIFF_OBJECT_TEXT_H
#define CREATE_DIFF_OBJECT_TEXT_H

#include <stdbool.h>
#include <string.h>

/* And has more in front of it. */
static inline bool text_ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && !strcmp(text + n - m, end);
}

#endif
