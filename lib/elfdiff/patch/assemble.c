/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "patch/internal.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "elf/names.h"

/* --- sections ----------------------------------------------------------------- */

/* Flags that make no sense without the sections around them. */
#define DROPPED_FLAGS (uint64_t)(SHF_GROUP | SHF_LINK_ORDER | SHF_INFO_LINK)

static uint64_t block_align(const struct assembler *as, const struct block *b)
{
	uint64_t align = as->g->object->sections[b->section].align;
	uint64_t low = b->start & -b->start;

	return low && low < align ? low : align;
}

/* Entries stand side by side at the stride of their table, whatever its alignment. */
static uint64_t entry_stride(const struct assembler *as, const struct block *b)
{
	const struct block *first = &as->g->blocks[as->g->first_block[b->section]];

	return first->end - first->start;
}

static bool is_in(const struct assembler *as, uint32_t c)
{
	uint32_t item = as->s->item_of[c];

	return item != NONE && !as->r->dropped[item];
}

/*
 * By block: it keeps its distance from the block of the output before it, as
 * short branches lead from one of them to the other.
 */
static bool *find_stuck(const struct assembler *as)
{
	const struct graph *g = as->g;
	bool *stuck = arena_array(as->d->a, g->block_count + 1, bool);
	int64_t *begins = arena_array(as->d->a, g->block_count + 2,
				      int64_t); /* by block: branches over it, less those that end */
	int64_t over = 0;

	for (uint32_t c = 0; c < g->block_count; c++) {
		const struct block *b = &g->blocks[c];

		for (uint32_t r = b->reloc_first; is_in(as, c) && r < b->reloc_first + b->reloc_count; r++) {
			uint32_t to = g->edges[r].block;

			if (!graph_is_short_branch(g, r))
				continue;
			begins[(c < to ? c : to) + 1]++;
			begins[(c < to ? to : c) + 1]--;
		}
	}
	for (uint32_t c = 0; c < g->block_count; c++) {
		over += begins[c];
		stuck[c] = over > 0;
	}
	return stuck;
}

static uint64_t keep_distance(struct model_section *s, uint64_t at, uint64_t size)
{
	s->size = at + size;
	return at;
}

/* A copy is of no group. The module may have the group as well, and no second section of this name, unless the kernel reads it by that. */
static const char *name_of_copy(struct assembler *as, const struct section *from)
{
	return from->flags & SHF_GROUP && !from->row ? arena_printf(as->d->a, "%s.copy", from->name) : from->name;
}

uint32_t copy_section(struct assembler *as, uint32_t section)
{
	const struct section *from = &as->g->object->sections[section];

	return build_section(&as->b, name_of_copy(as, from), from->type, from->flags & ~DROPPED_FLAGS, from->align,
			     from->entsize);
}

/* `before`: the last block that was placed, or NONE. */
static void place_block(struct assembler *as, uint32_t c, uint32_t before, bool stuck)
{
	const struct block *b = &as->g->blocks[c];
	uint32_t n = copy_section(as, b->section);

	as->section_of[c] = n;
	if (stuck && before != NONE)
		as->offset_of[c] = keep_distance(&as->b.m->sections.items[n],
						 as->offset_of[before] + (b->start - as->g->blocks[before].start),
						 b->end - b->start);
	else if (b->kind == BLOCK_ENTRY)
		as->offset_of[c] = build_reserve(&as->b, n, entry_stride(as, b), 1);
	else
		as->offset_of[c] =
			build_reserve(&as->b, n, b->end - b->start + detours_size(as->r, c), block_align(as, b));
}

static void place_blocks(struct assembler *as)
{
	const bool *stuck = find_stuck(as);

	for (uint32_t s = 0; s < as->g->object->section_count; s++) {
		uint32_t before = NONE;

		for (uint32_t c = as->g->first_block[s]; c < as->g->first_block[s + 1]; c++)
			if (is_in(as, c)) {
				place_block(as, c, before, stuck[c]);
				before = c;
			}
		place_unwound(as, s);
	}
}

/* A relocation that stands for a resolved branch: the loader wants its field empty. */
static void clear_field(const struct assembler *as, uint8_t *bytes, const struct reloc *r)
{
	struct reloc_field f;
	bool big = as->g->object->big_endian;

	if (r->from == NONE && as->g->object->arch->field(r->type, &f) && f.size > 1)
		bytes_put(bytes, bytes_get(bytes, f.size, big) & ~f.mask, f.size, big);
}

static const uint32_t *index_cuts(const struct assembler *as)
{
	uint32_t *cut_of = arena_array(as->d->a, as->g->reloc_count + 1, uint32_t);

	for (uint32_t i = 0; i < as->s->cuts.count; i++)
		cut_of[as->s->cuts.items[i].reloc] = i + 1;
	return cut_of;
}

/* `to`: where the block's bytes are. */
static void fill_block(const struct assembler *as, uint32_t c, uint8_t *to)
{
	const struct block *b = &as->g->blocks[c];
	struct runtime_load load;

	memcpy(to, block_bytes(as->g, b), b->end - b->start);
	for (uint32_t i = b->reloc_first; i < b->reloc_first + b->reloc_count; i++) {
		const struct reloc *r = &as->g->relocs[i];

		if (as->cut_of[i] && takes_far_form(as->d, as->s, as->r, as->cut_of[i] - 1, &load))
			memcpy(to + (load.start - b->start), load.bytes, load.size);
		else if (!graph_is_runtime_constant(as->g, i))
			clear_field(as, to + (r->offset - b->start), r);
		else if (graph_runtime_load(as->g, c, r->offset, &load))
			memcpy(to + (load.start - b->start), load.bytes, load.size);
	}
	fill_detours(as, c, to);
}

static void fill_sections(struct assembler *as)
{
	uint8_t **bytes = arena_array(as->d->a, as->b.m->sections.count, uint8_t *);

	for (uint32_t n = 1; n < as->b.m->sections.count; n++) {
		struct model_section *s = &as->b.m->sections.items[n];

		if (s->type != SHT_NOBITS)
			s->data = bytes[n] = arena_alloc(as->d->a, s->size);
	}
	for (uint32_t c = 0; c < as->g->block_count; c++) {
		const struct block *b = &as->g->blocks[c];

		if (as->section_of[c] && block_data(as->g, b) && bytes[as->section_of[c]])
			fill_block(as, c, bytes[as->section_of[c]] + as->offset_of[c]);
	}
}

/* --- symbols ------------------------------------------------------------------ */

/* Other objects of the patch may refer to what is new, unless they have it themselves, and do refer to what the user has
 * named; all else is a copy of something that the kernel has under this name. */
static bool stays_global(const struct assembler *as, const struct symbol *s, uint32_t block)
{
	bool used = as->d->verdicts->of[block] == VERDICT_NEW ||
		    (as->s->callers->covered[block] && is_covered_elsewhere(as->d, s->name));

	return used && !arch_keeps_ordinary(as->g->object->arch, s->name) && s->by_name;
}

/* A second name of what comes in place of the kernel's, where the kernel may have something else by that name. */
static bool is_left_behind(const struct assembler *as, uint32_t symbol, uint32_t block)
{
	const struct symbol *s = &as->g->object->symbols[symbol];
	const struct block *b = &as->g->blocks[block];
	uint32_t label = b->fused ? graph_function_at(as->g, block, s->value - b->start) : b->symbol;

	return s->by_name && s->bind == STB_WEAK && as->d->verdicts->of[block] != VERDICT_NEW && label != symbol &&
	       label != NONE && as->g->object->symbols[label].value == s->value;
}

static void add_labels(struct assembler *as)
{
	const struct object *o = as->g->object;

	for (uint32_t i = 1; i < o->symbol_count; i++) {
		const struct symbol *s = &o->symbols[i];
		uint32_t c = as->g->symbol_block[i];
		struct model_symbol sym;

		if (c == NONE || !as->section_of[c] || s->type == STT_SECTION || name_is_marker(s->name) ||
		    is_left_behind(as, i, c))
			continue;
		sym = (struct model_symbol){ .name = s->name,
					     .value = as->offset_of[c] + (s->value - as->g->blocks[c].start),
					     .size = size_with_detours(as, s, c),
					     .place = MODEL_DEFINED,
					     .section = as->section_of[c],
					     .bind = stays_global(as, s, c) ? s->bind : STB_LOCAL,
					     .type = s->type,
					     .other = s->other };
		as->symbol_of[i] = build_symbol(&as->b, sym);
	}
}

uint32_t reference_symbol(struct assembler *as, const struct reference *ref, const struct symbol *s)
{
	struct model_symbol sym = { .name = ref->name, .bind = STB_GLOBAL };

	if (ref->how == REF_KLP) {
		sym.place = MODEL_KLP;
		sym.klp_object = ref->object;
		sym.klp_when = ref->when;
		sym.position = ref->position;
		sym.address = ref->address;
		sym.bind = s->bind;
		sym.type = s->type;
	} else if (s->place == SYMBOL_UNDEFINED && s->bind == STB_WEAK) {
		sym.bind = STB_WEAK;
	}
	return build_reference(&as->b, sym);
}

/* Absolute symbols of the object come along. */
static uint32_t absolute_symbol(struct assembler *as, uint32_t i)
{
	const struct symbol *s = &as->g->object->symbols[i];

	if (i && !as->symbol_of[i]) /* 0: the relocation has no symbol, here and there */
		as->symbol_of[i] = build_symbol(&as->b, (struct model_symbol){ .name = s->name,
									       .value = s->value,
									       .size = s->size,
									       .place = MODEL_ABSOLUTE,
									       .bind = STB_LOCAL,
									       .type = s->type });
	return as->symbol_of[i];
}

/* --- relocations -------------------------------------------------------------- */

/*
 * A reference to before or behind a piece that linkers merge: what it counts
 * from has to be a symbol, or the linker takes it for its neighbour's.
 */
static uint32_t outside_symbol(struct assembler *as, const struct reloc *r, const struct edge *e)
{
	const struct symbol *s = &as->g->object->symbols[r->symbol];
	const struct block *b = &as->g->blocks[e->block];

	if (!(as->g->object->sections[b->section].flags & SHF_MERGE) || s->type == STT_SECTION ||
	    (e->offset >= 0 && (uint64_t)e->offset < b->end - b->start))
		return 0;
	as->symbol_of[r->symbol] =
		build_symbol(&as->b, (struct model_symbol){ .name = s->name,
							    .value = as->offset_of[e->block] + (s->value - b->start),
							    .place = MODEL_DEFINED,
							    .section = as->section_of[e->block],
							    .bind = STB_LOCAL });
	return as->symbol_of[r->symbol];
}

struct model_reloc inner_reloc(struct assembler *as, const struct reloc *r, const struct edge *e)
{
	const struct symbol *s = &as->g->object->symbols[r->symbol];
	struct model_reloc out = { .type = r->type, .addend = r->addend };

	if (e->block == NONE) {
		out.symbol = absolute_symbol(as, r->symbol);
	} else if (as->symbol_of[r->symbol]) {
		out.symbol = as->symbol_of[r->symbol];
	} else if ((out.symbol = outside_symbol(as, r, e))) {
		return out;
	} else {
		out.symbol = build_section_symbol(&as->b, as->section_of[e->block]);
		out.addend += (int64_t)(s->value + as->offset_of[e->block] - as->g->blocks[e->block].start);
	}
	return out;
}

static struct model_reloc outer_reloc(struct assembler *as, const struct reloc *r, const struct cut_edge *cut,
				      const struct reference *ref)
{
	return (struct model_reloc){ .type = r->type,
				     .addend = outer_addend(as->g->object, r, cut),
				     .symbol = reference_symbol(as, ref, &as->g->object->symbols[cut->symbol]) };
}

/* Of a runtime constant: what its load has relocations for, `to` being the variable. */
static void add_load(struct assembler *as, uint32_t c, const struct reloc *r, struct model_reloc to)
{
	struct runtime_load load;
	int64_t addend = to.addend;

	if (!graph_runtime_load(as->g, c, r->offset, &load))
		return;
	for (unsigned i = 0; i < load.reloc_count; i++) {
		to.type = load.relocs[i].type;
		to.addend = addend + load.relocs[i].addend;
		to.offset = as->offset_of[c] + (load.start + load.relocs[i].offset - as->g->blocks[c].start);
		build_relocate(&as->b, as->section_of[c], to);
	}
}

static void add_relocs(struct assembler *as)
{
	struct runtime_load load;

	for (uint32_t c = 0; c < as->g->block_count; c++) {
		const struct block *b = &as->g->blocks[c];

		for (uint32_t i = b->reloc_first; as->section_of[c] && i < b->reloc_first + b->reloc_count; i++) {
			const struct reloc *r = &as->g->relocs[i];
			const struct cut_edge *cut = as->cut_of[i] ? &as->s->cuts.items[as->cut_of[i] - 1] : NULL;
			uint64_t at = r->offset - b->start;
			struct model_reloc out;

			if (graph_is_short_branch(as->g, i) || !moved_by_detour(as, c, &at))
				continue;
			out = cut ? outer_reloc(as, r, cut, as->r->of_cut[as->cut_of[i] - 1])
				  : inner_reloc(as, r, &as->g->edges[i]);
			out.offset = as->offset_of[c] + at;
			if (as->cut_of[i] && takes_far_form(as->d, as->s, as->r, as->cut_of[i] - 1, &load))
				out.type = load.relocs[0].type;
			if (graph_is_runtime_constant(as->g, i))
				add_load(as, c, r, out);
			else
				build_relocate(&as->b, as->section_of[c], out);
		}
	}
}

/* --- ftrace locations --------------------------------------------------------------- */

/*
 * Where the object does not list its ftrace locations (the kernel's build would
 * have listed them at the final link), the list is made here.
 */
static void add_ftrace_location(struct assembler *as, uint32_t symbol)
{
	static const uint8_t zero[8];
	uint32_t c = as->g->symbol_block[symbol], n;
	uint64_t site, at;

	if (!graph_ftrace_location(as->g, symbol, &site))
		return;
	n = build_section(&as->b, "__mcount_loc", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8, 0);
	at = build_append(&as->b, n, zero, sizeof(zero), 8);
	build_relocate(&as->b, n,
		       (struct model_reloc){ .offset = at,
					     .type = as->g->object->arch->pointer_reloc,
					     .symbol = build_section_symbol(&as->b, as->section_of[c]),
					     .addend = (int64_t)(as->offset_of[c] + site) });
}

/* By block: the object lists its ftrace location. */
static bool *find_listed(const struct assembler *as)
{
	bool *listed = arena_array(as->d->a, as->g->block_count + 1, bool);

	for (uint32_t i = 0; i < as->g->block_count; i++) {
		const struct block *b = &as->g->blocks[i];

		if (b->kind == BLOCK_ENTRY && b->owner != NONE && b->special->kind == SPECIAL_TRACE)
			listed[b->owner] = true;
	}
	return listed;
}

static void add_ftrace_locations(struct assembler *as)
{
	const bool *listed = find_listed(as);

	for (uint32_t i = 1; i < as->g->object->symbol_count; i++) {
		const struct symbol *s = &as->g->object->symbols[i];
		uint32_t c = as->g->symbol_block[i];
		const struct block *b = c == NONE ? NULL : &as->g->blocks[c];

		if (!b || b->kind != BLOCK_TEXT || !as->section_of[c] || listed[c])
			continue;
		/* of aliases, one */
		if (i ==
		    (b->fused && s->type == STT_FUNC ? graph_function_at(as->g, c, s->value - b->start) : b->symbol))
			add_ftrace_location(as, i);
	}
}

/* --- the model ------------------------------------------------------------------- */

const struct model *assemble(const struct diff *d, const struct selection *s, const struct resolution *r)
{
	struct assembler as = { .d = d, .g = d->patched, .s = s, .r = r };
	const struct object *o = d->patched->object;

	build_start(&as.b, d->a, o->machine, o->flags, o->big_endian);
	as.section_of = arena_array(d->a, d->patched->block_count + 1, uint32_t);
	as.offset_of = arena_array(d->a, d->patched->block_count + 1, uint64_t);
	as.symbol_of = arena_array(d->a, o->symbol_count, uint32_t);
	as.cut_of = index_cuts(&as);
	place_blocks(&as);
	fill_sections(&as);
	add_labels(&as);
	add_relocs(&as);
	add_unwound(&as);
	add_detours(&as);
	add_ftrace_locations(&as);
	write_records(&as);
	return build_finish(&as.b);
}
