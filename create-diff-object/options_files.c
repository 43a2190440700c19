// SPDX-License-Identifier: GPL-2.0-or-later
/* options_files.c - files of a command line that must differ, because one is written */
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "options.h"
#include "report.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* The directory entry that `path` is, for a file that need not exist. */
static bool same_entry(const char *a, const char *b)
{
	char *copies[4] = { strdup(a), strdup(b), strdup(a), strdup(b) };
	struct stat sa, sb;
	bool same = copies[0] && copies[1] && copies[2] && copies[3] &&
		    !strcmp(basename(copies[0]), basename(copies[1])) && !stat(dirname(copies[2]), &sa) &&
		    !stat(dirname(copies[3]), &sb) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;

	for (size_t i = 0; i < COUNT(copies); i++)
		free(copies[i]);
	return same;
}

/* Devices are no file that writing would destroy. */
static bool same_file(const char *a, const char *b)
{
	struct stat sa, sb;
	bool a_exists = !stat(a, &sa), b_exists = !stat(b, &sb);

	if (a_exists && b_exists)
		return sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino && (S_ISREG(sa.st_mode) || S_ISDIR(sa.st_mode));
	return !a_exists && !b_exists && same_entry(a, b);
}

static bool writes_over(const char *written, const char *read)
{
	if (!read || !same_file(written, read))
		return false;
	report_error("output-is-input", written, "writing it would destroy a file that this run reads or writes",
		     "name another file to write to", "`%s` is the same file as `%s`", written, read);
	return true;
}

static bool writes_over_any(const struct options *o, const char *written)
{
	if (writes_over(written, o->orig) || writes_over(written, o->patched) || writes_over(written, o->check))
		return true;
	for (size_t i = 0; i < o->kernel_symbols_count; i++)
		if (writes_over(written, o->kernel_symbols[i]))
			return true;
	for (size_t i = 0; i < o->symvers_count; i++)
		if (writes_over(written, o->symvers[i]))
			return true;
	for (size_t i = 0; i < o->from_count; i++)
		if (writes_over(written, o->from[i]))
			return true;
	return false;
}

bool options_files_distinct(const struct options *o)
{
	const char *const written[] = { o->out, options_is_stdout(o->json) ? NULL : o->json,
					options_is_stdout(o->report) ? NULL : o->report };

	for (size_t i = 0; i < COUNT(written); i++) {
		if (!written[i])
			continue;
		if (writes_over_any(o, written[i]))
			return false;
		for (size_t k = 0; k < i; k++)
			if (written[k] && writes_over(written[i], written[k]))
				return false;
	}
	return true;
}
