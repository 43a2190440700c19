/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runtime_loads.c - runtime constants in the code of the output
 *
 * In a patch the code reads the variable itself, as it does in the kernel's
 * modules.
 */
#include "arch/arch.h"
#include "patch/internal.h"

/* Why a patch cannot read the variable at an entry's place instead, or NULL. */
static const char *obstacle(const struct diff *d, const struct block *entry, const char *variable)
{
	const struct graph *g = d->patched;
	const struct edge *e = &g->edges[entry->reloc_first];
	struct runtime_load load;
	bool sure;

	if (!entry->special->loads)
		return "the value is written into the instruction at boot, only in the kernel's own image, and an "
		       "instruction that reads the variable does not fit in its place";
	if (!g->object->arch->runtime_load)
		return arena_printf(d->a, "it is not known how code loads runtime constants on %s",
				    g->object->arch->name);
	if (!graph_runtime_load(g, e->block, edge_place(g, e), &load))
		return "the code at the place that the entry names is not the load of a runtime constant";
	graph_runtime_variable(g, e->block, variable, &sure);
	return sure ? NULL : "there are several variables of this name, and nothing shows which of them is meant";
}

static void refuse(const struct diff *d, const struct block *entry, const char *variable, const char *cause)
{
	const struct edge *e = &d->patched->edges[entry->reloc_first];
	struct elfdiff_diag diag = diag_of_block(d, e->block, ELFDIFF_REFUSAL, "runtime-constant");

	diag.section = d->patched->object->sections[entry->section].name;
	diag.has_offset = true;
	diag.offset = (uint64_t)e->offset;
	diag.cause = cause;
	diag.hint = arena_printf(d->a, "have the function read `%s` itself, or leave it out of the patch", variable);
	diag_add(d->ds, diag, "`%s` uses the runtime constant `%s`", diag.symbol, variable);
}

static void tell_loads(const struct diff *d, uint32_t section, const char *variable, uint32_t count)
{
	if (count)
		diag_add(d->ds,
			 (struct elfdiff_diag){
				 .severity = ELFDIFF_NOTICE,
				 .id = "runtime-constant-read",
				 .object = d->patched->object->path,
				 .section = d->patched->object->sections[section].name,
				 .symbol = variable,
				 .cause = "the value is written into the code at boot, only in the kernel's own image; "
					  "modules read the variable" },
			 "`%s` is read from memory at %u place%s where the kernel has it in the code", variable, count,
			 count == 1 ? "" : "s");
}

static void judge_section(const struct diff *d, const struct selection *s, uint32_t section)
{
	const struct graph *g = d->patched;
	uint32_t loads = 0, told = NONE;
	const char *variable = NULL;

	for (uint32_t c = g->first_block[section]; c < g->first_block[section + 1]; c++) {
		const struct block *b = &g->blocks[c];
		const char *cause;

		if (b->kind != BLOCK_ENTRY || b->special->kind != SPECIAL_RUNTIME)
			return;
		variable = special_variable(b->special, g->object->sections[section].name);
		if (b->owner == NONE || s->item_of[b->owner] == NONE)
			continue;
		cause = obstacle(d, b, variable);
		loads += !cause;
		if (cause && told != b->owner)
			refuse(d, b, variable, cause);
		told = cause ? b->owner : told;
	}
	tell_loads(d, section, variable, loads);
}

void judge_runtime_constants(const struct diff *d, const struct selection *s)
{
	for (uint32_t i = 1; i < d->patched->object->section_count; i++)
		judge_section(d, s, i);
}
