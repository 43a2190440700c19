// SPDX-License-Identifier: GPL-2.0-or-later
/* check_relocations.c - relocations that no module can have: of types that its loader does not know, and to what it does not keep */
#include <string.h>

#include "arch/arch.h"
#include "check/internal.h"
#include "klp/form_kpatch.h"

static void report_type(struct check *c, const struct reloc *r)
{
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){
		       .id = "relocation-type",
		       .section = c->o->sections[r->section].name,
		       .symbol = c->o->symbols[r->symbol].name,
		       .has_offset = true,
		       .offset = r->offset,
		       .cause = "apply_relocate_add() returns -ENOEXEC: only linkers know this type",
		       .hint = "compile without -fpic and without thread-local variables, as kernels are" },
	       "`%s` has a relocation of type %s", c->o->sections[r->section].name, c->o->arch->reloc_name(r->type));
}

static void report_target(struct check *c, const struct reloc *r, const struct section *target)
{
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){
		       .id = "not-loaded",
		       .section = c->o->sections[r->section].name,
		       .has_offset = true,
		       .offset = r->offset,
		       .cause = "move_module() does not keep it, and the address is one in memory that the "
				"loader frees",
		       .hint = "rebuild the object; in the source, give that section the flag \"a\"" },
	       "`%s` leads to `%s`, which is not loaded", c->o->sections[r->section].name, target->name);
}

/* Records of references are for create-klp-module, which may have some of debug information. */
static bool is_consumed(const struct section *s)
{
	return !strcmp(s->name, KPATCH_RELOCATIONS_SECTION);
}

static void check_relocation(struct check *c, const struct reloc *r)
{
	const struct symbol *s = &c->o->symbols[r->symbol];
	const struct section *target = &c->o->sections[s->section];
	struct reloc_field field = { 0 };

	if (c->o->arch && c->o->arch->field(r->type, &field) && field.for_linkers &&
	    first_time(c, "relocation-type", r->section, r->type))
		report_type(c, r);
	if (s->place == SYMBOL_DEFINED && !section_is_alloc(target) && !is_consumed(&c->o->sections[r->section]) &&
	    first_time(c, "not-loaded", r->section, s->section))
		report_target(c, r, target);
}

void check_relocations(struct check *c)
{
	for (uint32_t i = 0; i < c->o->reloc_count; i++) {
		const struct reloc *r = &c->o->relocs[i];

		if (r->from != NONE && section_is_alloc(&c->o->sections[r->section]))
			check_relocation(c, r);
	}
}
