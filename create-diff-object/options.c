// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "color.h"
#include "explain_id.h"
#include "memory.h"
#include "nearest.h"
#include "report.h"
#include "version.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Long options without a letter get a number that no letter has. */
enum {
	OPT_FORM = 256,
	OPT_SKIP_INIT,
	OPT_EXPLAIN,
	OPT_JSON,
	OPT_CODE,
	OPT_REPORT,
	OPT_FROM,
	OPT_CHECK,
	OPT_NO_CACHE,
	OPT_NO_SANDBOX,
	OPT_REPLACE_CALLERS,
	OPT_REDIRECT,
	OPT_CORE,
	OPT_LIST_MODULES,
	OPT_COLOR,
	OPT_EXPLAIN_ID
};

/* What else than a patch an option has a meaning with. */
enum { WITH_CHECK = 1, WITH_FROM = 2, WITH_BOTH = 3 };

/* The only list of options: getopt's tables and --help are made from it, and a test holds the man page to it. */
static const struct row {
	int key;
	const char *name, *arg; /* with `[=`: it may be left away */
	unsigned with;
	const char *help;
} rows[] = {
	{ 'm', "object", "NAME", 0, "name of the patched object: vmlinux, or a module's name" },
	{ 'k', "kernel-symbols", "FILE", WITH_CHECK, "symbols of the running kernel or of a module; may be repeated" },
	{ 's', "symvers", "FILE", WITH_CHECK, "Module.symvers of the running kernel; may be repeated" },
	{ OPT_FORM, "form", "FORM", 0, "how KLP references are spelled: klp (default), linkable, kpatch" },
	{ 'a', "klp-arch", NULL, 0, "list tables that kernels 4.9 to 5.7 read late; only with form kpatch" },
	{ OPT_CORE, "core", NULL, 0, "for a kernel without livepatch: what is not exported is found late" },
	{ OPT_REPLACE_CALLERS, "replace-callers", "NAME", 0,
	  "replace all that calls this global function; may be repeated" },
	{ OPT_REDIRECT, "redirect", "kprobe", 0, "redirect by a kprobe what ftrace and callers cannot" },
	{ OPT_SKIP_INIT, "skip-init", "[=NAME...]", 0, "leave changes of init and exit code out of the patch" },
	{ OPT_EXPLAIN, "explain", NULL, 0, "say what changed and why each item is in the output" },
	{ OPT_JSON, "json", "FILE", WITH_CHECK, "write the report as JSON; - is the standard output" },
	{ OPT_CODE, "code", NULL, 0, "with --json: also the code of changed functions, before and after" },
	{ OPT_REPORT, "report", "FILE", WITH_BOTH, "write the report as an HTML page; - is the standard output" },
	{ OPT_FROM, "from", "FILE", WITH_FROM, "make the page of --report from a JSON report; may be repeated" },
	{ 'j', "jobs", "N", 0, "compare so many pairs of objects of two directories at once" },
	{ OPT_LIST_MODULES, "list-modules", NULL, 0, "only list the modules that two directories make different" },
	{ 'n', "dry-run", NULL, 0, "do everything except write OUT, which may be omitted" },
	{ 'q', "quiet", NULL, WITH_BOTH, "print only errors" },
	{ 'v', "verbose", NULL, WITH_BOTH, "also print notices, and what became of each object of two directories" },
	{ 'd', "debug", NULL, WITH_BOTH, "alias of --verbose, for kpatch-build" },
	{ OPT_CHECK, "check", "OBJECT", WITH_CHECK, "check a finished object against what the kernel requires" },
	{ OPT_NO_CACHE, "no-cache", NULL, WITH_CHECK, "neither use nor write caches of the symbols' files" },
	{ OPT_NO_SANDBOX, "no-sandbox", NULL, WITH_BOTH, "do not give up the right to open other files" },
	{ OPT_COLOR, "color", "[=WHEN]", WITH_BOTH,
	  "colour diagnostics: always, never, auto (default: on a terminal)" },
	{ OPT_EXPLAIN_ID, "explain-id", "ID", WITH_BOTH, "say what the id of a diagnostic means; list names all ids" },
	{ 'V', "version", NULL, WITH_BOTH, "print the version" },
	{ 'h', "help", NULL, WITH_BOTH, "print this text" },
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
	      "       create-diff-object --report FILE --from FILE...\n"
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

#define SEE_HELP "`create-diff-object --help` lists the options"

static enum options_result bad_usage(const char *what, const char *subject, const char *cause)
{
	report_error("usage", NULL, cause, SEE_HELP, "%s `%s`", what, subject);
	return OPTIONS_BAD;
}

/* `n` has been offered all words that there are. */
static enum options_result bad_word(const char *what, const struct nearest *n, const char *cause)
{
	report_error("usage", NULL, cause, n->found ? n->hint : SEE_HELP, "%s `%s`", what, n->word);
	return OPTIONS_BAD;
}

/* getopt_long() gave `result`, ':' or '?'. */
static enum options_result bad_option(char **argv, int result, const struct option *longs)
{
	const struct row *r = find_row(optopt);
	char letter[3] = { '-', (char)optopt, 0 };
	struct nearest n = nearest_option(argv[optind - 1], longs);

	if (result == ':')
		return bad_usage("missing value after", argv[optind - 1], "the option requires a value");
	if (r && !r->arg && strncmp(argv[optind - 1], "--", 2) == 0)
		return bad_usage("unexpected value in", argv[optind - 1], "the option takes no value");
	if (!optopt)
		return bad_word("unknown option", &n,
				n.abbreviated ? "it is the beginning of several options" : "no option has this name");
	return bad_usage("unknown option", letter, "no option has this letter");
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

static enum options_result bad_form(const char *word)
{
	struct nearest n = nearest_to(word);

	for (size_t i = 0; i < COUNT(form_names); i++)
		nearest_try(&n, form_names[i]);
	return bad_word("unknown form", &n, "the forms are klp, linkable and kpatch");
}

static enum options_result set_color(const char *word)
{
	enum color_when when;

	if (!color_parse(word, &when))
		return bad_usage("unknown word", word, "diagnostics are coloured always, never or auto");
	color_choose(when, getenv("NO_COLOR"), getenv("TERM"));
	return OPTIONS_RUN;
}

static enum options_result explain(const char *id)
{
	struct nearest n;

	if (explain_id(id, &n))
		return OPTIONS_DONE;
	report_error("usage", NULL, "no diagnostic has this id",
		     n.found ? n.hint : "`create-diff-object --explain-id list` lists them", "unknown id `%s`", id);
	return OPTIONS_BAD;
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
	case OPT_CORE:
		o->core = true;
		break;
	case 'v':
	case 'd':
		o->verbosity = VERBOSE;
		break;
	case OPT_REPLACE_CALLERS:
		o->replace_callers[o->replace_callers_count++] = optarg;
		break;
	case OPT_LIST_MODULES:
		o->list_modules = true;
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
	case OPT_CODE:
		o->code = true;
		break;
	case OPT_REPORT:
		o->report = optarg;
		break;
	case OPT_FROM:
		o->from[o->from_count++] = optarg;
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
		return bad_form(optarg);
	case OPT_COLOR:
		return set_color(optarg);
	case OPT_EXPLAIN_ID:
		return explain(optarg);
	case 'h':
		options_help(stdout);
		return OPTIONS_DONE;
	case 'V':
		version_print("create-diff-object");
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
	bool none = o->check || o->from_count;
	int most = none ? 0 : o->list_modules ? 2 : 3, least = none ? 0 : o->dry_run || o->list_modules ? 2 : 3;
	static const char *const names[] = { "ORIG", "PATCHED", "OUT" };

	if (argc == 7 && most == 3)
		return set_seven_operands(o, argv);
	if (argc > most)
		return bad_usage("unexpected operand", argv[most],
				 o->check          ? "--check takes one object"
				 : o->from_count   ? "--from reads reports, and no objects"
				 : o->list_modules ? "--list-modules takes two directories"
						   : "the operands are ORIG PATCHED OUT, or kpatch-build's seven");
	if (argc < least)
		return bad_usage("missing operand", names[argc], "the operands are ORIG PATCHED OUT");
	o->orig = argc > 0 ? argv[0] : NULL;
	o->patched = argc > 1 ? argv[1] : NULL;
	o->out = argc > 2 ? argv[2] : NULL;
	o->directories = o->orig && o->patched && is_directory(o->orig) && is_directory(o->patched);
	if (o->list_modules && !o->directories)
		return bad_usage("unexpected option", "--list-modules", "it takes two directories");
	return OPTIONS_RUN;
}

bool options_is_stdout(const char *path)
{
	return path && !strcmp(path, "-");
}

bool options_report_on_stdout(const struct options *o)
{
	return options_is_stdout(o->json) || options_is_stdout(o->report);
}

/* `misfit` has no meaning with `mode`. */
static enum options_result refuse_misfit(const struct row *misfit, const char *mode, const char *cause)
{
	report_error("usage", NULL, cause, "omit one of them", "`--%s` cannot be combined with `--%s`", misfit->name,
		     mode);
	return OPTIONS_BAD;
}

/* What one option alone does not tell. */
static enum options_result check_together(const struct options *o, const struct row *not_for_check,
					  const struct row *not_for_from)
{
	if (o->from_count && not_for_from)
		return refuse_misfit(not_for_from, "from",
				     "--from makes a page from reports that are there, and nothing else");
	if (o->check && not_for_check)
		return refuse_misfit(not_for_check, "check",
				     "the option is for creating a patch, while --check reads a finished object");
	if (o->from_count && !o->report)
		return bad_usage("missing option", "--report", "it names the page that --from makes");
	if (o->code && !o->json)
		return bad_usage("unexpected option", "--code", "it is about the report of --json");
	if (o->explain && options_report_on_stdout(o))
		return bad_usage("`--explain` cannot be combined with",
				 options_is_stdout(o->json) ? "--json -" : "--report -",
				 "both write to the standard output");
	if (o->list_modules && (o->json || o->report || o->explain))
		return bad_usage("`--list-modules` cannot be combined with",
				 o->json     ? "--json"
				 : o->report ? "--report"
					     : "--explain",
				 "it lists modules, and no more");
	if (options_is_stdout(o->json) && options_is_stdout(o->report))
		return bad_usage("`--json -` cannot be combined with", "--report -",
				 "both write to the standard output");
	return OPTIONS_RUN;
}

static bool make_room(struct options *o, size_t n)
{
	o->from = calloc(n, sizeof(*o->from));
	o->kernel_symbols = calloc(n, sizeof(*o->kernel_symbols));
	o->symvers = calloc(n, sizeof(*o->symvers));
	o->replace_callers = calloc(n, sizeof(*o->replace_callers));
	if (o->from && o->kernel_symbols && o->symvers && o->replace_callers)
		return true;
	report_no_memory();
	return false;
}

enum options_result options_parse(int argc, char **argv, struct options *ret)
{
	const struct row *not_for_check = NULL, *not_for_from = NULL;
	enum options_result result = OPTIONS_RUN;
	struct tables t;
	int key;

	*ret = (struct options){ .verbosity = NORMAL };
	if (!make_room(ret, (size_t)argc + 1))
		return OPTIONS_BAD;
	set_color("auto");
	make_tables(&t);
	opterr = 0;
	while (result == OPTIONS_RUN && (key = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
		if (key == '?' || key == ':')
			return bad_option(argv, key, t.longs);
		if (!(find_row(key)->with & WITH_CHECK))
			not_for_check = find_row(key);
		if (!(find_row(key)->with & WITH_FROM))
			not_for_from = find_row(key);
		result = set_option(ret, key);
	}
	if (result == OPTIONS_RUN)
		result = check_together(ret, not_for_check, not_for_from);
	if (result != OPTIONS_RUN)
		return result;
	result = set_operands(ret, argc - optind, argv + optind);
	if (result == OPTIONS_RUN && ret->klp_arch && ret->form != ELFDIFF_FORM_KPATCH)
		return bad_usage("unexpected option", "--klp-arch", "it is valid only with form kpatch");
	if (result == OPTIONS_RUN && ret->kprobe_redirect && ret->form == ELFDIFF_FORM_KPATCH)
		return bad_usage("unexpected option", "--redirect", "kpatch's patch module knows of no kprobes");
	return result;
}

void options_free(struct options *o)
{
	free(o->from);
	free(o->kernel_symbols);
	free(o->symvers);
	free(o->replace_callers);
	free(o->skip_init_names);
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

bool options_show_progress(const struct options *o)
{
	return o->verbosity != QUIET && (isatty(STDERR_FILENO) || getenv("CREATE_DIFF_OBJECT_PROGRESS"));
}
