/* SPDX-License-Identifier: GPL-2.0-or-later */
/* helper: an event counter, and for each line of the standard input, `write`, `show` (what the kernel says of it), `new` */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void show(int fd)
{
	char path[64], line[128];
	long writes = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "eventfd-writes: %ld", &writes);
	if (f)
		fclose(f);
	printf("%ld\n", writes);
	fflush(stdout);
}

int main(void)
{
	int fd = eventfd(0, 0);
	char line[64];

	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "write\n"))
			eventfd_write(fd, 1);
		else if (!strcmp(line, "show\n"))
			show(fd);
		else if (!strcmp(line, "new\n")) {
			close(fd);
			fd = eventfd(0, 0);
		}
	}
	return 0;
}
