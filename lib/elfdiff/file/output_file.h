/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output_file.h - a file that appears whole or not at all */
#ifndef ELFDIFF_OUTPUT_FILE_H
#define ELFDIFF_OUTPUT_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"

struct output_file {
	const char *target; /* what gets replaced: symbolic links are followed */
	const char *temp;   /* beside it; NULL: not there, or renamed */
	int fd;             /* -1: closed */
};

/*
 * Make a temporary file beside `path`, with the mode of the file that it will
 * replace, otherwise 0666 without the umask. It is removed when the arena goes,
 * unless output_commit() was reached. All return NULL, or what went wrong, in
 * words.
 */
const char *output_open(struct arena *a, const char *path, struct output_file **ret);
/* The same, but a symbolic link at `path` is replaced, not followed: others may have put it there. */
const char *output_replace(struct arena *a, const char *path, mode_t mode, struct output_file **ret);
const char *output_close(struct arena *a, struct output_file *f);
const char *output_commit(struct arena *a, struct output_file *f);
/* Close and remove at once; harmless after output_commit(). */
void output_discard(struct output_file *f);

#endif
