// SPDX-License-Identifier: GPL-2.0-or-later
/* json_report.c - the report that docs/report.schema.json describes, and the file that it goes to */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interrupt.h"
#include "json.h"
#include "report.h"

/* ---- the document -------------------------------------------------------- */

static const char *status_word(enum elfdiff_status s)
{
	static const char *const words[] = { "ok", "error", "refused", "unchanged" };

	return words[s];
}

static void put_files(struct json *j, const struct options *o, enum elfdiff_status status)
{
	json_open(j, "files", '{');
	json_string(j, "original", o->orig);
	json_string(j, "patched", o->patched);
	json_string(j, "checked", o->check);
	json_string(j, "output", status == ELFDIFF_OK && !o->dry_run ? o->out : NULL);
	json_open(j, "kernel_symbols", '[');
	for (size_t i = 0; i < o->kernel_symbols_count; i++)
		json_string(j, NULL, o->kernel_symbols[i]);
	json_close(j, ']');
	json_open(j, "symvers", '[');
	for (size_t i = 0; i < o->symvers_count; i++)
		json_string(j, NULL, o->symvers[i]);
	json_close(j, ']');
	json_close(j, '}');
}

static void put_side(struct json *j, const char *key, bool has, uint64_t offset, const char *text)
{
	if (!has) {
		json_string(j, key, NULL);
		return;
	}
	json_open(j, key, '{');
	json_number(j, "offset", offset);
	json_string(j, "text", text);
	json_close(j, '}');
}

static void put_function(struct json *j, const struct elfdiff_function *fn)
{
	const struct elfdiff_evidence *e = &fn->evidence;

	json_open(j, NULL, '{');
	json_string(j, "name", fn->name);
	json_string(j, "section", fn->section);
	json_bool(j, "replaced", fn->replaced);
	json_bool(j, "by_kprobe", fn->by_kprobe);
	json_string(j, "reason", fn->reason);
	json_number(j, "original_size", fn->orig_size);
	json_number(j, "patched_size", fn->patched_size);
	json_number(j, "position", fn->position);
	json_open(j, "evidence", '{');
	json_string(j, "what", e->what);
	put_side(j, "original", e->has_orig, e->orig_offset, e->orig_text);
	put_side(j, "patched", e->has_patched, e->patched_offset, e->patched_text);
	json_close(j, '}');
	json_close(j, '}');
}

static void put_item(struct json *j, const struct elfdiff_item *item)
{
	json_open(j, NULL, '{');
	json_string(j, "name", item->name);
	json_string(j, "section", item->section);
	json_string(j, "kind", elfdiff_kind_name(item->kind));
	json_string(j, "verdict", elfdiff_verdict_name(item->verdict));
	json_string(j, "reason", item->reason);
	json_number(j, "size", item->size);
	if (item->parent == ELFDIFF_NO_PARENT)
		json_string(j, "parent", NULL);
	else
		json_number(j, "parent", item->parent);
	if (item->has_parent_offset)
		json_number(j, "parent_offset", item->parent_offset);
	else
		json_string(j, "parent_offset", NULL);
	json_close(j, '}');
}

static void put_reference(struct json *j, const struct elfdiff_reference *r)
{
	json_open(j, NULL, '{');
	json_string(j, "name", r->name);
	json_string(j, "how", elfdiff_how_name(r->how));
	json_string(j, "object", r->object);
	json_string(j, "when", r->when);
	json_number(j, "position", r->position);
	json_number(j, "item", r->item);
	json_number(j, "item_offset", r->item_offset);
	json_close(j, '}');
}

static void put_diag(struct json *j, const struct elfdiff_diag *d)
{
	static const char *const severities[] = { "notice", "warning", "refusal", "failure" };

	json_open(j, NULL, '{');
	json_string(j, "severity", severities[d->severity]);
	json_string(j, "id", d->id);
	json_string(j, "message", d->message);
	json_string(j, "object", d->object);
	json_string(j, "section", d->section);
	json_string(j, "symbol", d->symbol);
	if (d->has_offset)
		json_number(j, "offset", d->offset);
	else
		json_string(j, "offset", NULL);
	json_string(j, "cause", d->cause);
	json_string(j, "hint", d->hint);
	json_string(j, "stub", d->stub);
	json_close(j, '}');
}

static void put_results(struct json *j, const struct elfdiff *run)
{
	json_open(j, "functions", '[');
	for (size_t i = 0; i < elfdiff_function_count(run); i++)
		put_function(j, elfdiff_function(run, i));
	json_close(j, ']');
	json_open(j, "items", '[');
	for (size_t i = 0; i < elfdiff_item_count(run); i++)
		put_item(j, elfdiff_item(run, i));
	json_close(j, ']');
	json_open(j, "references", '[');
	for (size_t i = 0; i < elfdiff_reference_count(run); i++)
		put_reference(j, elfdiff_reference(run, i));
	json_close(j, ']');
	json_open(j, "diagnostics", '[');
	for (size_t i = 0; i < elfdiff_diag_count(run); i++)
		put_diag(j, elfdiff_diag(run, i));
	json_close(j, ']');
}

static void put_report(FILE *f, const struct elfdiff *run, const struct options *o, enum elfdiff_status status)
{
	struct json j = { .f = f };

	json_open(&j, NULL, '{');
	json_number(&j, "schema", 1);
	json_string(&j, "version", elfdiff_version());
	json_string(&j, "status", status_word(status));
	json_number(&j, "exit_status", status);
	json_bool(&j, "dry_run", o->dry_run);
	json_string(&j, "object", elfdiff_object_name(run));
	json_string(&j, "form", o->check ? NULL : options_form_name(o->form));
	put_files(&j, o, status);
	put_results(&j, run);
	json_close(&j, '}');
}

/* ---- the file -------------------------------------------------------------- */

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

/* The temporary file, or NULL; it changes only while signals are held. */
static const char *volatile unfinished;

void json_file_interrupted(void)
{
	if (unfinished)
		unlink(unfinished);
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
	unfinished = jf->temporary;
	interrupt_release();
	return ok;
}

bool json_file_try(struct json_file *jf, const struct elfdiff *run, const struct options *o, enum elfdiff_status status)
{
	if (!jf->temporary)
		return true;
	put_report(jf->f, run, o, status);
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
		unfinished = NULL;
		free(jf->temporary);
		jf->temporary = NULL;
	}
	interrupt_release();
	return ok;
}

bool json_file_finish(struct json_file *jf, const struct elfdiff *run, const struct options *o,
		      enum elfdiff_status status)
{
	if (!jf->f)
		return true;
	/* Over what json_file_try() wrote. */
	if (jf->temporary && (fseek(jf->f, 0, SEEK_SET) || ftruncate(fileno(jf->f), 0)))
		return cannot_write(jf->path);
	put_report(jf->f, run, o, status);
	return (close_file(jf) && keep_file(jf)) || cannot_write(jf->path);
}

void json_file_discard(struct json_file *jf)
{
	if (jf->f && jf->f != stdout)
		fclose(jf->f);
	interrupt_hold();
	if (jf->temporary)
		unlink(jf->temporary);
	unfinished = NULL;
	interrupt_release();
	free(jf->temporary);
	free(jf->target);
	*jf = (struct json_file){ 0 };
}
