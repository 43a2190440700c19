/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	printf("%d\n", syscall(SYS_swapon, NULL, 0x7654321) ? errno : 0);
	return 0;
}
