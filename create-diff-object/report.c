// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "color.h"

unsigned report_utf8_length(const unsigned char *s)
{
	unsigned n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	for (unsigned i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)) /* too long, surrogate */
		return 0;
	if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) /* too long, too large */
		return 0;
	return n;
}

static unsigned code_point(const unsigned char *s, unsigned length)
{
	unsigned c = length == 1 ? s[0] : s[0] & (0xffu >> (length + 1));

	for (unsigned i = 1; i < length; i++)
		c = c << 6 | (s[i] & 0x3fu);
	return c;
}

/* What a terminal obeys or a reader does not see: C0, DEL and C1, marks that turn or hide text, ends of lines. */
static bool is_control(unsigned c)
{
	static const struct {
		unsigned first, last;
	} ranges[] = { { 0, 0x1f },        { 0x7f, 0x9f },     { 0xad, 0xad },     { 0x61c, 0x61c },
		       { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff } };

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

void report_text(FILE *f, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		unsigned n = report_utf8_length(s);

		if (n && !is_control(code_point(s, n))) {
			fwrite(s, 1, n, f);
			s += n;
			continue;
		}
		for (n = n ? n : 1; n; n--)
			fprintf(f, "\\x%02x", *s++);
	}
}

/* ---- diagnostics ------------------------------------------------------------ */

static const char *severity_word(enum elfdiff_severity s)
{
	switch (s) {
	case ELFDIFF_NOTICE:
		return "note";
	case ELFDIFF_WARNING:
		return "warning";
	case ELFDIFF_REFUSAL:
	case ELFDIFF_FAILURE:
		break;
	}
	return "error";
}

static const char *put_place(const char *before, const char *word, const char *text)
{
	fprintf(stderr, "%s%-8s", before, word);
	report_text(stderr, text);
	return "   ";
}

static void put_where(const struct elfdiff_diag *d)
{
	const char *before = "  ";

	if (!d->object && !d->section && !d->symbol && !d->has_offset)
		return;
	if (d->object)
		before = put_place(before, "object", d->object);
	if (d->section)
		before = put_place(before, d->object ? "section " : "section", d->section);
	if (d->symbol)
		before = put_place(before, "symbol", d->symbol);
	if (d->has_offset)
		fprintf(stderr, "%s+0x%" PRIx64, d->section || d->symbol ? "" : before, d->offset);
	putc('\n', stderr);
}

static void put_line(const char *word, const char *text)
{
	if (!text)
		return;
	fprintf(stderr, "  %-8s", word);
	report_text(stderr, text);
	putc('\n', stderr);
}

/* As it is, for pasting; a tab is what C is indented with. */
static void put_stub(const char *text)
{
	if (!text)
		return;
	fputs("  stub\n", stderr);
	while (*text) {
		size_t tabs = strspn(text, "\t"), length = strcspn(text, "\n");
		char *line = strndup(text + tabs, length - tabs);

		fprintf(stderr, "%s%.*s", length ? "    " : "", (int)tabs, text);
		report_text(stderr, line ? line : "");
		putc('\n', stderr);
		free(line);
		text += length + (text[length] == '\n');
	}
}

static void put_diag(const struct elfdiff_diag *d)
{
	fprintf(stderr, "%s%s[%s]:%s ", color_of(d->severity), severity_word(d->severity), d->id, color_end());
	report_text(stderr, d->message);
	putc('\n', stderr);
	put_where(d);
	put_line("origin", d->origin);
	put_line("cause", d->cause);
	put_line("hint", d->hint);
	put_stub(d->stub);
}

void report_error(const char *id, const char *object, const char *cause, const char *hint, const char *fmt, ...)
{
	struct elfdiff_diag d = {
		.severity = ELFDIFF_FAILURE, .id = id, .object = object, .cause = cause, .hint = hint
	};
	char *message = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&message, fmt, ap) < 0)
		message = NULL;
	va_end(ap);
	d.message = message ? message : fmt;
	put_diag(&d);
	free(message);
}

void report_no_memory(void)
{
	report_error("out-of-memory", NULL, "the system has no more memory", "close other programs, or raise the limit",
		     "out of memory");
}

void report_diag(const struct elfdiff_diag *d, const struct options *o)
{
	enum elfdiff_severity least = ELFDIFF_WARNING;

	if (o->verbosity == VERBOSE || o->explain)
		least = ELFDIFF_NOTICE;
	if (o->verbosity == QUIET)
		least = ELFDIFF_REFUSAL;
	if (d->severity >= least)
		put_diag(d);
}

void report_diags(const struct elfdiff *run, const struct options *o, size_t from)
{
	fflush(stdout);
	for (size_t i = from; i < elfdiff_diag_count(run); i++)
		report_diag(elfdiff_diag(run, i), o);
}

bool report_stdout_is_well(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return true;
	report_error("output-write", NULL, errno ? strerror(errno) : "the system gives no reason",
		     "check what the standard output is connected to", "cannot write to the standard output");
	return false;
}

/* ---- the summary --------------------------------------------------------------- */

static void put_count(FILE *f, const char *before, size_t n, const char *word)
{
	fprintf(f, "%s%zu %s%s", before, n, word, n == 1 ? "" : "s");
}

static size_t count_new_functions(const struct elfdiff *run)
{
	size_t n = 0;

	for (size_t i = 0; i < elfdiff_item_count(run); i++) {
		const struct elfdiff_item *item = elfdiff_item(run, i);

		n += item->kind == ELFDIFF_KIND_FUNCTION && item->verdict == ELFDIFF_VERDICT_NEW;
	}
	return n;
}

struct sums {
	size_t changed, covered, callers, by_kprobe;
};

static struct sums sum_functions(const struct elfdiff *run)
{
	struct sums n = { 0 };

	for (size_t i = 0; i < elfdiff_function_count(run); i++) {
		const struct elfdiff_function *fn = elfdiff_function(run, i);

		n.changed += !fn->reason;
		n.callers += fn->reason != NULL;
		n.covered += !fn->replaced;
		n.by_kprobe += fn->by_kprobe;
	}
	return n;
}

/* Of functions that are not replaced, of those that are because of them, and of those that a kprobe redirects. */
static void put_callers(FILE *f, struct sums n)
{
	if (n.covered)
		fprintf(f, " (%zu through callers)", n.covered);
	if (n.by_kprobe)
		fprintf(f, " (%zu by kprobe)", n.by_kprobe);
	if (n.callers)
		fprintf(f, ", %zu replaced as caller%s", n.callers, n.callers == 1 ? "" : "s");
}

static size_t count_references(const struct elfdiff *run, enum elfdiff_how how)
{
	size_t n = 0;

	for (size_t i = 0; i < elfdiff_reference_count(run); i++)
		n += elfdiff_reference(run, i)->how == how;
	return n;
}

/* The objects that KLP references lead to, each once, in order of appearance. There are at most a few. */
static void put_klp_objects(FILE *f, const struct elfdiff *run)
{
	const char *seen[16];
	size_t n = 0, k;

	for (size_t i = 0; i < elfdiff_reference_count(run); i++) {
		const struct elfdiff_reference *r = elfdiff_reference(run, i);

		if (r->how != ELFDIFF_HOW_KLP || !r->object)
			continue;
		for (k = 0; k < n && strcmp(seen[k], r->object); k++)
			;
		if (k < n)
			continue;
		if (n == sizeof(seen) / sizeof(*seen)) {
			fputs(", ...", f);
			break;
		}
		seen[n++] = r->object;
		fputs(n == 1 ? " (" : ", ", f);
		report_text(f, r->object);
	}
	if (n)
		putc(')', f);
}

void report_changes(FILE *f, const struct elfdiff *run)
{
	struct sums n = sum_functions(run);
	size_t klp = count_references(run, ELFDIFF_HOW_KLP), undefined = count_references(run, ELFDIFF_HOW_UNDEFINED);

	put_count(f, "", n.changed, "changed function");
	put_callers(f, n);
	fprintf(f, ", %zu new", count_new_functions(run));
	put_count(f, ", ", klp, "KLP reference");
	put_klp_objects(f, run);
	fprintf(f, ", %zu exported", count_references(run, ELFDIFF_HOW_EXPORTED));
	if (undefined)
		fprintf(f, ", %zu undefined", undefined);
}

void report_summary(FILE *f, const struct elfdiff *run, const struct options *o, enum elfdiff_status status)
{
	report_text(f, o->check ? o->check : o->out && !o->dry_run ? o->out : o->patched);
	if (o->check) {
		fputs(": follows the kernel's rules\n", f);
		return;
	}
	fputs(": ", f);
	if (status == ELFDIFF_UNCHANGED)
		fputs("nothing changed, nothing written", f);
	else
		report_changes(f, run);
	if (status == ELFDIFF_OK && o->dry_run)
		fputs(" (dry run, nothing written)", f);
	putc('\n', f);
}
