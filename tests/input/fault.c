// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fault.c - one call to the system goes wrong: to be preloaded
 *
 * FAULT is "CALL NUMBER MODE": of the calls named CALL the one of that number,
 * from 1, fails with an error (MODE is its number), transfers one byte ("short"),
 * or happens after the file that it reads was cut in half ("cut"). FAULT_LOG is
 * a file that is there afterwards when it did.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ALL_IS_WELL, FAIL, SHORT };

static void cut(int fd)
{
	char self[64];
	struct stat st;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (!fstat(fd, &st) && truncate(self, st.st_size / 2))
		perror(self);
}

/* What is to happen to this call. */
static int fate(const char *call, int fd)
{
	static unsigned count;
	const char *fault = getenv("FAULT"), *log = getenv("FAULT_LOG");
	char wanted[32], mode[32];
	unsigned number;

	if (!fault || !log || sscanf(fault, "%31s %u %31s", wanted, &number, mode) != 3 || strcmp(wanted, call) ||
	    ++count != number)
		return ALL_IS_WELL;
	syscall(SYS_close, (int)syscall(SYS_open, log, O_CREAT | O_WRONLY, 0600));
	if (!strcmp(mode, "short"))
		return SHORT;
	if (!strcmp(mode, "cut")) {
		cut(fd);
		return ALL_IS_WELL;
	}
	errno = atoi(mode);
	return FAIL;
}

#define REAL(type, name) ((type)dlsym(RTLD_NEXT, #name))

#define PLAIN(name, call, constant)                                                                                    \
	ssize_t name(int fd, constant void *p, size_t n);                                                              \
	ssize_t name(int fd, constant void *p, size_t n)                                                               \
	{                                                                                                              \
		int what = fd > 2 ? fate(call, fd) : ALL_IS_WELL;                                                      \
		return what == FAIL ? -1                                                                               \
				    : REAL(ssize_t(*)(int, constant void *, size_t),                                   \
					   name)(fd, p, what == SHORT && n ? 1 : n);                                   \
	}

#define PLACED(name, call, constant)                                                                                   \
	ssize_t name(int fd, constant void *p, size_t n, off_t at);                                                    \
	ssize_t name(int fd, constant void *p, size_t n, off_t at)                                                     \
	{                                                                                                              \
		int what = fate(call, fd);                                                                             \
		return what == FAIL ? -1                                                                               \
				    : REAL(ssize_t(*)(int, constant void *, size_t, off_t),                            \
					   name)(fd, p, what == SHORT && n ? 1 : n, at);                               \
	}

PLAIN(read, "read", )
PLAIN(write, "write", const)
PLACED(pread, "read", )
PLACED(pread64, "read", )
PLACED(pwrite, "write", const)
PLACED(pwrite64, "write", const)

/* As fortified callers say it. */
ssize_t __read_chk(int fd, void *p, size_t n, size_t room);
ssize_t __read_chk(int fd, void *p, size_t n, size_t room)
{
	return n > room ? -1 : read(fd, p, n);
}

ssize_t __pread_chk(int fd, void *p, size_t n, off_t at, size_t room);
ssize_t __pread_chk(int fd, void *p, size_t n, off_t at, size_t room)
{
	return n > room ? -1 : pread(fd, p, n, at);
}

ssize_t __pread64_chk(int fd, void *p, size_t n, off_t at, size_t room);
ssize_t __pread64_chk(int fd, void *p, size_t n, off_t at, size_t room)
{
	return n > room ? -1 : pread64(fd, p, n, at);
}

#define OPEN(name)                                                                                                     \
	int name(const char *path, int flags, ...)                                                                     \
	{                                                                                                              \
		va_list ap;                                                                                            \
		mode_t mode;                                                                                           \
		va_start(ap, flags);                                                                                   \
		mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;                                                       \
		va_end(ap);                                                                                            \
		return fate("open", -1) == FAIL ? -1 : REAL(int (*)(const char *, int, ...), name)(path, flags, mode); \
	}

OPEN(open)
OPEN(open64)

int rename(const char *from, const char *to)
{
	return fate("rename", -1) == FAIL ? -1 : REAL(int (*)(const char *, const char *), rename)(from, to);
}

int fstat(int fd, struct stat *st)
{
	return fate("fstat", fd) == FAIL ? -1 : REAL(int (*)(int, struct stat *), fstat)(fd, st);
}

int ftruncate(int fd, off_t size)
{
	return fate("truncate", fd) == FAIL ? -1 : REAL(int (*)(int, off_t), ftruncate)(fd, size);
}

int ftruncate64(int fd, off_t size)
{
	return fate("truncate", fd) == FAIL ? -1 : REAL(int (*)(int, off_t), ftruncate64)(fd, size);
}

int fchmod(int fd, mode_t mode)
{
	return fate("chmod", fd) == FAIL ? -1 : REAL(int (*)(int, mode_t), fchmod)(fd, mode);
}

/* The descriptor is closed all the same, as Linux does it. */
int close(int fd)
{
	int what = fate("close", fd), error = errno, ret = REAL(int (*)(int), close)(fd);

	errno = what == FAIL ? error : errno;
	return what == FAIL ? -1 : ret;
}
