/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "work.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interrupt.h"
#include "report.h"

extern char **environ;

enum { DIGITS = 6 };

/* "<directory>/000000.o": what a signal handler needs must be ready before the signal. */
static char path[4096];
static size_t directory_length;
static volatile size_t file_count;

static void set_number(size_t n)
{
	char *digit = path + directory_length + 1 + DIGITS;

	for (int i = 0; i < DIGITS; i++, n /= 10)
		*--digit = (char)('0' + n % 10);
}

static void remove_all(void)
{
	if (!directory_length)
		return;
	for (size_t n = 0; n < file_count; n++) {
		set_number(n);
		unlink(path);
	}
	path[directory_length] = 0;
	rmdir(path);
}

bool work_open(const char *parent)
{
	int n = snprintf(path, sizeof(path), "%s/create-klp-module.XXXXXX", parent);

	interrupt_hold();
	if (n < 0 || (size_t)n + sizeof("/000000.o") > sizeof(path) || !mkdtemp(path)) {
		report_error("unwritable", "cannot create a directory for temporary files", strerror(errno),
			     "set TMPDIR to a writable directory");
		interrupt_release();
		return false;
	}
	snprintf(path + n, sizeof(path) - (size_t)n, "/000000.o");
	directory_length = (size_t)n;
	interrupt_catch(remove_all);
	interrupt_release();
	return true;
}

void work_close(void)
{
	remove_all();
	directory_length = 0;
}

char *work_file(size_t n)
{
	char *copy;

	if (n >= file_count)
		file_count = n + 1;
	set_number(n);
	copy = strdup(path);
	if (!copy)
		report_no_memory();
	return copy;
}

bool work_run(char *const *argv)
{
	pid_t pid;
	int status = 0;
	int error = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);

	if (error) {
		report_error("no-linker", "the linker cannot be run", strerror(error),
			     "install binutils for the target; set CROSS_COMPILE or give --ld");
		return false;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	report_error("link-failed", "the objects cannot be merged", "the linker failed and has printed the reason",
		     "check that the linker supports the objects' machine (CROSS_COMPILE, --ld), and that no two of "
		     "them define the same symbol");
	return false;
}
