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

/*
 * What the assembler resolved stays in one section of one object that was linked, which the linker keeps as one piece: where two
 * cells are of different sources, a piece ends in between. Of a global function nobody says of which source it is.
 */
struct piece {
	bool has_kept; /* something that is kept may be of the same piece */
	uint32_t file; /* its source, or NONE: no cell has told it yet */
};

/* NONE also of what several objects may have a part of: code that does not say where it ends. */
static uint32_t source_of(const struct scope_side *s, uint32_t cell)
{
	uint32_t file = cell_source(s, cell), end = cell_label_end(s, cell);

	for (uint32_t i = s->cells.items[cell].first_label + 1; i < end; i++)
		if (s->o->symbols[s->labels.symbols[i]].file != file)
			return NONE;
	return file;
}

static void go_on(const struct finder *f, const struct scope_side *s, struct piece *piece, uint32_t cell)
{
	uint32_t file = source_of(s, cell);

	if (is_kept(f, s, cell))
		*piece = (struct piece){ .has_kept = true, .file = file };
	else if (file == NONE || file == piece->file)
		return;
	else if (piece->file == NONE)
		piece->file = file;
	else
		piece->has_kept = false;
}

/* By cell of a section, from its first: it may be of one piece with something that is kept. False: none is. */
static bool find_near(const struct finder *f, const struct scope_side *s, uint32_t section, bool *near)
{
	struct piece piece = { .file = NONE };
	uint32_t first = s->first[section], end = s->first[section + 1];
	bool any = false;

	for (uint32_t c = first; c < end; c++) {
		go_on(f, s, &piece, c);
		near[c - first] = piece.has_kept;
		any |= piece.has_kept;
	}
	piece = (struct piece){ .file = NONE };
	for (uint32_t c = end; any && c-- > first;) {
		go_on(f, s, &piece, c);
		near[c - first] |= piece.has_kept;
	}
	return any;
}

static bool read_section(struct finder *f, const struct scope_side *s, uint32_t section, const bool *near)
{
	uint32_t count = s->first[section + 1] - s->first[section];
	struct reader r = { .f = f, .s = s, .section = section, .over = arena_array(f->a, count, int32_t) };
	bool any = false, unreadable = false;

	for (uint32_t c = s->first[section]; c < s->first[section + 1]; c++) {
		if (s->read[c] || !near[c - s->first[section]])
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
	bool any = false;

	for (uint32_t n = 0; n < s->flowing.count; n++) {
		uint32_t i = s->flowing.items[n];

		if (find_near(f, s, i, s->near))
			any |= read_section(f, s, i, s->near);
	}
	return any;
}

void find_flowing(struct scope_side *s)
{
	uint32_t most = 0;

	for (uint32_t i = 1; i < s->o->section_count; i++) {
		uint32_t count = s->first[i + 1] - s->first[i];

		if (!may_flow(s, i))
			continue;
		*vec_push(s->a, &s->flowing) = i;
		most = count > most ? count : most;
	}
	s->near = arena_array(s->a, most, bool);
}

void link_by_flow(struct finder *f)
{
	/* what is found may lead to other sections' code */
	while (either(link_side(f, &f->orig), link_side(f, &f->patched)) && next_round(f))
		;
}
