/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * address_uses.c - follows an address through the registers of a function
 *
 * At each instruction two sets of registers are known: those that may hold the
 * address of the thing (or an address that was made of it), and those that do
 * so on every way that leads there. The one grows and the other shrinks until
 * nothing changes.
 */
#include "graph/address_uses.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/entry_size.h"
#include "base/text.h"

struct held {
	uint64_t may, must; /* registers */
	uint64_t loaded;    /* may hold an address that was loaded from the thing */
	bool seen;          /* some way leads here */
};

/* Code that is followed: a block. */
struct region {
	uint32_t block;
	struct held *at; /* by byte */
	bool *has_entry; /* by byte: a special entry tells that it does something else, too */
};

struct place {
	uint32_t region;
	uint64_t offset; /* in the block */
};

struct walk {
	const struct users *u;
	const struct graph *g;
	uint32_t thing;    /* NONE: several */
	const bool *asked; /* these; NULL: all that is copied */
	enum address_depth depth;
	bool jumps;         /* some jump of the code leads nobody knows where: `must` is not to be relied on */
	struct held jumped; /* what any of them came with */
	unsigned uses;
	VEC(struct region) regions;
	struct index by_block; /* regions */
	struct index by_site;  /* blocks of entries, by hash of the place that they are about */
	VEC(struct place) todo;
};

/* Relocations that lead into the middle of functions, other than branches and entries of tables: where jumps may go. */
struct labels_of {
	bool known;
	struct index relocs; /* by function: what is outlined of one is its own */
};

/* --- who refers to what ------------------------------------------------------ */

static void free_scratch(void *arg)
{
	arena_free(arg);
}

struct users users_alone(struct arena *a, const struct graph *g)
{
	struct users u = { .g = g,
			   .a = a,
			   .compares = arena_array(a, g->block_count + 1, uint8_t),
			   .asked = arena_array(a, g->block_count + 1, bool),
			   .labels = arena_new(a, struct labels_of),
			   .scratch = arena_new(a, struct arena) };

	u.scratch->unwind = a->unwind;
	arena_defer(a, free_scratch, u.scratch);
	return u;
}

struct users find_users(struct arena *a, const struct graph *g)
{
	struct users u = users_alone(a, g);

	for (uint32_t r = 0; r < g->reloc_count; r++) {
		uint32_t to = g->edges[graph_meaning(g, r)].block;

		if (to != NONE && (g->blocks[to].kind == BLOCK_RODATA || g->blocks[to].kind == BLOCK_CONST ||
				   (g->blocks[to].kind == BLOCK_DATA && g->blocks[to].fresh)))
			index_add(a, &u.relocs, to, r);
	}
	return u;
}

uint32_t next_user(const struct users *u, uint32_t block, uint32_t entry)
{
	entry = entry == NONE ? index_first(&u->relocs, block) : index_next(&u->relocs, entry);
	while (entry != NONE && u->g->edges[graph_meaning(u->g, u->relocs.ids[entry])].block != block)
		entry = index_next(&u->relocs, entry);
	return entry;
}

uint32_t user_block(const struct users *u, uint32_t entry)
{
	const struct reloc *r = &u->g->relocs[u->relocs.ids[entry]];

	return graph_block_at(u->g, r->section, r->offset);
}

/* --- ways ---------------------------------------------------------------------- */

static void mark_entries(struct walk *w, struct region *r)
{
	const struct graph *g = w->g;
	const struct block *b = &g->blocks[r->block];

	for (uint32_t i = 0; i < b->entry_count; i++) {
		const struct block *entry = &g->blocks[g->entries[b->entry_first + i]];
		const struct edge *e = entry->reloc_count ? &g->edges[entry->reloc_first] : NULL;

		if (!e || entry->special->sites || e->block != r->block || e->offset < 0 ||
		    (uint64_t)e->offset >= b->end - b->start)
			continue;
		r->has_entry[e->offset] = true;
		index_add(w->u->scratch, &w->by_site, hash_mix(r->block, (uint64_t)e->offset),
			  g->entries[b->entry_first + i]);
	}
}

static uint32_t region_of(struct walk *w, uint32_t block)
{
	uint64_t size = w->g->blocks[block].end - w->g->blocks[block].start;
	struct region *r;

	for (uint32_t e = index_first(&w->by_block, block); e != NONE; e = index_next(&w->by_block, e))
		if (w->regions.items[w->by_block.ids[e]].block == block)
			return w->by_block.ids[e];
	index_add(w->u->scratch, &w->by_block, block, w->regions.count);
	r = vec_push(w->u->scratch, &w->regions);
	*r = (struct region){ .block = block,
			      .at = arena_array(w->u->scratch, size + 1, struct held),
			      .has_entry = arena_array(w->u->scratch, size + 1, bool) };
	mark_entries(w, r);
	return w->regions.count - 1;
}

/* One more way to where `at` holds; false: nothing is new. */
static bool join(struct held *at, struct held held)
{
	struct held now = { .may = at->may | held.may,
			    .must = at->seen ? at->must & held.must : held.must,
			    .loaded = at->loaded | held.loaded,
			    .seen = true };
	bool same = at->seen && now.may == at->may && now.must == at->must && now.loaded == at->loaded;

	*at = now;
	return !same;
}

/* Control may get to a place, with registers that hold the address. */
static void reach(struct walk *w, uint32_t block, uint64_t offset, struct held held)
{
	uint32_t n = region_of(w, block);

	if (join(&w->regions.items[n].at[offset], held))
		*vec_push(w->u->scratch, &w->todo) = (struct place){ n, offset };
}

static bool is_code(const struct graph *g, uint32_t block)
{
	const struct section *s = &g->object->sections[g->blocks[block].section];

	return (g->blocks[block].kind == BLOCK_TEXT || g->blocks[block].kind == BLOCK_PAYLOAD) && s->data &&
	       s->flags & SHF_EXECINSTR;
}

/* The edge leads to where the function goes on, not to another function. */
static bool stays_inside(const struct walk *w, uint32_t from, const struct edge *e)
{
	const struct graph *g = w->g;

	if (e->block == NONE || !is_code(g, e->block) || e->offset < 0 ||
	    (uint64_t)e->offset >= g->blocks[e->block].end - g->blocks[e->block].start)
		return false;
	return e->block == from || g->blocks[e->block].kind == BLOCK_PAYLOAD || graph_is_outlined(g, e->block) ||
	       !graph_at_function(g, e);
}

/* --- one instruction -------------------------------------------------------------- */

/* What relocations fill into an instruction: sets of REGISTER_DISPLACEMENT and REGISTER_VALUE. */
struct filled {
	uint64_t any, thing;
	uint64_t slot;   /* the address of a slot that holds the thing's */
	uint32_t branch; /* the relocation of a branch, or NONE */
};

static bool is_thing(const struct walk *w, uint32_t block)
{
	if (w->thing != NONE || block == NONE)
		return w->thing == block && block != NONE;
	return w->asked ? w->asked[block] : block_is_copied(&w->g->blocks[block]);
}

static struct filled filled_in(const struct walk *w, const struct block *b, uint64_t offset, uint64_t length,
			       const struct register_use *use)
{
	const struct graph *g = w->g;
	struct filled f = { .branch = NONE };

	for (uint32_t r = graph_first_reloc(g, b, offset); r < b->reloc_first + b->reloc_count; r++) {
		uint64_t at = g->relocs[r].offset - b->start - offset;
		uint32_t meaning = graph_meaning(g, r);
		uint64_t which = REGISTER(at < use->address_field_end ? REGISTER_DISPLACEMENT : REGISTER_VALUE);

		if (at >= length)
			break;
		if (g->object->arch->is_branch(g->object, &g->relocs[r]))
			f.branch = r;
		f.any |= which;
		if (!is_thing(w, g->edges[meaning].block))
			continue;
		f.thing |= which;
		if (meaning != r || arch_uses_slot(g->object->arch, g->relocs[r].type))
			f.slot |= which;
	}
	return f;
}

/* Two addresses of the thing, or one and a number: nothing else can be told from it. */
static bool harmless_comparison(const struct walk *w, const struct register_use *use, uint64_t must,
				const struct filled *f)
{
	uint64_t numbers = REGISTER(REGISTER_DISPLACEMENT) | REGISTER(REGISTER_VALUE);

	return (use->compared & numbers & ~f->any) || (!w->jumps && !(use->compared & ~must));
}

static void note_uses(struct walk *w, const struct register_use *use, uint64_t may, uint64_t must,
		      const struct filled *f)
{
	if (use->block & may)
		w->uses |= ADDRESS_COPIED;
	if (use->stored & may)
		w->uses |= ADDRESS_STORED;
	if (use->read & may || (w->u->takers && use->base & may))
		w->uses |= ADDRESS_UNKNOWN;
	if ((use->compared & may) && !harmless_comparison(w, use, must, f))
		w->uses |= ADDRESS_COMPARED;
	if ((use->subtracted & may) && (w->jumps || ((use->subtracted | use->copied) & ~must)))
		w->uses |= ADDRESS_COMPARED; /* the distance from any address */
}

/* What is read through the address may be another one, or through that. */
static uint64_t contents(const struct walk *w, const struct register_use *use, const struct held *held)
{
	bool counts = (w->depth >= ADDRESS_AND_CONTENT && use->base & held->may) ||
		      (w->depth >= ADDRESS_AND_ALL && use->base & held->loaded);

	return counts ? REGISTER(REGISTER_MEMORY) : 0;
}

/* The registers behind an instruction; those before it have what relocations fill in. */
static struct held behind(struct walk *w, const struct register_use *use, struct held held, const struct filled *f)
{
	uint64_t changed = use->written | (use->copied ? use->blurred : 0);
	bool copies = !(use->subtracted & (held.may | held.loaded)), surely, loads;

	note_uses(w, use, held.may | held.loaded, held.must, f);
	surely = copies && (use->one_of ? use->copied && !(use->copied & ~held.must) : (use->copied & held.must) != 0);
	loads = copies && use->copied & held.loaded;
	copies = copies && use->copied & held.may;
	return (struct held){ .may = (held.may & ~use->written) | (copies ? changed : 0),
			      .must = (held.must & ~use->written & ~use->blurred) | (surely ? use->written : 0),
			      .loaded = (held.loaded & ~use->written) | (loads ? changed : 0) };
}

static struct held behind_unknown(struct walk *w, struct held held)
{
	if (held.may | held.loaded)
		w->uses |= ADDRESS_UNKNOWN;
	return (struct held){ .may = held.may, .loaded = held.loaded };
}

static struct held behind_insn(struct walk *w, const struct register_use *known, struct held held,
			       const struct filled *f)
{
	const uint64_t operands = REGISTER(REGISTER_DISPLACEMENT) | REGISTER(REGISTER_VALUE) |
				  REGISTER(REGISTER_MEMORY);
	struct register_use use = known ? *known : (struct register_use){ 0 };
	uint64_t filled = f->thing;

	if (use.base & f->slot) /* what the slot contains is the address */
		filled |= REGISTER(REGISTER_MEMORY);
	use.base &= ~f->slot;
	held.may |= filled;
	held.must |= filled;
	held.loaded |= contents(w, &use, &held);
	held = known ? behind(w, &use, held, f) : behind_unknown(w, held);
	held.may &= ~operands;
	held.must &= ~operands;
	held.loaded &= ~operands;
	return held;
}

/* --- where it goes on ------------------------------------------------------------- */

static bool is_taker(const struct users *u, const struct symbol *callee)
{
	for (const char *const *name = u->takers; callee && name && *name; name++)
		if (callee->bind != STB_LOCAL && !strcmp(callee->name, *name))
			return true;
	return false;
}

static void pass_arguments(struct walk *w, const struct symbol *callee, struct held held)
{
	if (!is_taker(w->u, callee) && (held.may | held.loaded) & w->g->object->arch->argument_registers)
		w->uses |= ADDRESS_PASSED;
}

static void return_from(struct walk *w, struct held held)
{
	if ((held.may | held.loaded) & w->g->object->arch->result_register)
		w->uses |= ADDRESS_RETURNED;
}

static uint32_t home_of(const struct graph *g, uint32_t block)
{
	return graph_is_outlined(g, block) ? g->blocks[block].outlined_from : block;
}

static bool is_label(const struct graph *g, uint32_t reloc)
{
	const struct edge *e = &g->edges[reloc];
	const struct special *row = g->object->sections[g->relocs[reloc].section].row;

	return e->block != NONE && is_code(g, e->block) && e->offset >= 0 && !graph_at_function(g, e) &&
	       (uint64_t)e->offset < g->blocks[e->block].end - g->blocks[e->block].start &&
	       !(row && (special_is_table(row) || row->kind == SPECIAL_IGNORED)) &&
	       !g->object->arch->is_branch(g->object, &g->relocs[reloc]);
}

static void find_labels(const struct users *u)
{
	for (uint32_t r = 0; r < u->g->reloc_count; r++)
		if (is_label(u->g, r))
			index_add(u->a, &u->labels->relocs, home_of(u->g, u->g->edges[r].block), r);
	u->labels->known = true;
}

/* Labels whose address the code makes without a relocation. */
static void reach_operands(struct walk *w, uint32_t block, struct held held)
{
	const struct block *b = &w->g->blocks[block];
	const struct object *o = w->g->object;
	struct insn in;

	for (uint64_t at = b->start; at < b->end; at += in.length) {
		if (!o->arch->decode(o, &o->sections[b->section], at, &in) || !in.length)
			return;
		if (in.pc_operand && in.target >= b->start && in.target < b->end)
			reach(w, block, in.target - b->start, held);
	}
}

/* A jump to where a register or memory says: to any label of the function, or out of it. */
static void jump_anywhere(struct walk *w, uint32_t block, struct held held)
{
	const struct labels_of *labels = w->u->labels;
	uint32_t home = home_of(w->g, block);

	w->jumps = true;
	if (!(held.may | held.loaded))
		return; /* follow_rest() comes there with nothing */
	w->uses |= ADDRESS_UNKNOWN;
	if (!join(&w->jumped, held))
		return;
	if (!labels->known)
		find_labels(w->u);
	for (uint32_t i = index_first(&labels->relocs, home); i != NONE; i = index_next(&labels->relocs, i)) {
		const struct edge *e = &w->g->edges[labels->relocs.ids[i]];

		if (home_of(w->g, e->block) == home)
			reach(w, e->block, (uint64_t)e->offset, w->jumped);
	}
	reach_operands(w, home, w->jumped);
	if (home != block)
		reach_operands(w, block, w->jumped);
}

/* A jump out of the function: its caller's frame is there again, so all that goes on is arguments or a result. */
static void leave(struct walk *w, uint32_t block, const struct edge *e, struct held held)
{
	const struct arch *arch = w->g->object->arch;
	const struct symbol *s = edge_symbol(w->g, e);

	if (s && arch->return_thunk && !strcmp(s->name, arch->return_thunk))
		return_from(w, held);
	else if (s && arch->jump_thunk && starts_with(s->name, arch->jump_thunk))
		jump_anywhere(w, block, held);
	else
		pass_arguments(w, s, held);
}

static void follow_branch(struct walk *w, uint32_t block, const struct insn *in, uint32_t branch, struct held held)
{
	const struct edge *e = branch == NONE ? NULL : &w->g->edges[branch];
	const struct block *b = &w->g->blocks[block];

	if (e && stays_inside(w, block, e))
		reach(w, e->block, (uint64_t)e->offset, held);
	else if (e && in->flow != FLOW_CALL)
		leave(w, block, e, held);
	else if (!e && in->direct_branch && in->target >= b->start && in->target < b->end)
		reach(w, block, in->target - b->start, held);
	else if (!e && in->direct_branch && (held.may | held.loaded))
		w->uses |= ADDRESS_UNKNOWN;
}

/* Whoever is called by the compiler may overwrite what is not preserved: nothing is kept there. Assembler code knows better. */
static bool is_ordinary_call(const struct walk *w, const struct filled *f, bool entry)
{
	const char *const *prefixes = w->g->object->arch->odd_callees;
	const struct symbol *s = f->branch == NONE ? NULL : edge_symbol(w->g, &w->g->edges[f->branch]);

	for (; s && prefixes && *prefixes; prefixes++)
		if (starts_with(s->name, *prefixes))
			return false;
	return !entry;
}

static struct held behind_call(struct walk *w, struct held held, const struct filled *f, bool entry)
{
	uint64_t preserved = w->g->object->arch->preserved_registers;
	uint64_t keeps = is_ordinary_call(w, f, entry) ? preserved : UINT64_MAX;

	pass_arguments(w, f->branch == NONE ? NULL : edge_symbol(w->g, &w->g->edges[f->branch]), held);
	return (struct held){ .may = held.may & keeps, .must = held.must & preserved, .loaded = held.loaded & keeps };
}

/*
 * Special entries tell of more ways: fixups of faults, labels of static branches, code that replaces this (which does
 * the same as this with what it is given).
 */
static void follow_entries(struct walk *w, uint32_t block, uint64_t site, struct held held)
{
	uint64_t h = hash_mix(block, site);

	for (uint32_t i = index_first(&w->by_site, h); i != NONE; i = index_next(&w->by_site, i)) {
		const struct block *entry = &w->g->blocks[w->by_site.ids[i]];
		const struct edge *e = &w->g->edges[entry->reloc_first];

		if (e->block != block || (uint64_t)e->offset != site)
			continue;
		for (uint32_t r = entry->reloc_first + 1; r < entry->reloc_first + entry->reloc_count; r++)
			if (stays_inside(w, block, &w->g->edges[r]))
				reach(w, w->g->edges[r].block, (uint64_t)w->g->edges[r].offset, held);
	}
}

/* The instruction has such entries. */
static bool follow_entries_of(struct walk *w, struct place p, uint64_t end, struct held held)
{
	uint32_t block = w->regions.items[p.region].block;
	bool found = false;

	for (uint64_t site = p.offset; site < end; site++)
		if (w->regions.items[p.region].has_entry[site]) {
			follow_entries(w, block, site, held);
			found = true;
		}
	return found;
}

static void step(struct walk *w, struct place p)
{
	uint32_t block = w->regions.items[p.region].block;
	struct held held = w->regions.items[p.region].at[p.offset], after;
	const struct block *b = &w->g->blocks[block];
	const struct object *o = w->g->object;
	const struct section *s = &o->sections[b->section];
	struct register_use use = { 0 };
	struct filled f;
	struct insn in;
	uint64_t end;
	bool known, entry;

	if (!o->arch->decode(o, s, b->start + p.offset, &in) || !in.length ||
	    in.length > b->end - b->start - p.offset) {
		w->uses |= (held.may | held.loaded) ? ADDRESS_UNKNOWN : 0;
		return;
	}
	end = p.offset + in.length;
	known = o->arch->register_use && o->arch->register_use(o, s, b->start + p.offset, &use);
	f = filled_in(w, b, p.offset, in.length, &use);
	after = behind_insn(w, known ? &use : NULL, held, &f);
	entry = follow_entries_of(w, p, end, held);
	follow_branch(w, block, &in, f.branch, after);
	if (use.returns)
		return_from(w, after);
	if (use.jumps)
		jump_anywhere(w, block, after);
	if (in.flow == FLOW_CALL)
		after = behind_call(w, after, &f, entry || use.base);
	if ((in.flow != FLOW_STOPS || entry) && end < b->end - b->start) /* a trap with an entry is resumed */
		reach(w, block, end, after);
}

static void follow_all(struct walk *w)
{
	while (w->todo.count) {
		struct place p = w->todo.items[--w->todo.count];

		step(w, p);
	}
}

/* Code to which no way is known: of a table of labels, behind a jump to where a register says. */
static void follow_rest(struct walk *w, uint32_t block)
{
	const struct block *b = &w->g->blocks[block];
	const struct object *o = w->g->object;
	uint64_t size = b->end - b->start;
	struct insn in;

	for (uint64_t at = 0; at < size; at += in.length) {
		if (!w->regions.items[region_of(w, block)].at[at].seen)
			reach(w, block, at, (struct held){ 0 });
		follow_all(w);
		if (!o->arch->decode(o, &o->sections[b->section], b->start + at, &in) || !in.length) {
			w->uses |= ADDRESS_UNKNOWN;
			return;
		}
	}
}

/* `w`: what is asked. */
static struct walk walk_from(const struct users *u, uint32_t function, struct walk w)
{
	const struct graph *g = u->g;
	uint32_t home = home_of(g, function);

	w.u = u;
	w.g = g;
	w.jumps |= g->blocks[function].fused;
	reach(&w, home, graph_label_offset(g, home), (struct held){ 0 });
	follow_all(&w);
	follow_rest(&w, home);
	if (function != home)
		follow_rest(&w, function);
	arena_free(u->scratch);
	return w;
}

unsigned address_uses(const struct users *u, uint32_t function, uint32_t thing, enum address_depth depth)
{
	struct walk w = { .thing = thing, .depth = depth }, done;

	if (u->g->blocks[function].kind != BLOCK_TEXT || !is_code(u->g, function))
		return ADDRESS_UNKNOWN;
	done = walk_from(u, function, w);
	if (!done.jumps)
		return done.uses;
	w.jumps = true; /* by the time that was known, `must` had been relied on */
	return walk_from(u, function, w).uses;
}

/* Of several: an address may be that of any, so `must` says nothing. */
static bool compares_some(const struct users *u, uint32_t function, const bool *asked)
{
	struct walk w = { .thing = NONE, .asked = asked, .depth = ADDRESS_AND_CONTENT, .jumps = true };

	if (u->g->blocks[function].kind != BLOCK_TEXT || !is_code(u->g, function))
		return true;
	return walk_from(u, function, w).uses & ADDRESS_COMPARED;
}

enum { COMPARES_KNOWN = 1, COMPARES = 2 };

bool compares_copies(const struct users *u, uint32_t function)
{
	uint8_t *known = &u->compares[function];

	if (!*known)
		*known = COMPARES_KNOWN | (compares_some(u, function, NULL) ? COMPARES : 0);
	return *known & COMPARES;
}

bool compares_any(const struct users *u, uint32_t function, const uint32_t *things, uint32_t count)
{
	bool found;

	for (uint32_t i = 0; i < count; i++)
		u->asked[things[i]] = true;
	found = compares_some(u, function, u->asked);
	for (uint32_t i = 0; i < count; i++)
		u->asked[things[i]] = false;
	return found;
}
