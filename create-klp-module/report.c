/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "color.h"

/* Names come from files: what is not printable is shown as \xNN. */
static void put_text(FILE *f, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			fprintf(f, "\\x%02x", (unsigned char)s[i]);
		else
			putc(s[i], f);
	}
}

/* The text, with the alias wherever the path stands. */
static void put_aliased(const char *s, struct alias alias)
{
	const char *found;

	while (alias.path && (found = strstr(s, alias.path))) {
		put_text(stderr, s, (size_t)(found - s));
		put_text(stderr, alias.shown, strlen(alias.shown));
		s = found + strlen(alias.path);
	}
	put_text(stderr, s, strlen(s));
	putc('\n', stderr);
}

static void put_field(const char *name, const char *text, struct alias alias)
{
	if (!text)
		return;
	fprintf(stderr, "  %-8s", name);
	put_aliased(text, alias);
}

static void put_diag(const struct elfdiff_diag *d, struct alias alias)
{
	static const char *const words[] = {
		[ELFDIFF_NOTICE] = "note",
		[ELFDIFF_WARNING] = "warning",
		[ELFDIFF_REFUSAL] = "error",
		[ELFDIFF_FAILURE] = "error",
	};

	fprintf(stderr, "%s%s[%s]:%s ", color_of(d->severity), words[d->severity], d->id, color_end());
	put_aliased(d->message, alias);
	put_field("object", d->object, alias);
	put_field("section", d->section, alias);
	put_field("symbol", d->symbol, alias);
	if (d->has_offset)
		fprintf(stderr, "  %-8s0x%llx\n", "offset", (unsigned long long)d->offset);
	put_field("cause", d->cause, alias);
	put_field("hint", d->hint, alias);
}

void report_run(const struct elfdiff *run, bool notices, struct alias alias)
{
	for (size_t i = 0; i < elfdiff_diag_count(run); i++) {
		const struct elfdiff_diag *d = elfdiff_diag(run, i);

		if (notices || d->severity > ELFDIFF_NOTICE)
			put_diag(d, alias);
	}
}

void report_error(const char *id, const char *message, const char *cause, const char *hint)
{
	put_diag(
		&(struct elfdiff_diag){
			.severity = ELFDIFF_FAILURE, .id = id, .message = message, .cause = cause, .hint = hint },
		(struct alias){ 0 });
}

void report_no_memory(void)
{
	report_error("out-of-memory", "out of memory", "the system has no more memory", "close other programs");
}
