/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* getdents64() to an address where nothing is. */
int main(void)
{
	int fd = open("/tmp", O_RDONLY);

	if (syscall(SYS_getdents64, fd, (void *)0x10000, 4096) == -1)
		printf("%s\n", errno == EFAULT ? "EFAULT" : "another error");
	return 0;
}
