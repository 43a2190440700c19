/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_exports.c - does someone export what the module leaves undefined? */
#include "check/internal.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/bytes.h"

/*
 * Undefined symbols that need no export: weak ones, and what the architecture
 * or kbuild's own objects provide: ignore_undef_symbol(), dedotify() and
 * arch/powerpc/lib/crtsavres.S.
 */
static bool needs_export(const struct check *c, const struct symbol *s)
{
	if (s->place != SYMBOL_UNDEFINED || !*s->name || s->bind == STB_WEAK)
		return false;
	if (c->arch_bit & ARCH_X86_64 && !strcmp(s->name, "_GLOBAL_OFFSET_TABLE_"))
		return false;
	if (c->arch_bit & ARCH_PPC64LE &&
	    (!strcmp(s->name, ".TOC.") || starts_with(s->name, "_restgpr") || starts_with(s->name, "_savegpr")))
		return false;
	return true;
}

/* What .modinfo says, each once. */
static void list_modinfo(struct check *c)
{
	const struct section *s = &c->o->sections[object_section(c->o, ".modinfo", 0)];

	for (uint64_t at = 0, n; s->data && at < s->size; at += n + 1) {
		n = strnlen((const char *)s->data + at, s->size - at);
		if (n < s->size - at)
			text_set_add(c->a, &c->modinfo, (const char *)s->data + at, n);
	}
	c->modinfo_listed = true;
}

static bool imports(struct check *c, const char *name_space)
{
	const char *wanted = arena_printf(c->a, "import_ns=%s", name_space);

	if (!c->modinfo_listed)
		list_modinfo(c);
	return text_set_has(&c->modinfo, wanted, strlen(wanted));
}

static void check_not_exported(struct check *c, const struct symbol *s)
{
	report(c, when_finished(c),
	       (struct elfdiff_diag){ .id = "undefined-symbol",
				      .symbol = s->name,
				      .cause = "simplify_symbols() returns -ENOENT: unknown symbol",
				      .hint = "define it in another object of the module, or make it a KLP reference" },
	       "nothing exports `%s`", s->name);
}

static void check_named_modules(struct check *c, const struct symbol *s, const struct export *e)
{
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){ .id = "export-restricted",
				      .symbol = s->name,
				      .cause = "since Linux 6.16 verify_namespace_is_imported() returns -EINVAL for a "
					       "`module:` namespace that does not name the module",
				      .hint = "make it a KLP reference" },
	       "`%s` is exported to named modules only (`%s`)", s->name, e->name_space ? e->name_space : "");
}

static void check_name_space(struct check *c, const struct symbol *s, const struct export *e)
{
	report(c, when_finished(c),
	       (struct elfdiff_diag){ .id = "namespace-not-imported",
				      .section = ".modinfo",
				      .symbol = s->name,
				      .cause = "verify_namespace_is_imported() returns -EINVAL",
				      .hint = arena_printf(c->a,
							   "put MODULE_IMPORT_NS(%s) into the patch module's source",
							   e->name_space) },
	       "`%s` is exported in the namespace `%s`, which is not imported", s->name, e->name_space);
}

static void check_owner(struct check *c, const struct symbol *s, const struct export *e)
{
	report(c, ELFDIFF_WARNING,
	       (struct elfdiff_diag){
		       .id = "module-dependency",
		       .symbol = s->name,
		       .cause = "resolve_symbol() makes the patch depend on that module: it cannot be loaded before "
				"that module, and keeps it in memory",
		       .hint = "make it a KLP reference" },
	       "`%s` is exported by the module `%s`", s->name, e->object);
}

static void check_export(struct check *c, const struct symbol *s)
{
	const struct export *e = symvers_find(c->sv, s->name);

	if (!e) {
		check_not_exported(c, s);
		return;
	}
	if (e->to_named_modules)
		check_named_modules(c, s, e);
	else if (e->name_space && *e->name_space && !imports(c, e->name_space))
		check_name_space(c, s, e);
	if (strcmp(e->object, "vmlinux") != 0)
		check_owner(c, s, e);
}

void check_exports(struct check *c)
{
	uint32_t open = 0;

	for (uint32_t i = 1; i < c->o->symbol_count; i++) {
		const struct symbol *s = &c->o->symbols[i];

		if (c->refs[i].form != NO_KLP || !needs_export(c, s))
			continue;
		if (c->sv->read)
			check_export(c, s);
		else
			open++;
	}
	if (open)
		report(c, ELFDIFF_NOTICE,
		       (struct elfdiff_diag){ .id = "unchecked-exports",
					      .cause = "no Module.symvers was given",
					      .hint = "give the kernel's Module.symvers" },
		       "it was not checked whether %u undefined symbols are exported", open);
}
