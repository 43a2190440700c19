/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
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

void forget_bytes(const uint8_t *from, uint64_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = align_up((uintptr_t)from, page);
	uintptr_t end = ((uintptr_t)from + size) / page * page;

	/* where this fails, it stays as it is */
	if (start < end)
		madvise((void *)start, end - start, MADV_DONTNEED); /* NOLINT(performance-no-int-to-ptr) */
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
