/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "klp/model_merge.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/special.h"
#include "klp/model_build.h"

/* Where a section or a symbol of a part has come to. */
struct moved {
	uint32_t *sections; /* by section of the part */
	uint64_t *bases;    /* by section of the part: bytes, in the new one */
	uint32_t *symbols;  /* by symbol of the part: handles of the builder */
};

/* The definition of a global name that counts. */
struct definition {
	uint32_t part, symbol;
	uint32_t handle;
};

struct merger {
	struct arena *a;
	struct diags *ds;
	const struct model_part *parts;
	uint32_t count;
	struct moved *moved; /* by part */
	VEC(struct definition) definitions;
	struct index definitions_by_name;
	bool refused;
	struct model_builder b;
};

static const struct model_symbol *symbol_of(const struct merger *mg, const struct definition *d)
{
	return &mg->parts[d->part].model->symbols.items[d->symbol];
}

/* --- global names ------------------------------------------------------------- */

static bool is_global_definition(const struct model_symbol *s)
{
	return s->bind != STB_LOCAL && s->place != MODEL_UNDEFINED && s->place != MODEL_KLP;
}

/* A static one is a KLP symbol as well; its name leads to nobody else's. */
static bool refers_by_global_name(const struct model_symbol *s)
{
	return s->bind != STB_LOCAL && (s->place == MODEL_UNDEFINED || s->place == MODEL_KLP);
}

static struct definition *find_definition(const struct merger *mg, const char *name)
{
	const struct index *ix = &mg->definitions_by_name;

	for (uint32_t e = index_first(ix, hash_string(name)); e != NONE; e = index_next(ix, e)) {
		struct definition *d = &mg->definitions.items[ix->ids[e]];

		if (!strcmp(symbol_of(mg, d)->name, name))
			return d;
	}
	return NULL;
}

static void refuse_second(struct merger *mg, const struct definition *first, uint32_t part, const char *name)
{
	mg->refused = true;
	diag_add(mg->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_REFUSAL,
					.id = "defined-twice",
					.object = mg->parts[part].path,
					.symbol = name,
					.cause = arena_printf(mg->a,
							      "`%s` defines it as well, and neither definition is weak",
							      mg->parts[first->part].path),
					.hint = "make one of them static, or give it another name" },
		 "`%s` is new, and defined twice", name);
}

/* As linkers do: a definition that is not weak counts, else the first one. */
static void add_definition(struct merger *mg, uint32_t part, uint32_t symbol)
{
	const struct model_symbol *s = &mg->parts[part].model->symbols.items[symbol];
	struct definition *known = find_definition(mg, s->name);

	if (!known) {
		index_add(mg->a, &mg->definitions_by_name, hash_string(s->name), mg->definitions.count);
		*vec_push(mg->a, &mg->definitions) = (struct definition){ .part = part, .symbol = symbol };
	} else if (s->bind != STB_WEAK && symbol_of(mg, known)->bind != STB_WEAK) {
		refuse_second(mg, known, part, s->name);
	} else if (s->bind != STB_WEAK) {
		known->part = part;
		known->symbol = symbol;
	}
}

static void find_definitions(struct merger *mg)
{
	for (uint32_t p = 0; p < mg->count; p++)
		for (uint32_t i = 1; i < mg->parts[p].model->symbols.count; i++)
			if (is_global_definition(&mg->parts[p].model->symbols.items[i]))
				add_definition(mg, p, i);
}

/* --- sections ------------------------------------------------------------------- */

/* The entries of a table stand at their stride from its start to its end, whatever its alignment. */
static bool is_table(const struct model *m, const char *section)
{
	const struct arch *arch = arch_find(m->machine);
	const struct special *row = arch ? special_find(section, arch->bit) : NULL;

	return row && (row->kind == SPECIAL_TABLE || row->kind == SPECIAL_TRACE || row->kind == SPECIAL_KEPT ||
		       row->kind == SPECIAL_UNWIND);
}

/* A linker may merge the pieces of a section that has pieces of one kind alone. */
static void agree_on_pieces(struct model_section *now, const struct model_section *s)
{
	const uint64_t pieces = SHF_MERGE | SHF_STRINGS;

	if ((now->flags & pieces) == (s->flags & pieces) && now->entsize == s->entsize)
		return;
	now->flags &= ~pieces;
	now->entsize = 0;
}

static void place_section(struct merger *mg, uint32_t part, uint32_t n)
{
	const struct model *m = mg->parts[part].model;
	const struct model_section *s = &m->sections.items[n];
	const uint64_t pieces = SHF_MERGE | SHF_STRINGS;
	uint32_t known = mg->b.m->sections.count;
	uint32_t to = build_section(&mg->b, s->name, s->type, s->flags & ~pieces, s->align, s->entsize);
	struct model_section *now = &mg->b.m->sections.items[to];

	if (to == known)
		now->flags = s->flags;
	else
		agree_on_pieces(now, s);
	mg->moved[part].sections[n] = to;
	mg->moved[part].bases[n] = build_reserve(&mg->b, to, s->size, is_table(m, s->name) ? 1 : s->align);
}

static void place_sections(struct merger *mg)
{
	for (uint32_t p = 0; p < mg->count; p++) {
		uint32_t n = mg->parts[p].model->sections.count;

		mg->moved[p].sections = arena_array(mg->a, n, uint32_t);
		mg->moved[p].bases = arena_array(mg->a, n, uint64_t);
		for (uint32_t i = 1; i < n; i++)
			place_section(mg, p, i);
	}
}

static void fill_sections(struct merger *mg)
{
	uint8_t **bytes = arena_array(mg->a, mg->b.m->sections.count, uint8_t *);

	for (uint32_t n = 1; n < mg->b.m->sections.count; n++) {
		struct model_section *s = &mg->b.m->sections.items[n];

		if (s->type != SHT_NOBITS)
			s->data = bytes[n] = arena_alloc(mg->a, s->size);
	}
	for (uint32_t p = 0; p < mg->count; p++)
		for (uint32_t i = 1; i < mg->parts[p].model->sections.count; i++) {
			const struct model_section *s = &mg->parts[p].model->sections.items[i];

			if (s->data && s->size)
				memcpy(bytes[mg->moved[p].sections[i]] + mg->moved[p].bases[i], s->data, s->size);
		}
}

/* --- symbols and relocations -------------------------------------------------------- */

static uint32_t add_symbol(struct merger *mg, uint32_t part, const struct model_symbol *from)
{
	const struct moved *moved = &mg->moved[part];
	struct model_symbol s = *from;

	if (s.place == MODEL_DEFINED && s.type == STT_SECTION)
		return build_section_symbol(&mg->b, moved->sections[s.section]);
	if (s.place == MODEL_DEFINED) {
		s.value += moved->bases[s.section];
		s.section = moved->sections[s.section];
	}
	return s.place == MODEL_UNDEFINED || s.place == MODEL_KLP ? build_reference(&mg->b, s)
								  : build_symbol(&mg->b, s);
}

static void add_definitions(struct merger *mg)
{
	for (uint32_t i = 0; i < mg->definitions.count; i++) {
		struct definition *d = &mg->definitions.items[i];

		d->handle = add_symbol(mg, d->part, symbol_of(mg, d));
	}
}

static uint32_t symbol_for(struct merger *mg, uint32_t part, const struct model_symbol *s)
{
	bool by_name = is_global_definition(s) || refers_by_global_name(s);
	const struct definition *d = by_name ? find_definition(mg, s->name) : NULL;

	return d ? d->handle : add_symbol(mg, part, s);
}

static void add_symbols(struct merger *mg)
{
	for (uint32_t p = 0; p < mg->count; p++) {
		const struct model *m = mg->parts[p].model;

		mg->moved[p].symbols = arena_array(mg->a, m->symbols.count, uint32_t);
		for (uint32_t i = 1; i < m->symbols.count; i++)
			mg->moved[p].symbols[i] = symbol_for(mg, p, &m->symbols.items[i]);
	}
}

static void add_relocation(struct merger *mg, uint32_t part, uint32_t section, struct model_reloc r)
{
	const struct moved *moved = &mg->moved[part];
	const struct model_symbol *s = &mg->parts[part].model->symbols.items[r.symbol];

	r.offset += moved->bases[section];
	r.symbol = moved->symbols[r.symbol];
	if (s->place == MODEL_DEFINED && s->type == STT_SECTION)
		r.addend += (int64_t)moved->bases[s->section];
	build_relocate(&mg->b, moved->sections[section], r);
}

static void add_relocations(struct merger *mg)
{
	for (uint32_t p = 0; p < mg->count; p++)
		for (uint32_t n = 1; n < mg->parts[p].model->sections.count; n++) {
			const struct model_section *s = &mg->parts[p].model->sections.items[n];

			for (uint32_t i = 0; i < s->relocs.count; i++)
				add_relocation(mg, p, n, s->relocs.items[i]);
		}
}

enum elfdiff_status model_merge(struct arena *a, struct diags *ds, const struct model_part *parts, uint32_t count,
				const struct model **ret)
{
	struct merger mg = { .a = a, .ds = ds, .parts = parts, .count = count };
	const struct model *first = parts[0].model;

	if (count == 1) {
		*ret = first;
		return ELFDIFF_OK;
	}
	mg.moved = arena_array(a, count, struct moved);
	find_definitions(&mg);
	if (mg.refused)
		return ELFDIFF_REFUSED;
	build_start(&mg.b, a, first->machine, first->flags, first->big_endian);
	place_sections(&mg);
	fill_sections(&mg);
	add_definitions(&mg);
	add_symbols(&mg);
	add_relocations(&mg);
	*ret = build_finish(&mg.b);
	return ELFDIFF_OK;
}
