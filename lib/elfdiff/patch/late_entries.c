/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * late_entries.c - what the loader reads before it knows the addresses of a patched module's things, or, for a core that finds
 * addresses when the loader is through, of anything that is not exported
 *
 * An entry whose key is such a thing is left out where the code does without:
 * a tracepoint is off, a static call goes through its trampoline, and a jump
 * label becomes code that tests the key.
 */
#include <string.h>

#include "arch/arch.h"
#include "base/text.h"
#include "klp/klp_arch.h"
#include "patch/internal.h"

struct function_code {
	uint32_t block;
	bool decoded;        /* whole, so that each branch in it is known */
	bool computes_jumps; /* to labels by their distances, of which no relocation tells */
	bool short_branch;   /* in its section; nothing may come between the functions of that */
};

struct late {
	const struct diff *d;
	const struct selection *s;
	struct resolution *r;
	const struct places *places; /* once they are asked for */
	struct function_code last;   /* see function_code() */
};

/* One late reference. */
struct late_edge {
	const struct cut_edge *cut;
	const struct reference *ref;
	uint32_t number; /* of the cut edge */
	uint32_t block;  /* the entry, or what else is of a section that the loader reads early */
};

static bool is_late(const struct diff *d, const struct special *section, const struct reference *ref)
{
	return ref->how == REF_KLP && section && section->early && (d->core || strcmp(ref->object, "vmlinux")) &&
	       !(d->klp_arch && klp_arch_waits(section->name));
}

static bool is_key(const struct block *entry, uint32_t reloc)
{
	return entry->special->key_reloc && reloc == entry->reloc_first + entry->special->key_reloc - 1u;
}

static bool of_tracepoint(const char *name)
{
	return starts_with(name, "__tracepoint_") || starts_with(name, "__SCK__tp_func_");
}

static struct elfdiff_diag diag_of(const struct late *l, const struct late_edge *e, enum elfdiff_severity severity,
				   const char *id)
{
	struct elfdiff_diag diag = diag_of_block(l->d, e->block, severity, id);
	uint32_t function = l->s->items.items[e->cut->item].function;

	if (function != NONE)
		diag.symbol = graph_label(l->d->a, l->d->patched, function);
	return diag;
}

/* Where the late thing is, in words */
static const char *home(const struct late *l, const struct late_edge *e)
{
	if (!strcmp(e->ref->object, "vmlinux"))
		return "`vmlinux`";
	return arena_printf(l->d->a, "module `%s`", e->ref->object);
}

static const char *key_cause(const struct late *l)
{
	return l->d->core ? "its key is not exported" : "its key is in a module";
}

static void refuse(const struct late *l, const struct late_edge *e, const char *id, const char *cause, const char *hint)
{
	struct elfdiff_diag diag = diag_of(l, e, ELFDIFF_REFUSAL, id);

	diag.cause =
		l->d->core
			? "the kernel reads this section when the patch module is loaded, before the core finds what is "
			  "not exported"
			: "the kernel reads this section when the patch module is loaded, before relocations of the "
			  "patched module are applied";
	if (cause)
		diag.cause = arena_printf(l->d->a, "%s; %s", diag.cause, cause);
	diag.hint = hint;
	diag_add(l->d->ds, diag, "`%s` uses `%s` of %s in `%s`", diag.symbol, e->ref->name, home(l, e), diag.section);
}

static void leave_out(const struct late *l, const struct late_edge *e)
{
	l->r->dropped[e->cut->item] = true;
}

/* --- tracepoints and static calls -------------------------------------------------- */

static void drop_tracepoint(const struct late *l, const struct late_edge *e)
{
	struct elfdiff_diag diag = diag_of(l, e, ELFDIFF_NOTICE, "tracepoint-dropped");

	leave_out(l, e);
	diag.cause = key_cause(l);
	diag_add(l->d->ds, diag, "tracepoint `%s` is switched off in the patched `%s`", e->ref->name, diag.symbol);
}

/* Names that DEFINE_STATIC_CALL() gives: the key, and the trampoline that follows it. */
static bool is_trampoline_of(const struct symbol *s, const char *key)
{
	static const char trampoline[] = "__SCT__", of_key[] = "__SCK__";

	return s && starts_with(s->name, trampoline) && starts_with(key, of_key) &&
	       !strcmp(s->name + strlen(trampoline), key + strlen(of_key));
}

/* The code at the entry's place calls or jumps to the trampoline of that key, as the compiler left it. */
static bool calls_trampoline(const struct late *l, const struct block *entry, const char *key)
{
	const struct graph *g = l->d->patched;
	const struct edge *place = &g->edges[entry->reloc_first];
	const struct block *b = place->block == NONE ? NULL : &g->blocks[place->block];
	uint32_t i = b ? graph_first_reloc(g, b, (uint64_t)place->offset) : 0;

	if (!b || i == b->reloc_first + b->reloc_count)
		return false;
	return g->relocs[i].offset <= b->start + (uint64_t)place->offset + 2 &&
	       g->object->arch->is_branch(g->object, &g->relocs[i]) && g->edges[i].offset == 0 &&
	       is_trampoline_of(edge_symbol(g, &g->edges[i]), key);
}

static void call_trampoline(const struct late *l, const struct late_edge *e)
{
	struct elfdiff_diag diag = diag_of(l, e, ELFDIFF_NOTICE, "static-call-trampoline");

	if (!calls_trampoline(l, &l->d->patched->blocks[e->block], e->ref->name)) {
		refuse(l, e, "late-static-key", "what it names is no call of the key's trampoline",
		       "call it with KPATCH_STATIC_CALL()");
		return;
	}
	leave_out(l, e);
	diag.cause = arena_printf(l->d->a, "%s; the trampoline always leads to the function that is set", key_cause(l));
	diag_add(l->d->ds, diag, "static call `%s` goes through its trampoline in the patched `%s`", e->ref->name,
		 diag.symbol);
}

/* --- jump labels -------------------------------------------------------------------- */

static bool describe_site(const struct graph *g, const struct block *entry, struct key_site *ret)
{
	const struct edge *e = &g->edges[entry->reloc_first];
	const struct block *from = e[0].block == NONE ? NULL : &g->blocks[e[0].block];
	const struct block *to = e[1].block == NONE ? NULL : &g->blocks[e[1].block];

	if (!from || !to || from->kind != BLOCK_TEXT || to->kind != BLOCK_TEXT)
		return false;
	*ret = (struct key_site){ .section = from->section,
				  .site = from->start + (uint64_t)e[0].offset,
				  .target_section = to->section,
				  .target_offset = to->start + (uint64_t)e[1].offset,
				  .inverted = e[2].offset & 1 };
	return true;
}

static bool has_short_branch(const struct graph *g, uint32_t section)
{
	for (uint32_t c = g->first_block[section]; c < g->first_block[section + 1]; c++) {
		const struct block *b = &g->blocks[c];

		for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++)
			if (graph_is_short_branch(g, r))
				return true;
	}
	return false;
}

/* The instruction jumps to where a register or memory says, by itself or by a thunk. */
static bool jumps_anywhere(const struct graph *g, const struct block *b, uint64_t at, const struct insn *in)
{
	const struct arch *arch = g->object->arch;
	const struct symbol *s;
	struct register_use use;
	uint32_t r = graph_first_reloc(g, b, at - b->start);

	if (in->flow != FLOW_STOPS || in->direct_branch)
		return false;
	if (r < b->reloc_first + b->reloc_count && g->relocs[r].offset < at + in->length) {
		s = edge_symbol(g, &g->edges[r]);
		return arch->jump_thunk && s && starts_with(s->name, arch->jump_thunk);
	}
	return !arch->register_use(g->object, &g->object->sections[b->section], at, &use) || use.jumps;
}

static struct function_code read_function(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];
	const struct object *o = g->object;
	struct function_code code = { .block = block,
				      .decoded = true,
				      .short_branch = has_short_branch(g, b->section) };
	struct insn in;

	for (uint64_t at = b->start; code.decoded && at < b->end; at += in.length) {
		code.decoded = o->arch->decode(o, &o->sections[b->section], at, &in) && in.length;
		code.computes_jumps |= code.decoded && jumps_anywhere(g, b, at, &in);
	}
	return code;
}

/* Entries of one function follow each other as a rule. */
static const struct function_code *function_code(struct late *l, uint32_t block)
{
	if (l->last.block != block)
		l->last = read_function(l->d->patched, block);
	return &l->last;
}

/*
 * What has to make room is reached from the site alone, and says the same where it goes. Unwind data that begins in it, or behind
 * it, would have to begin in the detour.
 */
static bool can_move(struct late *l, uint32_t block, uint64_t site, const struct detour *t)
{
	const struct graph *g = l->d->patched;
	const struct block *b = &g->blocks[block];
	uint64_t end = site + t->size, moved_end = t->size > t->site_size ? end + 1 : end;

	if (!l->places)
		l->places = find_places(l->d->a, g);
	for (uint64_t at = site + 1; at < end; at++)
		if (is_led_to(l->places, b->section, at))
			return false;
	if (unwound_begins_in(l->s, block, site + 1 - b->start, moved_end - b->start) ||
	    (t->size > t->site_size && function_code(l, block)->computes_jumps))
		return false;
	for (uint32_t i = graph_first_reloc(g, b, site - b->start);
	     i < b->reloc_first + b->reloc_count && g->relocs[i].offset < end; i++)
		if (g->relocs[i].from == NONE)
			return false;
	return true;
}

/* By a symbol's size the kernel is told what belongs to a function. */
static bool is_of_function(const struct graph *g, uint32_t block, uint64_t site)
{
	const struct symbol *s = block_symbol(g, block);

	return s && site >= s->value && site - s->value < s->size;
}

static bool leads_inside(const struct block *b, const struct detour *t)
{
	for (unsigned i = 0; i < t->reloc_count; i++)
		if (t->relocs[i].to == DETOUR_CODE && (t->relocs[i].place < b->start || t->relocs[i].place >= b->end))
			return false;
	return true;
}

/* Why code cannot test the key instead, or NULL. */
static const char *obstacle(struct late *l, const struct block *entry, struct key_detour *ret)
{
	const struct graph *g = l->d->patched;
	const struct object *o = g->object;
	struct key_site site;
	const struct block *b;

	if (!o->arch->key_detour)
		return arena_printf(l->d->a, "on %s code cannot test the key instead", o->arch->name);
	if (!describe_site(g, entry, &site))
		return "what the entry names is no code";
	ret->block = g->edges[entry->reloc_first].block;
	ret->site = site.site;
	b = &g->blocks[ret->block];
	site.code = b->end + detours_size(l->r, ret->block);
	if (!o->arch->key_detour(o, &site, &ret->code))
		return ret->code.obstacle;
	if (!is_of_function(g, ret->block, ret->site))
		return "its place is beyond the end that the function's symbol tells of";
	if (detour_at(l->r, ret->block, ret->site))
		return "another entry is about the same place";
	if (b->fused || function_code(l, ret->block)->short_branch)
		return "functions in this section could not be parted, and no code can be put between them";
	if (site.site + ret->code.size > b->end || !leads_inside(b, &ret->code) ||
	    !function_code(l, ret->block)->decoded || !can_move(l, ret->block, site.site, &ret->code))
		return ret->code.size > ret->code.site_size ? NO_ROOM_FOR_JUMP
							    : "what else leads into its place is not known";
	return NULL;
}

/* Of a function that has several jump labels of one key, each behind the other. */
static bool was_told(const struct late *l, uint32_t block, const struct reference *ref)
{
	const struct key_detour *last = l->r->detours.count ? &l->r->detours.items[l->r->detours.count - 1] : NULL;

	return last && last->block == block && l->r->of_cut[last->cut] == ref;
}

static void test_key(struct late *l, const struct late_edge *e)
{
	struct key_detour detour = { .cut = e->number, .target = l->d->patched->blocks[e->block].reloc_first + 1 };
	const char *why = obstacle(l, &l->d->patched->blocks[e->block], &detour);
	struct elfdiff_diag diag = diag_of(l, e, ELFDIFF_NOTICE, "static-key-tested");

	if (why) {
		refuse(l, e, "late-static-key", why, "test the static key with static_key_enabled()");
		return;
	}
	leave_out(l, e);
	diag.cause = key_cause(l);
	if (!was_told(l, detour.block, e->ref))
		diag_add(l->d->ds, diag, "static key `%s` is tested by code in the patched `%s`", e->ref->name,
			 diag.symbol);
	add_detour(l->d->a, l->r, &detour);
}

/* --- the pass ----------------------------------------------------------------------- */

static void judge(struct late *l, const struct late_edge *e)
{
	const struct block *b = &l->d->patched->blocks[e->block];

	if (!is_key(b, e->cut->reloc))
		refuse(l, e, "late-special", NULL, "avoid it in the patched function");
	else if (of_tracepoint(e->ref->name))
		drop_tracepoint(l, e);
	else if (b->special->jump_labels)
		test_key(l, e);
	else
		call_trampoline(l, e);
}

void judge_late_entries(const struct diff *d, const struct selection *s, struct resolution *r)
{
	struct late l = { .d = d, .s = s, .r = r, .last.block = NONE };

	for (uint32_t i = 0; i < s->cuts.count; i++) {
		struct late_edge e = { .cut = &s->cuts.items[i], .ref = r->of_cut[i], .number = i };

		e.block = s->items.items[e.cut->item].block;
		if (is_late(d, d->patched->blocks[e.block].special, e.ref))
			judge(&l, &e);
	}
}
