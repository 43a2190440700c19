/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has the kernel write to a page that nobody ever provides. */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	long size = sysconf(_SC_PAGESIZE);
	int faults = syscall(SYS_userfaultfd, O_CLOEXEC), zero = open("/dev/zero", O_RDONLY);
	char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register all = { .range = { (unsigned long)page, size }, .mode = UFFDIO_REGISTER_MODE_MISSING };

	if (faults < 0 || zero < 0 || page == MAP_FAILED || ioctl(faults, UFFDIO_API, &api) || ioctl(faults, UFFDIO_REGISTER, &all)) {
		puts("it cannot wait");
		return 1;
	}
	puts("it waits");
	fflush(stdout);
	read(zero, page, size);
	puts("it has waited");
	return 0;
}
