/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unlocated.c - why a local symbol is not found in the kernel, for people */
#include <string.h>

#include "patch/internal.h"

#define OTHER_BUILD "the kernel was built with a different compiler or configuration"

/* Of a module without FILE symbols: what its code says of the symbol. */
static struct unlocated code_is_no_help(struct arena *a, const struct unit_place *place, uint32_t orig_symbol)
{
	static const char same_build[] =
		"build the objects as the module was: from its source, with its configuration and its compiler";
	struct code_doubt doubt = locate_doubt(place, orig_symbol);

	switch (doubt.says) {
	case CODE_OF_OTHERS:
		return (struct unlocated){
			"nothing to which the original object's global names lead is the same there, byte for byte",
			arena_printf(a,
				     "%s; or give the module of the kernel's debug package, whose FILE "
				     "symbols tell",
				     same_build)
		};
	case CODE_CONTRADICTS:
		return (struct unlocated){ "functions that are the same there refer to two things in its place",
					   same_build };
	case CODE_DENIES:
		return (struct unlocated){ arena_printf(a, "`%s`, which is the same there, refers to %s in its place",
							doubt.by,
							doubt.instead ? arena_printf(a, "`%s`", doubt.instead)
								      : "something without a name"),
					   same_build };
	case CODE_SILENT:
		return (struct unlocated){
			"nothing that is the same there, byte for byte, refers to it",
			"give the module of the kernel's debug package with --kernel-symbols: its FILE "
			"symbols tell"
		};
	default:
		return (struct unlocated){
			"nothing shows which source file it is from",
			"give the module's .ko, unpacked, with --kernel-symbols: what its code refers to tells"
		};
	}
}

struct unlocated why_unlocated(const struct diff *d, const struct symbol_table *t, const struct unit_place *place,
			       uint32_t orig_symbol, enum locate_result result)
{
	const char *name = d->orig->object->symbols[orig_symbol].name, *object = d->object;
	uint32_t count = symbol_table_count(t, name);
	struct arena *a = d->a;

	if (!count)
		return (struct unlocated){ arena_printf(a, "no symbol of `%s` has this name", object),
					   OTHER_BUILD ", or the symbol was inlined there" };
	if (strcmp(object, "vmlinux") != 0 && !t->has_files) {
		struct unlocated code = code_is_no_help(a, place, orig_symbol);

		return (struct unlocated){ arena_printf(a, "`%s` has %u symbol%s of this name, and %s", object, count,
							count == 1 ? "" : "s", code.cause),
					   code.hint };
	}
	if (result != LOCATE_AMBIGUOUS)
		return (struct unlocated){
			arena_printf(a, "`%s` has this name, but nothing proves that it is from this source file",
				     object),
			OTHER_BUILD ", or the symbol was inlined there"
		};
	if (count == 1)
		return (struct unlocated){
			arena_printf(a,
				     "`%s` has one symbol of this name, which may be another: the functions or "
				     "variables of this source file are not the same there",
				     object),
			OTHER_BUILD
		};
	return (struct unlocated){
		arena_printf(a, "`%s` has %u symbols of this name, and nothing shows which of them is meant", object,
			     count),
		"give kernel symbols with FILE symbols (an unstripped vmlinux)"
	};
}
