/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reduce.c - the two objects without what is set aside */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "scope/internal.h"

/* --- what the rest refers to -------------------------------------------------------------- */

static void need_cell(const struct scope_side *s, const struct scope_side *other, uint32_t cell)
{
	s->present[cell] = true;
	if (s->twin[cell] != NONE)
		other->present[s->twin[cell]] = true;
}

/* Of each section and source once. */
static bool layout_is_new(struct scope_side *s, uint32_t section, uint32_t file)
{
	uint64_t h = hash_mix(section, file);

	for (uint32_t e = index_first(&s->layouts, h); e != NONE; e = index_next(&s->layouts, e)) {
		const struct layout *l = &s->known.items[s->layouts.ids[e]];

		if (l->section == section && l->file == file)
			return false;
	}
	index_add(s->a, &s->layouts, h, s->known.count);
	*vec_push(s->a, &s->known) = (struct layout){ .section = section, .file = file };
	return true;
}

/*
 * An offset into a section may count from any variable there (patch/shared_section.c): where those of the same source
 * stand is asked.
 */
static void need_layout(struct scope_side *s, const struct scope_side *other, uint32_t cell)
{
	uint32_t section = s->cells.items[cell].section, file = cell_source(s, cell);

	if (!layout_is_new(s, section, file))
		return;
	for (uint32_t c = s->first[section]; c < s->first[section + 1]; c++) {
		uint32_t label = cell_label(s, c);

		if (label == NONE || s->o->symbols[label].bind != STB_LOCAL || s->o->symbols[label].file == file)
			need_cell(s, other, c);
	}
}

static bool counts_from_anywhere(const struct scope_side *s, const struct reloc *r)
{
	const struct symbol *sym = &s->o->symbols[r->symbol];

	return sym->type == STT_SECTION && s->kinds[sym->section] == HAS_CELLS &&
	       !(s->o->sections[sym->section].flags & SHF_EXECINSTR) &&
	       s->first[sym->section + 1] - s->first[sym->section] > 1 && s->kinds[r->section] != HAS_ENTRIES;
}

static void need_target(struct scope_side *s, const struct scope_side *other, uint32_t reloc)
{
	const struct reloc *r = &s->o->relocs[reloc];
	const struct symbol *sym = &s->o->symbols[r->symbol];

	if (sym->place != SYMBOL_DEFINED)
		return;
	if (s->to[reloc] == NONE) {
		s->needed[sym->section] = true;
		return;
	}
	need_cell(s, other, s->to[reloc]);
	if (counts_from_anywhere(s, r))
		need_layout(s, other, s->to[reloc]);
}

bool *kept_of(const struct finder *f, const struct scope_side *s)
{
	bool *ret = arena_array(f->a, s->cells.count + 1, bool);

	for (uint32_t c = 0; c < s->cells.count; c++)
		ret[c] = is_kept(f, s, c);
	return ret;
}

static void find_needed(struct scope_side *s, const struct scope_side *other)
{
	for (uint32_t r = 0; r < s->o->reloc_count; r++)
		if (s->of[r] != NONE && s->stays[s->of[r]])
			need_target(s, other, r);
}

/* A section that nobody reads is there in both objects or in none. */
static void need_both(const struct scope_side *s, const struct scope_side *other)
{
	for (uint32_t i = 1; i < s->o->section_count; i++) {
		uint32_t section = s->needed[i] ? object_section(other->o, s->o->sections[i].name, 0) : 0;

		if (section)
			other->needed[section] = true;
	}
}

/* --- the smaller object --------------------------------------------------------------------- */

struct reducer {
	struct arena *a;
	const struct finder *f;
	const struct scope_side *s;
	struct object *out;
	VEC(struct reloc) relocs;
	VEC(struct aside) asides;
	const bool *taken; /* by cell, or NULL */
};

static void add_aside(struct reducer *x, uint32_t section, struct aside part)
{
	struct section *s = &x->out->sections[section];
	struct aside *last = s->aside_count ? &x->asides.items[x->asides.count - 1] : NULL;

	if (part.twin == NONE && part.start == part.end)
		return;
	if (last && last->twin == NONE && part.twin == NONE && last->end == part.start) {
		last->end = part.end;
		return;
	}
	*vec_push(x->a, &x->asides) = part;
	s->aside_count++;
}

static void copy_relocs(struct reducer *x, uint32_t first, uint32_t count, uint64_t moved)
{
	for (uint32_t r = first; r < first + count; r++) {
		struct reloc *to = vec_push(x->a, &x->relocs);

		*to = x->s->o->relocs[r];
		to->offset -= moved;
	}
}

static void reduce_cells(struct reducer *x, uint32_t section)
{
	const struct scope_side *s = x->s;
	bool all = true;

	for (uint32_t c = s->first[section]; c < s->first[section + 1]; c++) {
		uint32_t count, first = cell_relocs(s, c, &count);

		all &= !s->present[c] && !s->stays[c];
		if (s->stays[c]) {
			copy_relocs(x, first, count, 0);
			continue;
		}
		add_aside(x, section,
			  (struct aside){ .start = s->cells.items[c].start,
					  .end = cell_end(s, c),
					  .twin = !s->present[c]     ? NONE
						  : s == &x->f->orig ? c
								     : s->twin[c],
					  .taken = x->taken && x->taken[c] });
	}
	x->out->sections[section].all_aside = all;
}

struct kept_entries {
	VEC(struct entry) list;
	VEC(uint32_t) numbers; /* that they have among all of the table */
	uint64_t size;         /* bytes: the last one of a table may lack its end */
};

static struct kept_entries kept_entries(const struct reducer *x, uint32_t section)
{
	struct kept_entries ret = { 0 };
	struct entry e = { 0 };

	for (uint32_t number = 0; next_entry(x->s, section, &e); number++)
		if (x->s->stays[e.owner]) {
			*vec_push(x->a, &ret.list) = e;
			*vec_push(x->a, &ret.numbers) = number;
			ret.size += e.size;
		}
	return ret;
}

static uint8_t *shorten(struct reducer *x, uint32_t section, uint64_t size)
{
	struct section *to = &x->out->sections[section];
	uint8_t *data = arena_array(x->a, size + 1, uint8_t);

	to->size = size;
	to->data = size ? data : NULL;
	return data;
}

static void state_entries(struct section *s, uint64_t size, const uint32_t *entries)
{
	s->entry_size = (uint32_t)size; /* a file has no more */
	s->entries = entries;
}

static void reduce_table(struct reducer *x, uint32_t section)
{
	const struct scope_side *s = x->s;
	uint32_t beside = s->beside[section];
	struct kept_entries kept = kept_entries(x, section);
	uint64_t step = s->entry_sizes[section], step_beside = beside ? s->entry_sizes[beside] : 0;
	uint8_t *data = shorten(x, section, kept.size);
	uint8_t *data_beside = beside ? shorten(x, beside, kept.list.count * step_beside) : NULL;

	for (uint32_t i = 0; i < kept.list.count; i++) {
		const struct entry *e = &kept.list.items[i];

		memcpy(data + i * step, s->o->sections[section].data + e->start, e->size);
		if (beside)
			memcpy(data_beside + i * step_beside,
			       s->o->sections[beside].data + kept.numbers.items[i] * step_beside, step_beside);
		copy_relocs(x, e->reloc, e->reloc_count, e->start - i * step);
	}
	state_entries(&x->out->sections[section], step, kept.numbers.items);
	if (beside)
		state_entries(&x->out->sections[beside], step_beside, kept.numbers.items);
}

static void reduce_unread(struct reducer *x, uint32_t section)
{
	struct section *to = &x->out->sections[section];

	to->all_aside = section_is_alloc(to) && !x->s->needed[section];
	if (to->all_aside)
		add_aside(x, section, (struct aside){ .start = 0, .end = to->size, .twin = NONE });
}

static void reduce_section(struct reducer *x, uint32_t section)
{
	struct section *to = &x->out->sections[section];

	to->aside_first = x->asides.count;
	to->reloc_first = x->relocs.count;
	switch ((enum section_kind)x->s->kinds[section]) {
	case HAS_CELLS:
	case HAS_PIECES:
		reduce_cells(x, section);
		break;
	case HAS_ENTRIES:
		reduce_table(x, section);
		break;
	case RUNS_BESIDE:
		break;
	case NOT_COMPARED:
		reduce_unread(x, section);
	}
	to->reloc_count = x->relocs.count - to->reloc_first;
}

static const struct object *reduce_side(struct arena *a, const struct finder *f, const struct scope_side *s,
					const bool *taken)
{
	struct reducer x = { .a = a, .f = f, .s = s, .out = arena_new(a, struct object), .taken = taken };
	struct labels *labels = arena_new(a, struct labels);

	*labels = labels_copy(a, &s->labels, s->o->section_count);
	*x.out = *s->o;
	x.out->sections = arena_array(a, s->o->section_count + 1, struct section);
	memcpy(x.out->sections, s->o->sections, s->o->section_count * sizeof(*x.out->sections));
	for (uint32_t i = 1; i < s->o->section_count; i++)
		reduce_section(&x, i);
	x.out->relocs = x.relocs.items;
	x.out->reloc_count = x.relocs.count;
	x.out->asides = x.asides.items;
	x.out->labels = labels;
	return x.out;
}

/* --- what is told of the parts that are set aside ------------------------------------------------ */

/* Something of the object takes the address of a function that is set aside. */
static void find_taken(const struct scope_side *s, bool *taken)
{
	for (uint32_t i = 0; i < s->o->reloc_count; i++) {
		const struct reloc *r = &s->o->relocs[i];
		uint32_t cell = s->to[i];

		if (cell == NONE || !s->present[cell] || s->stays[cell] || taken[cell] || !is_code(s, cell))
			continue;
		taken[cell] = kind_has_cells(s->kinds[r->section]) && !s->o->arch->is_branch(s->o, r);
	}
}

static uint32_t count_functions(const struct scope_side *s)
{
	uint32_t count = 0;

	for (uint32_t c = 0; c < s->cells.count; c++) {
		uint32_t label = cell_label(s, c);

		count += label != NONE && s->o->symbols[label].type == STT_FUNC && !is_outlined(s, c) &&
			 !s->present[c] && !s->stays[c];
	}
	return count;
}

struct scope {
	const struct finder *finder;
	const bool *taken; /* by cell of the original */
	uint32_t functions;
};

struct scope *find_scope(struct finder *f)
{
	struct scope *ret = arena_new(f->a, struct scope);
	bool *taken = arena_array(f->a, f->orig.cells.count + 1, bool);

	f->orig.stays = kept_of(f, &f->orig);
	f->patched.stays = kept_of(f, &f->patched);
	find_needed(&f->orig, &f->patched);
	find_needed(&f->patched, &f->orig);
	need_both(&f->orig, &f->patched);
	need_both(&f->patched, &f->orig);
	if (f->orig.o->arch->landing_pad)
		find_taken(&f->orig, taken);
	*ret = (struct scope){ .finder = f, .taken = taken, .functions = count_functions(&f->orig) };
	return ret;
}

uint32_t scope_functions(const struct scope *scope)
{
	return scope->functions;
}

const struct object *scope_reduce(struct arena *a, const struct scope *scope, bool orig)
{
	const struct finder *f = scope->finder;

	return reduce_side(a, f, orig ? &f->orig : &f->patched, orig ? scope->taken : NULL);
}
