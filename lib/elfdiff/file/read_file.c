/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "file/internal.h"

const char *read_bytes(struct arena *a, int fd, void *to, size_t size, uint64_t offset)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = pread(fd, (char *)to + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno != EINTR)
			return arena_strdup(a, strerror(errno));
		if (!n)
			return "it became shorter while it was read";
		done += n > 0 ? (size_t)n : 0;
	}
	return NULL;
}

static bool same_time(const struct timespec *x, const struct timespec *y)
{
	return x->tv_sec == y->tv_sec && x->tv_nsec == y->tv_nsec;
}

const char *file_changed(struct arena *a, int fd, const struct stat *before)
{
	struct stat now;

	if (fstat(fd, &now))
		return arena_strdup(a, strerror(errno));
	return now.st_size == before->st_size && same_time(&now.st_mtim, &before->st_mtim)
		       ? NULL
		       : "it changed while it was read";
}
