// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper SIZE - getcwd() by the 64-bit and the 32-bit entry: a result or a negative error of each; twice by the only entry where
 * the processor is no x86
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static char path[8192]; /* below 4 GB in a static program */

#ifdef __x86_64__
static long native(long size)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(SYS_getcwd), "D"(path), "S"(size)
			 : "rcx", "r11", "memory");
	return result;
}

static int compat(int size)
{
	int result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(183), "b"(path), "c"(size) : "r8", "r9", "r10", "r11", "memory");
	return result;
}
#else
static long native(long size)
{
	long result = syscall(SYS_getcwd, path, size);

	return result < 0 ? -errno : result;
}

static int compat(int size)
{
	return (int)native(size);
}
#endif

int main(int argc, char **argv)
{
	long size = argc > 1 ? atol(argv[1]) : 0;

	printf("%ld %d\n", native(size), compat((int)size));
	return 0;
}
