/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooked_elsewhere.c - replaced functions for which ftrace may hook what lies behind them
 *
 * The kernel then says that the function is patched, and ftrace does nothing: it keeps such a location, and leaves it alone
 * (skip_record() of kernel/trace/ftrace.c). A location at the function's own address is always the one that is found.
 */
#include "kernel/hooks.h"
#include "patch/internal.h"

/* Whether code stands before the function's ftrace location. */
static bool is_hooked_later(const struct graph *g, uint32_t symbol)
{
	const struct block *b = &g->blocks[g->symbol_block[symbol]];
	uint64_t offset;

	return graph_ftrace_location(g, symbol, &offset) && b->start + offset != g->object->symbols[symbol].value;
}

static void tell(const struct diff *d, const struct patched_function *f, bool certain)
{
	struct elfdiff_diag diag = diag_of_block(d, d->patched->symbol_block[f->symbol],
						 certain ? ELFDIFF_REFUSAL : ELFDIFF_WARNING, "hooked-elsewhere");

	diag.cause =
		certain ? "before the kernel's next symbol is a second ftrace location, of a weak function that "
			  "another definition took the place of: ftrace may take that one, the kernel calls the "
			  "function patched, and it stays as it was"
			: "before the kernel's next symbol is room for a weak function that another definition took "
			  "the place of: if one is there, ftrace may take its location, the kernel calls the "
			  "function patched, and it stays as it was";
	diag.hint = certain ? "change what calls it instead; a later kernel, whose build takes such locations away on "
			      "x86 and arm64, can be patched there"
			    : "give the kernel's symbols as vmlinux itself, whose ftrace locations tell; or see that "
			      "enabled_functions of tracefs has it once the patch is loaded";
	diag_add(d->ds, diag, certain ? "`%s` cannot be hooked in this kernel" : "`%s` may not be what ftrace hooks",
		 diag.symbol);
}

void judge_hooks(const struct diff *d, const struct resolution *r, const struct symbol_table *t)
{
	for (uint32_t i = 0; t && i < r->functions.count; i++) {
		const struct patched_function *f = &r->functions.items[i];
		enum hook hook;

		if (f->entry == NONE || !is_hooked_later(d->orig, f->orig_symbol))
			continue;
		hook = hook_of(t, f->entry, d->orig->object->symbols[f->orig_symbol].size);
		if (hook != HOOK_CERTAIN)
			tell(d, f, hook == HOOK_AMBIGUOUS);
	}
}
