/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main.c - rewrite the KLP references of an object or module in another form */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "elfdiff.h"

struct options {
	const char *in, *out;
	enum elfdiff_form form;
};

static const char usage[] = "Usage: create-klp-module [--form klp|linkable] IN OUT\n"
			    "\n"
			    "Rewrite the KLP references of the object or module IN to OUT.\n"
			    "\n"
			    "  -f, --form FORM  klp: .klp.rela.* sections, as the kernel reads them (default)\n"
			    "                   linkable: ordinary relocations, which survive a linker\n"
			    "  -h, --help       show this and exit\n"
			    "  -V, --version    show the version and exit\n"
			    "\n"
			    "Exit status: 0 written, 1 usage, input or internal error, 2 the kernel would refuse it.\n";

/* Names come from files: what is not printable is shown as \xNN. */
static void put_text(FILE *f, const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			fprintf(f, "\\x%02x", (unsigned char)*s);
		else
			putc(*s, f);
	}
}

static void put_field(const char *name, const char *text)
{
	if (!text)
		return;
	fprintf(stderr, "  %-8s", name);
	put_text(stderr, text);
	putc('\n', stderr);
}

static void put_diag(const struct elfdiff_diag *d)
{
	static const char *const words[] = {
		[ELFDIFF_NOTICE] = "note",
		[ELFDIFF_WARNING] = "warning",
		[ELFDIFF_REFUSAL] = "error",
		[ELFDIFF_FAILURE] = "error",
	};

	fprintf(stderr, "%s[%s]: ", words[d->severity], d->id);
	put_text(stderr, d->message);
	putc('\n', stderr);
	put_field("object", d->object);
	put_field("section", d->section);
	put_field("symbol", d->symbol);
	if (d->has_offset)
		fprintf(stderr, "  %-8s0x%llx\n", "offset", (unsigned long long)d->offset);
	put_field("cause", d->cause);
	put_field("hint", d->hint);
}

static enum elfdiff_status usage_error(const char *message, const char *subject)
{
	put_diag(&(struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					 .id = "usage",
					 .message = message,
					 .cause = subject,
					 .hint = "see create-klp-module --help" });
	return ELFDIFF_ERROR;
}

static bool parse_form(const char *word, enum elfdiff_form *ret)
{
	*ret = !strcmp(word, "linkable") ? ELFDIFF_FORM_LINKABLE : ELFDIFF_FORM_KLP;
	return *ret == ELFDIFF_FORM_LINKABLE || !strcmp(word, "klp");
}

/* A wrong command line writes its own message and sets *status; so do --help and --version. */
static bool parse(int argc, char **argv, struct options *o, enum elfdiff_status *status)
{
	static const struct option longs[] = { { "form", required_argument, NULL, 'f' },
					       { "help", no_argument, NULL, 'h' },
					       { "version", no_argument, NULL, 'V' },
					       { 0 } };
	int option;

	*status = ELFDIFF_OK;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":f:hV", longs, NULL)) != -1) {
		switch (option) {
		case 'f':
			if (parse_form(optarg, &o->form))
				break;
			*status = usage_error("the form is `klp` or `linkable`", optarg);
			return false;
		case 'h': fputs(usage, stdout); return false;
		case 'V': printf("create-klp-module %s\n", elfdiff_version()); return false;
		default:
			*status = usage_error("an option is unknown or lacks its value", argv[optind - 1]);
			return false;
		}
	}
	if (argc - optind == 2) {
		o->in = argv[optind];
		o->out = argv[optind + 1];
		return true;
	}
	*status = usage_error("two files are needed, IN and OUT",
			      argc - optind < 2 ? "too few were given" : "too many were given");
	return false;
}

static bool same_file(const char *x, const char *y)
{
	struct stat sx, sy;

	return !stat(x, &sx) && !stat(y, &sy) && sx.st_dev == sy.st_dev && sx.st_ino == sy.st_ino;
}

static enum elfdiff_status convert(const struct options *o)
{
	struct elfdiff *run;
	enum elfdiff_status status;

	if (same_file(o->in, o->out))
		return usage_error("OUT is the same file as IN", o->out);
	run = elfdiff_new();
	if (!run) {
		put_diag(&(struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
						 .id = "out-of-memory",
						 .message = "no memory left",
						 .cause = "the system gave no memory",
						 .hint = "close other programs" });
		return ELFDIFF_ERROR;
	}
	status = elfdiff_convert(run, o->in, o->out, o->form);
	for (size_t i = 0; i < elfdiff_diag_count(run); i++)
		put_diag(elfdiff_diag(run, i));
	elfdiff_free(run);
	return status;
}

int main(int argc, char **argv)
{
	struct options o = { .form = ELFDIFF_FORM_KLP };
	enum elfdiff_status status;

	/* A file size limit is then an error to report and to clean up after, like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	if (parse(argc, argv, &o, &status))
		status = convert(&o);
	if (fflush(stdout) || ferror(stdout))
		status = ELFDIFF_ERROR;
	return (int)status;
}
