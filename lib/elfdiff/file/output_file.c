/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 10000 };

static const char *system_error(struct arena *a)
{
	return arena_strdup(a, strerror(errno));
}

void output_discard(struct output_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	if (f->temp)
		unlink(f->temp);
	f->temp = NULL;
}

static void discard(void *arg)
{
	output_discard(arg);
}

/* The name does not build on the target's: that may be as long as a name can be. */
static const char *temp_name(struct arena *a, const char *target, unsigned n)
{
	const char *slash = strrchr(target, '/');

	return arena_printf(a, "%.*s.elfdiff-%ld-%u.tmp", slash ? (int)(slash + 1 - target) : 0, target, (long)getpid(),
			    n);
}

static const char *create(struct arena *a, struct output_file *f)
{
	for (unsigned n = 0; n < TRIES; n++) {
		const char *name = temp_name(a, f->target, n);

		f->fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (f->fd >= 0) {
			f->temp = name;
			return NULL;
		}
		if (errno != EEXIST)
			break;
	}
	return system_error(a);
}

/* A device or a pipe would be replaced by the rename, which nobody wants of /dev/null. */
static const char *look_at_target(struct arena *a, struct output_file *f, const char *path, mode_t *mode)
{
	char resolved[PATH_MAX];
	struct stat st;

	f->target = arena_strdup(a, path);
	*mode = 0;
	if (stat(path, &st))
		return errno == ENOENT ? NULL : system_error(a);
	if (!S_ISREG(st.st_mode))
		return "it exists and is not a regular file";
	if (!realpath(path, resolved))
		return system_error(a);
	f->target = arena_strdup(a, resolved);
	*mode = st.st_mode & 0777;
	return NULL;
}

const char *output_open(struct arena *a, const char *path, struct output_file **ret)
{
	struct output_file *f = arena_new(a, struct output_file);
	const char *error;
	mode_t mode;

	f->fd = -1;
	arena_defer(a, discard, f);
	error = look_at_target(a, f, path, &mode);
	if (!error)
		error = create(a, f);
	if (!error && mode && fchmod(f->fd, mode))
		error = system_error(a);
	*ret = f;
	return error;
}

const char *output_replace(struct arena *a, const char *path, mode_t mode, struct output_file **ret)
{
	struct output_file *f = arena_new(a, struct output_file);
	const char *error;

	f->fd = -1;
	arena_defer(a, discard, f);
	f->target = arena_strdup(a, path);
	error = create(a, f);
	if (!error && fchmod(f->fd, mode))
		error = system_error(a);
	*ret = f;
	return error;
}

const char *output_close(struct arena *a, struct output_file *f)
{
	int fd = f->fd;

	f->fd = -1;
	return close(fd) ? system_error(a) : NULL;
}

const char *output_commit(struct arena *a, struct output_file *f)
{
	if (rename(f->temp, f->target))
		return system_error(a);
	f->temp = NULL;
	return NULL;
}
