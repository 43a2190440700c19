/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "patch/internal.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"

/* What is known of the pointers in a block. */
enum { LABELS_UNKNOWN, NO_LABELS, LABELS };

struct selector {
	const struct diff *d;
	const struct graph *g; /* the patched object's */
	const struct directives *directives;
	struct selection *s;
	struct index outlined; /* by block: its .cold */
	bool *told;            /* by block: it was refused, in words */
	uint8_t *labels;       /* by block */
	uint8_t *sections;     /* by section: see owner_is_open() */
	struct identity *identity;
	const struct places *places; /* once it was asked for */
};

static uint32_t function_above(const struct selector *st, uint32_t parent)
{
	const struct item *it = parent == NONE ? NULL : &st->s->items.items[parent];

	if (!it)
		return NONE;
	return st->g->blocks[it->block].kind == BLOCK_TEXT ? it->block : it->function;
}

static void include(struct selector *st, uint32_t block, enum why why, uint32_t parent, uint32_t reloc)
{
	uint32_t function = function_above(st, parent);

	if (st->s->item_of[block] != NONE)
		return;
	st->s->item_of[block] = st->s->items.count;
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): where there is room, there are items */
	*vec_push(st->d->a, &st->s->items) =
		(struct item){ .block = block, .why = why, .parent = parent, .reloc = reloc, .function = function };
}

static void cut(struct selector *st, uint32_t item, uint32_t reloc, uint32_t block, uint32_t symbol)
{
	*vec_push(st->d->a, &st->s->cuts) =
		(struct cut_edge){ .item = item, .reloc = reloc, .block = block, .symbol = symbol };
}

/* It comes though it may not have changed, because of a function that ftrace cannot redirect. */
static bool is_wanted(const struct selector *st, uint32_t block)
{
	return st->s->callers->covered[block] || st->s->callers->calls[block];
}

static bool left_alone(const struct selector *st, uint32_t block)
{
	return (st->d->verdicts->of[block] == VERDICT_SAME && !st->directives->forced[block] &&
		!is_wanted(st, block)) ||
	       st->directives->ignored[block];
}

static void refuse_init(struct selector *st, uint32_t item, uint32_t reloc, uint32_t block)
{
	const struct item *it = &st->s->items.items[item];
	struct elfdiff_diag diag = diag_of_block(st->d, it->block, ELFDIFF_REFUSAL, "init-reference");

	if (st->told[block])
		return;
	st->told[block] = true;
	diag.has_offset = true;
	diag.offset = st->g->relocs[reloc].offset - st->g->blocks[it->block].start;
	diag.cause = "the memory of init sections is freed after boot";
	diag.hint = "remove the reference from the patched function";
	diag_add(st->d->ds, diag, "`%s` refers to `%s` in an init section", diag.symbol,
		 graph_label(st->d->a, st->g, block));
}

static void refuse_nameless(struct selector *st, uint32_t item, uint32_t reloc, uint32_t block)
{
	const struct item *it = &st->s->items.items[item];
	struct elfdiff_diag diag = diag_of_block(st->d, it->block, ELFDIFF_REFUSAL, "unsupported-reference");

	diag.has_offset = true;
	diag.offset = st->g->relocs[reloc].offset - st->g->blocks[it->block].start;
	diag.cause = "it has no name by which the running kernel could find it";
	diag.hint = "remove the reference from the patched function";
	diag_add(st->d->ds, diag, "`%s` refers to `%s`, which a patch cannot reach", diag.symbol,
		 graph_label(st->d->a, st->g, block));
}

/* By which it is found in the running kernel: the original's, where it has it. */
static uint32_t label_to_find(const struct selector *st, uint32_t block)
{
	uint32_t twin = st->d->twins->of_patched[block], label = st->g->blocks[block].symbol;

	if (label == NONE || twin == NONE || st->d->orig->blocks[twin].symbol == NONE)
		return label;
	return shared_name(st->d, block).patched;
}

/* An edge to something that stays what it is in the running kernel. */
static void cut_block(struct selector *st, uint32_t item, uint32_t reloc, uint32_t block)
{
	const struct edge *e = &st->g->edges[reloc];
	uint32_t symbol = st->g->blocks[block].fused && e->offset >= 0
				  ? graph_function_at(st->g, block, (uint64_t)e->offset)
				  : label_to_find(st, block);

	if (symbol == NONE)
		refuse_nameless(st, item, reloc, block);
	else
		cut(st, item, reloc, block, symbol);
}

/* Of a call: the loader may write the instruction behind it anew, because control comes there from the call alone. */
static bool owns_next(struct selector *st, const struct reloc *r)
{
	const struct object *o = st->g->object;
	uint64_t next = o->arch->written_behind ? o->arch->written_behind(o, r) : 0;

	if (!next)
		return false;
	if (!st->places)
		st->places = find_places(st->d->a, st->g);
	return !is_led_to(st->places, r->section, next);
}

static const char *confined(struct selector *st, uint32_t reloc)
{
	const struct arch *arch = st->g->object->arch;
	const struct reloc *r = &st->g->relocs[reloc];
	const char *why = arch->confined ? arch->confined(st->g->object, r) : NULL;

	return why && !owns_next(st, r) ? why : NULL;
}

static void refuse_confined(struct selector *st, uint32_t item, uint32_t reloc, const char *target)
{
	const struct item *it = &st->s->items.items[item];
	struct elfdiff_diag diag = diag_of_block(st->d, it->block, ELFDIFF_REFUSAL, "out-of-reach");
	const struct arch *arch = st->g->object->arch;
	bool branch = arch->is_branch(st->g->object, &st->g->relocs[reloc]);

	diag.has_offset = true;
	diag.offset = st->g->relocs[reloc].offset - st->g->blocks[it->block].start;
	diag.cause = confined(st, reloc);
	diag.hint = branch ? "call the function through a pointer, or leave it in the patch" : arch->confined_hint;
	diag_add(st->d->ds, diag, "`%s` cannot reach `%s` from a module", diag.symbol, target);
}

/*
 * What every object brings with it that needs it: the kernel has one for each of its own objects, and this module another.
 * But there is one `__fentry__`, which a whole kernel defines, and ftrace knows its calls by it.
 */
static bool is_brought_along(struct selector *st, uint32_t block)
{
	const struct arch *arch = st->g->object->arch;
	const char *label = graph_label(st->d->a, st->g, block);

	return arch_keeps_ordinary(arch, label) && !(arch->trace_symbol && !strcmp(label, arch->trace_symbol));
}

/* Of a function that a call cannot reach from a module, the patch takes a copy, as if it had been inlined. */
static void leave_text(struct selector *st, uint32_t item, uint32_t reloc, uint32_t block)
{
	const struct object *o = st->g->object;

	if (st->d->verdicts->of[block] == VERDICT_SAME && is_brought_along(st, block))
		include(st, block, WHY_REFERENCE, item, reloc);
	else if (!confined(st, reloc))
		cut_block(st, item, reloc, block);
	else if (st->d->verdicts->of[block] == VERDICT_SAME && o->arch->is_branch(o, &st->g->relocs[reloc]))
		include(st, block, WHY_REFERENCE, item, reloc);
	else
		refuse_confined(st, item, reloc, graph_label(st->d->a, st->g, block));
}

static void leave_data(struct selector *st, uint32_t item, uint32_t reloc, uint32_t block)
{
	if (confined(st, reloc))
		refuse_confined(st, item, reloc, graph_label(st->d->a, st->g, block));
	else
		cut_block(st, item, reloc, block);
}

static void leave_outside(struct selector *st, uint32_t item, uint32_t reloc)
{
	uint32_t symbol = st->g->edges[reloc].symbol;
	const struct symbol *s = &st->g->object->symbols[symbol];

	if (!symbol || s->place == SYMBOL_ABSOLUTE)
		return;
	if (confined(st, reloc))
		refuse_confined(st, item, reloc, s->name);
	else
		cut(st, item, reloc, NONE, symbol);
}

static bool at_label(const struct selector *st, uint32_t reloc)
{
	return graph_at_function(st->g, &st->g->edges[reloc]);
}

/* The edge leads to the code that an entry or a piece of code is itself a part of. */
static bool within_function(const struct selector *st, uint32_t from, uint32_t to, uint32_t reloc)
{
	const struct graph *g = st->g;
	uint32_t code = g->blocks[from].kind == BLOCK_ENTRY ? g->blocks[from].owner : from;

	/* of functions that could not be parted, an unchanged one is found by its distance from the first */
	if (g->blocks[to].fused && to != from && to != code && left_alone(st, to))
		return false;
	return !at_label(st, reloc) || graph_is_outlined(g, to) || g->blocks[to].symbol == NONE ||
	       (to == code && g->blocks[from].kind == BLOCK_ENTRY) ||
	       (code != NONE && graph_is_outlined(g, code) && g->blocks[code].outlined_from == to);
}

static void follow_to_text(struct selector *st, uint32_t item, uint32_t reloc)
{
	const struct graph *g = st->g;
	uint32_t to = g->edges[reloc].block, from = st->s->items.items[item].block;

	if (g->blocks[to].init)
		refuse_init(st, item, reloc, to);
	else if (within_function(st, from, to, reloc))
		include(st, to, WHY_REFERENCE, item, reloc);
	else if (left_alone(st, to))
		leave_text(st, item, reloc, to);
	else if (st->d->verdicts->of[to] != VERDICT_NEW && !st->s->callers->covered[to] &&
		 graph_takes_address(st->g, reloc))
		leave_text(st, item, reloc, to); /* pointers to a patched function stay equal, and outlive the patch */
	else
		include(st, to, WHY_REFERENCE, item, reloc);
}

static void refuse_unclear(struct selector *st, uint32_t block)
{
	struct elfdiff_diag diag = diag_of_block(st->d, block, ELFDIFF_REFUSAL, "ambiguous-twin");

	diag.cause =
		"the original object has static variables of this name, and nothing proves which of them it is, or "
		"that it is any of them";
	diag.hint =
		st->g->blocks[block].kind == BLOCK_DATA && !st->g->blocks[block].fresh
			? "a new copy would lose the state of the old one: give the variable a unique name, or leave the "
			  "functions that use it unchanged"
			: "no address that others hold is equal to that of a new copy: give it a unique name, or "
			  "leave the functions that use it unchanged";
	diag_add(st->d->ds, diag, "cannot tell which variable of the original `%s` is", diag.symbol);
}

static void refuse_per_cpu(struct selector *st, uint32_t block)
{
	struct elfdiff_diag diag = diag_of_block(st->d, block, ELFDIFF_REFUSAL, "per-cpu-new");

	diag.cause = st->g->blocks[block].tls
			     ? "modules cannot have thread-local data"
			     : "the patched functions would have per-CPU data of their own in the patch module";
	diag.hint = "allocate it with alloc_percpu() in a pre-patch callback, or use a shadow variable";
	diag_add(st->d->ds, diag, "`%s` is new %s data", diag.symbol,
		 st->g->blocks[block].tls ? "thread-local" : "per-CPU");
}

static void refuse_owner(struct selector *st, uint32_t from, uint32_t reloc)
{
	uint32_t to = st->g->edges[graph_meaning(st->g, reloc)].block;

	if (!st->told[to])
		refuse_open_owner(st->d, from, reloc);
	st->told[to] = true;
}

static bool holds_labels(struct selector *st, uint32_t block)
{
	if (!st->labels[block])
		st->labels[block] = graph_holds_labels(st->g, block) ? LABELS : NO_LABELS;
	return st->labels[block] == LABELS;
}

static void refuse_labels(struct selector *st, uint32_t block)
{
	struct elfdiff_diag diag = diag_of_block(st->d, block, ELFDIFF_REFUSAL, "label-table");

	if (st->told[block])
		return;
	st->told[block] = true;
	diag.cause = "it is writable and contains addresses inside a function, which are those of the original code";
	diag.hint = "make the table const";
	diag_add(st->d->ds, diag, "`%s` is used by the patch and contains addresses of labels", diag.symbol);
}

static void follow_to_data(struct selector *st, uint32_t item, uint32_t reloc)
{
	uint32_t to = st->g->edges[reloc].block, from = st->s->items.items[item].block;
	const struct block *b = &st->g->blocks[to];
	enum verdict v = st->d->verdicts->of[to];
	bool labels = holds_labels(st, to);

	if (b->init)
		refuse_init(st, item, reloc, to);
	else if (owner_is_open(st->d, st->sections, from, reloc))
		refuse_owner(st, from, reloc);
	else if (labels && b->kind == BLOCK_DATA && v != VERDICT_NEW)
		refuse_labels(st, to);
	else if (labels || (b->fresh && (confined(st, reloc) || !has_identity(st->identity, to))))
		include(st, to, WHY_REFERENCE, item, reloc);
	else if (v == VERDICT_SAME || (v == VERDICT_CHANGED && b->kind == BLOCK_DATA))
		leave_data(st, item, reloc, to); /* changed data was refused, or is to be ignored */
	else
		include(st, to, WHY_REFERENCE, item, reloc);
}

/* What is copied; of a slot, the code that loads it tells what is meant. */
static void follow_to_copy(struct selector *st, uint32_t item, uint32_t reloc)
{
	uint32_t meaning = graph_meaning(st->g, reloc), to = st->g->edges[meaning].block;
	uint32_t from = st->s->items.items[item].block;

	if (meaning != reloc && to != NONE && st->g->blocks[to].kind == BLOCK_DATA &&
	    owner_is_open(st->d, st->sections, from, reloc))
		refuse_owner(st, from, reloc);
	include(st, st->g->edges[reloc].block, WHY_REFERENCE, item, reloc);
}

/* By a weak second name: the kernel was linked to what it has of that name, and this reference is linked to that, too. */
static bool is_linked_by_weak_name(const struct selector *st, uint32_t item, uint32_t reloc)
{
	const struct block *from = &st->g->blocks[st->s->items.items[item].block];
	uint32_t to = st->g->edges[reloc].block;

	return graph_weak_name(st->g, reloc) != NONE && st->d->verdicts->of[to] != VERDICT_NEW &&
	       !(from->kind == BLOCK_ENTRY && from->owner == to);
}

static void leave_weak_name(struct selector *st, uint32_t item, uint32_t reloc)
{
	uint32_t name = graph_weak_name(st->g, reloc), to = st->g->edges[reloc].block;

	if (st->g->blocks[to].init)
		refuse_init(st, item, reloc, to);
	else if (confined(st, reloc))
		refuse_confined(st, item, reloc, st->g->object->symbols[name].name);
	else
		cut(st, item, reloc, to, name);
}

static void follow(struct selector *st, uint32_t item, uint32_t reloc)
{
	const struct edge *e = &st->g->edges[reloc];

	if (e->block == NONE) {
		leave_outside(st, item, reloc);
		return;
	}
	if (graph_is_short_branch(st->g, reloc)) {
		include(st, e->block, WHY_GROUP, item, NONE);
		return;
	}
	if (is_linked_by_weak_name(st, item, reloc)) {
		leave_weak_name(st, item, reloc);
		return;
	}
	switch (st->g->blocks[e->block].kind) {
	case BLOCK_TEXT:
		follow_to_text(st, item, reloc);
		break;
	case BLOCK_DATA:
	case BLOCK_RODATA:
		follow_to_data(st, item, reloc);
		break;
	case BLOCK_IGNORED:
	case BLOCK_DIRECTIVE:
		refuse_nameless(st, item, reloc, e->block);
		break;
	default:
		follow_to_copy(st, item, reloc);
	}
}

static void include_group(struct selector *st, uint32_t item)
{
	uint32_t block = st->s->items.items[item].block;
	const struct block *b = &st->g->blocks[block];

	for (uint32_t i = 0; i < b->entry_count; i++) {
		uint32_t entry = st->g->entries[b->entry_first + i];

		if (st->g->blocks[entry].special->kind != SPECIAL_RUNTIME) /* these are edges of the code */
			include(st, entry, WHY_ENTRY, item, NONE);
	}
	if (b->kind != BLOCK_TEXT)
		return;
	for (uint32_t e = index_first(&st->outlined, block); e != NONE; e = index_next(&st->outlined, e))
		if (st->g->blocks[st->outlined.ids[e]].outlined_from == block)
			include(st, st->outlined.ids[e], WHY_GROUP, item, NONE);
	if (b->outlined_from != NONE && st->d->verdicts->of[b->outlined_from] != VERDICT_SAME)
		include(st, b->outlined_from, WHY_GROUP, item, NONE);
}

static void check_included(struct selector *st, uint32_t item)
{
	uint32_t block = st->s->items.items[item].block;
	const struct block *b = &st->g->blocks[block];
	bool is_new = st->d->verdicts->of[block] == VERDICT_NEW;

	if (is_new && (b->per_cpu || b->tls))
		refuse_per_cpu(st, block);
	else if (is_new && (b->fresh ? identity_is_unclear(st->identity, block) : st->d->twins->unclear[block]))
		refuse_unclear(st, block);
	if (b->open_distances)
		refuse_open_distances(st->d, block);
}

/* Items are appended while the list is walked: breadth first. */
static void close_over(struct selector *st)
{
	for (uint32_t i = 0; i < st->s->items.count; i++) {
		const struct block *b = &st->g->blocks[st->s->items.items[i].block];

		check_included(st, i);
		include_group(st, i);
		for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++)
			follow(st, i, r);
	}
}

/* Why a block is a root; WHY_REFERENCE: it is none. */
static enum why why_root(struct selector *st, uint32_t c)
{
	const struct block *b = &st->g->blocks[c];
	enum verdict v = st->d->verdicts->of[c];

	if (b->init || b->kind == BLOCK_IGNORED)
		return WHY_REFERENCE;
	if (graph_is_outlined(st->g, c) && st->s->callers->covered[b->outlined_from])
		return WHY_REFERENCE;
	if (st->s->callers->covered[c])
		return block_is_local(st->g, c) ? WHY_REFERENCE : WHY_CALLED;
	if (st->directives->forced[c])
		return WHY_FORCED;
	if (b->kind == BLOCK_TEXT && v == VERDICT_CHANGED && !st->directives->ignored[c])
		return WHY_CHANGED;
	if (st->s->callers->calls[c])
		return WHY_CALLER;
	return v == VERDICT_NEW && !block_is_local(st->g, c) && !is_brought_along(st, c) ? WHY_NEW_GLOBAL
											 : WHY_REFERENCE;
}

static void find_roots(struct selector *st)
{
	for (uint32_t c = 0; c < st->g->block_count; c++) {
		enum why why = why_root(st, c);

		if (why != WHY_REFERENCE)
			include(st, c, why, NONE, NONE);
		if (why == WHY_CHANGED || why == WHY_FORCED || why == WHY_CALLER)
			find_replaced_functions(st->d, c, st->s);
	}
	for (uint32_t i = 0; i < st->directives->callbacks.count; i++)
		include(st, st->directives->callbacks.items[i].block, WHY_CALLBACK, NONE, NONE);
}

const struct selection *select_blocks(const struct diff *d, const struct kernel_symbols *ks)
{
	struct selector st = { .d = d, .g = d->patched };
	struct stub *stub;

	st.directives = read_directives(d);
	st.s = arena_new(d->a, struct selection);
	st.s->item_of = none_array(d->a, st.g->block_count + 1);
	st.told = arena_array(d->a, st.g->block_count + 1, bool);
	st.labels = arena_array(d->a, st.g->block_count + 1, uint8_t);
	st.sections = arena_array(d->a, st.g->object->section_count, uint8_t);
	st.identity = identity_new(d, ks);
	for (uint32_t c = 0; c < st.g->block_count; c++)
		if (st.g->blocks[c].outlined_from != NONE)
			index_add(d->a, &st.outlined, st.g->blocks[c].outlined_from, c);
	check_skipped_names(d);
	stub = stub_new(d, st.directives);
	refuse_changes(d, st.directives, stub);
	refuse_moved_names(d);
	refuse_left_out(d, st.directives);
	judge_linker_lists(d, st.directives, stub);
	stub_finish(stub);
	refuse_fused(d);
	st.s->callers = find_callers(d, st.directives);
	find_roots(&st);
	for (uint32_t i = 0; i < st.directives->callbacks.count; i++)
		*vec_push(d->a, &st.s->callbacks) = st.directives->callbacks.items[i];
	close_over(&st);
	find_unwound(d, st.s);
	refuse_inner_entries(d, st.s);
	refuse_state_loss(d, st.s);
	warn_not_set_up(d, st.s);
	refuse_held_constants(d, st.directives, st.s);
	judge_gone_callbacks(d, st.s);
	refuse_compared_copies(d, st.s);
	refuse_unknown_tables(d, st.directives, st.s);
	refuse_read_on(d, st.s);
	refuse_linker_relocations(d, st.s);
	refuse_alignments(d, st.s);
	refuse_unfinished(d, st.s, ks);
	judge_runtime_constants(d, st.s);
	refuse_type_changes(d, st.s);
	warn_ibt_seal(d, st.s);
	return st.s;
}
