/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_module.c - what a module says of itself */
#include "check/internal.h"

#include <string.h>

/* license_is_gpl_compatible(), include/linux/license.h */
static bool is_gpl_compatible(const char *license)
{
	static const char *const known[] = { "GPL",          "GPL v2",       "GPL and additional rights",
					     "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(license, known[i]))
			return true;
	return false;
}

static void check_livepatch(struct check *c)
{
	if (!object_modinfo(c->o, "livepatch"))
		report(c, ELFDIFF_REFUSAL,
		       (struct elfdiff_diag){
			       .id = "modinfo-livepatch",
			       .section = ".modinfo",
			       .cause = "klp_enable_patch() returns -EINVAL: module is not marked as a "
					"livepatch module",
			       .hint = "put MODULE_INFO(livepatch, \"Y\") into the patch module's source" },
		       "the module's .modinfo lacks `livepatch=Y`");
}

static void check_license(struct check *c)
{
	const char *license = object_modinfo(c->o, "license");

	if (!license || !is_gpl_compatible(license))
		report(c, ELFDIFF_REFUSAL,
		       (struct elfdiff_diag){ .id = "modinfo-license",
					      .section = ".modinfo",
					      .cause = "klp_enable_patch() is exported to GPL-compatible modules only: "
						       "simplify_symbols() returns -ENOENT",
					      .hint = "put MODULE_LICENSE(\"GPL\") into the patch module's source" },
		       "the module's license, `%s`, is not GPL-compatible", license ? license : "");
}

static void check_vermagic(struct check *c)
{
	if (!object_modinfo(c->o, "vermagic"))
		report(c, ELFDIFF_REFUSAL,
		       (struct elfdiff_diag){ .id = "modinfo-vermagic",
					      .section = ".modinfo",
					      .cause = "check_modinfo() returns -ENOEXEC, unless the kernel has "
						       "CONFIG_MODULE_FORCE_LOAD",
					      .hint = "build the patch module with the kernel's own kbuild" },
		       "the module does not state which kernel it was built for");
}

static void check_leftovers(struct check *c)
{
	if (!c->finished && !object_modinfo(c->o, "livepatch"))
		return;
	for (uint32_t i = 1; i < c->o->symbol_count; i++)
		if (c->refs[i].form == LINKABLE_SYMBOL)
			report(c, ELFDIFF_REFUSAL,
			       (struct elfdiff_diag){ .id = "linkable-left",
						      .symbol = c->o->symbols[i].name,
						      .cause = "simplify_symbols() returns -ENOENT: unknown symbol",
						      .hint = "convert the module with create-klp-module" },
			       "`%s` is still a reference in the linkable form", c->o->symbols[i].name);
}

void check_module(struct check *c)
{
	check_leftovers(c);
	if (!c->finished)
		return;
	check_livepatch(c);
	check_license(c);
	check_vermagic(c);
}
