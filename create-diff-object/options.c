// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "memory.h"
#include "report.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Long options without a letter get a number that no letter has. */
enum {
	OPT_FORM = 256,
	OPT_SKIP_INIT,
	OPT_EXPLAIN,
	OPT_JSON,
	OPT_CHECK,
	OPT_NO_CACHE,
	OPT_NO_SANDBOX,
	OPT_REPLACE_CALLERS,
	OPT_REDIRECT,
	OPT_EXHAUSTIVE
};

/* The only list of options: getopt's tables and --help are made from it, and a test holds the man page to it. */
static const struct row {
	int key;
	const char *name, *arg; /* with `[=`: it may be left away */
	bool check;             /* has a meaning with --check */
	const char *help;
} rows[] = {
	{ 'm', "object", "NAME", false, "name of the patched object: vmlinux, or a module's name" },
	{ 'k', "kernel-symbols", "FILE", true, "symbols of the running kernel or of a module; may be repeated" },
	{ 's', "symvers", "FILE", true, "Module.symvers of the running kernel; may be repeated" },
	{ OPT_FORM, "form", "FORM", false, "how KLP references are spelled: klp (default), linkable, kpatch" },
	{ 'a', "klp-arch", NULL, false, "list tables that kernels 4.9 to 5.7 read late; only with form kpatch" },
	{ OPT_REPLACE_CALLERS, "replace-callers", "NAME", false,
	  "replace all that calls this global function; may be repeated" },
	{ OPT_REDIRECT, "redirect", "kprobe", false, "redirect by a kprobe what ftrace and callers cannot" },
	{ OPT_SKIP_INIT, "skip-init", "[=NAME...]", false, "leave changes of init and exit code out of the patch" },
	{ OPT_EXPLAIN, "explain", NULL, false, "say what changed and why each item is in the output" },
	{ OPT_JSON, "json", "FILE", true, "write the report as JSON; - is the standard output" },
	{ 'j', "jobs", "N", false, "compare so many pairs of objects of two directories at once" },
	{ OPT_EXHAUSTIVE, "exhaustive", NULL, false, "look at all of both objects: the same outcome, later" },
	{ 'n', "dry-run", NULL, false, "do everything except write OUT, which may be omitted" },
	{ 'q', "quiet", NULL, true, "print only errors" },
	{ 'v', "verbose", NULL, true, "also print notices" },
	{ 'd', "debug", NULL, true, "alias of --verbose, for kpatch-build" },
	{ OPT_CHECK, "check", "OBJECT", true, "check a finished object against what the kernel requires" },
	{ OPT_NO_CACHE, "no-cache", NULL, true, "neither use nor write caches of the symbols' files" },
	{ OPT_NO_SANDBOX, "no-sandbox", NULL, true, "do not give up the right to open other files" },
	{ 'V', "version", NULL, true, "print the version" },
	{ 'h', "help", NULL, true, "print this text" },
};

static const struct row *find_row(int key)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].key == key)
			return &rows[i];
	return NULL;
}

static int argument_of(const struct row *r)
{
	return !r->arg ? no_argument : r->arg[0] == '[' ? optional_argument : required_argument;
}

void options_help(FILE *f)
{
	fputs("Usage: create-diff-object [OPTION]... ORIG PATCHED OUT\n"
	      "       create-diff-object [OPTION]... ORIG_DIR PATCHED_DIR OUT_DIR\n"
	      "       create-diff-object [OPTION]... ORIG PATCHED NAME SYMBOLS SYMVERS PATCH OUT\n"
	      "       create-diff-object --check OBJECT [-k FILE]... [-s FILE]...\n"
	      "\n"
	      "Compare two builds of one kernel object and write the live patch that turns ORIG\n"
	      "into PATCHED: what changed, what that needs, and how it finds the rest. Of two build\n"
	      "directories, all objects are compared, and OUT_DIR gets one object for vmlinux and one\n"
	      "for each module that changed. With seven operands, those of kpatch-build: -m NAME\n"
	      "-k SYMBOLS -s SYMVERS --form kpatch.\n"
	      "\n"
	      "Options:\n",
	      f);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = &rows[i];
		int n = r->key < 256 ? fprintf(f, "  -%c, ", r->key) : fprintf(f, "      ");

		n += fprintf(f, "--%s%s%s", r->name, argument_of(r) == required_argument ? " " : "",
			     r->arg ? r->arg : "");
		fprintf(f, "%*s%s\n", 30 - n, "", r->help);
	}
	fputs("\nExit status: 0 written, 1 usage, input or internal error, 2 the change cannot be live-patched,\n"
	      "3 nothing changed\n",
	      f);
}

/* ---- parsing ------------------------------------------------------------- */

struct tables {
	struct option longs[COUNT(rows) + 1];
	char shorts[2 * COUNT(rows) + 2];
};

static void make_tables(struct tables *t)
{
	char *s = t->shorts;

	*t = (struct tables){ 0 };
	*s++ = ':'; /* tell a missing value from an unknown option */
	for (size_t i = 0; i < COUNT(rows); i++) {
		t->longs[i] = (struct option){ rows[i].name, argument_of(&rows[i]), NULL, rows[i].key };
		if (rows[i].key >= 256)
			continue;
		*s++ = (char)rows[i].key;
		if (rows[i].arg)
			*s++ = ':';
	}
}

static enum options_result bad_usage(const char *what, const char *subject, const char *cause)
{
	report_error("usage", NULL, cause, "`create-diff-object --help` lists the options", "%s `%s`", what, subject);
	return OPTIONS_BAD;
}

/* getopt_long() gave `result`, ':' or '?'. */
static enum options_result bad_option(char **argv, int result)
{
	const struct row *r = find_row(optopt);
	char letter[3] = { '-', (char)optopt, 0 };

	if (result == ':')
		return bad_usage("missing value after", argv[optind - 1], "the option requires a value");
	if (r && !r->arg && strncmp(argv[optind - 1], "--", 2) == 0)
		return bad_usage("unexpected value in", argv[optind - 1], "the option takes no value");
	return bad_usage("unknown option", optopt ? letter : argv[optind - 1],
			 "no option has this name, or it is an ambiguous abbreviation");
}

static const char *const form_names[] = {
	[ELFDIFF_FORM_KLP] = "klp", [ELFDIFF_FORM_LINKABLE] = "linkable", [ELFDIFF_FORM_KPATCH] = "kpatch"
};

const char *options_form_name(enum elfdiff_form form)
{
	return form_names[form];
}

static bool set_form(struct options *o, const char *arg)
{
	for (size_t i = 0; i < COUNT(form_names); i++)
		if (!strcmp(arg, form_names[i])) {
			o->form = (enum elfdiff_form)i;
			o->form_given = true;
			return true;
		}
	return false;
}

/* Names with commas between them, or NULL. */
static void add_names(struct options *o, char *names)
{
	const char *name;

	while ((name = strsep(&names, ","))) {
		if (!*name)
			continue;
		o->skip_init_names = memory_grow(o->skip_init_names, o->skip_init_count, &o->skip_init_room,
						 sizeof(*o->skip_init_names));
		o->skip_init_names[o->skip_init_count++] = name;
	}
}

static bool set_jobs(struct options *o, const char *text)
{
	char *end;

	o->jobs = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && o->jobs >= 1 && o->jobs <= 1024;
}

static enum options_result set_option(struct options *o, int key)
{
	switch (key) {
	case 'm':
		o->object = optarg;
		break;
	case 'k':
		o->kernel_symbols[o->kernel_symbols_count++] = optarg;
		break;
	case 's':
		o->symvers[o->symvers_count++] = optarg;
		break;
	case 'n':
		o->dry_run = true;
		break;
	case 'q':
		o->verbosity = QUIET;
		break;
	case 'a':
		o->klp_arch = true;
		break;
	case 'v':
	case 'd':
		o->verbosity = VERBOSE;
		break;
	case OPT_REPLACE_CALLERS:
		o->replace_callers[o->replace_callers_count++] = optarg;
		break;
	case OPT_EXHAUSTIVE:
		o->exhaustive = true;
		break;
	case OPT_REDIRECT:
		if (strcmp(optarg, "kprobe"))
			return bad_usage("unknown way to redirect", optarg, "the only one that is asked for is kprobe");
		o->kprobe_redirect = true;
		break;
	case OPT_SKIP_INIT:
		if (optarg && !optarg[strspn(optarg, ",")])
			return bad_usage("missing value after",
					 "--skip-init=", "it takes names, with commas between them");
		o->skip_init |= !optarg;
		add_names(o, optarg);
		break;
	case 'j':
		if (!set_jobs(o, optarg))
			return bad_usage("unusable number", optarg, "so many at once: 1 to 1024");
		break;
	case OPT_EXPLAIN:
		o->explain = true;
		break;
	case OPT_JSON:
		o->json = optarg;
		break;
	case OPT_CHECK:
		o->check = optarg;
		break;
	case OPT_NO_CACHE:
		o->no_cache = true;
		break;
	case OPT_NO_SANDBOX:
		o->no_sandbox = true;
		break;
	case OPT_FORM:
		if (set_form(o, optarg))
			break;
		return bad_usage("unknown form", optarg, "the forms are klp, linkable and kpatch");
	case 'h':
		options_help(stdout);
		return OPTIONS_DONE;
	case 'V':
		printf("create-diff-object %s\n", elfdiff_version());
		return OPTIONS_DONE;
	}
	return OPTIONS_RUN;
}

/*
 * kpatch-build's operands: ORIG PATCHED NAME SYMBOLS SYMVERS PATCH OUT. PATCH, the name of the module to be, is of no
 * use here: whether the patch itself defines a symbol is seen when it is linked.
 */
static enum options_result set_seven_operands(struct options *o, char **argv)
{
	if (o->object)
		return bad_usage("unexpected operand", argv[2], "--object already names the patched object");
	if (o->form_given && o->form != ELFDIFF_FORM_KPATCH)
		return bad_usage("unexpected operand", argv[3], "seven operands are valid only with form kpatch");
	o->orig = argv[0];
	o->patched = argv[1];
	o->object = argv[2];
	o->kernel_symbols[o->kernel_symbols_count++] = argv[3];
	o->symvers[o->symvers_count++] = argv[4];
	o->out = argv[6];
	o->form = ELFDIFF_FORM_KPATCH;
	return OPTIONS_RUN;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static enum options_result set_operands(struct options *o, int argc, char **argv)
{
	int most = o->check ? 0 : 3, least = o->check ? 0 : o->dry_run ? 2 : 3;
	static const char *const names[] = { "ORIG", "PATCHED", "OUT" };

	if (argc == 7 && !o->check)
		return set_seven_operands(o, argv);
	if (argc > most)
		return bad_usage("unexpected operand", argv[most],
				 o->check ? "--check takes one object"
					  : "the operands are ORIG PATCHED OUT, or kpatch-build's seven");
	if (argc < least)
		return bad_usage("missing operand", names[argc], "the operands are ORIG PATCHED OUT");
	o->orig = argc > 0 ? argv[0] : NULL;
	o->patched = argc > 1 ? argv[1] : NULL;
	o->out = argc > 2 ? argv[2] : NULL;
	o->directories = o->orig && o->patched && is_directory(o->orig) && is_directory(o->patched);
	return OPTIONS_RUN;
}

enum options_result options_parse(int argc, char **argv, struct options *ret)
{
	const struct row *not_for_check = NULL;
	enum options_result result = OPTIONS_RUN;
	struct tables t;
	int key;

	*ret = (struct options){ .verbosity = NORMAL };
	ret->kernel_symbols = calloc((size_t)argc + 1, sizeof(*ret->kernel_symbols));
	ret->symvers = calloc((size_t)argc + 1, sizeof(*ret->symvers));
	ret->replace_callers = calloc((size_t)argc + 1, sizeof(*ret->replace_callers));
	if (!ret->kernel_symbols || !ret->symvers || !ret->replace_callers) {
		report_no_memory();
		return OPTIONS_BAD;
	}
	make_tables(&t);
	opterr = 0;
	while (result == OPTIONS_RUN && (key = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
		if (key == '?' || key == ':')
			return bad_option(argv, key);
		if (!find_row(key)->check)
			not_for_check = find_row(key);
		result = set_option(ret, key);
	}
	if (result != OPTIONS_RUN)
		return result;
	if (ret->check && not_for_check) {
		report_error("usage", NULL, "the option is for creating a patch, while --check reads a finished object",
			     "omit one of them", "`--%s` cannot be combined with `--check`", not_for_check->name);
		return OPTIONS_BAD;
	}
	if (ret->explain && ret->json && !strcmp(ret->json, "-"))
		return bad_usage("`--explain` cannot be combined with", "--json -",
				 "both write to the standard output");
	result = set_operands(ret, argc - optind, argv + optind);
	if (result == OPTIONS_RUN && ret->klp_arch && ret->form != ELFDIFF_FORM_KPATCH)
		return bad_usage("unexpected option", "--klp-arch", "it is valid only with form kpatch");
	if (result == OPTIONS_RUN && ret->kprobe_redirect && ret->form == ELFDIFF_FORM_KPATCH)
		return bad_usage("unexpected option", "--redirect", "kpatch's patch module knows of no kprobes");
	return result;
}

void options_free(struct options *o)
{
	free(o->kernel_symbols);
	free(o->symvers);
	free(o->replace_callers);
	free(o->skip_init_names);
}

/* ---- files that must differ ------------------------------------------------ */

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
	return false;
}

bool options_files_distinct(const struct options *o)
{
	const char *json = o->json && strcmp(o->json, "-") ? o->json : NULL;

	if (o->out && writes_over_any(o, o->out))
		return false;
	if (json && writes_over_any(o, json))
		return false;
	return !json || !o->out || !writes_over(json, o->out);
}

/* ---- the environment -------------------------------------------------------- */

/* kpatch-build measures these in the kernel's debug information. */
static const struct {
	const char *variable, *section;
} entry_sizes[] = {
	{ "ALT_STRUCT_SIZE", ".altinstructions" },
	{ "BUG_STRUCT_SIZE", "__bug_table" },
	{ "EX_STRUCT_SIZE", "__ex_table" },
	{ "JUMP_STRUCT_SIZE", "__jump_table" },
	{ "PARA_STRUCT_SIZE", ".parainstructions" },
	{ "ORC_STRUCT_SIZE", ".orc_unwind" },
	{ "STATIC_CALL_STRUCT_SIZE", ".static_call_sites" },
	{ "PRINTK_INDEX_STRUCT_SIZE", ".printk_index" },
	/* struct fixup_entry; __lwsync_fixup and __barrier_nospec_fixup hold bare offsets instead */
	{ "FIXUP_STRUCT_SIZE", "__ftr_fixup" },
	{ "FIXUP_STRUCT_SIZE", "__mmu_ftr_fixup" },
	{ "FIXUP_STRUCT_SIZE", "__fw_ftr_fixup" },
};

/* A decimal number of bytes, 1 to 4096. */
static unsigned parse_size(const char *text)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	return errno || *end || text[0] < '0' || text[0] > '9' || n > 4096 ? 0 : (unsigned)n;
}

bool options_apply_environment(struct elfdiff *run)
{
	for (size_t i = 0; i < COUNT(entry_sizes); i++) {
		const char *text = getenv(entry_sizes[i].variable);
		unsigned size = text ? parse_size(text) : 0;

		if (!text || !*text)
			continue;
		if (!size) {
			report_error("bad-environment", NULL, "it gives the size of one entry, 1 to 4096 bytes",
				     "correct the variable, or unset it: the size is then determined from the objects",
				     "the environment variable `%s` is `%s`", entry_sizes[i].variable, text);
			return false;
		}
		/* What goes wrong is a diagnostic of the run, which main() reports. */
		if (elfdiff_set_entry_size(run, entry_sizes[i].section, size))
			return false;
	}
	return true;
}
