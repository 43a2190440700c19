/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * short_jumps.c - jumps that may be shorter in the kernel
 *
 * Objects are compiled with a section for each function (-ffunction-sections), kernels mostly without. The compiler's output
 * is the same but for the sections. A jump from one to another takes the long form; where both are one section, the
 * assembler takes the short one if it reaches. Calls have one form. How far it is at least in the kernel, these objects tell:
 * the sections stand in the order in which the functions did; jumps between them may shrink to the short form, no-ops
 * that align may vanish, and all other instructions stay as long as they are.
 */
#include "graph/short_jumps.h"

#include <string.h>

#include "arch/arch.h"
#include "base/text.h"

enum { REACH = 128, SHORT_JUMP = 2 }; /* bytes */
enum { SECTIONS_MOST = 1000 };        /* between two functions: what has more without code counts as near */

/* What the compiler puts into one section without that option: what stands behind `.text.`, if that is a kind of its own; or NULL. */
static const char *kind_of(const char *section)
{
	static const char *const kinds[] = { "unlikely.", "hot.", "startup.", "exit." };

	if (!starts_with(section, ".text."))
		return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (starts_with(section + strlen(".text."), kinds[i]))
			return kinds[i];
	return "";
}

static bool are_together(const struct object *o, uint32_t a, uint32_t b)
{
	const char *kind = kind_of(o->sections[a].name), *other = kind_of(o->sections[b].name);

	return a != b && kind && other && !strcmp(kind, other);
}

static bool is_jump(const struct object *o, const struct section *s, uint64_t at, const struct insn *in)
{
	uint32_t r = object_first_reloc(o, s, at);

	if (in->flow == FLOW_CALL)
		return false;
	return in->direct_branch || (r < s->reloc_first + s->reloc_count && o->relocs[r].offset < at + in->length &&
				     o->arch->is_branch(o, &o->relocs[r]));
}

/* Bytes at least of [from, to) of a section, up to REACH and no more than what is counted already. */
static void count_bytes(const struct object *o, uint32_t section, uint64_t from, uint64_t to, uint64_t *bytes)
{
	const struct section *s = &o->sections[section];
	struct insn in;

	for (uint64_t at = from; at < to && *bytes <= REACH; at += in.length) {
		if (!s->data || !o->arch->decode(o, s, at, &in) || !in.length)
			return;
		if (in.flow != FLOW_NOP)
			*bytes += in.length > SHORT_JUMP && is_jump(o, s, at, &in) ? SHORT_JUMP : in.length;
	}
}

/* The jump ends at `from` and leads to `to`, or the other way round; `from` stands before. */
static bool is_far(const struct object *o, uint32_t from_section, uint64_t from, uint32_t to_section, uint64_t to)
{
	uint64_t bytes = 0;

	count_bytes(o, from_section, from, o->sections[from_section].size, &bytes);
	for (uint32_t i = from_section + 1; i < to_section && bytes <= REACH; i++) {
		if (i - from_section > SECTIONS_MOST)
			return false;
		if (are_together(o, i, from_section))
			count_bytes(o, i, 0, o->sections[i].size, &bytes);
	}
	count_bytes(o, to_section, 0, to, &bytes);
	return bytes > REACH;
}

/* Where a branch leads, if that is code which the kernel has in the same section; or NULL. */
static const struct block *target_of(const struct graph *g, const struct block *b, uint32_t reloc)
{
	const struct edge *e = &g->edges[reloc];
	const struct block *to = e->block == NONE ? NULL : &g->blocks[e->block];

	return to && to->kind == BLOCK_TEXT && are_together(g->object, b->section, to->section) ? to : NULL;
}

/* From the jump's end to a place in the section of `to`. */
static bool may_be_short(const struct graph *g, const struct block *b, uint64_t end, const struct block *to,
			 uint64_t place)
{
	return to->section > b->section ? !is_far(g->object, b->section, end, to->section, place)
					: !is_far(g->object, to->section, place, b->section, end);
}

bool has_open_jump(const struct graph *g, uint32_t symbol)
{
	const struct symbol *s = &g->object->symbols[symbol];
	const struct block *b = &g->blocks[g->symbol_block[symbol]];
	struct boundary at = { .block = g->symbol_block[symbol], .at = s->value };

	if (!g->object->arch->shortens_jumps)
		return false;
	for (uint32_t i = graph_first_reloc(g, b, s->value - b->start); i < b->reloc_first + b->reloc_count; i++) {
		const struct reloc *r = &g->relocs[i];
		const struct block *to = target_of(g, b, i);
		struct insn in;
		uint64_t start;

		if (r->offset >= s->value + s->size)
			break;
		if (r->from == NONE || !to || !g->object->arch->is_branch(g->object, r))
			continue;
		start = graph_instruction(g, &at, g->symbol_block[symbol], r->offset);
		if (!g->object->arch->decode(g->object, &g->object->sections[b->section], start, &in))
			return true;
		if (in.flow != FLOW_CALL &&
		    may_be_short(g, b, start + in.length, to, to->start + (uint64_t)g->edges[i].offset))
			return true;
	}
	return false;
}
