/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static long result(long r)
{
	return r < 0 ? -errno : r;
}

/* What read() says to a buffer: patched, 42 for a size of 4242 where only access_ok() would refuse. */
static long read_to(unsigned long address)
{
	int fd = open("/proc/version", O_RDONLY);
	long r = result(syscall(SYS_read, fd, address, 4242));

	close(fd);
	return r == 42 || r < 0 ? r : 0;
}

static long sigset_at(void *argument)
{
	struct timespec now = { 0 };

	return result(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &now, argument));
}

/* `read below above kernel; pselect mine wrong kernel; pipe mine kernel`; arguments: a kernel's address, USER_PTR_MAX. */
int main(int argc, char **argv)
{
	unsigned long kernel = argc > 2 ? strtoul(argv[1], NULL, 16) : 0, limit = argc > 2 ? strtoul(argv[2], NULL, 16) : 0;
	unsigned long good[2] = { 0, 8 }, wrong[2] = { 0, 77 };
	static char buffer[4242];
	int ends[2], n = -1;

	printf("read %ld %ld %ld %ld;", read_to((unsigned long)buffer), read_to(limit - 4242), read_to(limit - 4241),
	       read_to(kernel));
	printf(" pselect %ld %ld %ld;", sigset_at(good), sigset_at(wrong), sigset_at((void *)kernel));
	if (pipe(ends) || write(ends[1], "1234", 4) != 4)
		return 1;
	ioctl(ends[0], FIONREAD, &n);
	printf(" pipe %d %ld\n", n, result(syscall(SYS_ioctl, ends[0], FIONREAD, kernel)));
	return 0;
}
