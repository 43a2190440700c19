/* SPDX-License-Identifier: GPL-2.0-or-later */
/* input.h - the bytes of a whole file, plain or gzip */
#ifndef ELFDIFF_INPUT_H
#define ELFDIFF_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/diag.h"

struct input {
	const char *path;
	uint8_t *data;      /* the run's own copy; NULL: a large ELF file, of which input_part() reads parts */
	size_t size;        /* bytes */
	int fd;             /* where there is no data */
	struct stat before; /* of a file: what it was before it was read */
};

enum input_want {
	INPUT_ANY,
	INPUT_PARTS, /* not an empty one; of a large ELF file the caller asks for parts */
};

/*
 * Read a file; gzip is recognised by content and unpacked. A file that cannot
 * be read, changes meanwhile, is damaged gzip, unpacks to more than 2 GiB or is empty where that
 * is not wanted is a failure that says so; *ret is then untouched.
 */
ELFDIFF_CHECKED enum elfdiff_status input_read(struct arena *a, struct diags *ds, const char *path,
					       enum input_want want, struct input *ret);

/* Bytes of it, which live as long as the arena; NULL when they lie outside or cannot be read. */
const uint8_t *input_part(struct arena *a, const struct input *in, uint64_t offset, uint64_t size);
/* All parts that were read so far are of one state of the file. */
bool input_unchanged(struct arena *a, const struct input *in);

/* One line of text, without its end; lines are split at '\n', a '\r' before it is dropped. */
struct line {
	const char *text;
	size_t length;
	uint32_t number; /* from 1 */
	const char *next;
};

/* The line after `l` (start with a zeroed one); false at the end. */
bool input_next_line(const struct input *in, struct line *l);

struct word {
	const char *text;
	size_t length;
};

/*
 * A word of a line as a string, where it stands: what is behind it is overwritten, in the run's own copy of the text. So
 * take the line's other words first.
 */
const char *input_string(struct arena *a, const struct input *in, const struct word *w);

/* Almost no character of a table of symbols is below a blank. */
static inline bool is_blank(char c)
{
	return (unsigned char)c <= ' ' && (c == ' ' || c == '\t' || c == '\r');
}

/* The next run of non-blank characters at or after *pos of a line; false when none is left. */
static inline bool line_word(const struct line *l, size_t *pos, struct word *ret)
{
	const char *p = l->text + *pos, *end = l->text + l->length, *start;

	while (p < end && is_blank(*p))
		p++;
	for (start = p; p < end && !is_blank(*p);)
		p++;
	*ret = (struct word){ start, (size_t)(p - start) };
	*pos = (size_t)(p - l->text);
	return p > start;
}

bool word_is(const struct word *w, const char *s);
/* The whole word is a number in base 10 or 16 ("0x" allowed for 16). */
bool word_number(const struct word *w, unsigned base, uint64_t *ret);

#endif
