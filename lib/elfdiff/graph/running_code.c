/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "graph/running_code.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/text.h"
#include "graph/anchors.h"
#include "graph/short_jumps.h"

/* Where boot fills in a runtime constant. */
struct runtime_place {
	uint32_t section;
	uint64_t offset;
	const struct special *row;
};

struct runtime_places {
	VEC(struct runtime_place) list; /* by section and offset */
};

static int by_place(const void *a, const void *b)
{
	const struct runtime_place *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

static void add_places(struct arena *a, const struct object *o, const struct section *s, struct runtime_places *p)
{
	for (uint32_t r = s->reloc_first; r < s->reloc_first + s->reloc_count; r++) {
		const struct symbol *to = &o->symbols[o->relocs[r].symbol];

		if (to->place == SYMBOL_DEFINED)
			*vec_push(a, &p->list) =
				(struct runtime_place){ .section = to->section,
							.offset = to->value + (uint64_t)o->relocs[r].addend,
							.row = s->row };
	}
}

const struct runtime_places *find_runtime_places(struct arena *a, const struct graph *g)
{
	struct runtime_places *p = arena_new(a, struct runtime_places);

	for (uint32_t i = 1; i < g->object->section_count; i++) {
		const struct section *s = &g->object->sections[i];

		if (s->row && s->row->kind == SPECIAL_RUNTIME)
			add_places(a, g->object, s, p);
	}
	if (p->list.count)
		qsort(p->list.items, p->list.count, sizeof(*p->list.items), by_place);
	return p;
}

/* The function that is looked at. */
struct function {
	struct arena *a;
	const struct graph *g;
	const struct block *b;
	const struct section *s;
	uint64_t start, end; /* in the section */
	struct running_code *rc;
};

/* So many bytes from an offset of the section on; what is not the function's does not count. */
static void open_bytes(const struct function *f, uint64_t from, uint64_t count)
{
	for (uint64_t at = from; at < from + count; at++)
		if (at >= f->start && at < f->end)
			f->rc->open[at - f->start] = 0xff;
}

static void not_known(const struct function *f, const char *section)
{
	f->rc->unknown = arena_printf(f->a, "what kernels write into code where `%s` says is not known", section);
}

static void open_field(const struct function *f, const struct reloc *r)
{
	const struct arch *arch = f->g->object->arch;
	struct reloc_field field;
	uint64_t from, to;

	if (!arch->field(r->type, &field))
		return;
	for (uint8_t i = 0; i < field.size; i++) {
		unsigned shift = 8u * (arch->big_endian ? field.size - 1u - i : i);
		uint64_t at = r->offset + i;

		if (at >= f->start && at < f->end)
			f->rc->open[at - f->start] |= (uint8_t)(field.mask >> shift);
	}
	if (arch->rewritten && arch->rewritten(f->g->object, r, &from, &to))
		open_bytes(f, from, to - from);
}

/* What was recovered from code has no field that anybody fills in. */
static void open_relocations(const struct function *f)
{
	uint32_t end = f->b->reloc_first + f->b->reloc_count;

	for (uint32_t i = graph_first_reloc(f->g, f->b, f->start - f->b->start); i < end; i++) {
		if (f->g->relocs[i].offset >= f->end)
			break;
		if (f->g->relocs[i].from != NONE)
			open_field(f, &f->g->relocs[i]);
	}
}

static void open_instruction(const struct function *f, uint64_t at, const char *section)
{
	struct insn in;

	if (!f->g->object->arch->decode(f->g->object, f->s, at, &in) || !in.length)
		not_known(f, section);
	else
		open_bytes(f, at, in.length);
}

/* REWRITES_TARGET: the displacement is the instruction's last four bytes. */
static void open_target(const struct function *f, uint64_t at, const char *section)
{
	enum { DISPLACEMENT = 4 };
	struct insn in;

	if (f->g->object->arch->decode(f->g->object, f->s, at, &in) && in.length > DISPLACEMENT)
		open_bytes(f, at + in.length - DISPLACEMENT, DISPLACEMENT);
	else
		not_known(f, section);
}

/* REWRITES_UP_TO */
static void open_before(const struct function *f, uint64_t at, const struct special *row)
{
	struct insn in;

	if (f->g->object->arch->decode(f->g->object, f->s, at, &in) && in.length &&
	    at + in.length >= row->rewrite_bytes)
		open_bytes(f, at + in.length - row->rewrite_bytes, row->rewrite_bytes);
	else
		not_known(f, row->name);
}

static void open_entry(const struct function *f, uint32_t entry)
{
	const struct block *e = &f->g->blocks[entry];
	uint64_t place = graph_entry_place(f->g, entry), at = f->b->start + place;
	const char *section = graph_section_name(f->g, entry);
	uint8_t length = 0;

	if (place == UINT64_MAX || e->special->kind == SPECIAL_TRACE || at >= f->end)
		return;
	switch (e->special->rewrites) {
	case REWRITES_NOTHING:
		return;
	case REWRITES_INSN:
		if (at >= f->start)
			open_instruction(f, at, section);
		return;
	case REWRITES_TARGET:
		if (at >= f->start)
			open_target(f, at, section);
		return;
	case REWRITES_UP_TO:
		if (at >= f->start)
			open_before(f, at, e->special);
		return;
	case REWRITES_BYTES:
		open_bytes(f, at, e->special->rewrite_bytes);
		return;
	case REWRITES_SITE:
		if (special_site_length(e->special, block_data(f->g, e), e->end - e->start, &length))
			open_bytes(f, at, length);
		else
			not_known(f, section);
		return;
	case REWRITES_UNKNOWN:
		if (at >= f->start)
			not_known(f, section);
	}
}

/* No site is longer than a byte can tell. Of a fused block each function has a run of the entries. */
static void open_entries(const struct function *f)
{
	const struct block *b = f->b;
	uint64_t start = f->start - b->start, end = f->end - b->start;

	for (uint32_t i = b->fused ? graph_first_entry(f->g, b, start > UINT8_MAX ? start - UINT8_MAX : 0) : 0;
	     i < b->entry_count; i++) {
		uint32_t entry = f->g->entries_by_place[b->entry_first + i];

		if (b->fused && graph_entry_place(f->g, entry) >= end)
			break;
		open_entry(f, entry);
	}
}

static void open_runtime(const struct function *f, const struct runtime_places *p, uint32_t section)
{
	uint32_t low = 0, high = p->list.count;
	const struct runtime_place first = { .section = section, .offset = f->start };

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (by_place(&p->list.items[mid], &first) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < p->list.count; low++) {
		const struct runtime_place *at = &p->list.items[low];

		if (at->section != section || at->offset >= f->end)
			break;
		if (at->row->rewrites != REWRITES_BYTES)
			not_known(f, at->row->name);
		open_bytes(f, at->offset, at->row->rewrite_bytes);
	}
}

/*
 * Where an ftrace location is told by the no-ops before a function (-fpatchable-function-entry=4,2), those in it are at its start,
 * or behind the instruction that marks its entry.
 */
static uint64_t traced_instructions(const struct function *f, uint64_t location)
{
	const struct object *o = f->g->object;
	struct insn in;

	if (location >= f->start)
		return location;
	if (o->arch->decode(o, f->s, f->start, &in) && in.flow != FLOW_NOP)
		return f->start + in.length;
	return f->start;
}

/* Of a sealed function the kernel makes the landing pad a no-op; which ones are, only the kernel's last link knows. */
static void open_entry_point(const struct function *f, uint32_t symbol)
{
	const struct arch *arch = f->g->object->arch;
	uint64_t location;

	if (arch->landing_pad && f->rc->size >= arch->landing_pad_size &&
	    !memcmp(f->rc->code, arch->landing_pad, arch->landing_pad_size))
		open_bytes(f, f->start, arch->landing_pad_size);
	if (graph_ftrace_location(f->g, symbol, &location))
		open_bytes(f, traced_instructions(f, f->b->start + location), arch->trace_bytes);
}

/* The kernel replaces code that unwind data are about, and what an object has none of, it cannot find. */
static void open_unwound(const struct function *f)
{
	const struct object *o = f->g->object;
	struct insn in;

	if (!o->arch->unwind_rewrites || !object_section(o, ".eh_frame", 0))
		return;
	for (uint64_t at = f->start; at < f->end && o->arch->decode(o, f->s, at, &in) && in.length; at += in.length)
		if (o->arch->unwind_rewrites(o, f->s, at))
			open_bytes(f, at, in.length);
}

struct running_code find_running_code(struct arena *a, const struct graph *g, const struct runtime_places *p,
				      uint32_t symbol)
{
	const struct symbol *s = &g->object->symbols[symbol];
	struct running_code rc = { .size = s->size };
	struct function f = { .a = a, .g = g, .start = s->value, .end = s->value + s->size, .rc = &rc };

	f.b = &g->blocks[g->symbol_block[symbol]];
	f.s = &g->object->sections[s->section];
	if (g->object->arch->unrecorded)
		rc.unknown = g->object->arch->unrecorded;
	else if (!s->size || !f.s->data)
		rc.unknown = "its size is not known";
	else if (starts_with(f.s->name, ".static_call.text")) /* a trampoline: arch/x86/include/asm/static_call.h */
		rc.unknown = "static_call_update() writes it anew";
	else if (has_open_jump(g, symbol))
		rc.unknown = "one of its jumps may be shorter where functions have no sections of their own";
	else if (has_open_anchor(g, symbol))
		rc.unknown =
			"it refers to data of its source, of which the address may be got otherwise where variables have no sections of "
			"their own";
	if (rc.unknown)
		return rc;
	rc.code = f.s->data + s->value;
	rc.open = arena_alloc(a, s->size);
	memset(rc.open, 0, s->size);
	open_relocations(&f);
	open_entries(&f);
	open_runtime(&f, p, s->section);
	open_unwound(&f);
	open_entry_point(&f, symbol);
	return rc;
}
