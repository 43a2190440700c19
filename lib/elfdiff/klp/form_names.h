/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * form_names.h - names of KLP symbols and KLP relocation sections
 *
 *	.klp.sym.<object>.<name>,<position>              a KLP symbol (form klp)
 *	.klp.sym.rela.<when>.<object>.<name>,<position>  an undefined symbol (form linkable)
 *	.klp.rela.<when>.<target section>                a KLP relocation section
 *
 * The kernel reads them with sscanf() formats in klp_resolve_symbols() and
 * klp_apply_section_relocs(), kernel/livepatch/core.c: an object has 1 to 55
 * characters and no dot, a symbol's name has 1 to 511 and no comma (1 to 127
 * before Linux 6.1). A symbol of form linkable is told from a KLP symbol of a
 * module named "rela" by its section index alone.
 */
#ifndef ELFDIFF_FORM_NAMES_H
#define ELFDIFF_FORM_NAMES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"
#include "elf/livepatch.h"

#define KLP_OBJECT_MAX 55
#define KLP_SYMBOL_MAX 511
#define KLP_SYMBOL_MAX_BEFORE_6_1 127
/* A limit in a message. */
#define KLP_LIMIT(max) KLP_LIMIT_TEXT(max)
#define KLP_LIMIT_TEXT(max) #max

#define KLP_SYMBOL_PREFIX ".klp.sym."
#define LINKABLE_SYMBOL_PREFIX ".klp.sym.rela."
#define KLP_SECTION_PREFIX ".klp.rela."

struct klp_name {
	const char *when;   /* the object whose loading applies the relocations; NULL: the name does not tell */
	const char *object; /* where the symbol lives */
	const char *name;
	unsigned long position;
};

/* NULL, or what the kernel would not accept about a name, in words. */
const char *klp_object_flaw(const char *object);
const char *klp_function_flaw(const char *name); /* of a function to be patched */
const char *klp_symbol_flaw(const char *name);   /* of one to be referred to */
const char *klp_name_flaw(const struct klp_name *n);

/* The parsers return NULL and fill *ret, or say what is wrong. */
const char *klp_symbol_parse(struct arena *a, const char *symbol, struct klp_name *ret);
const char *linkable_symbol_parse(struct arena *a, const char *symbol, struct klp_name *ret);
const char *klp_section_parse(struct arena *a, const char *section, const char **when);

const char *klp_symbol_name(struct arena *a, const struct klp_name *n);
const char *linkable_symbol_name(struct arena *a, const struct klp_name *n);
const char *klp_section_name(struct arena *a, const char *when, const char *target);

#endif
