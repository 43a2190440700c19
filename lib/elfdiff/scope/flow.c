/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow.c - code of one section leads to each other where the assembler needed no relocation */
#include <elf.h>

#include "arch/arch.h"
#include "scope/internal.h"

struct reader {
	struct finder *f;
	const struct scope_side *s;
	uint32_t section;
	uint32_t next_reloc;
	int32_t *
		over; /* by cell, from the section's first: branches over its end that begin in or before it, less those that end */
};

/* The instruction has a relocation, which tells where it leads. */
static bool is_relocated(struct reader *r, uint64_t at, uint64_t end)
{
	const struct object *o = r->s->o;
	const struct section *sec = &o->sections[r->section];

	while (r->next_reloc < sec->reloc_first + sec->reloc_count && o->relocs[r->next_reloc].offset < at)
		r->next_reloc++;
	return r->next_reloc < sec->reloc_first + sec->reloc_count && o->relocs[r->next_reloc].offset < end;
}

/* With all that is between: what cannot be parted from either cannot be parted from them (graph/branches.c). */
static void link_to(struct reader *r, uint32_t cell, uint64_t place)
{
	uint64_t size = r->s->o->sections[r->section].size;
	uint32_t to = cell_at(r->s, r->section, place < size ? place : size), first = r->s->first[r->section];

	r->over[(cell < to ? cell : to) - first]++;
	r->over[(cell < to ? to : cell) - first]--;
}

static void link_ranges(struct reader *r)
{
	uint32_t first = r->s->first[r->section], count = r->s->first[r->section + 1] - first;
	int64_t open = 0;

	for (uint32_t i = 0; i + 1 < count; i++) {
		open += r->over[i];
		if (open)
			link_pair(r->f, r->s->node + first + i, r->s->node + first + i + 1);
	}
}

/* Nothing but zeros is left, which align the next function. */
static bool is_filler(const struct section *s, uint64_t at, uint64_t end)
{
	while (at < end && !s->data[at])
		at++;
	return at == end;
}

/* Behind it there is none of what its labels name, as far as they tell. */
static uint64_t labelled_end(const struct scope_side *s, uint32_t cell)
{
	uint64_t ret = s->cells.items[cell].start;

	for (uint32_t i = s->cells.items[cell].first_label; i < cell_label_end(s, cell); i++) {
		const struct symbol *sym = &s->o->symbols[s->labels.symbols[i]];

		if (sym->value + sym->size > ret)
			ret = sym->value + sym->size;
	}
	return ret;
}

/* False where it is no code that can be followed. */
static bool read_cell(struct reader *r, uint32_t cell)
{
	const struct object *o = r->s->o;
	uint64_t end = cell_end(r->s, cell), labelled = labelled_end(r->s, cell);
	enum flow last = FLOW_STOPS;
	struct insn in;

	for (uint64_t at = r->s->cells.items[cell].start; at < end; at += in.length) {
		if (at >= labelled && is_filler(&o->sections[r->section], at, end))
			break;
		if (!o->arch->decode(o, &o->sections[r->section], at, &in) || !in.length)
			return false;
		if ((in.direct_branch || in.pc_operand) && !is_relocated(r, at, at + in.length))
			link_to(r, cell, in.target);
		last = in.flow == FLOW_NOP ? last : in.flow;
	}
	if (last == FLOW_ON)
		link_to(r, cell, end);
	return true;
}

static void link_all(struct reader *r)
{
	for (uint32_t c = r->s->first[r->section]; c + 1 < r->s->first[r->section + 1]; c++)
		link_pair(r->f, r->s->node + c, r->s->node + c + 1);
}

/* --- which sections are read -------------------------------------------------------------- */

/*
 * All of a section of which something is kept: which object that was linked a piece of it was, its symbols do not prove. Labels
 * that were made local, or removed, or that stand under one of several `.file` of an object, tell of another.
 */
static bool has_kept(const struct finder *f, const struct scope_side *s, uint32_t section)
{
	for (uint32_t c = s->first[section]; c < s->first[section + 1]; c++)
		if (is_kept(f, s, c))
			return true;
	return false;
}

static void read_section(struct finder *f, const struct scope_side *s, uint32_t section)
{
	uint32_t count = s->first[section + 1] - s->first[section];
	struct reader r = { .f = f, .s = s, .section = section, .over = arena_array(f->a, count, int32_t) };
	bool unreadable = false;

	r.next_reloc = s->o->sections[section].reloc_first;
	for (uint32_t c = s->first[section]; c < s->first[section + 1]; c++)
		unreadable |= !read_cell(&r, c);
	if (unreadable)
		link_all(&r);
	else
		link_ranges(&r);
}

/* Several pieces of code, as they run: what the kernel copies is not run where it is. */
static bool may_flow(const struct scope_side *s, uint32_t section)
{
	const struct section *sec = &s->o->sections[section];

	return sec->flags & SHF_EXECINSTR && sec->data && s->first[section + 1] - s->first[section] > 1 &&
	       !(row_of(s, section) && row_of(s, section)->kind == SPECIAL_PAYLOAD);
}

static bool link_side(struct finder *f, const struct scope_side *s)
{
	bool any = false;

	for (uint32_t n = 0; n < s->flowing.count; n++) {
		uint32_t i = s->flowing.items[n];

		if (s->read[i] || !has_kept(f, s, i))
			continue;
		any = s->read[i] = true;
		read_section(f, s, i);
	}
	return any;
}

void find_flowing(struct scope_side *s)
{
	for (uint32_t i = 1; i < s->o->section_count; i++)
		if (may_flow(s, i))
			*vec_push(s->a, &s->flowing) = i;
}

void link_by_flow(struct finder *f)
{
	/* what is found may lead to other sections' code */
	while (either(link_side(f, &f->orig), link_side(f, &f->patched)) && next_round(f))
		;
}
