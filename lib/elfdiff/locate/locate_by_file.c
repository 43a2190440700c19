// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * locate_by_file.c - by FILE symbol
 *
 * Many source files share a name (`init.c`, `main.c`). The group of symbols
 * under a FILE symbol of the table is the unit's when both define the same
 * things. A compiler's suffixes do not count in this, because they may differ
 * between the kernel's build and the object's.
 */
#include <elf.h>
#include <string.h>

#include "locate/internal.h"
#include "elf/names.h"

/* What is known of one FILE of the table. */
struct group {
	const char *name; /* of the source file, without directories */
	uint32_t telling;
	bool wanted, chosen;
	/* of the unit that is looked at: */
	uint32_t score, matched, stamp, last;
};

struct finder {
	struct arena *a;
	struct unit_place *p;
	struct group *groups;
	struct index unit_by_name;
	struct index group_by_name; /* wanted ones */
	struct index by_pair;       /* file name and stem to entry */
	VEC(uint32_t) touched;      /* groups with votes for this unit */
};

const char *file_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What symbols of a file are filed under: its name and their stem. */
static uint64_t pair_hash(const char *file, const char *name)
{
	return hash_mix(hash_string(file), hash_bytes(name, name_stem(name)));
}

/* Static variables of functions and unnamed data have names that any unit may have. */
static bool is_telling(bool code, const char *name)
{
	return code || name_is_plain(name);
}

static bool symbol_is_telling(const struct unit_place *p, uint32_t symbol)
{
	const struct symbol *s = &p->o->symbols[symbol];

	return symbol_is_shown(p, symbol) && is_telling(symbol_is_code(p->o, s), s->name);
}

/* ---- the units of the object ---- */

static void close_unit(struct unit_place *p, uint32_t end)
{
	struct unit *u = &p->units.items[p->units.count - 1];

	u->end = end;
	for (uint32_t i = u->first; i < end; i++)
		u->telling += symbol_is_telling(p, i);
}

static void open_unit(struct finder *f, uint32_t file_symbol, uint32_t first, const char *name)
{
	struct unit_place *p = f->p;
	const char *file = file_base_name(name);

	index_add(f->a, &f->unit_by_name, hash_string(file), p->units.count);
	p->unit_of[file_symbol == NONE ? 0 : file_symbol] = p->units.count;
	*vec_push(f->a, &p->units) =
		(struct unit){ .file_symbol = file_symbol, .first = first, .name = file, .group = NONE };
}

/* Where an assembler wrote no FILE symbol, the linker made one of the object's own name. */
static void list_units(struct finder *f)
{
	const struct object *o = f->p->o;

	f->p->unit_of = arena_array(f->a, o->symbol_count + 1, uint32_t);
	open_unit(f, NONE, 1, o->path);
	for (uint32_t i = 1; i < o->first_global && i < o->symbol_count; i++) {
		if (o->symbols[i].type != STT_FILE)
			continue;
		close_unit(f->p, i);
		open_unit(f, i, i + 1, o->symbols[i].name);
	}
	close_unit(f->p, o->first_global < o->symbol_count ? o->first_global : o->symbol_count);
}

/* The first unit of that name behind entry `e` (NONE: of all), as an entry of the index; or NONE. */
static uint32_t next_unit(const struct finder *f, const char *name, uint32_t e)
{
	const struct index *ix = &f->unit_by_name;

	e = e == NONE ? index_first(ix, hash_string(name)) : index_next(ix, e);
	while (e != NONE && strcmp(f->p->units.items[ix->ids[e]].name, name))
		e = index_next(ix, e);
	return e;
}

/* The same of groups. */
static uint32_t next_group(const struct finder *f, const char *name, uint32_t e)
{
	const struct index *ix = &f->group_by_name;

	e = e == NONE ? index_first(ix, hash_string(name)) : index_next(ix, e);
	while (e != NONE && strcmp(f->groups[ix->ids[e]].name, name))
		e = index_next(ix, e);
	return e;
}

/* ---- the table's groups that bear the name of a unit ---- */

static void list_telling(struct finder *f, uint32_t group)
{
	const struct symbol_table *t = f->p->t;
	struct numbers all = symbol_table_of_file(t, group);

	for (uint32_t i = 0; i < all.count; i++) {
		const struct kernel_symbol *e = symbol_table_entry(t, all.items[i]);

		if (!is_telling(e->is_function, e->name))
			continue;
		f->groups[group].telling++;
		index_add(f->a, &f->by_pair, pair_hash(f->groups[group].name, e->name), all.items[i]);
	}
}

static void list_groups(struct finder *f)
{
	const struct symbol_table *t = f->p->t;

	f->groups = arena_array(f->a, t->files.count, struct group);
	for (uint32_t i = 0; i < t->files.count; i++) {
		f->groups[i].name = file_base_name(t->files.items[i]);
		f->groups[i].wanted = next_unit(f, f->groups[i].name, NONE) != NONE;
		if (!f->groups[i].wanted)
			continue;
		index_add(f->a, &f->group_by_name, hash_string(f->groups[i].name), i);
		list_telling(f, i);
	}
}

/* ---- which group is the unit? ---- */

/* 2 for the same name and size, 1 where the sizes differ. */
static uint32_t likeness(const struct symbol *s, const struct kernel_symbol *e)
{
	return s->size == e->size && !strcmp(s->name, e->name) ? 2 : 1;
}

/* A symbol of the unit gives each group one vote: the best of what the group has of that stem. */
static void vote(struct finder *f, uint32_t group, uint32_t symbol, uint32_t weight)
{
	struct group *g = &f->groups[group];

	if (!g->score)
		*vec_push(f->a, &f->touched) = group;
	if (g->stamp != symbol) {
		g->stamp = symbol;
		g->last = 0;
		g->matched++;
	}
	if (weight > g->last) {
		g->score += weight - g->last;
		g->last = weight;
	}
}

/* A stem that so many symbols of files of one name share tells nothing. */
enum { MOST_OF_A_STEM = 256 };

static uint32_t count_entries(const struct index *ix, uint64_t hash)
{
	uint32_t n = 0;

	for (uint32_t i = index_first(ix, hash); i != NONE && n <= MOST_OF_A_STEM; i = index_next(ix, i))
		n++;
	return n;
}

static void vote_symbol(struct finder *f, const struct unit *u, uint32_t symbol)
{
	const struct symbol *s = &f->p->o->symbols[symbol];
	const struct index *ix = &f->by_pair;

	if (count_entries(ix, pair_hash(u->name, s->name)) > MOST_OF_A_STEM)
		return;
	for (uint32_t i = index_first(ix, pair_hash(u->name, s->name)); i != NONE; i = index_next(ix, i)) {
		const struct kernel_symbol *e = symbol_table_entry(f->p->t, ix->ids[i]);

		if (!strcmp(f->groups[e->file].name, u->name) && name_same_stem(s->name, e->name))
			vote(f, e->file, symbol, likeness(s, e));
	}
}

/* How much of both the unit and the group the other one has too, in 1/1000. */
static uint64_t agreement(const struct unit *u, const struct group *g)
{
	return UINT64_C(1000) * g->score / ((uint64_t)u->telling + g->telling);
}

/*
 * More than half must agree, and no second group may come near. One matching
 * symbol proves nothing when another group has one too.
 */
static uint32_t winner(struct finder *f, const struct unit *u)
{
	uint64_t best = 0, second = 0;
	uint32_t group = NONE;

	for (uint32_t i = 0; i < f->touched.count; i++) {
		uint64_t v = agreement(u, &f->groups[f->touched.items[i]]);

		if (v > best) {
			second = best;
			best = v;
			group = f->touched.items[i];
		} else if (v > second) {
			second = v;
		}
	}
	if (best < 500 || second * 4 > best * 3 || (second && f->groups[group].matched < 2))
		return NONE;
	return group;
}

/*
 * A unit whose local symbols could be any unit's is known by its file's name,
 * where the table has that name once, with nothing that the unit lacks.
 */
static void find_silent_unit(struct finder *f, struct unit *u)
{
	uint32_t e = next_group(f, u->name, NONE), group = e == NONE ? NONE : f->group_by_name.ids[e];

	if (group == NONE || next_group(f, u->name, e) != NONE || f->groups[group].telling ||
	    next_unit(f, u->name, next_unit(f, u->name, NONE)) != NONE)
		return;
	u->group = group;
	f->groups[group].chosen = true;
}

static void find_unit(struct finder *f, struct unit *u)
{
	for (uint32_t i = u->first; i < u->end; i++)
		if (symbol_is_telling(f->p, i))
			vote_symbol(f, u, i);
	u->group = winner(f, u);
	if (u->group != NONE)
		f->groups[u->group].chosen = true;
	for (uint32_t i = 0; i < f->touched.count; i++) {
		struct group *g = &f->groups[f->touched.items[i]];

		g->score = g->matched = g->stamp = g->last = 0;
	}
	f->touched.count = 0;
}

/* ---- families of numbered names ---- */

enum { OWNER_UNIT, OWNER_GROUP };

static uint64_t owner_of(uint32_t number, int kind)
{
	return (uint64_t)number << 1 | (unsigned)kind;
}

static uint64_t family_hash(uint64_t owner, const char *name, size_t length)
{
	return hash_mix(owner, hash_bytes(name, length));
}

/* Of names that begin with these characters and end in a number. */
static struct family *family_find(const struct unit_place *p, uint64_t owner, const char *name, size_t length)
{
	const struct index *ix = &p->family_by_key;

	for (uint32_t i = index_first(ix, family_hash(owner, name, length)); i != NONE; i = index_next(ix, i)) {
		struct family *fam = &p->families.items[ix->ids[i]];

		if (fam->owner == owner && fam->length == length && !memcmp(fam->name, name, length))
			return fam;
	}
	return NULL;
}

static void family_add(struct finder *f, uint64_t owner, const char *name, uint64_t size)
{
	struct unit_place *p = f->p;
	size_t n = name_numbered(name);
	struct family *fam;

	if (!n)
		return;
	fam = family_find(p, owner, name, n);
	if (!fam) {
		index_add(f->a, &p->family_by_key, family_hash(owner, name, n), p->families.count);
		fam = vec_push(f->a, &p->families);
		*fam = (struct family){ .owner = owner, .name = name, .length = n };
	}
	fam->sum += hash_mix(hash_string(name), size);
	fam->count++;
}

/* Those of a group that is a unit's, else none. */
static struct numbers chosen_entries(const struct finder *f, uint32_t group)
{
	return f->groups[group].chosen ? symbol_table_of_file(f->p->t, group) : (struct numbers){ 0 };
}

static void list_families(struct finder *f)
{
	struct unit_place *p = f->p;

	for (uint32_t i = 0; i < p->units.count; i++)
		for (uint32_t j = p->units.items[i].first; j < p->units.items[i].end; j++)
			if (p->units.items[i].group != NONE && symbol_is_shown(p, j))
				family_add(f, owner_of(i, OWNER_UNIT), p->o->symbols[j].name, p->o->symbols[j].size);
	for (uint32_t g = 0; g < p->t->files.count; g++) {
		struct numbers all = chosen_entries(f, g);

		for (uint32_t i = 0; i < all.count; i++) {
			const struct kernel_symbol *e = symbol_table_entry(p->t, all.items[i]);

			family_add(f, owner_of(g, OWNER_GROUP), e->name, e->size);
		}
	}
}

static uint64_t name_hash(const char *name, uint32_t file)
{
	return hash_mix(hash_string(name), file);
}

/* The symbols of units that were found, and the entries of their groups. */
static void file_by_name(struct finder *f)
{
	struct unit_place *p = f->p;

	for (uint32_t u = 0; u < p->units.count; u++)
		for (uint32_t i = p->units.items[u].first; i < p->units.items[u].end; i++)
			if (p->units.items[u].group != NONE && p->o->symbols[i].type != STT_SECTION)
				index_add(f->a, &p->own_by_name, name_hash(p->o->symbols[i].name, u), i);
	for (uint32_t g = 0; g < p->t->files.count; g++) {
		struct numbers all = chosen_entries(f, g);

		for (uint32_t i = 0; i < all.count; i++)
			index_add(f->a, &p->entry_by_name, name_hash(symbol_table_entry(p->t, all.items[i])->name, g),
				  all.items[i]);
	}
}

void units_find(struct arena *a, struct unit_place *p)
{
	struct finder f = { .a = a, .p = p };

	list_units(&f);
	list_groups(&f);
	for (uint32_t i = 0; i < p->units.count; i++)
		if (p->units.items[i].telling)
			find_unit(&f, &p->units.items[i]);
		else
			find_silent_unit(&f, &p->units.items[i]);
	units_compare_functions(p);
	list_families(&f);
	file_by_name(&f);
}

const struct unit *unit_located(const struct unit_place *p, const struct symbol *s)
{
	const struct unit *u;

	if (!p->unit_of)
		return NULL;
	u = &p->units.items[p->unit_of[s->file == NONE ? 0 : s->file]];
	return u->group == NONE ? NULL : u;
}

/* ---- one symbol ---- */

/*
 * Numbers of static variables count through the whole unit: one more or less,
 * and `__key.3` is another variable. They are trusted only where the kernel has
 * the very same ones. Those of clones count the clones of one function: the only
 * one (`f.isra.0`) is the kernel's where the compiler decided alike in the whole
 * source file, whatever its size, in which builds differ.
 */
static bool numbers_agree(const struct unit_place *p, const struct unit *u, const struct symbol *s)
{
	const char *name = s->name;
	size_t n = name_numbered(name);
	const struct family *ours, *theirs;

	if (!n)
		return true;
	ours = family_find(p, owner_of((uint32_t)(u - p->units.items), OWNER_UNIT), name, n);
	theirs = family_find(p, owner_of(u->group, OWNER_GROUP), name, n);
	if (!ours || !theirs || ours->count != theirs->count)
		return false;
	return ours->sum == theirs->sum || (ours->count == 1 && u->same_functions && symbol_is_code(p->o, s));
}

/* Of one name in one file; assemblers allow what C does not, and beyond this nobody tells them apart. */
enum { MOST_OF_A_NAME = 64 };

/* The unit's own symbols of the same name: how many, how many before this one, and do they share its section? */
struct twins_here {
	uint32_t count, before;
	bool one_section;
};

static struct twins_here twins_here(const struct unit_place *p, const struct unit *u, uint32_t symbol)
{
	const struct symbol *s = &p->o->symbols[symbol];
	const struct index *ix = &p->own_by_name;
	uint64_t hash = name_hash(s->name, (uint32_t)(u - p->units.items));
	struct twins_here r = { .one_section = true };

	for (uint32_t e = index_first(ix, hash); e != NONE && r.count <= MOST_OF_A_NAME; e = index_next(ix, e)) {
		const struct symbol *other = &p->o->symbols[ix->ids[e]];

		if (ix->ids[e] < u->first || ix->ids[e] >= u->end || strcmp(other->name, s->name))
			continue;
		r.count++;
		r.before += other->value < s->value;
		r.one_section &= other->section == s->section;
	}
	return r;
}

/* The entries that fit in the unit's group: their numbers, in the table's order, and how many. */
static uint32_t list_entries(const struct unit_place *p, const struct unit *u, const struct symbol *s,
			     uint32_t ids[MOST_OF_A_NAME + 1])
{
	const struct index *ix = &p->entry_by_name;
	uint32_t count = 0;

	for (uint32_t e = index_first(ix, name_hash(s->name, u->group)); e != NONE && count <= MOST_OF_A_NAME;
	     e = index_next(ix, e))
		if (symbol_table_entry(p->t, ix->ids[e])->file == u->group && entry_fits(p, s, ix->ids[e]))
			ids[count++] = ix->ids[e];
	return count;
}

/* Several entries of one name in the group: only their order in one section can tell, and sizes must not deny it. */
static enum locate_result by_order(const struct unit_place *p, const struct unit *u, uint32_t symbol,
				   const uint32_t *ids, uint32_t count, uint32_t *id)
{
	const struct symbol *s = &p->o->symbols[symbol];
	struct twins_here here = twins_here(p, u, symbol);

	if (here.count != count || !here.one_section || count > MOST_OF_A_NAME)
		return LOCATE_AMBIGUOUS;
	for (uint32_t i = 0; i < count; i++) {
		const struct kernel_symbol *e = symbol_table_entry(p->t, ids[i]);
		uint32_t before = 0;

		for (uint32_t j = 0; j < count; j++) {
			const struct kernel_symbol *other = symbol_table_entry(p->t, ids[j]);

			if (other->section != e->section)
				return LOCATE_AMBIGUOUS;
			before += other->address < e->address;
		}
		if (before == here.before && e->size == s->size) {
			*id = ids[i];
			return LOCATE_FOUND;
		}
	}
	return LOCATE_AMBIGUOUS;
}

enum locate_result locate_by_file(const struct unit_place *p, const struct unit *u, uint32_t symbol, uint32_t *id)
{
	const struct symbol *s = &p->o->symbols[symbol];
	uint32_t ids[MOST_OF_A_NAME + 1];
	uint32_t count = list_entries(p, u, s, ids);

	if (!count)
		return LOCATE_MISSING;
	if (!numbers_agree(p, u, s))
		return LOCATE_AMBIGUOUS;
	if (count > 1 || twins_here(p, u, symbol).count > 1)
		return by_order(p, u, symbol, ids, count, id);
	*id = ids[0];
	return LOCATE_FOUND;
}
