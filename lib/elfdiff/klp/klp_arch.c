/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "klp/internal.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/special.h"
#include "base/bytes.h"
#include "klp/form_names.h"

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

static uint32_t add_section(struct arena *a, struct model *m, const struct klp_table *t)
{
	const struct model_section *from = &m->sections.items[t->section];
	const char *name = arena_printf(a, KLP_ARCH_PREFIX "%s.%s", t->object, from->name);
	struct model_section s = {
		.name = name, .type = from->type, .flags = from->flags, .align = from->align, .entsize = from->entsize
	};

	*vec_push(a, &m->sections) = s;
	return m->sections.count - 1;
}

/* Where a part goes. */
struct destination {
	uint32_t section;
	uint64_t offset;
};

/* Makes room for each part, in the order of the parts. */
static struct destination *place_parts(struct arena *a, struct model *m, const struct klp_table *first, uint32_t count,
				       uint64_t end)
{
	struct destination *to = arena_array(a, count, struct destination);
	struct index by_object = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		const struct klp_table *t = &first[i];
		uint64_t h = hash_string(t->object);
		uint32_t e = index_first(&by_object, h);
		struct model_section *s;

		while (e != NONE && strcmp(first[by_object.ids[e]].object, t->object))
			e = index_next(&by_object, e);
		if (e == NONE)
			index_add(a, &by_object, h, i);
		to[i].section = e == NONE ? add_section(a, m, t) : to[by_object.ids[e]].section;
		s = &m->sections.items[to[i].section];
		to[i].offset = align_up(s->size, s->align);
		s->size = to[i].offset + (i + 1 < count ? first[i + 1].start : end) - t->start;
	}
	return to;
}

static void move_bytes(struct arena *a, struct model *m, const struct klp_table *first, uint32_t count,
		       const struct destination *to)
{
	const struct model_section *from = &m->sections.items[first->section];
	uint8_t **bytes = arena_array(a, m->sections.count, uint8_t *);

	for (uint32_t i = 0; i < count; i++) {
		struct model_section *s = &m->sections.items[to[i].section];
		uint64_t end = i + 1 < count ? first[i + 1].start : from->size;

		if (!bytes[to[i].section]) {
			bytes[to[i].section] = arena_alloc(a, s->size + 1);
			s->data = bytes[to[i].section];
		}
		memcpy(bytes[to[i].section] + to[i].offset, from->data + first[i].start, end - first[i].start);
	}
}

/* The last part that starts at an offset or before it; `count`: none does. */
static uint32_t part_at(const struct klp_table *first, uint32_t count, uint64_t offset)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (first[middle].start <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : count;
}

static void move_relocs(struct arena *a, struct model *m, const struct klp_table *first, uint32_t count,
			const struct destination *to)
{
	struct model_section *from = &m->sections.items[first->section];
	uint32_t kept = 0;

	for (uint32_t i = 0; i < from->relocs.count; i++) {
		struct model_reloc r = from->relocs.items[i];
		uint32_t part = part_at(first, count, r.offset);

		if (part == count) {
			from->relocs.items[kept++] = r;
			continue;
		}
		r.offset += to[part].offset - first[part].start;
		*vec_push(a, &m->sections.items[to[part].section].relocs) = r;
	}
	from->relocs.count = kept;
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
					.hint = "for Linux 5.8 and later give create-klp-module the option -n" },
		 "`%s` cannot be split by patched object", section);
	return ELFDIFF_ERROR;
}

/* All parts of one section. */
static enum elfdiff_status split_section(struct arena *a, struct diags *ds, const char *path, struct model *m,
					 const struct klp_table *first, uint32_t count)
{
	const struct model_section *from = &m->sections.items[first->section];
	const struct destination *to;

	if (!klp_arch_is_late(from->name) || !from->data)
		return refuse(ds, path, from->name,
			      "the kernel reads only .altinstructions and .parainstructions late");
	if (is_referred_to(m, first))
		return refuse(ds, path, from->name, "a symbol is defined in it, or other sections refer to it");
	to = place_parts(a, m, first, count, from->size);
	move_bytes(a, m, first, count, to);
	move_relocs(a, m, first, count, to);
	m->sections.items[first->section].size = first->start;
	return ELFDIFF_OK;
}

enum elfdiff_status klp_arch_split(struct arena *a, struct diags *ds, const char *path, struct model *m,
				   struct klp_tables *tables)
{
	enum elfdiff_status status = ELFDIFF_OK;

	for (uint32_t i = 1; tables->list.count && i < m->sections.count; i++)
		if (starts_with(m->sections.items[i].name, KLP_ARCH_PREFIX))
			return refuse(ds, path, m->sections.items[i].name, "the file has already been finished");
	if (tables->list.count)
		qsort(tables->list.items, tables->list.count, sizeof(*tables->list.items), by_place);
	for (uint32_t i = 0, end; i < tables->list.count && !status; i = end) {
		for (end = i + 1;
		     end < tables->list.count && tables->list.items[end].section == tables->list.items[i].section;
		     end++)
			;
		status = split_section(a, ds, path, m, &tables->list.items[i], end - i);
	}
	return status;
}

/* Who applies KLP relocations after the loader has read tables, and what then can be done. */
struct late {
	const char *cause, *hint;
};

/* Each symbol once for each section. */
static bool refuse_late(struct arena *a, struct diags *ds, const char *path, const struct model *m, uint32_t section,
			const struct late *late)
{
	const struct model_section *s = &m->sections.items[section];
	bool *said = arena_array(a, m->symbols.count, bool);
	bool found = false;

	for (uint32_t i = 0; i < s->relocs.count; i++) {
		const struct model_symbol *y = &m->symbols.items[s->relocs.items[i].symbol];

		if (y->place != MODEL_KLP || said[s->relocs.items[i].symbol])
			continue;
		said[s->relocs.items[i].symbol] = found = true;
		diag_add(ds,
			 (struct elfdiff_diag){ .severity = ELFDIFF_REFUSAL,
						.id = "late-special",
						.object = path,
						.section = s->name,
						.symbol = y->name,
						.cause = late->cause,
						.hint = late->hint },
			 "`%s` uses `%s` of `%s`", s->name, y->name, y->klp_object);
	}
	return found;
}

static enum elfdiff_status check(struct arena *a, struct diags *ds, const char *path, const struct model *m,
				 bool tables_wait, const struct late *late)
{
	const struct arch *arch = arch_find(m->machine);
	bool found = false;

	for (uint32_t i = 1; i < m->sections.count; i++) {
		const struct special *row = special_find(m->sections.items[i].name, arch ? arch->bit : ARCH_ANY);

		if (row && row->early && !(tables_wait && klp_arch_waits(row->name)))
			found |= refuse_late(a, ds, path, m, i, late);
	}
	return found ? ELFDIFF_REFUSED : ELFDIFF_OK;
}

enum elfdiff_status klp_arch_check(struct arena *a, struct diags *ds, const char *path, const struct model *m)
{
	static const struct late kernel = {
		.cause = "kernels before 5.8 read this section when the patch module is loaded, before KLP "
			 "relocations are applied",
		.hint = "for Linux 5.8 and later give create-klp-module the option -n; otherwise avoid it in the "
			"patched function, or test a static key with static_key_enabled()"
	};

	return check(a, ds, path, m, true, &kernel);
}

enum elfdiff_status klp_core_check(struct arena *a, struct diags *ds, const char *path, const struct model *m)
{
	static const struct late core = {
		.cause = "the module loader reads this section when the patch module is loaded, before the core finds "
			 "the symbol",
		.hint = "avoid it in the patched function; test a static key with static_key_enabled()"
	};

	return check(a, ds, path, m, false, &core);
}
