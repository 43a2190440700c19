// SPDX-License-Identifier: GPL-2.0-or-later
/* json_file.c - the file that a report goes to */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interrupt.h"
#include "json.h"
#include "report.h"

static bool cannot_write(const char *path)
{
	report_error("report-write", path, strerror(errno), "name a file in a writable directory, or free disk space",
		     "cannot write the report `%s`", path);
	return false;
}

static bool open_temporary(struct json_file *jf)
{
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	/* Through a symbolic link to its target: the link is the user's and stays. */
	jf->target = realpath(jf->path, NULL);
	if (!jf->target)
		jf->target = strdup(jf->path);
	if (!jf->target || asprintf(&jf->temporary, "%s.XXXXXX", jf->target) < 0)
		return cannot_write(jf->path);
	fd = mkstemp(jf->temporary);
	if (fd < 0) {
		free(jf->temporary);
		jf->temporary = NULL;
		return cannot_write(jf->path);
	}
	jf->f = fchmod(fd, 0666 & ~mask) ? NULL : fdopen(fd, "w");
	if (jf->f)
		return true;
	close(fd);
	return cannot_write(jf->path);
}

/* Those with a temporary file; the list changes only while signals are held. */
static struct json_file *volatile unfinished;

void json_file_interrupted(void)
{
	for (const struct json_file *jf = unfinished; jf; jf = jf->next)
		unlink(jf->temporary);
}

static void note_unfinished(struct json_file *jf)
{
	if (!jf->temporary)
		return;
	jf->next = unfinished;
	unfinished = jf;
}

static void note_finished(const struct json_file *jf)
{
	struct json_file *first = unfinished, **p = &first;

	while (*p && *p != jf)
		p = &(*p)->next;
	if (*p)
		*p = jf->next;
	unfinished = first;
}

bool json_file_open(struct json_file *jf, const char *path)
{
	struct stat st;
	bool ok;

	*jf = (struct json_file){ .path = path };
	errno = ENOENT;
	if (!*path)
		return cannot_write(path);
	if (!strcmp(path, "-")) {
		jf->f = stdout;
		return true;
	}
	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe that nobody reads: ENXIO */

		jf->f = fd < 0 || fcntl(fd, F_SETFL, 0) ? NULL : fdopen(fd, "w");
		return jf->f || cannot_write(path);
	}
	interrupt_hold();
	ok = open_temporary(jf);
	note_unfinished(jf);
	interrupt_release();
	return ok;
}

bool json_file_try(struct json_file *jf, json_document put, const void *arg)
{
	if (!jf->temporary)
		return true;
	put(jf->f, arg);
	return (!fflush(jf->f) && !ferror(jf->f)) || cannot_write(jf->path);
}

static bool close_file(struct json_file *jf)
{
	bool ok = !fflush(jf->f) && !ferror(jf->f);

	if (jf->f != stdout)
		ok = !fclose(jf->f) && ok;
	jf->f = NULL;
	return ok;
}

static bool keep_file(struct json_file *jf)
{
	bool ok;

	if (!jf->temporary)
		return true;
	interrupt_hold();
	ok = !rename(jf->temporary, jf->target);
	if (ok) {
		note_finished(jf);
		free(jf->temporary);
		jf->temporary = NULL;
	}
	interrupt_release();
	return ok;
}

bool json_file_finish(struct json_file *jf, json_document put, const void *arg)
{
	if (!jf->f)
		return true;
	/* Over what json_file_try() wrote. */
	if (jf->temporary && (fseek(jf->f, 0, SEEK_SET) || ftruncate(fileno(jf->f), 0)))
		return cannot_write(jf->path);
	put(jf->f, arg);
	return (close_file(jf) && keep_file(jf)) || cannot_write(jf->path);
}

void json_file_discard(struct json_file *jf)
{
	if (jf->f && jf->f != stdout)
		fclose(jf->f);
	interrupt_hold();
	if (jf->temporary)
		unlink(jf->temporary);
	note_finished(jf);
	interrupt_release();
	free(jf->temporary);
	free(jf->target);
	*jf = (struct json_file){ 0 };
}
