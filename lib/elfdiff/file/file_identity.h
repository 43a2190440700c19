/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file_identity.h - is this file what it was?
 *
 * A file whose identity_settled() was true has the same content for as long as its identity is the same. ARCHITECTURE.md
 * (The cache) has the proof.
 */
#ifndef ELFDIFF_FILE_IDENTITY_H
#define ELFDIFF_FILE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Numbers of 64 bits alone: it is compared and stored as bytes. */
struct file_identity {
	uint64_t device, inode, size;
	int64_t modified, modified_ns, changed, changed_ns;
	uint64_t sample; /* hash of what is at some places of it */
};

/* False: it is no regular file, or cannot be read. */
bool identity_take(int fd, struct file_identity *id);
/* To be asked before the file is read: whatever is written to it from now on changes its identity. */
bool identity_settled(int fd, const struct file_identity *id);
bool identity_same(const struct file_identity *x, const struct file_identity *y);
/* All but the sample. */
bool identity_is_of(const struct file_identity *id, const struct stat *st);

#endif
