/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cells.c - the parts of an object that are kept or set aside as a whole */
#include <elf.h>

#include "arch/arch.h"
#include "arch/entry_size.h"
#include "base/text.h"
#include "elf/mergeable.h"
#include "elf/names.h"
#include "scope/internal.h"

/* --- what kind a section is ------------------------------------------------------- */

static bool has_labels(const struct scope_side *s, uint32_t section)
{
	return label_count(&s->labels, section);
}

/* Entries that can be told apart, and that nothing refers to but their number. */
static bool is_table(struct scope_side *s, uint32_t section)
{
	const struct special *row = row_of(s, section);
	const struct section *sec = &s->o->sections[section];

	if (has_labels(s, section) || !sec->reloc_count || !sec->data || is_marked(s, section, 0))
		return false;
	if (special_is_table(row))
		s->entry_sizes[section] = entry_size_found(s->o, &s->labels, section, row);
	else if (row->kind == SPECIAL_IGNORED && row->read == READ_ENTRIES && row->relocs)
		s->entry_sizes[section] = entry_size_by_relocs(s->o, &s->labels, section, row);
	return s->entry_sizes[section] != 0;
}

static bool is_pieces(const struct scope_side *s, uint32_t section)
{
	const struct special *row = row_of(s, section);
	if (has_labels(s, section) || !s->o->sections[section].data || !special_is_cut(row))
		return false;
	return row->kind == SPECIAL_PAYLOAD || row->kind == SPECIAL_CODE || row->kind == SPECIAL_COPIED ||
	       row->kind == SPECIAL_SLOTS;
}

static bool is_unread(const struct special *row)
{
	return row && row->kind == SPECIAL_IGNORED && !row->read;
}

static bool is_content(const struct scope_side *s, uint32_t section)
{
	const struct section *sec = &s->o->sections[section];

	if (!section_is_alloc(sec) || sec->flags & SHF_EXECINSTR || sec->reloc_count || s->of_kpatch[section] ||
	    !section_is_mergeable(s->o, &s->labels, section))
		return false;
	return !special_is_cut(row_of(s, section)) || (is_unread(row_of(s, section)) && sec->flags & SHF_STRINGS);
}

static enum section_kind kind_of(struct scope_side *s, uint32_t section)
{
	const struct section *sec = &s->o->sections[section];
	const struct special *row = row_of(s, section);

	if (!section_is_alloc(sec) || sec->type == SHT_RELA || sec->type == SHT_REL)
		return NOT_COMPARED;
	if (s->of_kpatch[section])
		return HAS_CELLS;
	if (is_unread(row) && s->kinds[section] != HAS_PIECES)
		return NOT_COMPARED;
	if (special_is_cut(row) && is_table(s, section))
		return HAS_ENTRIES;
	return s->kinds[section] == HAS_PIECES || is_pieces(s, section) ? HAS_PIECES : HAS_CELLS;
}

/* A table without relocations whose name some row gives as the one beside it. */
static void find_beside(struct scope_side *s, uint32_t table)
{
	const char *name = row_of(s, table)->parallel;
	uint32_t section = name ? object_section(s->o, name, 0) : 0;
	const struct section *sec = &s->o->sections[section];
	uint32_t entries = section ? entry_count(s, table) : 0;

	if (!section || !sec->data || sec->reloc_count || has_labels(s, section) || sec->size % entries ||
	    is_marked(s, section, 0) || object_section(s->o, name, section))
		return;
	s->kinds[section] = RUNS_BESIDE;
	s->entry_sizes[section] = sec->size / entries;
	s->beside[table] = section;
}

/* --- cutting ------------------------------------------------------------------------ */

static void add_cell(struct scope_side *s, uint32_t section, uint64_t start, uint32_t first_label)
{
	*vec_push(s->a, &s->cells) = (struct cell){ .section = section, .start = start, .first_label = first_label };
}

/*
 * A label begins a cell where the thing before ends there or before. Code of which nobody says how long it is may run on
 * behind the next label, and what is a function's lead belongs to it.
 */
static void cut_by_labels(struct scope_side *s, uint32_t section)
{
	const struct section *sec = &s->o->sections[section];
	bool code = sec->flags & SHF_EXECINSTR, sized = true, lead = false;
	uint64_t start = 0, end = 0, at_value = UINT64_MAX;

	add_cell(s, section, 0, s->labels.first[section]);
	for (uint32_t i = s->labels.first[section]; i < s->labels.first[section + 1]; i++) {
		const struct symbol *sym = &s->o->symbols[s->labels.symbols[i]];
		uint64_t at = sym->value - (code && s->o->arch->lead ? s->o->arch->lead(s->o, sym) : 0);

		if (at > start && at <= sym->value && at >= end && (sized || !code) && !lead &&
		    sym->value <= sec->size &&
		    (!code || (symbol_starts_function(sym) && i > s->labels.first[section]))) {
			add_cell(s, section, at, i);
			start = at;
		}
		if (sym->value != at_value)
			sized = false;
		at_value = sym->value;
		sized |= sym->size != 0;
		lead = name_is_prefix_symbol(sym->name);
		if (sym->value + sym->size > end)
			end = sym->value + sym->size;
	}
}

static void cut_by_content(struct scope_side *s, uint32_t section)
{
	const struct section *sec = &s->o->sections[section];

	uint32_t label = s->labels.first[section];

	for (uint64_t at = 0; at < sec->size; at = mergeable_end(sec, at)) {
		while (label < s->labels.first[section + 1] && s->o->symbols[s->labels.symbols[label]].value < at)
			label++;
		add_cell(s, section, at, label);
	}
}

static void cut_where_marked(struct scope_side *s, uint32_t section)
{
	add_cell(s, section, 0, s->labels.first[section]);
	for (uint64_t at = 1; s->marks[section] && at < s->o->sections[section].size; at++) {
		if (!(at & 7) && !s->marks[section][at / 8])
			at += 7;
		else if (is_marked(s, section, at))
			add_cell(s, section, at, s->labels.first[section]);
	}
}

bool is_marked(const struct scope_side *s, uint32_t section, uint64_t offset)
{
	const uint8_t *marks = s->marks[section];

	return marks && offset < s->o->sections[section].size && marks[offset / 8] >> (offset & 7) & 1;
}

static bool mark_byte(struct scope_side *s, uint32_t section, uint64_t offset)
{
	const struct section *sec = &s->o->sections[section];

	if (!sec->data || offset >= sec->size)
		return false;
	if (!s->marks[section])
		s->marks[section] = arena_array(s->a, sec->size / 8 + 1, uint8_t);
	s->marks[section][offset / 8] |= (uint8_t)(1 << (offset & 7));
	return true;
}

bool symbol_names(const struct symbol *s)
{
	return s->type != STT_SECTION && !name_is_marker(s->name);
}

/* Beyond the relocation: no instruction begins there, so what is asked for is the least. */
static int64_t least_bias(const struct object *o, const struct reloc *r)
{
	return o->arch->bias(o, r, r->offset + 1);
}

/* A reference to it tells where a piece begins, or that something refers to a table. */
static bool is_telling(const struct scope_side *s, const struct symbol *sym)
{
	const struct special *row = sym->place == SYMBOL_DEFINED ? row_of(s, sym->section) : NULL;

	if (sym->place != SYMBOL_DEFINED || has_labels(s, sym->section))
		return false;
	return (row && (special_is_table(row) || row->kind == SPECIAL_KEPT || row->relocs)) ||
	       (s->kinds[sym->section] != HAS_PIECES && is_pieces(s, sym->section));
}

static void mark_reference(struct scope_side *s, const struct reloc *r)
{
	const struct symbol *sym = &s->o->symbols[r->symbol];
	const struct special *row = row_of(s, sym->section);

	if (row && (special_is_table(row) || row->kind == SPECIAL_KEPT || row->relocs))
		mark_byte(s, sym->section, 0);
	else
		mark_byte(s, sym->section, sym->value + (uint64_t)(r->addend + least_bias(s->o, r)));
}

static void mark_references(struct scope_side *s)
{
	bool *telling = arena_array(s->a, s->o->symbol_count + 1, bool);

	for (uint32_t i = 0; i < s->o->symbol_count; i++)
		telling[i] = is_telling(s, &s->o->symbols[i]);
	for (uint32_t i = 0; i < s->o->reloc_count; i++)
		if (telling[s->o->relocs[i].symbol])
			mark_reference(s, &s->o->relocs[i]);
}

/* --- questions ------------------------------------------------------------------------ */

uint32_t cell_at(const struct scope_side *s, uint32_t section, uint64_t offset)
{
	uint32_t low = s->first[section], high = s->first[section + 1];

	if (low == high)
		return NONE;
	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (s->cells.items[mid].start <= offset)
			low = mid;
		else
			high = mid;
	}
	return low;
}

uint64_t cell_end(const struct scope_side *s, uint32_t cell)
{
	uint32_t section = s->cells.items[cell].section;

	return cell + 1 < s->first[section + 1] ? s->cells.items[cell + 1].start : s->o->sections[section].size;
}

uint32_t cell_label_end(const struct scope_side *s, uint32_t cell)
{
	uint32_t section = s->cells.items[cell].section;

	return cell + 1 < s->first[section + 1] ? s->cells.items[cell + 1].first_label : s->labels.first[section + 1];
}

uint32_t cell_label(const struct scope_side *s, uint32_t cell)
{
	uint32_t first = s->cells.items[cell].first_label;

	return first < cell_label_end(s, cell) ? s->labels.symbols[first] : NONE;
}

uint32_t cell_source(const struct scope_side *s, uint32_t cell)
{
	uint32_t label = cell_label(s, cell);

	return label == NONE ? NONE : s->o->symbols[label].file;
}

uint32_t symbol_cell(const struct scope_side *s, const struct symbol *sym)
{
	return sym->place == SYMBOL_DEFINED && kind_has_cells(s->kinds[sym->section])
		       ? cell_at(s, sym->section, sym->value)
		       : NONE;
}

uint32_t cell_relocs(const struct scope_side *s, uint32_t cell, uint32_t *count)
{
	const struct section *sec = &s->o->sections[s->cells.items[cell].section];
	bool last = cell + 1 == s->first[s->cells.items[cell].section + 1];

	*count = (last ? sec->reloc_first + sec->reloc_count : s->first_reloc[cell + 1]) - s->first_reloc[cell];
	return s->first_reloc[cell];
}

bool may_have_distances(const struct scope_side *s, uint32_t section)
{
	return !(s->o->sections[section].flags & SHF_EXECINSTR) && !row_of(s, section);
}

bool is_distance(const struct scope_side *s, const struct reloc *r)
{
	const struct object *o = s->o;
	const struct symbol *sym = &o->symbols[r->symbol];
	struct reloc_field field;

	return may_have_distances(s, r->section) && !symbol_names(sym) &&
	       s->first[sym->section + 1] - s->first[sym->section] > 1 &&
	       o->sections[sym->section].flags & SHF_EXECINSTR && o->arch->field(r->type, &field) && field.pc_relative;
}

uint64_t place_of(const struct scope_side *s, const struct reloc *r)
{
	return s->o->symbols[r->symbol].value + (uint64_t)r->addend;
}

/* --- where relocations lead ------------------------------------------------------------- */

/* `.LC1 - 1` is not in the string before. */
static bool is_cell_of_symbol(const struct scope_side *s, const struct symbol *sym)
{
	return symbol_names(sym) || (sym->type != STT_SECTION && s->o->sections[sym->section].flags & SHF_MERGE);
}

static uint32_t cell_near(const struct scope_side *s, uint32_t section, uint64_t offset)
{
	return cell_at(s, section, (int64_t)offset < 0 ? 0 : offset);
}

/*
 * An offset into a section that has several cells. What the instruction has behind the field counts too: where that
 * decides, the code is read up to it.
 */
static uint32_t cell_by_offset(const struct scope_side *s, const struct reloc *r)
{
	const struct object *o = s->o;
	uint32_t section = o->symbols[r->symbol].section, cell, from;
	uint64_t least = place_of(s, r) + (uint64_t)least_bias(o, r);

	cell = cell_near(s, section, least);
	if (cell + 1 == s->first[section + 1] ||
	    (int64_t)(least + o->arch->bias_slack) < (int64_t)s->cells.items[cell + 1].start ||
	    !(o->sections[r->section].flags & SHF_EXECINSTR) || o->arch->is_branch(o, r))
		return cell;
	from = cell_at(s, r->section, r->offset);
	if (from == NONE)
		return cell;
	return cell_near(s, section, place_of(s, r) + (uint64_t)o->arch->bias(o, r, s->cells.items[from].start));
}

/* Where references to a symbol lead: a cell, NONE, or to several, by their addends. */
#define BY_ADDEND (NONE - 1)
static uint32_t find_cell(const struct scope_side *s, const struct symbol *sym)
{
	uint32_t first;

	if (sym->place != SYMBOL_DEFINED || !kind_has_cells(s->kinds[sym->section]))
		return NONE;
	first = s->first[sym->section];
	if (s->first[sym->section + 1] - first == 1)
		return first;
	return is_cell_of_symbol(s, sym) ? cell_at(s, sym->section, sym->value) : BY_ADDEND;
}

static void find_targets(struct scope_side *s)
{
	uint32_t *cells = arena_array(s->a, s->o->symbol_count + 1, uint32_t);

	s->to = arena_array(s->a, s->o->reloc_count + 1, uint32_t);
	for (uint32_t i = 0; i < s->o->reloc_count; i++) {
		const struct reloc *r = &s->o->relocs[i];
		uint32_t *cell = &cells[r->symbol];

		if (*cell == NOBODY) /* it was not asked for yet */
			*cell = find_cell(s, &s->o->symbols[r->symbol]);
		s->to[i] = *cell == BY_ADDEND ? cell_by_offset(s, r) : *cell;
	}
}

static void find_owners_in_table(struct scope_side *s, uint32_t table)
{
	struct entry e = { 0 };

	while (next_entry(s, table, &e))
		for (uint32_t r = e.reloc; r < e.reloc + e.reloc_count; r++)
			s->of[r] = e.owner;
}

static void find_owners(struct scope_side *s)
{
	s->of = none_array(s->a, s->o->reloc_count + 1);
	for (uint32_t c = 0; c < s->cells.count; c++) {
		uint32_t count, first = cell_relocs(s, c, &count);

		for (uint32_t r = first; r < first + count; r++)
			s->of[r] = c;
	}
	for (uint32_t i = 1; i < s->o->section_count; i++)
		if (s->kinds[i] == HAS_ENTRIES)
			find_owners_in_table(s, i);
}

static void find_first_relocs(struct scope_side *s)
{
	s->first_reloc = arena_array(s->a, s->cells.count + 1, uint32_t);
	for (uint32_t c = 0; c < s->cells.count; c++) {
		const struct cell *cell = &s->cells.items[c];
		const struct section *sec = &s->o->sections[cell->section];

		s->first_reloc[c] = cell->start ? object_first_reloc(s->o, sec, cell->start) : sec->reloc_first;
	}
}

void cut_into_cells(struct scope_side *s)
{
	const struct object *o = s->o;

	s->labels = labels_of(s->a, o);
	s->kinds = arena_array(s->a, o->section_count + 1, uint8_t);
	s->first = arena_array(s->a, o->section_count + 1, uint32_t);
	s->entry_sizes = arena_array(s->a, o->section_count + 1, uint64_t);
	s->beside = arena_array(s->a, o->section_count + 1, uint32_t);
	s->marks = arena_array(s->a, o->section_count + 1, uint8_t *);
	s->needed = arena_array(s->a, o->section_count + 1, bool);
	s->of_kpatch = arena_array(s->a, o->section_count + 1, bool);
	for (uint32_t i = 1; i < o->section_count; i++)
		s->of_kpatch[i] = starts_with(o->sections[i].name, ".kpatch.");
	for (uint32_t i = 1; i < o->section_count; i++)
		s->kinds[i] = is_content(s, i) ? HAS_PIECES : NOT_COMPARED;
	mark_references(s);
	for (uint32_t i = 1; i < o->section_count; i++)
		s->kinds[i] = kind_of(s, i);
	for (uint32_t i = 1; i < o->section_count; i++)
		if (s->kinds[i] == HAS_ENTRIES)
			find_beside(s, i);
	for (uint32_t i = 0; i < o->section_count; i++) {
		s->first[i] = s->cells.count;
		if (!i)
			add_cell(s, 0, 0, 0); /* NOBODY */
		else if (s->kinds[i] == HAS_CELLS)
			cut_by_labels(s, i);
		else if (s->kinds[i] == HAS_PIECES && is_content(s, i))
			cut_by_content(s, i);
		else if (s->kinds[i] == HAS_PIECES)
			cut_where_marked(s, i);
	}
	s->first[o->section_count] = s->cells.count;
	s->twin = none_array(s->a, s->cells.count + 1);
	s->different = arena_array(s->a, s->cells.count + 1, bool);
	s->different[NOBODY] = true;
	s->followed = arena_array(s->a, s->cells.count + 1, bool);
	s->read = arena_array(s->a, o->section_count + 1, bool);
	s->present = arena_array(s->a, s->cells.count + 1, bool);
	s->empty = arena_array(s->a, s->cells.count + 1, bool);
	for (uint32_t c = 0; c < s->cells.count; c++)
		s->empty[c] = s->cells.items[c].start == cell_end(s, c);
	s->sticky = arena_array(s->a, o->symbol_count + 1, uint8_t);
	s->asked = arena_array(s->a, o->symbol_count + 1, uint8_t);
	find_first_relocs(s);
	find_targets(s);
	find_owners(s);
}
