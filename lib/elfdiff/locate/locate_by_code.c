// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * locate_by_code.c - by what the module's own code refers to
 *
 * A module has one global symbol of a name, so where the object's are in it is
 * known. What has the same bytes in both refers, at each place, to the same
 * thing in both: where the one leads to a symbol of the object, the other leads
 * to where the module has it. That in turn may have the same bytes, and so on.
 * Names have to agree all the way; they are never what proves a place.
 */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "elf/names.h"
#include "locate/internal.h"
#include "locate/same_code.h"

/* A place of the module, and who says so: a symbol of the object; NONE: a global name. */
struct claim {
	uint32_t section; /* 0: there is none */
	uint64_t offset;
	uint32_t by;
};

/* What stands at a place of the object, under one or several names. */
struct thing {
	uint32_t section;
	uint64_t value;
	uint32_t symbol;            /* the one with the most bytes */
	bool weak;                  /* another definition may have been linked */
	struct claim there, denied; /* denied: another name is there, or `there` is another place */
};

struct code_places {
	struct same_code code;
	VEC(struct thing) things;
	struct index thing_by_place, symbols_by_place;
	struct index theirs, theirs_by_name; /* the module's symbols: by place; by place and stem */
	struct index entries;                /* the table's, by place and stem */
	VEC(uint32_t) found;                 /* things, as they were found */
	uint32_t same;                       /* how many of them are the same and refer to anything */
	bool contradicts;
};

static uint64_t place_hash(uint32_t section, uint64_t value)
{
	return hash_mix(section, value);
}

static uint64_t name_hash(uint32_t section, uint64_t value, const char *name)
{
	return hash_mix(place_hash(section, value), hash_bytes(name, name_stem(name)));
}

static bool stands_somewhere(const struct symbol *s)
{
	return s->place == SYMBOL_DEFINED && s->type != STT_SECTION && s->type != STT_FILE && !kallsyms_hides(s->name);
}

/* NULL: nothing with a name stands there. */
static struct thing *thing_at(const struct code_places *c, uint32_t section, uint64_t value)
{
	const struct index *ix = &c->thing_by_place;

	for (uint32_t e = index_first(ix, place_hash(section, value)); e != NONE; e = index_next(ix, e))
		if (c->things.items[ix->ids[e]].section == section && c->things.items[ix->ids[e]].value == value)
			return &c->things.items[ix->ids[e]];
	return NULL;
}

static void add_symbol(struct code_places *c, uint32_t symbol)
{
	const struct symbol *symbols = c->code.g->object->symbols, *s = &symbols[symbol];
	uint64_t hash = place_hash(s->section, s->value);
	struct thing *t = thing_at(c, s->section, s->value);

	if (!t) {
		index_add(c->code.a, &c->thing_by_place, hash, c->things.count);
		t = vec_push(c->code.a, &c->things);
		*t = (struct thing){ .section = s->section, .value = s->value, .symbol = symbol };
	}
	if (s->size > symbols[t->symbol].size)
		t->symbol = symbol;
	t->weak |= s->bind == STB_WEAK;
	index_add(c->code.a, &c->symbols_by_place, hash, symbol);
}

static void index_symbols(struct code_places *c)
{
	const struct object *o = c->code.g->object, *m = c->code.module;

	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (stands_somewhere(&o->symbols[i]))
			add_symbol(c, i);
	for (uint32_t i = 1; i < m->symbol_count; i++) {
		const struct symbol *s = &m->symbols[i];

		if (!stands_somewhere(s))
			continue;
		index_add(c->code.a, &c->theirs, place_hash(s->section, s->value), i);
		index_add(c->code.a, &c->theirs_by_name, name_hash(s->section, s->value, s->name), i);
	}
}

static void index_entries(struct code_places *c, const struct symbol_table *t)
{
	for (uint32_t i = 0; i < t->entries.count; i++) {
		const struct kernel_symbol *e = symbol_table_entry(t, i);

		index_add(c->code.a, &c->entries, name_hash(e->section, e->address, e->name), i);
	}
}

static bool same_place(const struct claim *a, const struct claim *b)
{
	return a->section == b->section && a->offset == b->offset;
}

/* One thing is at one place: two that tell different ones show that something is not what it seems. */
static void found_at(struct code_places *c, struct thing *t, const struct claim *where)
{
	if (!t->there.section) {
		t->there = *where;
		*vec_push(c->code.a, &c->found) = (uint32_t)(t - c->things.items);
	} else if (!same_place(&t->there, where)) {
		t->denied = *where;
		c->contradicts = true;
	}
}

/* ---- where global names are ---- */

/* The module's strong global symbol of that name, or NULL. */
static const struct symbol *global_there(const struct code_places *c, const char *name)
{
	struct namesakes n = object_named(c->code.module, name);

	while (next_namesake(&n)) {
		const struct symbol *s = &c->code.module->symbols[n.symbol];

		if (s->bind == STB_GLOBAL && stands_somewhere(s))
			return s;
	}
	return NULL;
}

static void find_globals(struct code_places *c)
{
	const struct object *o = c->code.g->object;

	for (uint32_t i = o->first_global; i < o->symbol_count; i++) {
		const struct symbol *s = &o->symbols[i];
		const struct symbol *t = s->bind == STB_GLOBAL && stands_somewhere(s) ? global_there(c, s->name) : NULL;

		if (t)
			found_at(c, thing_at(c, s->section, s->value), &(struct claim){ t->section, t->value, NONE });
	}
}

/* ---- what a reference tells ---- */

/* Nothing else of its section could be meant by an offset into it. */
static bool is_alone(const struct graph *g, uint32_t block)
{
	uint32_t section = g->blocks[block].section;

	for (uint32_t b = g->first_block[section]; b < g->first_block[section + 1]; b++)
		if (b != block && g->blocks[b].kind != BLOCK_PADDING)
			return false;
	return true;
}

/* The relocation means what its edge leads to, and no other variable of the section. */
static bool is_meant(const struct graph *g, uint32_t reloc)
{
	const struct object *o = g->object;
	const struct reloc *r = &g->relocs[reloc];

	return o->symbols[r->symbol].type != STT_SECTION || is_alone(g, g->edges[reloc].block) ||
	       (o->arch->dereferences_exactly && o->arch->dereferences_exactly(o, r));
}

/* The start of what a relocation of the object leads to, if it has a name and a place of its own: an offset in its section. */
static bool named_start(const struct graph *g, uint32_t reloc, uint64_t *ret)
{
	const struct edge *e = &g->edges[reloc];
	const struct block *b = &g->blocks[e->block];

	if (b->kind == BLOCK_TEXT) {
		*ret = b->start + (uint64_t)e->offset;
		return graph_at_function(g, e);
	}
	if (!block_is_variable(b) || b->symbol == NONE || !is_meant(g, reloc))
		return false;
	*ret = block_label(g, e->block)->value;
	return true;
}

/* What a relocation of the object leads to, if it tells where that is in the module; else NULL. */
static struct thing *thing_told(const struct code_places *c, const struct target_pair *p, uint32_t by,
				struct claim *ret)
{
	const struct graph *g = c->code.g;
	struct thing *t;
	uint64_t start;

	if (!named_start(g, p->reloc, &start))
		return NULL;
	t = thing_at(c, g->blocks[g->edges[p->reloc].block].section, start);
	*ret = (struct claim){ p->theirs.section, p->theirs.offset - (p->ours.offset - start), by };
	return t && !t->weak ? t : NULL;
}

/* Of this name, with this size where it is data: functions may differ in size, since what is near is reached by shorter jumps. */
static bool is_the_same(const struct object *o, const struct symbol *s, const struct symbol *t)
{
	bool code = o->sections[s->section].flags & SHF_EXECINSTR;

	return !strcmp(s->name, t->name) && (s->bind == STB_LOCAL) == (t->bind == STB_LOCAL) &&
	       (code || s->size == t->size);
}

/* At that place of the module is a symbol of the name. Another number behind it does not make it another thing. */
static bool name_is_there(const struct code_places *c, const struct symbol *s, const struct claim *where)
{
	const struct index *ix = &c->theirs_by_name;
	uint64_t hash = name_hash(where->section, where->offset, s->name);

	for (uint32_t e = index_first(ix, hash); e != NONE; e = index_next(ix, e)) {
		const struct symbol *t = &c->code.module->symbols[ix->ids[e]];

		if (t->section == where->section && t->value == where->offset &&
		    (is_the_same(c->code.g->object, s, t) ||
		     (strcmp(s->name, t->name) != 0 && name_same_stem(s->name, t->name))))
			return true;
	}
	return false;
}

/* The module has, at that place, one of the names that the thing has in the object. */
static bool names_agree(const struct code_places *c, const struct thing *t, const struct claim *where)
{
	const struct index *ix = &c->symbols_by_place;

	for (uint32_t e = index_first(ix, place_hash(t->section, t->value)); e != NONE; e = index_next(ix, e)) {
		const struct symbol *s = &c->code.g->object->symbols[ix->ids[e]];

		if (s->section == t->section && s->value == t->value && name_is_there(c, s, where))
			return true;
	}
	return false;
}

/* Strings have no names, but say what they are. */
static bool same_text(const struct code_places *c, const struct edge *e, const struct exact_target *to)
{
	const struct section *s = &c->code.module->sections[to->section];
	const char *ours = graph_text(c->code.g, e);
	size_t size = ours ? strlen(ours) + 1 : 0;

	if (!ours)
		return true;
	return s->data && to->offset <= s->size && size <= s->size - to->offset &&
	       !memcmp(s->data + to->offset, ours, size);
}

/* Nothing speaks against the two places leading to the same thing. */
static bool targets_agree(struct code_places *c, const struct target_pair *p, uint32_t by)
{
	const struct graph *g = c->code.g;
	const struct edge *e = &g->edges[p->reloc];
	struct claim where;
	struct thing *t;

	if (e->block == NONE)
		return p->theirs.name && p->theirs.from_name == p->ours.from_name &&
		       !strcmp(p->theirs.name, g->object->symbols[e->symbol].name);
	if (!p->theirs.section)
		return false;
	if (g->blocks[e->block].kind == BLOCK_STRING)
		return same_text(c, e, &p->theirs);
	t = thing_told(c, p, by, &where);
	if (!t || (t->there.section && same_place(&t->there, &where)))
		return true;
	if (t->denied.section)
		return false;
	if (!names_agree(c, t, &where))
		t->denied = where;
	return !t->denied.section;
}

/* ---- the walk ---- */

static void believe(struct code_places *c, const struct target_pair *p, uint32_t by)
{
	struct claim where;
	struct thing *t = c->code.g->edges[p->reloc].block == NONE ? NULL : thing_told(c, p, by, &where);

	if (t)
		found_at(c, t, &where);
}

/* What a thing that was found tells of others, if it is the same there. */
static void ask(struct code_places *c, const struct thing *t)
{
	bool agree = true;

	if (!is_same_code(&c->code, t->symbol, t->there.section, t->there.offset))
		return;
	for (uint32_t i = 0; i < c->code.pairs.count; i++)
		agree &= targets_agree(c, &c->code.pairs.items[i], t->symbol);
	if (!agree)
		return;
	c->same += c->code.pairs.count > 0;
	for (uint32_t i = 0; i < c->code.pairs.count; i++)
		believe(c, &c->code.pairs.items[i], t->symbol);
}

struct code_places *places_by_code(struct arena *a, const struct unit_place *p, const struct graph *g)
{
	const struct object *module = module_image(a, p->t);
	struct code_places *c = arena_new(a, struct code_places);

	if (!module || module->arch != g->object->arch)
		return NULL;
	c->code = (struct same_code){ .a = a, .g = g, .module = module };
	index_symbols(c);
	index_entries(c, p->t);
	find_globals(c);
	for (uint32_t i = 0; i < c->found.count && !c->contradicts; i++)
		ask(c, &c->things.items[c->found.items[i]]);
	return c;
}

/* ---- one symbol ---- */

/* The entry of the symbol's name at that place, or NONE. */
static uint32_t entry_there(const struct unit_place *p, const struct symbol *s, const struct claim *where)
{
	const struct index *ix = &p->code->entries;
	uint64_t hash = name_hash(where->section, where->offset, s->name);

	for (uint32_t i = index_first(ix, hash); i != NONE; i = index_next(ix, i)) {
		const struct kernel_symbol *e = symbol_table_entry(p->t, ix->ids[i]);

		if (e->section == where->section && e->address == where->offset && entry_fits(p, s, ix->ids[i]) &&
		    (e->size == s->size || symbol_is_code(p->o, s)))
			return ix->ids[i];
	}
	return NONE;
}

enum locate_result locate_by_code(const struct unit_place *p, uint32_t symbol, uint32_t *id)
{
	const struct symbol *s = &p->o->symbols[symbol];
	const struct code_places *c = p->code;
	const struct thing *t = c && s->place == SYMBOL_DEFINED ? thing_at(c, s->section, s->value) : NULL;
	uint32_t entry;

	if (t && t->denied.section)
		return LOCATE_AMBIGUOUS;
	if (!t || !t->there.section || c->contradicts)
		return LOCATE_MISSING;
	entry = entry_there(p, s, &t->there);
	if (entry == NONE)
		return LOCATE_AMBIGUOUS;
	*id = entry;
	return LOCATE_FOUND;
}

/* A name of what the module has at a place, or NULL. */
static const char *name_there(const struct code_places *c, const struct claim *where)
{
	const struct symbol *symbols = c->code.module->symbols;
	const struct index *ix = &c->theirs;

	for (uint32_t e = index_first(ix, place_hash(where->section, where->offset)); e != NONE; e = index_next(ix, e))
		if (symbols[ix->ids[e]].section == where->section && symbols[ix->ids[e]].value == where->offset)
			return symbols[ix->ids[e]].name;
	return NULL;
}

struct code_doubt locate_doubt(const struct unit_place *p, uint32_t symbol)
{
	const struct symbol *s = &p->o->symbols[symbol];
	const struct code_places *c = p->code;
	const struct claim *where = NULL;
	const struct thing *t;

	if (!c)
		return (struct code_doubt){ .says = CODE_UNKNOWN };
	t = thing_at(c, s->section, s->value);
	if (t && t->denied.section && names_agree(c, t, &t->denied))
		return (struct code_doubt){ .says = CODE_CONTRADICTS };
	if (t && (t->denied.section || !c->contradicts))
		where = t->denied.section ? &t->denied : &t->there;
	if (where && where->section && where->by != NONE)
		return (struct code_doubt){ CODE_DENIES, p->o->symbols[where->by].name, name_there(c, where) };
	return (struct code_doubt){ .says = c->same ? CODE_SILENT : CODE_OF_OTHERS };
}
