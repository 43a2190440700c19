/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * intruder.c - a parser that a damaged object has taken over: once the object is read, it does what it should not be able to
 *
 * Writes one line for each attempt to $INTRUDER_REPORT's file descriptor: what, and `done` or `denied`.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void report(const char *what, int done)
{
	dprintf(atoi(getenv("INTRUDER_REPORT")), "%s %s\n", what, done ? "done" : "denied");
}

static int opens(const char *variable, int flags)
{
	int fd = open(getenv(variable), flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int runs_program(void)
{
	char *argv[] = { (char[]){ "/bin/true" }, NULL };
	pid_t pid;
	int status;

	return !posix_spawn(&pid, argv[0], NULL, NULL, argv, NULL) && waitpid(pid, &status, 0) == pid && !status;
}

/* Nobody listens there: the kernel says so to whoever may ask. */
static int asks_network(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), denied;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	denied = fd < 0 || (connect(fd, (struct sockaddr *)&to, sizeof(to)) && errno == EACCES);
	close(fd);
	return !denied;
}

static void intrude(void)
{
	static int once;

	if (once++)
		return;
	report("read", opens("INTRUDER_READ", O_RDONLY));
	report("write", opens("INTRUDER_WRITE", O_WRONLY | O_CREAT));
	if (getenv("INTRUDER_BESIDE"))
		report("beside", opens("INTRUDER_BESIDE", O_WRONLY | O_CREAT));
	report("run", runs_program());
	report("connect", asks_network());
}

static int is_object(const char *bytes, ssize_t count)
{
	return count > EI_NIDENT && !memcmp(bytes, ELFMAG, SELFMAG) && bytes[EI_NIDENT] == ET_REL;
}

/* A library that reads an object is called by what the bytes say: this is the first thing that sees them. */
ssize_t pread(int fd, void *to, size_t size, off_t offset)
{
	ssize_t count = ((ssize_t(*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread"))(fd, to, size, offset);

	if (is_object(to, count))
		intrude();
	return count;
}

ssize_t __pread_chk(int fd, void *to, size_t size, off_t offset, size_t room);
ssize_t __pread_chk(int fd, void *to, size_t size, off_t offset, size_t room)
{
	return size <= room ? pread(fd, to, size, offset) : -1;
}
