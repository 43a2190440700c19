/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unwound.c - the unwind data of what is in the output */
#include <elf.h>

#include "graph/unwind.h"
#include "patch/internal.h"

/* They lead to the code that they are about, and to nothing else: an item of its own none needs. */
void find_unwound(const struct diff *d, struct selection *s)
{
	const struct graph *g = d->patched;
	bool *has_items = arena_array(d->a, g->object->section_count, bool);

	for (uint32_t i = 0; i < s->items.count; i++)
		has_items[g->blocks[s->items.items[i].block].section] = true;
	for (uint32_t i = 0; i < g->unwind.count; i++) {
		struct edge e = { .block = NONE };

		if (has_items[g->object->symbols[unwind_reloc(g, i)->symbol].section])
			e = unwind_edge(g, i);
		if (e.block == NONE || s->item_of[e.block] == NONE)
			continue;
		index_add(d->a, &s->unwound_of, e.block, s->unwound.count);
		*vec_push(d->a, &s->unwound) = (struct unwound){ .entry = i, .edge = e };
	}
}

const struct unwound *unwound_at(const struct selection *s, uint32_t block, uint64_t offset)
{
	const struct index *ix = &s->unwound_of;
	const struct unwound *found = NULL;

	for (uint32_t e = index_first(ix, block); e != NONE; e = index_next(ix, e)) {
		const struct unwound *u = &s->unwound.items[ix->ids[e]];

		if (u->edge.block == block && u->edge.offset <= (int64_t)offset &&
		    (!found || u->edge.offset >= found->edge.offset))
			found = u;
	}
	return found;
}

bool unwound_begins_in(const struct selection *s, uint32_t block, uint64_t start, uint64_t end)
{
	const struct unwound *last = end ? unwound_at(s, block, end - 1) : NULL;

	return last && last->edge.offset >= (int64_t)start;
}

/* --- in the output ------------------------------------------------------------------ */

void place_unwound(struct assembler *as, uint32_t section)
{
	const struct unwind_table *t = &as->g->unwind;

	if (!as->s->unwound.count || !t->count)
		return;
	if (section == t->section)
		as->unwind = copy_section(as, section);
	else if (section == t->records)
		as->unwind_records = copy_section(as, section);
}

/* That from an offset of a block's output on the same holds as at the place of `u`. */
static void add_entry(struct assembler *as, const struct unwound *u, uint32_t block, uint64_t offset)
{
	const struct unwind_table *t = &as->g->unwind;
	const struct section *entries = &as->g->object->sections[t->section];
	const struct section *records = &as->g->object->sections[t->records];
	struct model_reloc r = { .type = unwind_reloc(as->g, u->entry)->type,
				 .symbol = build_section_symbol(&as->b, as->section_of[block]),
				 .addend = (int64_t)(as->offset_of[block] + offset) };

	r.offset = build_append(&as->b, as->unwind, entries->data + u->entry * t->size, t->size, 1);
	build_relocate(&as->b, as->unwind, r);
	build_append(&as->b, as->unwind_records, records->data + u->entry * t->record_size, t->record_size, 1);
}

void add_unwound(struct assembler *as)
{
	for (uint32_t i = 0; i < as->s->unwound.count; i++) {
		const struct unwound *u = &as->s->unwound.items[i];

		add_entry(as, u, u->edge.block, (uint64_t)u->edge.offset);
	}
}

void repeat_unwound(struct assembler *as, uint32_t block, uint64_t offset, uint64_t at)
{
	const struct unwound *u = unwound_at(as->s, block, offset);

	if (u)
		add_entry(as, u, block, at);
}
