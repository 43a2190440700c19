/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache_file.h - what was read out of a file, kept beside it for the next run
 *
 * A header, a directory of chunks, the chunks; each has a checksum, which is compared whenever it is read, so that a run
 * reads only the chunks it needs. A cache that is not whole, not of what the file says now, or not of this program's
 * version counts as none. It is read into memory, never mapped.
 */
#ifndef ELFDIFF_CACHE_FILE_H
#define ELFDIFF_CACHE_FILE_H

#include <sys/stat.h>

#include "base/vec.h"
#include "file/file_content.h"

/* Behind the name of the file: <elfdiff.h> has it, too. */
#define CACHE_SUFFIX ".elfdiff"

/* A smaller file is read as fast as its cache. */
#define CACHE_FROM (1 << 16)

enum cache_kind { CACHE_SYMBOLS = 1, CACHE_SYMVERS };

struct cache_file {
	int fd;
	struct content source; /* what it is of */
	const struct cache_entry *chunks;
	uint32_t count;
};

/* The file that a cache is of; it stays open until the run ends. */
struct cache_source {
	const char *path;
	int fd;
	struct stat st;
	struct content read; /* what was read of it, if it was */
};

/* False: it is no file of which there are caches. */
bool cache_source_open(struct arena *a, const char *path, struct cache_source *s);
/* s->read is all that was read, and was read of this file: `file` is what that was. */
bool cache_source_known(const struct cache_source *s, const struct stat *file);

/* The cache of what the source says; NULL: there is none. */
struct cache_file *cache_open(struct arena *a, const struct cache_source *s, enum cache_kind kind);
/* Bytes of a chunk, 0 where there is none. */
uint32_t cache_chunk_size(const struct cache_file *c, uint32_t chunk);
/* Read a chunk; false: it is damaged. */
bool cache_chunk_read(const struct cache_file *c, uint32_t chunk, void *to);

struct cache_writer;
/* Begin one of s->read, of so many chunks; NULL: there is no place for it. */
struct cache_writer *cache_create(struct arena *a, const struct cache_source *s, enum cache_kind kind, uint32_t chunks);
void cache_add(struct cache_writer *w, const void *bytes, uint32_t size);
/* It is there as a whole, or not at all. */
void cache_finish(struct cache_writer *w);

#endif
