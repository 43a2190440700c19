/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * objtool.c - objects that objtool was to finish, and has not
 *
 * kbuild runs objtool on each object, or leaves it for a link (delay-objtool: IBT, KLP_BUILD, LTO). The code of such an object
 * compares like any other, but it is not what the kernel runs. A jump stands where a static key's no-op belongs, so that the
 * branch is taken while the key is off, and the kernel dies of it when the key is switched (__jump_label_patch()). There
 * is no unwind data, and of lists that the kernel patches code by (.return_sites, .static_call_sites, .cfi_sites) none either.
 */
#include <string.h>

#include "arch/arch.h"
#include "patch/internal.h"

/* objtool has not yet put the no-op where this entry of __jump_table, by the key's addend, wants one. */
static bool is_unfinished(const struct graph *g, const struct block *entry)
{
	const struct special *row = entry->special;
	const struct edge *place = &g->edges[entry->reloc_first];
	struct insn insn;

	if (!row || !row->jump_bit || entry->reloc_count < row->key_reloc || place->block == NONE ||
	    !(g->edges[entry->reloc_first + row->key_reloc - 1u].offset & row->jump_bit))
		return false;
	return g->object->arch->decode(g->object, &g->object->sections[g->blocks[place->block].section],
				       edge_place(g, place), &insn) &&
	       insn.flow == FLOW_STOPS;
}

static bool has_content(const struct object *o, const char *section)
{
	uint32_t s = 0;

	while ((s = object_section(o, section, s)))
		if (o->sections[s].size)
			return true;
	return false;
}

/* objtool makes unwind data for all code, if the kernel has any: its linker script then has labels around it. */
static bool lacks_unwind_data(const struct diff *d, const struct kernel_symbols *ks)
{
	const struct symbol_table *t = ks ? kernel_symbols_of(ks, "vmlinux", d->object) : NULL;
	const struct object *o = d->patched->object;

	return t && special_find(".orc_unwind_ip", o->arch->bit) && symbol_table_count(t, "__start_orc_unwind_ip") &&
	       !has_content(o, ".orc_unwind_ip");
}

static void refuse(const struct diff *d, uint32_t block, const char *cause)
{
	struct elfdiff_diag diag = diag_of_block(d, block, ELFDIFF_REFUSAL, "objtool-missing");

	diag.cause = cause;
	diag.hint =
		"compile both objects as kpatch-build does, with delay-objtool= and objtool-args= on make's command line";
	diag_add(d->ds, diag, "`%s` is code that objtool has not finished", diag.symbol);
}

static bool refuse_jumps(const struct diff *d, const struct selection *s)
{
	const struct graph *g = d->patched;

	for (uint32_t i = 0; i < s->items.count; i++) {
		const struct block *b = &g->blocks[s->items.items[i].block];

		if (b->kind != BLOCK_ENTRY || !is_unfinished(g, b))
			continue;
		refuse(d, g->edges[b->reloc_first].block,
		       "it still has the jump of a static key in the place of a no-op: kbuild left objtool for the link");
		return true;
	}
	return false;
}

/* Each of them shows that objtool has not seen the object, and one is told. */
void refuse_unfinished(const struct diff *d, const struct selection *s, const struct kernel_symbols *ks)
{
	if (refuse_jumps(d, s) || !lacks_unwind_data(d, ks))
		return;
	for (uint32_t i = 0; i < s->items.count; i++) {
		if (d->patched->blocks[s->items.items[i].block].kind != BLOCK_TEXT)
			continue;
		refuse(d, s->items.items[i].block,
		       "the kernel has unwind data of all code, and this object has none: kbuild left objtool for the link");
		return;
	}
}
