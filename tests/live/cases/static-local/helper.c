/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <sys/klog.h>

int main(int argc, char **argv)
{
	printf("%d\n", klogctl(atoi(argv[argc - 1]), NULL, 0));
	return 0;
}
