/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proof.c - which variable is which where its name has a number
 *
 * Of two that have one name, and the same content, each may be another function's. They are twins where code that is
 * the same uses both in the same place; or where nothing uses either, so that it is found by its section alone.
 */
#include <elf.h>
#include <string.h>

#include "elf/names.h"
#include "scope/internal.h"

enum { USED = 1, PROVED = 2 };

/* Data of a name that the compiler may have made. */
static bool is_numbered(const struct scope_side *s, uint32_t cell)
{
	uint32_t label = is_code(s, cell) ? NONE : cell_label(s, cell);

	return label != NONE && !s->o->symbols[label].by_name && name_is_static_local(s->o->symbols[label].name);
}

/* By cell: what uses it, but for what nobody reads. */
static void find_uses(const struct scope_side *s, uint8_t *uses)
{
	for (uint32_t r = 0; r < s->o->reloc_count; r++)
		if (s->to[r] != NONE && s->of[r] != NONE)
			uses[s->to[r]] |= s->different[s->of[r]] ? USED : PROVED;
}

/* Whether any was found that is not proved. What only such a one had proved is to be looked at again. */
static bool unpair_unproved(struct finder *f, const uint8_t *orig, const uint8_t *patched)
{
	const struct scope_side *s = &f->orig;
	bool any = false;

	for (uint32_t c = 0; c < s->cells.count; c++) {
		uint32_t d = s->twin[c];

		if (s->different[c] || orig[c] & PROVED || !((orig[c] | patched[d]) & USED) ||
		    (!is_numbered(s, c) && !is_numbered(&f->patched, d)))
			continue;
		mark_different(f, c, d);
		any = true;
	}
	return any;
}

/* --- stems ------------------------------------------------------------------------------ */

/* A stem and the source file that its symbol stands under. */
static const char *stem_key(struct finder *f, const struct scope_side *s, uint32_t cell, size_t *length)
{
	const struct symbol *sym = &s->o->symbols[cell_label(s, cell)];
	const char *file = sym->file == NONE ? "" : s->o->symbols[sym->file].name;
	char *key = arena_printf(f->a, "%.*s %s", (int)name_stem(sym->name), sym->name, file);

	*length = strlen(key);
	return key;
}

struct stems {
	struct text_set keys;
	struct text_set files; /* names of their sources */
};

static void find_stems(struct finder *f, const struct scope_side *s, struct stems *ret)
{
	for (uint32_t c = 0; c < s->cells.count; c++) {
		const char *key, *file;
		uint32_t symbol;
		size_t length;

		if (!s->different[c] || !is_numbered(s, c))
			continue;
		key = stem_key(f, s, c, &length);
		text_set_add(f->a, &ret->keys, key, length);
		symbol = s->o->symbols[cell_label(s, c)].file;
		file = symbol == NONE ? "" : s->o->symbols[symbol].name;
		text_set_add(f->a, &ret->files, file, strlen(file));
	}
}

/* By symbol: it is a FILE symbol of such a source. */
static bool *find_files(struct finder *f, const struct scope_side *s, const struct stems *stems)
{
	bool *ret = arena_array(f->a, s->o->symbol_count + 1, bool);

	for (uint32_t i = 1; i < s->o->first_global; i++)
		ret[i] = s->o->symbols[i].type == STT_FILE &&
			 text_set_has(&stems->files, s->o->symbols[i].name, strlen(s->o->symbols[i].name));
	return ret;
}

/* Where one differs, the others of its stem may be what it was: which of them it is follows from all of them. */
static void keep_stems(struct finder *f, const struct scope_side *s, const struct stems *stems)
{
	const bool *files = find_files(f, s, stems);
	bool nameless = text_set_has(&stems->files, "", 0);

	for (uint32_t c = 0; c < s->cells.count; c++) {
		uint32_t label = cell_label(s, c), file = label == NONE ? NONE : s->o->symbols[label].file;
		const char *key;
		size_t length;

		if (label == NONE || s->different[c] || !(file == NONE ? nameless : files[file]) || !is_numbered(s, c))
			continue;
		key = stem_key(f, s, c, &length);
		if (text_set_has(&stems->keys, key, length))
			mark_different(f, s == &f->orig ? c : NONE, s == &f->orig ? NONE : c);
	}
}

void prove_twins(struct finder *f)
{
	uint8_t *orig = arena_array(f->a, f->orig.cells.count + 1, uint8_t);
	uint8_t *patched = arena_array(f->a, f->patched.cells.count + 1, uint8_t);
	struct stems stems = { 0 };

	do {
		memset(orig, 0, f->orig.cells.count);
		memset(patched, 0, f->patched.cells.count);
		find_uses(&f->orig, orig);
		find_uses(&f->patched, patched);
	} while (unpair_unproved(f, orig, patched) && next_round(f));
	find_stems(f, &f->orig, &stems);
	find_stems(f, &f->patched, &stems);
	if (!stems.keys.list.count)
		return;
	keep_stems(f, &f->orig, &stems);
	keep_stems(f, &f->patched, &stems);
}
