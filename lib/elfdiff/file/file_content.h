/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file_content.h - does a file say what it said?
 *
 * Which parts of a file were read, and a hash of each. What is read next follows from the file's size and from what was read
 * so far, so that where these are the same, all is. ARCHITECTURE.md (The cache) has the proof.
 */
#ifndef ELFDIFF_FILE_CONTENT_H
#define ELFDIFF_FILE_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Of an ELF vmlinux nine parts are read, and of other files one. */
enum { CONTENT_PARTS = 12 };

struct content_part {
	uint64_t offset, size; /* bytes of the file */
	uint64_t hash[2];
};

/* Numbers of 64 bits alone: it is compared and stored as bytes. */
struct content {
	uint64_t size;  /* bytes of the whole file */
	uint64_t count; /* CONTENT_PARTS + 1: it is not known what was read */
	struct content_part parts[CONTENT_PARTS];
};

/* These bytes were read; NULL: they could not be. */
void content_add(struct content *c, uint64_t offset, uint64_t size, const uint8_t *bytes);
/* The same of bytes that come one after the other, from the beginning of the file: so many in all. */
struct content_stream;
struct content_stream *content_stream_new(struct arena *a);
void content_stream_add(struct content_stream *s, const void *bytes, size_t size);
void content_stream_end(struct content_stream *s, struct content *c, uint64_t size);
/* It tells all that was read. */
bool content_known(const struct content *c);
bool content_same(const struct content *x, const struct content *y);
/* The file, of c->size bytes, has it. */
bool content_is_in(struct arena *a, int fd, const struct content *c);

#endif
