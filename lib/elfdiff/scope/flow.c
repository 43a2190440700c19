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

/* False where it is no code that can be followed. */
static bool read_cell(struct reader *r, uint32_t cell)
{
	const struct object *o = r->s->o;
	uint64_t end = cell_end(r->s, cell);
	enum flow last = FLOW_STOPS;
	struct insn in;

	for (uint64_t at = r->s->cells.items[cell].start; at < end; at += in.length) {
		if (is_filler(&o->sections[r->section], at, end))
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

/* --- which cells are read ----------------------------------------------------------------- */

/* Sources of which something is kept in a section: by symbol. */
struct sources {
	bool *kept;
	VEC(uint32_t) list;
};

/* True where something of the section is kept. */
static bool find_sources(const struct finder *f, const struct scope_side *s, uint32_t section, struct sources *ret)
{
	bool any = false;

	for (uint32_t c = s->first[section]; c < s->first[section + 1]; c++) {
		uint32_t file = is_kept(f, s, c) ? cell_source(s, c) : NONE;

		any |= is_kept(f, s, c);
		if (file == NONE || ret->kept[file])
			continue;
		ret->kept[file] = true;
		*vec_push(f->a, &ret->list) = file;
	}
	return any;
}

/*
 * What the assembler resolved leads to the same source. Of a global function nobody says of which it is.
 */
static bool may_lead_to_kept(const struct scope_side *s, const struct sources *sources, uint32_t cell)
{
	uint32_t file = cell_source(s, cell);

	return file == NONE || sources->kept[file];
}

static bool read_section(struct finder *f, const struct scope_side *s, uint32_t section, const struct sources *sources)
{
	uint32_t count = s->first[section + 1] - s->first[section];
	struct reader r = { .f = f, .s = s, .section = section, .over = arena_array(f->a, count, int32_t) };
	bool any = false, unreadable = false;

	for (uint32_t c = s->first[section]; c < s->first[section + 1]; c++) {
		if (s->read[c] || !may_lead_to_kept(s, sources, c))
			continue;
		any = s->read[c] = true;
		r.next_reloc = s->first_reloc[c];
		unreadable |= !read_cell(&r, c);
	}
	if (unreadable)
		link_all(&r);
	else
		link_ranges(&r);
	return any;
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
	struct sources sources = { .kept = arena_array(f->a, s->o->symbol_count + 1, bool) };
	bool any = false;

	for (uint32_t n = 0; n < s->flowing.count; n++) {
		uint32_t i = s->flowing.items[n];

		if (!find_sources(f, s, i, &sources))
			continue;
		any |= read_section(f, s, i, &sources);
		while (sources.list.count)
			sources.kept[sources.list.items[--sources.list.count]] = false;
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
