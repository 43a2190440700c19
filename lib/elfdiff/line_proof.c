/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "line_proof.h"

#include <string.h>

#include "arch.h"
#include "lines.h"

struct line_proof {
	struct arena *a;
	const struct graph *orig, *patched;
	bool opened;
	const struct line_info *orig_lines, *patched_lines; /* NULL: no debug information */
	uint32_t block; /* where the walk below stands */
	uint64_t at;
};

/* Kernel functions with a line number among their arguments, which they report and do nothing else with. */
static const char *const takes_line[] = {
	"___might_sleep", "__might_fault",	    "__might_resched",	  "__might_sleep",
	"__cant_migrate", "__cant_sleep",	    "__warn",		  "lockdep_rcu_suspicious",
	"rcu_lockdep_warn", "warn_slowpath_fmt", "warn_slowpath_fmt_taint", "warn_slowpath_null",
};

struct line_proof *line_proof_new(struct arena *a, const struct graph *orig, const struct graph *patched)
{
	struct line_proof *p = arena_new(a, struct line_proof);

	*p = (struct line_proof){ .a = a, .orig = orig, .patched = patched, .block = NONE };
	return p;
}

/* Moves to the instruction of the original that contains `offset`. */
static bool find_instruction(struct line_proof *p, uint32_t b, uint64_t offset, struct insn *ret)
{
	const struct block *bl = &p->orig->blocks[b];
	const struct object *o = p->orig->object;

	if (p->block != b || p->at > offset) {
		p->block = b;
		p->at = 0;
	}
	while (o->arch->decode(o, &o->sections[bl->section], bl->start + p->at, ret) && ret->length) {
		if (offset < p->at + ret->length)
			return true;
		p->at += ret->length;
	}
	return false;
}

/* All that differs between the two instructions is the immediate. */
static bool only_immediate(const struct line_proof *p, const struct block *b, const struct block *c, const struct insn *in,
			   const struct insn *jn)
{
	const uint8_t *x = block_data(p->orig, b) + p->at, *y = block_data(p->patched, c) + p->at;

	if (!in->imm_size || in->length != jn->length || in->imm_offset != jn->imm_offset || in->imm_size != jn->imm_size ||
	    in->imm_mask != jn->imm_mask)
		return false;
	for (unsigned i = 0; i < in->length; i++) {
		unsigned k = i - in->imm_offset;
		unsigned shift = 8 * (p->orig->object->big_endian ? in->imm_size - 1 - k : k);
		uint8_t mask = i >= in->imm_offset && k < in->imm_size ? (uint8_t)(in->imm_mask >> shift) : 0;

		if ((x[i] ^ y[i]) & ~mask)
			return false;
	}
	return true;
}

/* The next call behind an instruction of the patched object goes to a function that takes a line number. */
static bool callee_takes_line(const struct line_proof *p, const struct block *c, uint64_t offset)
{
	const struct graph *g = p->patched;

	for (uint32_t i = c->reloc_first; i < c->reloc_first + c->reloc_count; i++) {
		const struct edge *e = &g->edges[i];
		const char *name;

		if (g->relocs[i].offset < c->start + offset || !g->object->arch->is_branch(g->object, &g->relocs[i]))
			continue;
		if (e->block != NONE && g->blocks[e->block].symbol == NONE)
			return false;
		name = g->object->symbols[e->block == NONE ? e->symbol : g->blocks[e->block].symbol].name;
		for (size_t k = 0; k < sizeof(takes_line) / sizeof(*takes_line); k++)
			if (!strcmp(name, takes_line[k]))
				return true;
		return false;
	}
	return false;
}

bool line_proof_at(struct line_proof *p, uint32_t b, uint32_t c, uint64_t offset, uint64_t *resume)
{
	const struct block *bl = &p->orig->blocks[b], *cl = &p->patched->blocks[c];
	const struct object *o = p->orig->object, *q = p->patched->object;
	struct insn in, jn;

	if (!find_instruction(p, b, offset, &in) ||
	    !q->arch->decode(q, &q->sections[cl->section], cl->start + p->at, &jn) || !only_immediate(p, bl, cl, &in, &jn) ||
	    in.imm_value > UINT32_MAX || jn.imm_value > UINT32_MAX)
		return false;
	if (!p->opened) {
		p->orig_lines = lines_open(p->a, o);
		p->patched_lines = lines_open(p->a, q);
		p->opened = true;
	}
	if (p->orig_lines && p->patched_lines) {
		if (!lines_at(p->orig_lines, bl->section, bl->start + p->at, (uint32_t)in.imm_value) ||
		    !lines_at(p->patched_lines, cl->section, cl->start + p->at, (uint32_t)jn.imm_value))
			return false;
	} else if (!callee_takes_line(p, cl, p->at)) {
		return false;
	}
	*resume = p->at + in.length;
	return true;
}
