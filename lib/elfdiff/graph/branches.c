/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * branches.c - branches between functions that the assembler had resolved
 *
 * Where a section holds several functions, a call from one to another needs no
 * relocation, and then nothing says that the two belong together. Decoding the
 * code finds these branches; one that a relocation can express becomes one
 * again, so that every edge is a relocation. Functions that branch to each
 * other in any other way, or of which one runs on into the next, stay together.
 */
#include "arch/arch.h"
#include "graph/internal.h"

struct walk {
	struct arena *a;
	const struct object *o;
	const struct section *s;
	uint32_t section;
	struct code_ranges *ranges;
	/* By range: so many stretches of what cannot be parted begin at it, less those that end before it. Inside of any, a
	 * range cannot be parted from the one before it. */
	int64_t *fused;
	bool *past_entry; /* by range: fused by more than a branch to a function's start */
	bool *led_to;     /* by range: code of another leads to it, without a relocation */
	bool *runs_on;    /* by range: what follows its last instruction is the next range */
	struct found_relocs *found;
};

/* Number of the range that contains an offset, or NONE. */
static uint32_t range_at(const struct code_ranges *ranges, uint64_t offset)
{
	uint32_t low = 0, high = ranges->list.count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (ranges->list.items[mid].end <= offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low < ranges->list.count && ranges->list.items[low].start <= offset ? low : NONE;
}

static void fuse(struct walk *w, uint32_t a, uint32_t b, bool past_entry)
{
	uint32_t low = a < b ? a : b, high = a < b ? b : a;

	w->fused[low + 1]++;
	w->fused[high + 1]--;
	w->past_entry[a] |= past_entry;
	w->past_entry[b] |= past_entry;
}

/* A place where a range's function begins: who comes here comes through its ftrace location. */
static bool is_start(const struct walk *w, uint32_t range, uint64_t offset)
{
	const struct code_range *c = &w->ranges->list.items[range];

	return c->symbol != NONE && w->o->symbols[c->symbol].value == offset;
}

/* The symbol by which a place of a range can be named, or NONE. */
static uint32_t symbol_for(const struct walk *w, uint32_t range)
{
	const struct code_range *c = &w->ranges->list.items[range];

	return c->symbol != NONE ? c->symbol : w->s->symbol;
}

static void branch_found(struct walk *w, uint32_t from, uint64_t at, const struct insn *in)
{
	uint32_t to = range_at(w->ranges, in->target), symbol;
	struct reloc_field field;

	if (to == from)
		return;
	if (to != NONE)
		w->led_to[to] = true;
	symbol = to == NONE ? NONE : symbol_for(w, to);
	if (symbol == NONE || !in->reloc_type || !w->o->arch->field(in->reloc_type, &field) ||
	    (field.size == 1 && !is_start(w, to, in->target))) {
		/* into padding, out of the section, or a short way into a function: part nothing */
		fuse(w, from, to == NONE ? (from ? from - 1 : from) : to, to == NONE || !is_start(w, to, in->target));
		return;
	}
	*vec_push(w->a, &w->found->list) =
		(struct reloc){ .offset = at + in->field_offset,
				.addend = in->reloc_addend + (int64_t)(in->target - w->o->symbols[symbol].value),
				.type = in->reloc_type,
				.symbol = symbol,
				.section = w->section,
				.from = NONE };
}

/* Functions that refer to each other's places in any other way belong together. */
static void operand_found(struct walk *w, uint32_t from, const struct insn *in)
{
	uint32_t to = range_at(w->ranges, in->target);

	if (to == NONE || to == from)
		return;
	w->led_to[to] = true;
	fuse(w, from, to, !is_start(w, to, in->target));
}

/* False when the bytes are not code that can be followed. */
static bool walk_function(struct walk *w, uint32_t n, uint32_t *next_reloc)
{
	const struct code_range *c = &w->ranges->list.items[n];
	const struct reloc *relocs = &w->o->relocs[w->s->reloc_first];
	enum flow last = FLOW_UNKNOWN;
	struct insn in;

	for (uint64_t at = c->start; at < c->end; at += in.length) {
		bool relocated;

		if (!w->o->arch->decode(w->o, w->s, at, &in) || !in.length)
			return c->piece; /* may be data */
		while (*next_reloc < w->s->reloc_count && relocs[*next_reloc].offset < at)
			++*next_reloc;
		relocated = *next_reloc < w->s->reloc_count && relocs[*next_reloc].offset < at + in.length;
		if (in.direct_branch && !relocated)
			branch_found(w, n, at, &in);
		else if (in.pc_operand && !relocated)
			operand_found(w, n, &in);
		last = in.flow == FLOW_NOP ? last : in.flow;
	}
	w->runs_on[n] = last == FLOW_ON && n + 1 < w->ranges->list.count;
	return true;
}

/* What is only copied ends where its entries say: behind the copy is other code. */
static void fuse_what_runs_on(struct walk *w)
{
	for (uint32_t i = 0; i < w->ranges->list.count; i++) {
		const struct code_range *c = &w->ranges->list.items[i];

		if (!w->runs_on[i] || (c->copied && !w->led_to[i]))
			continue;
		w->led_to[i + 1] = true;
		if (!c->piece || c[1].piece)
			fuse(w, i, i + 1, c[1].piece); /* else it comes through the ftrace location */
	}
}

static struct code_range fused(const struct code_range *a, const struct code_range *b)
{
	bool first = a->symbol != NONE;

	return (struct code_range){ .start = a->start,
				    .end = b->end,
				    .fused = a->fused || b->fused || (!a->piece && !b->piece),
				    .piece = a->piece && b->piece,
				    .symbol = first ? a->symbol : b->symbol };
}

static void merge_fused(struct walk *w)
{
	struct code_ranges *ranges = w->ranges;
	uint32_t kept = 0;
	int64_t open = 0;

	for (uint32_t i = 0; i < ranges->list.count; i++)
		if (w->past_entry[i] && ranges->list.items[i].symbol != NONE)
			*vec_push(w->a, &ranges->past_entry) = ranges->list.items[i].symbol;
	for (uint32_t i = 0; i < ranges->list.count; i++) {
		open += w->fused[i];
		if (i && open)
			ranges->list.items[kept - 1] = fused(&ranges->list.items[kept - 1], &ranges->list.items[i]);
		else
			ranges->list.items[kept++] = ranges->list.items[i];
	}
	ranges->list.count = kept;
}

/* Where a recovered branch leads, in the section. */
static uint64_t target_of(const struct walk *w, const struct reloc *r)
{
	return w->o->symbols[r->symbol].value + (uint64_t)(r->addend + w->o->arch->bias(w->o, r, NO_START));
}

/* Recovered branches that ended up inside one block need no relocation. */
static void drop_inner(struct walk *w, uint32_t first)
{
	uint32_t kept = first;

	for (uint32_t i = first; i < w->found->list.count; i++) {
		const struct reloc *r = &w->found->list.items[i];

		if (range_at(w->ranges, r->offset) != range_at(w->ranges, target_of(w, r)))
			w->found->list.items[kept++] = *r;
	}
	w->found->list.count = kept;
}

void recover_branches(struct arena *a, const struct object *o, uint32_t section, struct code_ranges *ranges,
		      struct found_relocs *found)
{
	struct walk w = { .a = a,
			  .o = o,
			  .s = &o->sections[section],
			  .section = section,
			  .ranges = ranges,
			  .fused = arena_array(a, ranges->list.count + 2, int64_t),
			  .past_entry = arena_array(a, ranges->list.count, bool),
			  .led_to = arena_array(a, ranges->list.count, bool),
			  .runs_on = arena_array(a, ranges->list.count, bool),
			  .found = found };
	uint32_t first = found->list.count, next_reloc = 0;

	for (uint32_t i = 0; i < ranges->list.count; i++)
		if (!walk_function(&w, i, &next_reloc)) {
			fuse(&w, 0, ranges->list.count - 1, true);
			break;
		}
	fuse_what_runs_on(&w);
	merge_fused(&w);
	drop_inner(&w, first);
}
