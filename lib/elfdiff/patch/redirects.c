/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redirects.c - functions that a kprobe at their entry redirects, where nothing else can
 *
 * A kprobe is hit by whatever runs the first instruction, an ftrace location by calls alone. So the original must not come
 * back to its beginning by itself: a loop would leave it in the middle, with registers that are no arguments any more.
 * What kernels put no probe into is known by its section, or by _kprobe_blacklist; for all else the kernel decides when
 * the patch is loaded.
 */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/text.h"
#include "patch/internal.h"

/* Parts of .text that kprobes keep out of, and where probes are handled. */
static bool is_kept_from_probes(const char *section)
{
	static const char *const kept[] = { ".noinstr.text", ".kprobes.text", ".entry.text", ".cpuidle.text" };

	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if (starts_with(section, kept[i]))
			return true;
	return false;
}

static bool is_on_blacklist(const struct graph *g, uint32_t block)
{
	for (uint32_t r = 0; r < g->reloc_count; r++) {
		uint32_t from = g->edges[r].block == block ? g->relocs[r].section : 0;

		if (from && starts_with(g->object->sections[from].name, "_kprobe_blacklist"))
			return true;
	}
	return false;
}

/* The probe stands at the label, or behind a landing pad there. */
static bool is_probed(const struct graph *g, uint32_t block, uint64_t place)
{
	const struct arch *arch = g->object->arch;
	const struct block *b = &g->blocks[block];
	uint64_t entry = b->start + graph_label_offset(g, block);
	const uint8_t *data = block_bytes(g, b) + graph_label_offset(g, block);
	bool padded = arch->landing_pad && entry + arch->landing_pad_size <= b->end &&
		      !memcmp(data, arch->landing_pad, arch->landing_pad_size);

	return place == entry || (padded && place == entry + arch->landing_pad_size);
}

/* By a branch that no relocation expresses; code that cannot be decoded counts as one. */
static bool branches_to_entry(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];
	const struct section *s = &g->object->sections[b->section];
	uint64_t at = b->start + graph_label_offset(g, block);
	struct insn in;

	for (; at < b->end; at += in.length) {
		if (!g->object->arch->decode(g->object, s, at, &in) || !in.length)
			return !is_code_padding(g->object, s, at, b->end);
		if (in.direct_branch && in.flow != FLOW_CALL && is_probed(g, block, in.target))
			return true;
	}
	return false;
}

/*
 * Only a call of the function by itself, and an entry about its first instruction: what else an entry names is where it
 * leads to, such as from a fault.
 */
static bool may_lead_to_entry(const struct graph *g, uint32_t block, uint32_t from, uint32_t reloc)
{
	const struct block *b = &g->blocks[from];
	struct boundary at = { .block = NONE };
	struct insn in;

	if (b->kind == BLOCK_ENTRY)
		return reloc == b->reloc_first;
	if (b->kind != BLOCK_TEXT && b->kind != BLOCK_PAYLOAD)
		return !graph_holds_labels(g, from); /* those of a switch: not a pointer to the function */
	if (is_of_other_function(g, block, from))
		return true;
	return g->object->arch->decode(g->object, &g->object->sections[b->section],
				       graph_instruction(g, &at, from, g->relocs[reloc].offset), &in) &&
	       in.flow == FLOW_CALL;
}

static bool leads_to_entry(const struct graph *g, uint32_t block, uint32_t reloc)
{
	const struct edge *e = &g->edges[reloc];

	return e->block == block && is_probed(g, block, edge_place(g, e)) &&
	       !may_lead_to_entry(g, block, graph_block_at(g, g->relocs[reloc].section, g->relocs[reloc].offset),
				  reloc);
}

static bool comes_back_to_entry(const struct graph *g, uint32_t block)
{
	if (branches_to_entry(g, block))
		return true;
	for (uint32_t r = 0; r < g->reloc_count; r++)
		if (leads_to_entry(g, block, r))
			return true;
	return false;
}

const char *why_no_redirect(const struct diff *d, uint32_t block)
{
	const struct graph *g = d->orig;
	const struct symbol *s = block_symbol(g, block);

	if (!g->object->arch->kprobe_redirects)
		return arena_printf(d->a, "no kprobe redirects calls on %s", g->object->arch->name);
	if (strcmp(d->object, "vmlinux"))
		return "a kprobe redirects functions of vmlinux alone";
	if (!s || s->type != STT_FUNC || !s->size || !g->object->sections[g->blocks[block].section].data)
		return "a kprobe needs a function with a symbol and a size";
	if (is_kept_from_probes(graph_section_name(g, block)))
		return arena_printf(d->a, "kernels put no kprobe into `%s`", graph_section_name(g, block));
	if (is_on_blacklist(g, block))
		return "NOKPROBE_SYMBOL() keeps kprobes out of it";
	if (comes_back_to_entry(g, block))
		return "it jumps to its own beginning, or has that address, and a kprobe there would take a loop for a call";
	return NULL;
}

void warn_redirect(const struct diff *d, uint32_t block, const char *obstacle)
{
	const char *name = block_label(d->orig, block)->name;
	struct elfdiff_diag diag = { .severity = ELFDIFF_WARNING,
				     .id = "kprobe-redirect",
				     .object = d->orig->object->path,
				     .section = graph_section_name(d->orig, block),
				     .symbol = name,
				     .cause = obstacle };

	diag.hint =
		"each call of it takes a breakpoint's time; calls from a kprobe's handler, and all while kprobes are "
		"switched off, run the original, and a task that is in the original counts as patched: see "
		"KPROBES in create-diff-object(1)";
	diag_add(d->ds, diag, "`%s` is redirected by a kprobe", name);
}
