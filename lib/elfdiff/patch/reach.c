/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reach.c - how far instructions of the output have to reach, which in the kernel had it near */
#include <string.h>

#include "arch/arch.h"
#include "patch/internal.h"

int64_t outer_addend(const struct object *o, const struct reloc *r, const struct cut_edge *cut)
{
	return cut->block == NONE ? r->addend
				  : r->addend + (int64_t)(o->symbols[r->symbol].value - o->symbols[cut->symbol].value);
}

/*
 * A module that is patched is as near as the patch, and what the loader writes
 * into a table for it (a GOT) would stay when it is loaded anew elsewhere.
 */
static bool is_of_vmlinux(const struct reference *ref)
{
	return ref && (!ref->object || !strcmp(ref->object, "vmlinux"));
}

bool takes_far_form(const struct diff *d, const struct selection *s, const struct resolution *res, uint32_t i,
		    struct runtime_load *ret)
{
	const struct object *o = d->patched->object;
	const struct cut_edge *cut = &s->cuts.items[i];
	const struct reloc *r = &d->patched->relocs[cut->reloc];

	return o->arch->far_form && is_of_vmlinux(res->of_cut[i]) && o->arch->far_form(o, r, ret) &&
	       outer_addend(o, r, cut) == ret->relocs[0].addend;
}

/* Its own address says where a kernel is; only vmlinux refers to itself without a table. */
static bool is_far(const struct diff *d, const struct resolution *r)
{
	uint64_t limit = d->patched->object->arch->far_below;

	if (strcmp(d->object, "vmlinux"))
		return false;
	for (uint32_t i = 0; i < r->functions.count; i++)
		if (r->functions.items[i].old_address)
			return r->functions.items[i].old_address < limit;
	return false;
}

static void refuse_far(const struct diff *d, const struct cut_edge *cut, uint32_t block)
{
	const struct reloc *r = &d->patched->relocs[cut->reloc];
	struct elfdiff_diag diag = diag_of_block(d, block, ELFDIFF_REFUSAL, "out-of-reach");

	diag.has_offset = true;
	diag.offset = r->offset - d->patched->blocks[block].start;
	diag.cause =
		"modules are farther from this kernel than the instruction reaches, and no other does the same in its place";
	diag.hint =
		"in the patched function, take the address with RELOC_HIDE(&variable, 0), and use the variable through it";
	diag_add(d->ds, diag, "`%s` cannot reach `%s` from a module", diag.symbol,
		 d->patched->object->symbols[cut->symbol].name);
}

void refuse_out_of_reach(const struct diff *d, const struct selection *s, const struct resolution *res)
{
	const struct object *o = d->patched->object;
	struct runtime_load load;

	if (!o->arch->stays_near || !is_far(d, res))
		return;
	for (uint32_t i = 0; i < s->cuts.count; i++) {
		const struct cut_edge *cut = &s->cuts.items[i];

		if (is_of_vmlinux(res->of_cut[i]) && o->arch->stays_near(o, &d->patched->relocs[cut->reloc]) &&
		    !arch_keeps_ordinary(o->arch, o->symbols[cut->symbol].name) && !takes_far_form(d, s, res, i, &load))
			refuse_far(d, cut, s->items.items[cut->item].block);
	}
}
