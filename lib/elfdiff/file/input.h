/* SPDX-License-Identifier: GPL-2.0-or-later */
/* input.h - a file that is read, plain or gzip */
#ifndef ELFDIFF_INPUT_H
#define ELFDIFF_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/diag.h"
#include "file/file_content.h"

enum { INPUT_START = 8 };

struct input {
	const char *path;
	const uint8_t *data;        /* NULL: a large file, of which input_part() or text_lines.h reads what is wanted */
	size_t size;                /* bytes */
	int fd;                     /* where there is no data */
	uint8_t start[INPUT_START]; /* the first bytes, and zeros where there are fewer */
	struct stat before;         /* of a file: what it was before it was read */
	struct content *content;    /* what was read so far; NULL: nobody asks */
};

/* Of input_read(). */
struct input_want {
	bool some;               /* not an empty file */
	struct content *content; /* an empty one, which is to tell what was read; or NULL */
};

/*
 * Read a file, or open it if it is large; gzip is recognised by content and unpacked. A file that cannot
 * be read, changes meanwhile, is damaged gzip, unpacks to more than 2 GiB or is empty where that
 * is not wanted is a failure that says so; *ret is then untouched.
 */
ELFDIFF_CHECKED enum elfdiff_status input_read(struct arena *a, struct diags *ds, const char *path,
					       struct input_want want, struct input *ret);

/* The failure that it cannot be read, and why. */
ELFDIFF_CHECKED enum elfdiff_status input_fail(struct diags *ds, const struct input *in, const char *cause);

/* Bytes of it, which live as long as the arena; NULL when they lie outside or cannot be read. */
const uint8_t *input_part(struct arena *a, const struct input *in, uint64_t offset, uint64_t size);
/* All parts that were read so far are of one state of the file. */
bool input_unchanged(struct arena *a, const struct input *in);

#endif
