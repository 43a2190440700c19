/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/check.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "check/internal.h"
#include "klp/klp_arch.h"
#include "kpatch-patch.h"
#include "file/load.h"

/* What the kernel's kallsyms_lookup_size_offset() finds in a module: of no type, too, but neither without a name nor a
 * mapping symbol. */
static bool names_function(const struct symbol *s)
{
	return s->type == STT_FUNC || (s->type == STT_NOTYPE && *s->name && *s->name != '$' &&
				       !starts_with(s->name, ".L") && !starts_with(s->name, "L0"));
}

static void read_names(struct check *c)
{
	const struct object *o = c->o;

	c->refs = arena_array(c->a, o->symbol_count, struct klp_ref);
	for (uint32_t i = 1; i < o->symbol_count; i++) {
		const struct symbol *s = &o->symbols[i];
		struct klp_ref *ref = &c->refs[i];

		if (s->place == SYMBOL_LIVEPATCH) {
			ref->form = KLP_SYMBOL;
			ref->flaw = klp_symbol_parse(c->a, s->name, &ref->name);
		} else if (s->place == SYMBOL_UNDEFINED && starts_with(s->name, LINKABLE_SYMBOL_PREFIX)) {
			ref->form = LINKABLE_SYMBOL;
			ref->flaw = linkable_symbol_parse(c->a, s->name, &ref->name);
		} else if (s->place == SYMBOL_DEFINED && names_function(s)) {
			index_add(c->a, &c->function_at, hash_mix(s->section, s->value), i);
		}
	}
}

static void prepare(struct check *c)
{
	const struct object *o = c->o;
	uint32_t funcs = object_section(o, KPATCH_FUNCS_SECTION, 0);
	uint32_t first = funcs ? funcs : object_section(o, KPATCH_REDIRECTS_SECTION, 0);
	const char *patched = string_of_pointer(c, &o->sections[first], offsetof(struct kpatch_patch_func, objname));

	c->finished = object_section(o, ".gnu.linkonce.this_module", 0);
	c->arch_bit = o->arch ? o->arch->bit : ARCH_ANY;
	c->patched = patched ? patched : "";
	for (uint32_t i = 1; i < o->section_count; i++) {
		c->has_klp |= is_klp_section(&o->sections[i]);
		c->klp_arch |= starts_with(o->sections[i].name, KLP_ARCH_PREFIX);
	}
	read_names(c);
}

/*
 * A module of the author's own making enables its `klp_patch` itself and says
 * livepatch=Y. What create-diff-object writes has a section of records, if of none.
 */
static bool is_livepatch(const struct check *c)
{
	bool found = c->has_klp || c->klp_arch || object_modinfo(c->o, "livepatch");

	for (uint32_t i = 1; i < c->o->section_count && !found; i++)
		found = starts_with(c->o->sections[i].name, KPATCH_SECTION_PREFIX);
	for (uint32_t i = 1; i < c->o->symbol_count && !found; i++)
		found = c->refs[i].form != NO_KLP;
	return found;
}

static enum elfdiff_status no_livepatch(struct check *c)
{
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){
		       .id = "not-a-livepatch",
		       .cause = "it has no KLP relocations or symbols, and no records of what it replaces",
		       .hint = "give what create-diff-object or create-klp-module wrote" },
	       "`%s` is no livepatch, but an ordinary %s", c->o->path, c->finished ? "kernel module" : "object");
	return ELFDIFF_REFUSED;
}

enum elfdiff_status check_file(struct arena *a, struct diags *ds, const char *path, const struct kernel_symbols *ks,
			       const struct symvers *sv)
{
	struct check c = { .a = a, .ds = ds, .ks = ks, .sv = sv };
	uint32_t refusals = ds->refusals;
	enum elfdiff_status status = load_object(a, ds, path, LOAD_ALL, &c.o);

	if (status)
		return status;
	prepare(&c);
	if (!is_livepatch(&c))
		return no_livepatch(&c);
	check_klp_sections(&c);
	check_klp_symbols(&c);
	check_klp_relocations(&c);
	check_relocations(&c);
	check_tables(&c);
	check_records(&c);
	check_originals(&c);
	check_module(&c);
	check_exports(&c);
	check_versions(&c);
	report_unchecked_positions(&c);
	return ds->refusals > refusals ? ELFDIFF_REFUSED : ELFDIFF_OK;
}
