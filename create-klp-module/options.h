/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.h - the command line of create-klp-module */
#ifndef CREATE_KLP_MODULE_OPTIONS_H
#define CREATE_KLP_MODULE_OPTIONS_H

#include "elfdiff.h"

/* Strings are borrowed from argv and the environment. */
struct options {
	const char **inputs;
	size_t input_count;
	const char *out;
	const char **kernel_symbols, **symvers;
	size_t kernel_symbols_count, symvers_count;
	const char *ld;        /* the linker, or NULL: `ld` after this prefix */
	const char *ld_prefix; /* $CROSS_COMPILE, or "" */
	const char *temporary; /* $TMPDIR, or /tmp */
	enum elfdiff_form form;
	bool verbose, no_klp_arch, no_sandbox;
	bool core; /* form is kpatch, for the core of our own */
};

enum options_result {
	OPTIONS_RUN,  /* go on */
	OPTIONS_DONE, /* --help or --version was answered */
	OPTIONS_BAD,  /* an error was reported */
};

/* Fill *ret; options_free() afterwards, whatever the result. */
enum options_result options_parse(int argc, char **argv, struct options *ret);
void options_free(struct options *o);

#endif
