// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * init.c - process 1 of a kernel that loads /patch.ko and takes it out again
 *
 * Says on the console `line before|patched|after yes|no`, whether /proc/meminfo has the line that tests/kernel/meminfo.patch
 * adds, what failed, and `done` if nothing did. Linked statically, for any architecture.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATCH "livepatch_meminfo"
#define DIRECTORY "/sys/kernel/livepatch/" PATCH

static void end(const char *what)
{
	printf(what ? "init: %s: %s\n" : "init: done\n", what, strerror(errno));
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

static void show(const char *when)
{
	char line[256];
	const char *found = "no";
	FILE *file = fopen("/proc/meminfo", "r");

	if (!file)
		end("cannot open /proc/meminfo");
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, "MemUnavailable:", 15))
			found = "yes";
	fclose(file);
	printf("init: line %s %s\n", when, found);
}

/* Transitions end when all tasks have been seen at a safe place: some seconds under emulation. */
static void wait_for_transition(void)
{
	int tries, fd;
	char state;

	for (tries = 0; tries < 600; tries++) {
		fd = open(DIRECTORY "/transition", O_RDONLY);
		if (fd < 0)
			return;
		if (read(fd, &state, 1) == 1 && state == '0') {
			close(fd);
			return;
		}
		close(fd);
		usleep(100000);
	}
	errno = ETIMEDOUT;
	end("transition");
}

static void load(void)
{
	int fd = open("/patch.ko", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		end("cannot load /patch.ko");
	close(fd);
	wait_for_transition();
}

static void unload(void)
{
	int fd = open(DIRECTORY "/enabled", O_WRONLY), tries;

	if (fd < 0 || write(fd, "0", 1) != 1)
		end("cannot disable the patch");
	close(fd);
	wait_for_transition();
	for (tries = 0; syscall(SYS_delete_module, PATCH, O_NONBLOCK); tries++) {
		if (tries == 100)
			end("cannot remove the module");
		usleep(100000);
	}
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (mount("proc", "/proc", "proc", 0, NULL) || mount("sysfs", "/sys", "sysfs", 0, NULL))
		end("cannot mount /proc and /sys");
	show("before");
	load();
	show("patched");
	unload();
	show("after");
	end(NULL);
	return 0;
}
