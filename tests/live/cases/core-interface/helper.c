/* SPDX-License-Identifier: GPL-2.0-or-later */
/* helper SECONDS: wait for so long in futex_wait() */
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct timespec time = { .tv_sec = argc > 1 ? atoi(argv[1]) : 0 };
	int word = 0;

	puts(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &time, NULL, 0) ? strerror(errno) : "woken");
	return 0;
}
