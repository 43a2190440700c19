/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * callers.c - functions that ftrace cannot redirect, through their callers
 *
 * Such a function is covered: everything from which control comes to it in the running kernel is replaced, or covered in
 * turn. So all is asked of the original, whose references say who calls what runs. What the patch has instead is a copy
 * that the patch alone refers to. The walk stops at the first callers that can be traced, and no smaller set would do:
 * each of them calls the old code, or leads to it without any way to redirect it between.
 */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/text.h"
#include "patch/callers.h"

/* --- what is asked for ---------------------------------------------------------- */

static uint64_t key_of(const struct graph *g, uint32_t block, uint32_t symbol)
{
	return block != NONE ? block : (uint64_t)g->block_count + symbol;
}

static void need(struct walk *w, uint32_t block, uint32_t symbol, uint32_t callee)
{
	uint64_t key = key_of(w->g, block, symbol);

	if (w->seen[key])
		return;
	w->seen[key] = true;
	*vec_push(w->d->a, &w->nodes) = (struct node){ .block = block, .symbol = symbol, .callee = callee };
	w->nodes.items[w->nodes.count - 1].root = callee == NONE ? w->nodes.count - 1 : w->nodes.items[callee].root;
}

static bool is_asked_for(const struct walk *w, uint32_t block)
{
	const struct block *b = &w->d->patched->blocks[block];

	return b->kind == BLOCK_TEXT && !b->init && !b->fused && b->symbol != NONE && b->outlined_from == NONE &&
	       !w->directives->ignored[block] &&
	       (w->d->verdicts->of[block] == VERDICT_CHANGED || w->directives->forced[block]);
}

/* Asked of a caller once for each of its calls. */
static bool is_traced(const struct walk *w, uint32_t block)
{
	uint64_t site;

	if (w->traced[block] == TRACED_UNKNOWN)
		w->traced[block] = graph_ftrace_location(w->g, w->g->blocks[block].symbol, &site) ? TRACED : NOT_TRACED;
	return w->traced[block] == TRACED;
}

static void need_changed(struct walk *w)
{
	for (uint32_t c = 0; c < w->d->patched->block_count; c++) {
		uint32_t b = is_asked_for(w, c) ? w->d->twins->of_patched[c] : NONE;
		const struct block *twin = b == NONE ? NULL : &w->g->blocks[b];

		if (twin && !twin->init && !twin->fused && twin->symbol != NONE && !is_traced(w, b) &&
		    !w->ret->redirected[c])
			need(w, b, NONE, NONE);
	}
}

/* Functions of other objects of the patch, whose callers here are to be replaced. */
static void need_named(struct walk *w)
{
	const struct object *o = w->g->object;

	for (uint32_t i = o->first_global; w->d->elsewhere->list.count && i < o->symbol_count; i++)
		if (o->symbols[i].place == SYMBOL_UNDEFINED && is_covered_elsewhere(w->d, o->symbols[i].name))
			need(w, NONE, i, NONE);
}

/* --- who refers to it -------------------------------------------------------------- */

/* The function that a block of code is, or is outlined from. */
static uint32_t function_of(const struct graph *g, uint32_t block)
{
	return graph_is_outlined(g, block) ? g->blocks[block].outlined_from : block;
}

static bool is_data(const struct block *b)
{
	return block_is_variable(b) || b->kind == BLOCK_CONST || b->kind == BLOCK_STRING;
}

/*
 * Where a relocation leads. In data, one that counts from itself may be a distance from the start of its table, so that
 * it leads as far beyond as it stands behind that.
 */
static struct edge target_of(const struct walk *w, uint32_t reloc)
{
	const struct graph *g = w->g;
	const struct reloc *r = &g->relocs[reloc];
	const struct block *from = &g->blocks[graph_block_at(g, r->section, r->offset)];
	struct edge e = g->edges[reloc];
	struct reloc_field field;
	uint64_t place;
	uint32_t block;

	if (e.block == NONE || !is_data(from) || !g->object->arch->field(r->type, &field) || !field.pc_relative)
		return e;
	place = edge_place(g, &e) - (r->offset - table_start(w->places, from, r->offset));
	block = graph_block_at(g, g->blocks[e.block].section, place);
	if (block == NONE || place >= g->object->sections[g->blocks[e.block].section].size)
		return e;
	e.block = block;
	e.offset = (int64_t)(place - g->blocks[block].start);
	return e;
}

/* Who uses a table: of one whose labels are all of a function, that function alone. */
static void note_user(struct walk *w, uint32_t reloc)
{
	const struct graph *g = w->g;
	uint32_t from = graph_block_at(g, g->relocs[reloc].section, g->relocs[reloc].offset);
	const struct block *b = &g->blocks[from];
	uint32_t table = g->edges[graph_meaning(g, reloc)].block;
	uint32_t user = b->kind == BLOCK_TEXT ? function_of(g, from) : SEVERAL;

	if (table == NONE || !is_data(&g->blocks[table]) || b->kind == BLOCK_IGNORED ||
	    (b->special && b->special->kind == SPECIAL_SLOTS))
		return;
	if (w->used_by[table] == NONE)
		w->used_by[table] = user;
	else if (w->used_by[table] != user)
		w->used_by[table] = SEVERAL;
}

static void list_references(struct walk *w)
{
	const struct graph *g = w->g;

	for (uint32_t r = 0; r < g->reloc_count; r++) {
		struct edge e = target_of(w, r);

		if (e.block == NONE ? w->seen[key_of(g, NONE, e.symbol)]
				    : g->blocks[e.block].kind == BLOCK_TEXT || g->blocks[e.block].kind == BLOCK_PAYLOAD)
			index_add(w->d->a, &w->references, key_of(g, e.block, e.symbol), r);
		note_user(w, r);
	}
	for (uint32_t b = 0; b < g->block_count; b++)
		if (graph_is_outlined(g, b))
			index_add(w->d->a, &w->outlined, g->blocks[b].outlined_from, b);
}

/* Which of a block's relocations are operands of calls: all at once, because to decode code takes a walk from its start. */
static void find_calls(struct walk *w, uint32_t block)
{
	const struct block *b = &w->g->blocks[block];
	const struct object *o = w->g->object;
	struct boundary at = { .block = NONE };
	struct insn in;

	w->walked[block] = true;
	for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++)
		w->is_call[r] = o->arch->decode(o, &o->sections[b->section],
						graph_instruction(w->g, &at, block, w->g->relocs[r].offset), &in) &&
				in.flow == FLOW_CALL;
}

/* While control is in what it branches to, no address of the function is on the stack. */
static bool leaves_no_frame(struct walk *w, uint32_t from, uint32_t reloc)
{
	if (!w->walked[from])
		find_calls(w, from);
	return graph_is_outlined(w->g, from) || !w->is_call[reloc];
}

/* The block that takes a function's place in the patch, or NONE. */
static uint32_t replacement_of(const struct walk *w, uint32_t function)
{
	uint32_t twin = w->d->twins->of_orig[function];
	const struct block *b = twin == NONE ? NULL : &w->d->patched->blocks[twin];
	bool fits = b && b->kind == BLOCK_TEXT && b->symbol != NONE && !b->init && b->outlined_from == NONE;

	return fits && is_traced(w, function) ? twin : NONE;
}

static void replace_caller(struct walk *w, uint32_t node, uint32_t from, uint32_t reloc, uint32_t twin)
{
	if (!w->ret->calls[twin] && !w->trial)
		w->ret->calls[twin] = name_of_node(w, node);
	if (reloc == NONE || w->nodes.items[node].warned || !leaves_no_frame(w, from, reloc))
		return;
	w->nodes.items[node].warned = true;
	warn_no_frame(w, node, from);
}

/*
 * Control comes from a function of the original. `reloc` is the branch, in block `from`; NONE: it comes by way of code
 * without a name.
 */
static void called_from(struct walk *w, uint32_t node, uint32_t function, uint32_t from, uint32_t reloc)
{
	const struct block *b = &w->g->blocks[function];
	uint32_t twin = w->d->twins->of_orig[function], replacement;

	if (function == w->nodes.items[node].block)
		return;
	if (b->init) {
		if (!init_is_over(w, function))
			obstacle_init(w, node, function);
	} else if (b->symbol == NONE || b->fused || (twin != NONE && w->d->patched->blocks[twin].fused)) {
		obstacle_fused(w, node, function);
	} else if (twin != NONE && w->directives->ignored[twin]) {
		obstacle_ignored(w, node, function);
	} else {
		replacement = replacement_of(w, function);
		if (replacement != NONE)
			replace_caller(w, node, from, reloc, replacement);
		else
			need(w, function, NONE, node);
	}
}

/* Of a function: it branches there, or has its address. */
static void judge_code(struct walk *w, uint32_t node, uint32_t from, uint32_t reloc, bool begins)
{
	const struct graph *g = w->g;
	bool branch = g->object->arch->is_branch(g->object, &g->relocs[reloc]);
	uint32_t function = function_of(g, from);

	if (!branch && begins)
		obstacle_address(w, node, from, reloc);
	else if (g->blocks[from].kind == BLOCK_PAYLOAD)
		need(w, from, NONE, node);
	else if (branch)
		called_from(w, node, function, from, reloc);
	else if (function != w->nodes.items[node].block)
		obstacle_address(w, node, from, reloc);
}

/* Of code without a name: whoever refers to it, or has an entry that does, runs it. */
static void judge_use_of_piece(struct walk *w, uint32_t node, uint32_t from, uint32_t reloc)
{
	const struct block *b = &w->g->blocks[from];
	uint32_t user = b->kind == BLOCK_ENTRY ? b->owner : from;

	if (user != NONE && w->g->blocks[user].kind == BLOCK_PAYLOAD)
		need(w, user, NONE, node);
	else if (user != NONE && w->g->blocks[user].kind == BLOCK_TEXT)
		called_from(w, node, function_of(w->g, user), user, NONE);
	else
		obstacle_address(w, node, from, reloc);
}

/* Nothing is called by what stands there, now that the kernel runs. */
static bool is_no_call(const struct walk *w, const struct block *b)
{
	if (b->kind == BLOCK_DIRECTIVE)
		return true;
	return b->kind == BLOCK_IGNORED && b->special &&
	       (b->special->uncalled || (b->special->kind == SPECIAL_INIT && b->special->read &&
					 init_is_over(w, (uint32_t)(b - w->g->blocks))));
}

/* Data that has labels of the function alone, and that the function alone uses: where its switch goes. */
static bool is_table_of(const struct walk *w, uint32_t from, uint32_t home, const struct edge *to)
{
	const struct block *b = to->block == NONE ? NULL : &w->g->blocks[to->block];

	return b && is_data(&w->g->blocks[from]) && w->used_by[from] == home && to->offset >= 0 &&
	       (uint64_t)to->offset < b->end - b->start;
}

static void judge_reference(struct walk *w, uint32_t node, uint32_t reloc, const struct edge *to)
{
	const struct graph *g = w->g;
	uint32_t home = w->nodes.items[node].block;
	bool begins = to->block == NONE || (!graph_is_outlined(g, to->block) && graph_at_function(g, to));
	uint32_t from = graph_block_at(g, g->relocs[reloc].section, g->relocs[reloc].offset);
	const struct block *b = &g->blocks[from];
	bool own = b->kind == BLOCK_ENTRY && b->owner != NONE && function_of(g, b->owner) == home;

	if (own || is_no_call(w, b))
		return;
	if (home != NONE && g->blocks[home].kind == BLOCK_PAYLOAD)
		judge_use_of_piece(w, node, from, reloc);
	else if (b->kind == BLOCK_TEXT || b->kind == BLOCK_PAYLOAD)
		judge_code(w, node, from, reloc, begins);
	else if (begins || !is_table_of(w, from, home, to))
		obstacle_address(w, node, from, reloc);
}

static void judge_references(struct walk *w, uint32_t node, uint32_t block, uint32_t symbol)
{
	const struct graph *g = w->g;
	uint64_t key = key_of(g, block, symbol);

	for (uint32_t e = index_first(&w->references, key); e != NONE; e = index_next(&w->references, e)) {
		uint32_t r = w->references.ids[e];
		struct edge to = target_of(w, r);

		if (key_of(g, to.block, to.symbol) == key)
			judge_reference(w, node, r, &to);
	}
}

static void visit(struct walk *w, uint32_t node)
{
	struct node n = w->nodes.items[node];

	judge_references(w, node, n.block, n.symbol);
	if (n.block == NONE || w->g->blocks[n.block].kind != BLOCK_TEXT)
		return;
	for (uint32_t e = index_first(&w->outlined, n.block); e != NONE; e = index_next(&w->outlined, e))
		if (w->g->blocks[w->outlined.ids[e]].outlined_from == n.block)
			judge_references(w, node, w->outlined.ids[e], NONE);
	judge_names(w, node);
}

static void forget_nodes(struct walk *w)
{
	for (uint32_t i = 0; i < w->nodes.count; i++)
		w->seen[key_of(w->g, w->nodes.items[i].block, w->nodes.items[i].symbol)] = false;
	w->nodes.count = 0;
}

/* What stops the walk from this function; NULL: nothing does. */
static const char *try_callers(struct walk *w, uint32_t block)
{
	forget_nodes(w);
	w->trial = true;
	w->refused = false;
	need(w, block, NONE, NONE);
	for (uint32_t i = 0; i < w->nodes.count && !w->refused; i++)
		visit(w, i);
	w->trial = false;
	return w->refused ? w->why : NULL;
}

/* Those whose callers will not do, each asked by itself. */
static void choose_redirects(struct walk *w)
{
	VEC(uint32_t) roots = { 0 };

	for (uint32_t i = 0; i < w->nodes.count; i++)
		if (w->nodes.items[i].block != NONE)
			*vec_push(w->d->a, &roots) = w->nodes.items[i].block;
	for (uint32_t i = 0; i < roots.count; i++) {
		const char *obstacle = try_callers(w, roots.items[i]);

		if (!obstacle || why_no_redirect(w->d, roots.items[i]))
			continue;
		w->ret->redirected[w->d->twins->of_orig[roots.items[i]]] = true;
		warn_redirect(w->d, roots.items[i], obstacle);
	}
	forget_nodes(w);
	w->refused = false;
	need_changed(w);
	need_named(w);
}

static void mark_covered(struct walk *w)
{
	for (uint32_t i = 0; i < w->nodes.count; i++) {
		uint32_t b = w->nodes.items[i].block, twin = b == NONE ? NONE : w->d->twins->of_orig[b];

		if (twin != NONE && w->g->blocks[b].kind == BLOCK_TEXT)
			w->ret->covered[twin] = true;
	}
}

const struct callers *find_callers(const struct diff *d, const struct directives *directives)
{
	struct walk w = { .d = d, .g = d->orig, .directives = directives };
	size_t patched = d->patched->block_count + 1;

	w.seen = arena_array(d->a, (size_t)w.g->block_count + w.g->object->symbol_count + 1, bool);
	w.traced = arena_array(d->a, w.g->block_count + 1, uint8_t);
	w.ret = arena_new(d->a, struct callers);
	w.ret->covered = arena_array(d->a, patched, bool);
	w.ret->calls = arena_array(d->a, patched, const char *);
	w.ret->redirected = arena_array(d->a, patched, bool);
	need_changed(&w);
	need_named(&w);
	if (!w.nodes.count)
		return w.ret;
	w.walked = arena_array(d->a, w.g->block_count + 1, bool);
	w.is_call = arena_array(d->a, w.g->reloc_count + 1, bool);
	w.places = find_places(d->a, w.g);
	w.used_by = none_array(d->a, w.g->block_count + 1);
	list_references(&w);
	if (d->kprobe_redirect)
		choose_redirects(&w);
	for (uint32_t i = 0; i < w.nodes.count; i++)
		visit(&w, i);
	if (w.refused)
		memset(w.ret->calls, 0, patched * sizeof(*w.ret->calls));
	else
		mark_covered(&w);
	return w.ret;
}
