// SPDX-License-Identifier: GPL-2.0-or-later
/* check_types.c - relocations that no module can have */
#include "arch/arch.h"
#include "check/internal.h"

static void report_type(struct check *c, const struct reloc *r)
{
	const char *name = c->o->arch->reloc_name(r->type);

	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){
		       .id = "relocation-type",
		       .section = c->o->sections[r->section].name,
		       .symbol = c->o->symbols[r->symbol].name,
		       .has_offset = true,
		       .offset = r->offset,
		       .cause = "apply_relocate_add() returns -ENOEXEC: only linkers know this type",
		       .hint = "compile without -fpic and without thread-local variables, as kernels are" },
	       "`%s` has a relocation of type %s", c->o->sections[r->section].name, name);
}

void check_relocation_types(struct check *c)
{
	for (uint32_t i = 0; c->o->arch && i < c->o->reloc_count; i++) {
		const struct reloc *r = &c->o->relocs[i];
		struct reloc_field field = { 0 };

		if (r->from != NONE && section_is_alloc(&c->o->sections[r->section]) &&
		    c->o->arch->field(r->type, &field) && field.for_linkers &&
		    first_time(c, "relocation-type", r->section, r->type))
			report_type(c, r);
	}
}
