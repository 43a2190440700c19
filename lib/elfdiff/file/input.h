/* SPDX-License-Identifier: GPL-2.0-or-later */
/* input.h - the bytes of a whole file, plain or gzip */
#ifndef ELFDIFF_INPUT_H
#define ELFDIFF_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

struct input {
	const char *path;
	const uint8_t *data; /* lives as long as the arena; a mapping where the file is large and plain */
	size_t size;         /* bytes */
};

enum input_want { INPUT_ANY, INPUT_NOT_EMPTY };

/*
 * Read a file; gzip is recognised by content and unpacked. A file that cannot
 * be read, is damaged gzip, unpacks to more than 2 GiB or is empty where that
 * is not wanted is a failure that says so; *ret is then untouched.
 */
ELFDIFF_CHECKED enum elfdiff_status input_read(struct arena *a, struct diags *ds, const char *path,
					       enum input_want want, struct input *ret);

/* One line of text, without its end; lines are split at '\n', a '\r' before it is dropped. */
struct line {
	const char *text;
	size_t length;
	uint32_t number; /* from 1 */
};

/* The line after `l` (start with a zeroed one); false at the end. */
bool input_next_line(const struct input *in, struct line *l);

/* The next run of non-blank characters at or after *pos of a line; false when none is left. */
struct word {
	const char *text;
	size_t length;
};
bool line_word(const struct line *l, size_t *pos, struct word *ret);
bool word_is(const struct word *w, const char *s);
/* The whole word is a number in base 10 or 16 ("0x" allowed for 16). */
bool word_number(const struct word *w, unsigned base, uint64_t *ret);

#endif
