/* SPDX-License-Identifier: GPL-2.0-or-later */
/* common.c - files in memory, and what is true of every run */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void finding(const char *what, const char *detail)
{
	fprintf(stderr, "FINDING: %s: %s\n", what, detail ? detail : "");
	abort();
}

/* ---- files ---- */

struct file file_open(struct bytes content)
{
	struct file file = { .fd = memfd_create("input", MFD_CLOEXEC) };

	if (file.fd < 0 || write(file.fd, content.data, content.size) != (ssize_t)content.size) {
		perror("memfd");
		exit(1);
	}
	snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
	return file;
}

void file_close(struct file *file)
{
	close(file->fd);
}

static char directory[256], output[300];
static pid_t owner; /* AFL++ forks */

static void remove_directory(void)
{
	if (owner == getpid())
		rmdir(directory);
}

const char *output_path(void)
{
	const char *base = getenv("TMPDIR");

	if (owner == getpid())
		return output;
	snprintf(directory, sizeof(directory), "%s/elfdiff-fuzz.XXXXXX", base ? base : "/dev/shm");
	if (!mkdtemp(directory)) {
		perror(directory);
		exit(1);
	}
	snprintf(output, sizeof(output), "%s/out.o", directory);
	owner = getpid();
	atexit(remove_directory);
	return output;
}

/* An object has names, padding and tables that its inputs may have left out: hence the constant. */
static bool is_too_large(off_t size, size_t inputs)
{
	return (size_t)size > 4 * inputs + (64 << 10);
}

void output_clear(size_t inputs)
{
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	if (owner != getpid())
		return;
	if (!stat(output, &st) && is_too_large(st.st_size, inputs))
		finding("the output is far larger than the inputs", NULL);
	unlink(output);
	dir = opendir(directory);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
			finding("a file was left behind", entry->d_name);
	if (dir)
		closedir(dir);
}

/* ---- runs ---- */

void finding_of(const char *what, const struct elfdiff *run)
{
	const struct elfdiff_diag *d, *worst = NULL;

	for (size_t i = 0; (d = elfdiff_diag(run, i)); i++)
		worst = !worst || d->severity > worst->severity ? d : worst;
	finding(what, worst ? worst->message : NULL);
}

struct elfdiff *run_new(void)
{
	struct elfdiff *run = elfdiff_new();

	if (!run)
		exit(1);
	return run;
}

static volatile size_t touched; /* so that no read is optimized away */

static void touch(const char *text)
{
	touched += text ? strlen(text) : 0;
}

static void touch_all(const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		touch(texts[i]);
}

static void expect_diag(const struct elfdiff_diag *d)
{
	const char *texts[] = { d->id, d->message, d->object, d->section, d->symbol, d->cause, d->hint };

	touch_all(texts, sizeof(texts) / sizeof(texts[0]));
	if (!d->id || !d->message || !*d->message)
		finding("a diagnostic without an id or a message", d->message);
	if (d->severity >= ELFDIFF_REFUSAL && (!d->cause || !d->hint))
		finding("a diagnostic without a cause or a hint", d->message);
	if (!strcmp(d->id, "internal"))
		finding("an internal error", d->message);
}

static void expect_status(const struct elfdiff *run, enum elfdiff_status status)
{
	size_t counts[4] = { 0 };

	for (size_t i = 0; i < elfdiff_diag_count(run); i++) {
		expect_diag(elfdiff_diag(run, i));
		counts[elfdiff_diag(run, i)->severity]++;
	}
	if ((status == ELFDIFF_ERROR) != !!counts[ELFDIFF_FAILURE])
		finding("ERROR has a failure, and nothing else has one", NULL);
	if (status == ELFDIFF_REFUSED && !counts[ELFDIFF_REFUSAL])
		finding("a refusal without a reason", NULL);
	if ((status == ELFDIFF_OK || status == ELFDIFF_UNCHANGED) && counts[ELFDIFF_REFUSAL])
		finding("a reason to refuse, and no refusal", NULL);
}

static void read_functions(const struct elfdiff *run)
{
	const struct elfdiff_function *f;

	for (size_t i = 0; (f = elfdiff_function(run, i)); i++) {
		const char *texts[] = { f->name, f->section, f->evidence.what, f->evidence.orig_text,
					f->evidence.patched_text };

		touch_all(texts, sizeof(texts) / sizeof(texts[0]));
	}
}

static void read_items(const struct elfdiff *run)
{
	const struct elfdiff_item *item;

	for (size_t i = 0; (item = elfdiff_item(run, i)); i++) {
		const char *texts[] = { item->name, item->section, item->reason, elfdiff_kind_name(item->kind),
					elfdiff_verdict_name(item->verdict) };

		touch_all(texts, sizeof(texts) / sizeof(texts[0]));
		if (item->parent != ELFDIFF_NO_PARENT && !elfdiff_item(run, item->parent))
			finding("an item's parent does not exist", item->name);
	}
}

static void read_references(const struct elfdiff *run)
{
	const struct elfdiff_reference *r;

	for (size_t i = 0; (r = elfdiff_reference(run, i)); i++) {
		const char *texts[] = { r->name, r->object, r->when, elfdiff_how_name(r->how) };

		touch_all(texts, sizeof(texts) / sizeof(texts[0]));
		if (!elfdiff_item(run, r->item))
			finding("a reference of an item that does not exist", r->name);
	}
}

void run_expect(const struct elfdiff *run, enum elfdiff_status status)
{
	expect_status(run, status);
	touch(elfdiff_object_name(run));
	read_functions(run);
	read_items(run);
	read_references(run);
}

void run_end(struct elfdiff *run, enum elfdiff_status status)
{
	run_expect(run, status);
	elfdiff_free(run);
}
