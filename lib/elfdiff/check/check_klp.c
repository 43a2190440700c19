/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_klp.c - KLP relocation sections, the symbols that they name, and where they may apply */
#include "check/internal.h"

#include <elf.h>
#include <string.h>

#include "elf/names.h"
#include "klp/klp_arch.h"

#define FINISH "let create-klp-module create the section, and do not modify the module afterwards"

static void check_section_name(struct check *c, const struct section *s)
{
	const char *when, *flaw = klp_section_parse(c->a, s->name, &when);

	if (flaw)
		report(c, ELFDIFF_REFUSAL,
		       (struct elfdiff_diag){
			       .id = "klp-section-name",
			       .section = s->name,
			       .cause = "klp_apply_section_relocs() reads `.klp.rela.%55[^.]`: it returns -EINVAL, "
					"or mistakes the section for that of another object and skips it",
			       .hint = "name it `.klp.rela.<object>.<target section>`" },
		       "KLP relocation section `%s` has a name that the kernel does not accept: %s", s->name, flaw);
}

static void check_section_flags(struct check *c, const struct section *s)
{
	if (!(s->flags & SHF_RELA_LIVEPATCH))
		report(c, ELFDIFF_REFUSAL,
		       (struct elfdiff_diag){ .id = "klp-section-flag",
					      .section = s->name,
					      .cause = "apply_relocations() treats it as an ordinary relocation "
						       "section and uses the unresolved values of its symbols",
					      .hint = FINISH },
		       "`%s` lacks the flag SHF_RELA_LIVEPATCH (0x00100000)", s->name);
	if (!(s->flags & SHF_ALLOC))
		report(c, ELFDIFF_REFUSAL,
		       (struct elfdiff_diag){ .id = "klp-section-not-loaded",
					      .section = s->name,
					      .cause =
						      "move_module() does not keep it, and klp_resolve_symbols() would "
						      "later read freed memory",
					      .hint = FINISH },
		       "`%s` lacks the flag SHF_ALLOC", s->name);
	if (!(s->flags & SHF_INFO_LINK))
		report(c, ELFDIFF_WARNING,
		       (struct elfdiff_diag){ .id = "klp-section-info-link",
					      .section = s->name,
					      .cause = "tools that renumber sections will not adjust its sh_info",
					      .hint = FINISH },
		       "`%s` lacks the flag SHF_INFO_LINK", s->name);
}

static void check_section_type(struct check *c, const struct section *s)
{
	if (s->type == SHT_RELA)
		return;
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){ .id = "klp-section-type",
				      .section = s->name,
				      .cause = "klp_resolve_symbols() reads its contents as an array of Elf64_Rela, "
					       "whatever it is",
				      .hint = FINISH },
	       "`%s` is of type %u, not SHT_RELA", s->name, s->type);
}

/* The loader of objects has seen to it that sh_info and sh_link are in range and sh_link is the symbol table. */
static void check_section_target(struct check *c, const struct section *s)
{
	const struct section *target = &c->o->sections[s->type == SHT_RELA ? s->info : 0];

	if (s->type != SHT_RELA || section_is_alloc(target))
		return;
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){ .id = "klp-section-target",
				      .section = s->name,
				      .cause = "apply_relocations() skips sections without SHF_ALLOC, and "
					       "klp_apply_object_relocs() would write to freed memory",
				      .hint = "drop the section" },
	       "`%s` relocates `%s`, which is not loaded", s->name, target->name);
}

void check_klp_sections(struct check *c)
{
	for (uint32_t i = 1; i < c->o->section_count; i++) {
		const struct section *s = &c->o->sections[i];

		if (!is_klp_section(s))
			continue;
		check_section_name(c, s);
		check_section_flags(c, s);
		check_section_type(c, s);
		check_section_target(c, s);
	}
}

static void check_symbol_name(struct check *c, const struct symbol *s, const struct klp_ref *ref)
{
	if (ref->flaw)
		report(c, ELFDIFF_REFUSAL,
		       (struct elfdiff_diag){
			       .id = "klp-symbol-name",
			       .symbol = s->name,
			       .cause = "klp_resolve_symbols() reads `.klp.sym.%55[^.].%511[^,],%lu` and "
					"returns -EINVAL",
			       .hint = ref->form == KLP_SYMBOL
					       ? "name it `.klp.sym.<object>.<name>,<position>`"
					       : "name it `.klp.sym.rela.<when>.<object>.<name>,<position>`" },
		       "KLP symbol `%s` has a name that the kernel does not accept: %s", s->name, ref->flaw);
	else if (strlen(ref->name.name) > KLP_SYMBOL_MAX_BEFORE_6_1)
		report(c, ELFDIFF_WARNING,
		       (struct elfdiff_diag){ .id = "klp-symbol-long",
					      .symbol = s->name,
					      .cause = "before Linux 6.1 klp_resolve_symbols() reads `%127[^,]` and "
						       "returns -EINVAL for longer names",
					      .hint = "load the patch only into Linux 6.1 or later" },
		       "the name of KLP symbol `%s` has more than 127 characters", ref->name.name);
}

void check_klp_symbols(struct check *c)
{
	for (uint32_t i = 1; i < c->o->symbol_count; i++) {
		const struct symbol *s = &c->o->symbols[i];
		const struct klp_ref *ref = &c->refs[i];

		if (ref->form == NO_KLP)
			continue;
		check_symbol_name(c, s, ref);
		if (!ref->flaw)
			check_position(c, &(struct sought){ .object = ref->name.object,
							    .name = ref->name.name,
							    .position = ref->name.position,
							    .symbol = s->name });
	}
}

/* One KLP relocation of either form, taken apart. */
struct klp_use {
	const struct reloc *r;
	const struct section *target;
	const char *from; /* name of the relocation section */
	const struct symbol *symbol;
	const struct klp_name *name;
	const char *when;
};

static bool is_vmlinux(const char *object)
{
	return !strcmp(object, "vmlinux");
}

static void check_vmlinux_symbol(struct check *c, const struct klp_use *u)
{
	if (c->klp_arch || is_vmlinux(u->when) || !is_vmlinux(u->name->object) ||
	    !first_time(c, "klp-late-vmlinux", u->r->from, u->r->symbol))
		return;
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){
		       .id = "klp-late-vmlinux",
		       .section = u->from,
		       .symbol = u->symbol->name,
		       .cause = "since Linux 5.8 klp_resolve_symbols() returns -EINVAL for a vmlinux symbol "
				"in a module's KLP relocation section",
		       .hint = "put the relocation into `.klp.rela.vmlinux.<section>`" },
	       "relocations applied when `%s` loads refer to `%s` of vmlinux", u->when, u->name->name);
}

static void check_early_module_symbol(struct check *c, const struct klp_use *u)
{
	if (!is_vmlinux(u->when) || is_vmlinux(u->name->object) ||
	    !first_time(c, "klp-early-module", u->r->from, u->r->symbol))
		return;
	report(c, ELFDIFF_WARNING,
	       (struct elfdiff_diag){
		       .id = "klp-early-module",
		       .section = u->from,
		       .symbol = u->symbol->name,
		       .cause = "klp_resolve_symbols() returns -EINVAL, and the patch does not load, while "
				"that module is not loaded",
		       .hint = "patch the module instead, or avoid the reference" },
	       "relocations applied when the patch loads refer to `%s` of module `%s`", u->name->name, u->name->object);
}

static bool depends_on(const struct symbol_table *t, const char *module)
{
	for (uint32_t i = 0; i < t->depends.count; i++)
		if (name_same_object(t->depends.items[i], module))
			return true;
	return false;
}

/* A module may also be there because a dependency needs it, so this is no certain breach. */
static void check_dependency(struct check *c, const struct klp_use *u)
{
	const struct symbol_table *t;

	if (is_vmlinux(u->when) || is_vmlinux(u->name->object) || name_same_object(u->when, u->name->object))
		return;
	t = kernel_symbols_of(c->ks, u->when, c->patched);
	if (!t || !t->has_depends || depends_on(t, u->name->object) ||
	    !first_time(c, "klp-dependency", u->r->from, u->r->symbol))
		return;
	report(c, ELFDIFF_WARNING,
	       (struct elfdiff_diag){
		       .id = "klp-dependency",
		       .section = u->from,
		       .symbol = u->symbol->name,
		       .cause = "klp_find_object_symbol() returns -EINVAL, and the patched module does not "
				"load, while the other one is not loaded",
		       .hint = "refer to modules that the patched one depends on" },
	       "`%s` of `%s` is needed to patch `%s`, which does not depend on that module", u->name->name,
	       u->name->object, u->when);
}

static void check_late_table(struct check *c, const struct klp_use *u)
{
	const struct special *row = special_find(u->target->name, c->arch_bit);

	if (is_vmlinux(u->when) || !row || !row->early || !first_time(c, "klp-late-table", u->r->section, u->r->symbol))
		return;
	if (c->klp_arch && klp_arch_waits(row->name))
		return;
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){ .id = "klp-late-table",
				      .section = u->target->name,
				      .symbol = u->symbol->name,
				      .has_offset = true,
				      .offset = u->r->offset,
				      .cause = "the module loader reads this table while the patch loads "
					       "(find_module_sections(), module_finalize()), before "
					       "klp_apply_object_relocs() applies the relocations that wait for a "
					       "module",
				      .hint = "avoid the static key, static call or alternative there: use "
					      "static_key_enabled() or KPATCH_STATIC_CALL()" },
	       "`%s` has a relocation that is applied when module `%s` loads", u->target->name, u->when);
}

/* module_init_section() */
static void check_late_init(struct check *c, const struct klp_use *u)
{
	if (is_vmlinux(u->when) || !starts_with(u->target->name, ".init") ||
	    !first_time(c, "klp-late-init", u->r->section, u->r->symbol))
		return;
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){ .id = "klp-late-init",
				      .section = u->target->name,
				      .symbol = u->symbol->name,
				      .has_offset = true,
				      .offset = u->r->offset,
				      .cause = "do_init_module() frees it after the patch has loaded, and "
					       "klp_apply_object_relocs() would write to freed memory",
				      .hint = "keep such references out of __init code and data" },
	       "`%s` has a relocation that is applied when module `%s` loads", u->target->name, u->when);
}

static void check_ordinary(struct check *c, const struct reloc *r, const struct section *target)
{
	const struct symbol *s = &c->o->symbols[r->symbol];

	if (s->place != SYMBOL_LIVEPATCH || !section_is_alloc(target) ||
	    !first_time(c, "klp-symbol-in-ordinary", r->section, r->symbol))
		return;
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){ .id = "klp-symbol-in-ordinary",
				      .section = target->name,
				      .symbol = s->name,
				      .has_offset = true,
				      .offset = r->offset,
				      .cause = "simplify_symbols() leaves livepatch symbols unresolved, so "
					       "apply_relocate_add() uses the address 0",
				      .hint = "put the relocation into `.klp.rela.<object>.<section>`" },
	       "an ordinary relocation refers to livepatch symbol `%s`", s->name);
}

static void check_not_livepatch(struct check *c, const struct reloc *r, const struct section *from)
{
	const struct symbol *s = &c->o->symbols[r->symbol];

	if (s->place == SYMBOL_LIVEPATCH || !first_time(c, "klp-symbol-ordinary", r->from, r->symbol))
		return;
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){
		       .id = "klp-symbol-ordinary",
		       .section = from->name,
		       .symbol = s->name,
		       .has_offset = true,
		       .offset = r->offset,
		       .cause = "klp_resolve_symbols() returns -EINVAL for a symbol whose st_shndx is not "
				"SHN_LIVEPATCH",
		       .hint = "put relocations of ordinary symbols into the ordinary section" },
	       "`%s` refers to `%s`, which is not a livepatch symbol", from->name, s->name);
}

static void check_use(struct check *c, const struct reloc *r, const char *when)
{
	const struct klp_use u = { .r = r,
				   .target = &c->o->sections[r->section],
				   .from = c->o->sections[r->from].name,
				   .symbol = &c->o->symbols[r->symbol],
				   .name = &c->refs[r->symbol].name,
				   .when = when };

	check_vmlinux_symbol(c, &u);
	check_early_module_symbol(c, &u);
	check_dependency(c, &u);
	check_late_table(c, &u);
	check_late_init(c, &u);
}

static void check_relocation(struct check *c, const struct reloc *r, const char *const *whens)
{
	const struct section *from = &c->o->sections[r->from];
	const struct klp_ref *ref = &c->refs[r->symbol];
	const char *when = ref->form == LINKABLE_SYMBOL ? ref->name.when : NULL;

	if (is_klp_section(from)) {
		when = whens[r->from];
		check_not_livepatch(c, r, from);
	} else {
		check_ordinary(c, r, &c->o->sections[r->section]);
	}
	if (when && ref->form != NO_KLP && !ref->flaw)
		check_use(c, r, when);
}

void check_klp_relocations(struct check *c)
{
	const char **whens = arena_array(c->a, c->o->section_count, const char *);

	for (uint32_t i = 1; i < c->o->section_count; i++)
		if (is_klp_section(&c->o->sections[i]) && klp_section_parse(c->a, c->o->sections[i].name, &whens[i]))
			whens[i] = NULL;
	for (uint32_t i = 0; i < c->o->reloc_count; i++)
		if (c->o->relocs[i].from != NONE)
			check_relocation(c, &c->o->relocs[i], whens);
}
