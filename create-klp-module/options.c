/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "color.h"
#include "explain_id.h"
#include "nearest.h"
#include "report.h"
#include "version.h"

enum { OPT_LD = 256, OPT_NO_SANDBOX, OPT_COLOR, OPT_EXPLAIN_ID, OPT_CORE };

static const char usage[] =
	"Usage: create-klp-module [OPTION]... IN... OUT\n"
	"\n"
	"Create the finished patch module OUT, or an object in another form, from objects or a\n"
	"linked module. Several IN are merged by `ld -r`.\n"
	"\n"
	"  -f, --form FORM             klp: .klp.rela.* sections, as the kernel reads them (default)\n"
	"                              linkable: ordinary relocations, which survive a linker\n"
	"                              kpatch: records that kpatch-build's tools read\n"
	"      --core                  for a kernel without livepatch: form kpatch, checked for the core\n"
	"  -k, --kernel-symbols FILE   check against symbols of the kernel or a module, for form kpatch\n"
	"                              record their addresses; may be repeated\n"
	"  -s, --symvers FILE          check against Module.symvers of the kernel; may be repeated\n"
	"  -n, --no-klp-arch-sections  leave the tables that .kpatch.arch lists where they are\n"
	"      --ld PROGRAM            the linker (default: $CROSS_COMPILE, then `ld`)\n"
	"      --no-sandbox            do not give up the right to open other files\n"
	"  -v, --verbose               also print notices\n"
	"  -d, --debug                 alias of --verbose, for kpatch-build\n"
	"      --color[=WHEN]          colour diagnostics: always, never, auto (default: on a terminal)\n"
	"      --explain-id ID         say what the id of a diagnostic means; list names all ids\n"
	"  -h, --help                  show this and exit\n"
	"  -V, --version               show the version and exit\n"
	"\n"
	"Exit status: 0 written, 1 usage, input or internal error, 2 the kernel would refuse it\n";

static const struct option longs[] = { { "form", required_argument, NULL, 'f' },
				       { "kernel-symbols", required_argument, NULL, 'k' },
				       { "symvers", required_argument, NULL, 's' },
				       { "ld", required_argument, NULL, OPT_LD },
				       { "verbose", no_argument, NULL, 'v' },
				       { "debug", no_argument, NULL, 'd' },
				       { "help", no_argument, NULL, 'h' },
				       { "version", no_argument, NULL, 'V' },
				       { "no-klp-arch-sections", no_argument, NULL, 'n' },
				       { "core", no_argument, NULL, OPT_CORE },
				       { "no-sandbox", no_argument, NULL, OPT_NO_SANDBOX },
				       { "color", optional_argument, NULL, OPT_COLOR },
				       { "explain-id", required_argument, NULL, OPT_EXPLAIN_ID },
				       { 0 } };

#define SEE_HELP "`create-klp-module --help` lists the options"

static enum options_result bad_usage(const char *message, const char *cause)
{
	report_error("usage", message, cause, SEE_HELP);
	return OPTIONS_BAD;
}

static bool parse_color(const char *word)
{
	enum color_when when;

	if (color_parse(word, &when))
		color_choose(when, getenv("NO_COLOR"), getenv("TERM"));
	else
		report_error("usage", "diagnostics are coloured always, never or auto", word, SEE_HELP);
	return color_parse(word, &when);
}

static enum options_result bad_option(const char *given, int key)
{
	struct nearest n = nearest_option(given, longs);
	bool unknown = key == '?' && !optopt; /* a long one: a letter is not misspelt */

	report_error("usage", "an option is unknown or lacks its value", given, unknown && n.found ? n.hint : SEE_HELP);
	return OPTIONS_BAD;
}

static enum options_result explain(const char *id)
{
	struct nearest n;

	if (explain_id(id, &n))
		return OPTIONS_DONE;
	report_error("usage", "no diagnostic has this id", id,
		     n.found ? n.hint : "`create-klp-module --explain-id list` lists them");
	return OPTIONS_BAD;
}

static bool parse_form(const char *word, enum elfdiff_form *ret)
{
	*ret = !strcmp(word, "linkable") ? ELFDIFF_FORM_LINKABLE
	       : !strcmp(word, "kpatch") ? ELFDIFF_FORM_KPATCH
					 : ELFDIFF_FORM_KLP;
	return *ret != ELFDIFF_FORM_KLP || !strcmp(word, "klp");
}

static enum options_result set_option(struct options *o, int key, char **argv)
{
	switch (key) {
	case 'f':
		if (parse_form(optarg, &o->form))
			return OPTIONS_RUN;
		return bad_usage("the form is `klp`, `linkable` or `kpatch`", optarg);
	case 'k':
		o->kernel_symbols[o->kernel_symbols_count++] = optarg;
		return OPTIONS_RUN;
	case 's':
		o->symvers[o->symvers_count++] = optarg;
		return OPTIONS_RUN;
	case OPT_LD:
		o->ld = optarg;
		return OPTIONS_RUN;
	case 'n':
		o->no_klp_arch = true;
		return OPTIONS_RUN;
	case OPT_CORE:
		o->core = true;
		o->form = ELFDIFF_FORM_KPATCH;
		return OPTIONS_RUN;
	case OPT_NO_SANDBOX:
		o->no_sandbox = true;
		return OPTIONS_RUN;
	case 'v':
	case 'd':
		o->verbose = true;
		return OPTIONS_RUN;
	case OPT_COLOR:
		return parse_color(optarg) ? OPTIONS_RUN : OPTIONS_BAD;
	case OPT_EXPLAIN_ID:
		return explain(optarg);
	case 'h':
		fputs(usage, stdout);
		return OPTIONS_DONE;
	case 'V':
		version_print("create-klp-module");
		return OPTIONS_DONE;
	}
	return bad_option(argv[optind - 1], key);
}

static bool same_file(const char *x, const char *y)
{
	struct stat sx, sy;

	return !stat(x, &sx) && !stat(y, &sy) && sx.st_dev == sy.st_dev && sx.st_ino == sy.st_ino;
}

static enum options_result set_files(struct options *o, int argc, char **argv)
{
	if (argc - optind < 2)
		return bad_usage("at least two files are needed, IN and OUT", "too few were given");
	o->out = argv[argc - 1];
	for (int i = optind; i < argc - 1; i++) {
		if (same_file(argv[i], o->out))
			return bad_usage("OUT is the same file as an IN", o->out);
		o->inputs[o->input_count++] = argv[i];
	}
	return OPTIONS_RUN;
}

static const char *environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

enum options_result options_parse(int argc, char **argv, struct options *ret)
{
	size_t room = argc > 0 ? (size_t)argc : 1;
	int key;

	*ret = (struct options){ .form = ELFDIFF_FORM_KLP,
				 .ld_prefix = environment("CROSS_COMPILE", ""),
				 .temporary = environment("TMPDIR", "/tmp") };
	ret->inputs = calloc(room, sizeof(*ret->inputs));
	ret->kernel_symbols = calloc(room, sizeof(*ret->kernel_symbols));
	ret->symvers = calloc(room, sizeof(*ret->symvers));
	if (!ret->inputs || !ret->kernel_symbols || !ret->symvers) {
		report_no_memory();
		return OPTIONS_BAD;
	}
	parse_color("auto");
	opterr = 0;
	while ((key = getopt_long(argc, argv, ":f:k:s:nvdhV", longs, NULL)) != -1) {
		enum options_result result = set_option(ret, key, argv);

		if (result != OPTIONS_RUN)
			return result;
	}
	if (ret->core && ret->form != ELFDIFF_FORM_KPATCH)
		return bad_usage("--core wants form kpatch", "another form is asked for");
	return set_files(ret, argc, argv);
}

void options_free(struct options *o)
{
	free(o->inputs);
	free(o->kernel_symbols);
	free(o->symvers);
}
