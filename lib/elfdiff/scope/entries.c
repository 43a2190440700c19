/* SPDX-License-Identifier: GPL-2.0-or-later */
/* entries.c - special tables: the entries of a cell are a part of it */
#include <string.h>

#include "scope/internal.h"

uint32_t entry_count(const struct scope_side *s, uint32_t section)
{
	uint64_t size = s->o->sections[section].size, step = s->entry_sizes[section];

	return (uint32_t)((size + step - 1) / step);
}

/* --- comparing two tables ------------------------------------------------------------ */

/* The bytes of an entry of the table that runs beside. */
static const uint8_t *beside(const struct scope_side *s, uint32_t table, const struct entry *e, uint64_t *size)
{
	uint32_t section = s->beside[table];

	*size = s->entry_sizes[section];
	return s->o->sections[section].data + e->start / s->entry_sizes[table] * *size;
}

static bool same_beside(const struct finder *f, const struct entry *x, const struct entry *y, const uint32_t tables[2])
{
	uint64_t n, m;
	const uint8_t *p, *q;

	if (!f->orig.beside[tables[0]] || !f->patched.beside[tables[1]])
		return !f->orig.beside[tables[0]] && !f->patched.beside[tables[1]];
	p = beside(&f->orig, tables[0], x, &n);
	q = beside(&f->patched, tables[1], y, &m);
	return n == m && !memcmp(p, q, n);
}

static bool same_entry(struct finder *f, const struct entry *x, const struct entry *y, const uint32_t tables[2])
{
	const uint8_t *p = f->orig.o->sections[tables[0]].data, *q = f->patched.o->sections[tables[1]].data;

	return x->size == y->size && x->reloc_count == y->reloc_count && !memcmp(p + x->start, q + y->start, x->size) &&
	       same_beside(f, x, y, tables) &&
	       same_relocations(f, x->reloc, y->reloc, x->reloc_count, x->start, y->start);
}

static bool is_different(const struct scope_side *s, const struct entry *e)
{
	return s->different[e->owner];
}

/*
 * In order. Entries of cells that are known to differ may come in between; where others differ, so do their cells. So of a
 * cell that is the same in the end, each entry was found to be the same as one of its twin's, and none of either was
 * passed over.
 */
static void compare_entries(struct finder *f, const uint32_t tables[2])
{
	struct entry x = { 0 }, y = { 0 };
	bool in_orig = next_entry(&f->orig, tables[0], &x), in_patched = next_entry(&f->patched, tables[1], &y);

	while (in_orig && in_patched) {
		bool same = same_entry(f, &x, &y, tables), next = same || !is_different(&f->patched, &y);

		if (!same && next && !is_different(&f->orig, &x))
			mark_different(f, x.owner, y.owner);
		if (same || (next && is_different(&f->orig, &x)))
			in_orig = next_entry(&f->orig, tables[0], &x);
		if (same || !next)
			in_patched = next_entry(&f->patched, tables[1], &y);
	}
	for (; in_orig; in_orig = next_entry(&f->orig, tables[0], &x))
		mark_different(f, x.owner, NONE);
	for (; in_patched; in_patched = next_entry(&f->patched, tables[1], &y))
		mark_different(f, NONE, y.owner);
}

/* All that has entries in it. */
static void differ(struct finder *f, bool in_orig, uint32_t table)
{
	const struct scope_side *s = in_orig ? &f->orig : &f->patched;
	struct entry e = { 0 };

	while (next_entry(s, table, &e))
		mark_different(f, in_orig ? e.owner : NONE, in_orig ? NONE : e.owner);
}

static bool one_of_its_name(const struct scope_side *s, uint32_t section)
{
	const char *name = s->o->sections[section].name;

	return object_section(s->o, name, 0) == section && !object_section(s->o, name, section);
}

static uint32_t table_named(const struct scope_side *s, const char *name)
{
	uint32_t section = object_section(s->o, name, 0);

	return section && s->kinds[section] == HAS_ENTRIES && one_of_its_name(s, section) ? section : 0;
}

void compare_tables(struct finder *f)
{
	for (uint32_t i = 1; i < f->orig.o->section_count; i++) {
		uint32_t tables[2] = { i, 0 };

		if (f->orig.kinds[i] != HAS_ENTRIES)
			continue;
		if (one_of_its_name(&f->orig, i))
			tables[1] = table_named(&f->patched, f->orig.o->sections[i].name);
		if (tables[1] && same_section(f, i, tables[1]) &&
		    f->orig.entry_sizes[i] == f->patched.entry_sizes[tables[1]]) {
			compare_entries(f, tables);
			continue;
		}
		differ(f, true, i);
		if (tables[1])
			differ(f, false, tables[1]);
	}
	for (uint32_t i = 1; i < f->patched.o->section_count; i++)
		if (f->patched.kinds[i] == HAS_ENTRIES &&
		    (!one_of_its_name(&f->patched, i) || !table_named(&f->orig, f->patched.o->sections[i].name)))
			differ(f, false, i);
}
