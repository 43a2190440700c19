/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "klp_arch.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

bool klp_arch_is_late(const char *section)
{
	return !strcmp(section, ".altinstructions") || !strcmp(section, ".parainstructions");
}

bool klp_arch_waits(const char *section)
{
	return klp_arch_is_late(section) || !strcmp(section, ".altinstr_replacement");
}

static int by_place(const void *x, const void *y)
{
	const struct klp_table *a = x, *b = y;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	return a->start < b->start ? -1 : a->start > b->start;
}

static uint32_t section_for(struct arena *a, struct model *m, const struct klp_table *t)
{
	const struct model_section *from = &m->sections.items[t->section];
	const char *name = arena_printf(a, KLP_ARCH_PREFIX "%s.%s", t->object, from->name);
	struct model_section s = {
		.name = name, .type = from->type, .flags = from->flags, .align = from->align, .entsize = from->entsize
	};

	for (uint32_t i = 1; i < m->sections.count; i++)
		if (!strcmp(m->sections.items[i].name, name))
			return i;
	*vec_push(a, &m->sections) = s;
	return m->sections.count - 1;
}

/* Appends the bytes [start, end) of one section to another, with their relocations. */
static void move_part(struct arena *a, struct model *m, uint32_t from, uint64_t start, uint64_t end, uint32_t to)
{
	struct model_section *f = &m->sections.items[from], *t = &m->sections.items[to];
	uint64_t at = align_up(t->size, t->align), size = end - start;
	uint8_t *bytes = arena_alloc(a, at + size + 1);
	uint32_t kept = 0;

	if (t->size)
		memcpy(bytes, t->data, t->size);
	memcpy(bytes + at, f->data + start, size);
	t->data = bytes;
	t->size = at + size;
	for (uint32_t i = 0; i < f->relocs.count; i++) {
		struct model_reloc r = f->relocs.items[i];

		if (r.offset < start || r.offset >= end) {
			f->relocs.items[kept++] = r;
			continue;
		}
		r.offset += at - start;
		*vec_push(a, &t->relocs) = r;
	}
	f->relocs.count = kept;
}

/* Names in a part, and what other than .kpatch.arch refers to one, would lead nowhere. */
static bool is_referred_to(const struct model *m, const struct klp_table *first)
{
	for (uint32_t i = 1; i < m->symbols.count; i++) {
		const struct model_symbol *s = &m->symbols.items[i];

		if (s->place == MODEL_DEFINED && s->section == first->section && s->type != STT_SECTION &&
		    s->value >= first->start)
			return true;
	}
	for (uint32_t i = 1; i < m->sections.count; i++)
		for (uint32_t j = 0; j < m->sections.items[i].relocs.count; j++) {
			const struct model_reloc *r = &m->sections.items[i].relocs.items[j];
			const struct model_symbol *s = &m->symbols.items[r->symbol];

			if (s->place == MODEL_DEFINED && s->section == first->section &&
			    s->value + (uint64_t)r->addend >= first->start)
				return true;
		}
	return false;
}

static enum elfdiff_status refuse(struct diags *ds, const char *path, const char *section, const char *cause)
{
	diag_add(ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = "klp-arch",
					.object = path,
					.section = section,
					.cause = cause,
					.hint = "for Linux 5.8 and later leave the option --klp-arch out" },
		 "`%s` cannot be parted by patched object", section);
	return ELFDIFF_ERROR;
}

/* All parts of one section: items [first, last) of the sorted tables. */
static enum elfdiff_status split_section(struct arena *a, struct diags *ds, const char *path, struct model *m,
					 const struct klp_table *first, const struct klp_table *last)
{
	uint32_t n = first->section;
	const char *name = m->sections.items[n].name;
	uint64_t size = m->sections.items[n].size;

	if (!klp_arch_is_late(name) || !m->sections.items[n].data)
		return refuse(ds, path, name, "the kernel reads only .altinstructions and .parainstructions late");
	if (is_referred_to(m, first))
		return refuse(ds, path, name, "a symbol stands in it, or other sections refer to it");
	for (const struct klp_table *t = first; t < last; t++) {
		uint64_t end = t + 1 < last ? t[1].start : size;
		uint32_t to = section_for(a, m, t);

		move_part(a, m, n, t->start, end, to);
	}
	m->sections.items[n].size = first->start;
	return ELFDIFF_OK;
}

enum elfdiff_status klp_arch_split(struct arena *a, struct diags *ds, const char *path, struct model *m,
				   struct klp_tables *tables)
{
	enum elfdiff_status status = ELFDIFF_OK;

	if (tables->count)
		qsort(tables->items, tables->count, sizeof(*tables->items), by_place);
	for (uint32_t i = 0, end; i < tables->count && !status; i = end) {
		for (end = i + 1; end < tables->count && tables->items[end].section == tables->items[i].section; end++)
			;
		status = split_section(a, ds, path, m, &tables->items[i], &tables->items[end]);
	}
	return status;
}
