/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * same_code.c - is a function or variable of the object, byte for byte, at a place of the linked module?
 *
 * Left out are the fields that relocations fill in; what these lead to is the
 * result. A relocation of the object may be none in the module: where a section
 * holds several functions, the assembler resolves branches between them. The
 * instruction there tells where it leads.
 */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "locate/same_code.h"

struct side {
	const struct object *o;
	const struct section *s;
	uint32_t section;
	uint64_t start; /* offset in the section */
	const struct reloc *relocs;
	uint32_t next, end; /* of relocs: what is not compared yet */
};

struct walk {
	struct same_code *c;
	struct side ours, theirs;
	uint64_t size, done; /* bytes from the start: of all, and of what is the same */
	uint32_t block;
	struct boundary boundary;
};

/* Bytes from the start to the next relocation; at the end, of all. */
static uint64_t next_offset(const struct walk *w, const struct side *side)
{
	return side->next < side->end ? side->relocs[side->next].offset - side->start : w->size;
}

static bool same_bytes(struct walk *w, uint64_t until)
{
	const struct side *x = &w->ours, *y = &w->theirs;

	if (until <= w->done)
		return true;
	if (memcmp(x->s->data + x->start + w->done, y->s->data + y->start + w->done, until - w->done) != 0)
		return false;
	w->done = until;
	return true;
}

/* The bits of a relocation's field that are not the relocation's. */
static bool same_rest_of_field(struct walk *w, uint64_t at, const struct reloc_field *f)
{
	const struct side *x = &w->ours, *y = &w->theirs;
	bool big = x->o->big_endian;
	uint64_t a, b;

	if (at < w->done || !f->size)
		return true;
	if (f->size > w->size - at)
		return false;
	a = bytes_get(x->s->data + x->start + at, f->size, big);
	b = bytes_get(y->s->data + y->start + at, f->size, big);
	w->done = at + f->size;
	return !((a ^ b) & ~f->mask);
}

/* Bytes from the start to the instruction that contains a place of the code; of data, the place itself. */
static uint64_t instruction(struct walk *w, uint64_t at)
{
	const struct side *x = &w->ours;

	if (!(x->s->flags & SHF_EXECINSTR))
		return at;
	return graph_instruction(w->c->g, &w->boundary, w->block, x->start + at) - x->start;
}

/* What a relocation leads to, of an instruction that begins so many bytes from the start. */
static struct exact_target target_of(const struct side *y, const struct reloc *r, uint64_t instruction)
{
	const struct symbol *s = &y->o->symbols[r->symbol];
	int64_t offset = r->addend + y->o->arch->bias(y->o, r, y->start + instruction);

	return (struct exact_target){ .name = s->bind == STB_LOCAL ? NULL : s->name,
				      .from_name = offset,
				      .section = s->place == SYMBOL_DEFINED ? s->section : 0,
				      .offset = s->value + (uint64_t)offset };
}

/* What a branch of the module leads to that has no relocation there. */
static bool target_of_branch(const struct walk *w, uint64_t at, uint64_t start, struct exact_target *ret)
{
	const struct side *y = &w->theirs;
	struct insn in;

	if (!(y->s->flags & SHF_EXECINSTR) || !y->o->arch->decode(y->o, y->s, y->start + start, &in) ||
	    (!in.direct_branch && !in.pc_operand) || (in.direct_branch && start + in.field_offset != at))
		return false;
	*ret = (struct exact_target){ .section = y->section, .offset = in.target };
	return true;
}

/* Types of branches say nothing but how to reach what is far. */
static bool same_type(const struct walk *w, const struct reloc *x, const struct reloc *y)
{
	const struct object *o = w->ours.o, *m = w->theirs.o;

	return x->type == y->type || (o->arch->is_branch(o, x) && m->arch->is_branch(m, y));
}

/* The next relocation of the object: what the module has in its place. */
static bool same_relocation(struct walk *w)
{
	uint64_t at = next_offset(w, &w->ours), start = instruction(w, at);
	struct target_pair p = { .reloc = w->ours.next++ };
	const struct reloc *x = &w->ours.relocs[p.reloc], *y = NULL;
	struct reloc_field f;

	if (graph_is_runtime_constant(w->c->g, p.reloc) || !w->ours.o->arch->field(x->type, &f) ||
	    !same_rest_of_field(w, at, &f))
		return false;
	if (next_offset(w, &w->theirs) == at && w->theirs.next < w->theirs.end)
		y = &w->theirs.relocs[w->theirs.next++];
	if (y && !same_type(w, x, y))
		return false;
	p.ours = target_of(&w->ours, x, start);
	if (y)
		p.theirs = target_of(&w->theirs, y, start);
	else if (!f.pc_relative || !target_of_branch(w, at, start, &p.theirs))
		return false;
	*vec_push(w->c->a, &w->c->pairs) = p;
	return true;
}

static struct side side_of(const struct object *o, uint32_t section, uint64_t start, const struct reloc *relocs,
			   uint32_t first, uint32_t count, uint64_t size)
{
	return (struct side){ .o = o,
			      .s = &o->sections[section],
			      .section = section,
			      .start = start,
			      .relocs = relocs,
			      .next = first_reloc_from(relocs, first, count, start),
			      .end = first_reloc_from(relocs, first, count, start + size) };
}

bool is_same_code(struct same_code *c, uint32_t symbol, uint32_t section, uint64_t offset)
{
	const struct graph *g = c->g;
	const struct symbol *s = &g->object->symbols[symbol];
	const struct section *there = &c->module->sections[section];
	struct walk w = { .c = c, .size = s->size, .block = g->symbol_block[symbol], .boundary.block = NONE };
	const struct block *b = w.block == NONE ? NULL : &g->blocks[w.block];

	c->pairs.count = 0;
	if (!b || b->symbol == NONE || g->object->symbols[b->symbol].value != s->value || s->value < b->start ||
	    s->size > b->end - s->value || offset > there->size || s->size > there->size - offset)
		return false;
	w.ours = side_of(g->object, s->section, s->value, g->relocs, b->reloc_first, b->reloc_count, s->size);
	w.theirs =
		side_of(c->module, section, offset, c->module->relocs, there->reloc_first, there->reloc_count, s->size);
	if (!w.ours.s->data || !there->data || (w.ours.s->flags ^ there->flags) & SHF_EXECINSTR)
		return false;
	while (w.ours.next < w.ours.end) {
		uint64_t at = next_offset(&w, &w.ours);

		if (next_offset(&w, &w.theirs) < at || !same_bytes(&w, at) || !same_relocation(&w))
			return false;
	}
	return w.theirs.next == w.theirs.end && same_bytes(&w, w.size);
}
