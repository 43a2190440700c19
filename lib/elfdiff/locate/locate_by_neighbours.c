// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * locate_by_neighbours.c - by neighbours, for tables without FILE symbols
 *
 * The linker keeps what an object has in .text together and in order, and so
 * for every kind of section. An entry is the symbol when the entries around it
 * are the symbol's neighbours in the object. With -ffunction-sections the
 * object's sections `.text.a`, `.text.b` are the kernel's .text in that order.
 * Data are together as well, but in an order of their own: what assemblers
 * allot with .lcomm comes behind the rest of .bss.
 */
#include <elf.h>
#include <string.h>

#include "locate/internal.h"
#include "elf/names.h"

/* How many neighbours to look for on either side, and among how many entries: some have no symbol here. */
enum { NEIGHBOURS = 8, REACH = 24 };

/* Functions are aligned to at most this. */
enum { PADDING = 64 };

static const struct kernel_symbol *entry_at(const struct unit_place *p, uint32_t rank)
{
	return symbol_table_entry(p->t, symbol_table_at_rank(p->t, rank));
}

static uint32_t entry_rank(const struct unit_place *p, uint32_t id)
{
	return p->table_rank ? p->table_rank[id] : id;
}

/* ---- how well an entry's neighbours agree with the symbol's ---- */

/* One step outward; false at the end. */
static bool step(uint32_t *rank, int direction, uint32_t count)
{
	if (direction < 0 ? *rank == 0 : *rank + 1 >= count)
		return false;
	*rank += (uint32_t)direction;
	return true;
}

/*
 * `ld -r` merges sections of one name, so that the `.text.show` of one source
 * lies among another's. There, only symbols under the same FILE are neighbours.
 */
static bool same_source(const struct unit_place *p, uint32_t a, uint32_t b)
{
	const struct symbol *x = &p->o->symbols[a], *y = &p->o->symbols[b];

	return !p->many_files || (x->bind == STB_LOCAL && y->bind == STB_LOCAL && x->file == y->file);
}

/* The next symbol of the same class and source, or 0. */
static uint32_t object_neighbour(const struct unit_place *p, uint32_t symbol, int direction)
{
	uint32_t r = p->rank[symbol];

	for (unsigned left = 4 * REACH; left && step(&r, direction, p->order_count); left--) {
		if (p->class_of[p->order[r]] != p->class_of[symbol])
			return 0;
		if (same_source(p, p->order[r], symbol))
			return p->order[r];
	}
	return 0;
}

/* What the compiler appends to a function's name may differ between the builds. */
static bool same_name(const struct unit_place *p, uint32_t symbol, const struct kernel_symbol *e)
{
	const struct symbol *s = &p->o->symbols[symbol];

	if (p->t->has_binds && e->local != (s->bind == STB_LOCAL))
		return false;
	return symbol_is_code(p->o, s) ? name_same_stem(s->name, e->name) : !strcmp(s->name, e->name);
}

struct agreement {
	uint32_t expected; /* neighbours with names that tell something */
	uint32_t seen;     /* found on the right side of the entry, in the right order */
	uint32_t tight;    /* found on the right side, with no entry of another unit in between */
	bool denied;       /* code was found on the wrong side: the entry is another unit's */
};

/* Find one neighbour outward of *rank; where it is, the search for the next one starts. */
static bool seek(const struct unit_place *p, uint32_t symbol, uint32_t *rank, uint32_t *reach, int direction)
{
	uint32_t r = *rank, left = *reach;

	while (left && step(&r, direction, p->t->entries.count)) {
		left--;
		if (same_name(p, symbol, entry_at(p, r))) {
			*rank = r;
			*reach = left;
			return true;
		}
	}
	return false;
}

/* On either side: data, whose order says nothing, and code on the wrong one. */
static bool seek_around(const struct unit_place *p, uint32_t symbol, uint32_t id)
{
	uint32_t before = entry_rank(p, id), after = before, left = REACH, more = REACH;

	return seek(p, symbol, &before, &left, -1) || seek(p, symbol, &after, &more, 1);
}

/* Units side by side may define data of the same names (`dev_attr_size`): those tell nothing. */
static bool is_only_one(const struct unit_place *p, uint32_t symbol)
{
	const struct symbol *s = &p->o->symbols[symbol];
	uint32_t first = next_fitting(p, s, NONE);

	return name_is_plain(s->name) && (first == NONE || next_fitting(p, s, first) == NONE);
}

static void look(const struct unit_place *p, uint32_t symbol, uint32_t id, int direction, struct agreement *ev)
{
	uint32_t rank = entry_rank(p, id), reach = REACH, n = 0;
	bool found;

	for (uint32_t i = object_neighbour(p, symbol, direction); i && n < NEIGHBOURS;
	     i = object_neighbour(p, i, direction)) {
		bool code = symbol_is_code(p->o, &p->o->symbols[i]);

		if (!code && !is_only_one(p, i))
			continue;
		n++;
		found = code ? seek(p, i, &rank, &reach, direction) : seek_around(p, i, id);
		ev->seen += found;
		ev->denied |= code && !found && seek_around(p, i, id);
		/* The name of a weak one may stand for another object's. */
		ev->expected += found || p->o->symbols[i].bind != STB_WEAK;
	}
}

/* The symbol right beside it, in both: true also where the object has none on that side. */
static bool beside(const struct unit_place *p, uint32_t symbol, uint32_t id, int direction, bool *plain)
{
	uint32_t i = object_neighbour(p, symbol, direction), rank = entry_rank(p, id);

	*plain |= i && name_is_plain(p->o->symbols[i].name);
	return !i || (step(&rank, direction, p->t->entries.count) && same_name(p, i, entry_at(p, rank)));
}

/* Bytes to the next entry at another address of the section: by halves, because many may share one. */
static uint64_t gap_after(const struct unit_place *p, uint32_t id)
{
	const struct kernel_symbol *e = symbol_table_entry(p->t, id), *next;
	uint32_t low = entry_rank(p, id) + 1, high = p->t->entries.count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		next = entry_at(p, middle);
		if (next->section == e->section && next->address <= e->address)
			low = middle + 1;
		else
			high = middle;
	}
	next = low < p->t->entries.count ? entry_at(p, low) : e;
	return next->section == e->section && next != e ? next->address - e->address : UINT64_MAX;
}

enum size_says { SIZE_DENIES, SIZE_ALLOWS, SIZE_AGREES };

static enum size_says compare_size(const struct unit_place *p, const struct symbol *s, uint32_t id)
{
	uint64_t gap;

	if (!s->size)
		return SIZE_ALLOWS;
	if (p->t->has_sizes)
		return s->size == symbol_table_entry(p->t, id)->size ? SIZE_AGREES : SIZE_DENIES;
	gap = gap_after(p, id);
	if (gap < s->size)
		return SIZE_DENIES;
	return gap - s->size < PADDING ? SIZE_AGREES : SIZE_ALLOWS;
}

/*
 * Numbers of static variables count through the whole unit: one variable more
 * or less, and the same number is another variable. `__func__.2` between
 * `__func__.3` and `__func__.1` there is in many units. Numbers of clones count
 * the clones of one function, which differ in size.
 */
static bool number_agrees(const struct unit_place *p, uint32_t symbol, uint32_t id)
{
	const struct symbol *s = &p->o->symbols[symbol];
	bool plain = false;

	if (!name_numbered(s->name))
		return true;
	if (symbol_is_code(p->o, s) && compare_size(p, s, id) == SIZE_AGREES)
		return true;
	return beside(p, symbol, id, -1, &plain) && beside(p, symbol, id, 1, &plain) && plain;
}

/* The object's symbol of the entry's name, or 0: the entry is another unit's. */
static uint32_t own_symbol(const struct unit_place *p, const struct kernel_symbol *e)
{
	struct namesakes n = object_named(p->o, e->name);

	while (next_namesake(&n))
		if (p->rank[n.symbol] != NONE)
			return n.symbol;
	return 0;
}

/* How many of the entries right beside this one are the object's, and on the side where it has them. */
static uint32_t count_tight(const struct unit_place *p, uint32_t symbol, uint32_t id, int direction)
{
	uint32_t rank = entry_rank(p, id), n = 0, tight = 0;

	while (n++ < NEIGHBOURS && step(&rank, direction, p->t->entries.count)) {
		uint32_t own = own_symbol(p, entry_at(p, rank));

		if (!own)
			break;
		tight += p->class_of[own] == p->class_of[symbol] &&
			 (direction < 0 ? p->rank[own] < p->rank[symbol] : p->rank[own] > p->rank[symbol]);
	}
	return tight;
}

/* The next entry of the section that is the object's, under a name that no other entry has, is on the right side of it. */
static bool own_beside(const struct unit_place *p, uint32_t symbol, uint32_t id, int direction)
{
	uint32_t rank = entry_rank(p, id);

	for (unsigned left = REACH; left && step(&rank, direction, p->t->entries.count); left--) {
		const struct kernel_symbol *e = entry_at(p, rank);
		uint32_t own = own_symbol(p, e);

		if (e->section != symbol_table_entry(p->t, id)->section)
			return false;
		if (own && p->class_of[own] == p->class_of[symbol] && is_only_one(p, own))
			return direction < 0 ? p->rank[own] < p->rank[symbol] : p->rank[own] > p->rank[symbol];
	}
	return false;
}

/*
 * A function has another size where the kernel was compiled without a section
 * for each variable (arm64 then addresses several from one anchor), or with
 * another code model (ppc64le). What lies between two functions of the object
 * is the object's all the same, since the linker puts nothing in between.
 */
static bool size_denies(const struct unit_place *p, uint32_t symbol, uint32_t id)
{
	const struct symbol *s = &p->o->symbols[symbol];

	return compare_size(p, s, id) == SIZE_DENIES &&
	       !(symbol_is_code(p->o, s) && own_beside(p, symbol, id, -1) && own_beside(p, symbol, id, 1));
}

static struct agreement weigh(const struct unit_place *p, uint32_t symbol, uint32_t id)
{
	struct agreement ev = { 0 };

	look(p, symbol, id, -1, &ev);
	look(p, symbol, id, 1, &ev);
	ev.tight = count_tight(p, symbol, id, -1) + count_tight(p, symbol, id, 1);
	if (ev.denied || size_denies(p, symbol, id) || !number_agrees(p, symbol, id))
		ev.seen = 0;
	return ev;
}

/* Nothing lies beside it: of the only entry of its name, the size has to agree. */
static bool proved_by_size(const struct unit_place *p, uint32_t symbol, uint32_t id)
{
	enum { TELLING_SIZE = 8 };
	const struct symbol *s = &p->o->symbols[symbol];

	return !name_numbered(s->name) && s->size >= TELLING_SIZE && compare_size(p, s, id) == SIZE_AGREES;
}

/* The object has the name twice under one FILE and in one place: neighbours cannot tell which is which. */
static bool has_own_double(const struct unit_place *p, uint32_t symbol)
{
	const struct symbol *s = &p->o->symbols[symbol];
	struct namesakes n = object_named(p->o, s->name);

	while (next_namesake(&n)) {
		const struct symbol *other = &p->o->symbols[n.symbol];

		if (other != s && other->bind == s->bind && other->file == s->file &&
		    p->class_of[n.symbol] == p->class_of[symbol])
			return true;
	}
	return false;
}

/* What came out for the entries of one name. */
struct tally {
	uint32_t count, expected, best, second, found;
	uint32_t tight, second_tight; /* the most, and the most of the others */
	uint32_t tightest;            /* the entry with the most */
	bool tightest_fits;           /* nothing speaks against it */
};

static struct tally tally_entries(const struct unit_place *p, uint32_t symbol)
{
	const struct symbol *s = &p->o->symbols[symbol];
	struct tally t = { .found = NONE, .tightest = NONE };

	for (uint32_t i = next_fitting(p, s, NONE); i != NONE; i = next_fitting(p, s, i)) {
		struct agreement ev = weigh(p, symbol, i);

		t.second = t.count && ev.seen <= t.best ? (ev.seen > t.second ? ev.seen : t.second) : t.best;
		if (!t.count++ || ev.seen > t.best) {
			t.best = ev.seen;
			t.expected = ev.expected;
			t.found = i;
		}
		if (t.tightest == NONE || ev.tight > t.tight) {
			t.second_tight = t.tight;
			t.tight = ev.tight;
			t.tightest = i;
			t.tightest_fits = ev.seen > 0;
		} else if (ev.tight > t.second_tight) {
			t.second_tight = ev.tight;
		}
	}
	return t;
}

/*
 * Two thirds of the neighbours, and twice as many as any other entry of the
 * name has. A single neighbour is enough only where nothing else could be
 * meant; in data, whose order says nothing, not even then.
 */
static bool proved_by_neighbours(const struct unit_place *p, uint32_t symbol, const struct tally *t)
{
	if (!t->best || t->best * 3 < t->expected * 2 || t->second * 2 > t->best)
		return false;
	if (t->best > 1)
		return true;
	if (symbol_is_code(p->o, &p->o->symbols[symbol]))
		return !t->second;
	return t->count == 1 && proved_by_size(p, symbol, t->found);
}

/*
 * Of several entries, the one that lies among the object's own: at least two,
 * two thirds of what was looked for, and twice as many as any other has.
 */
static bool proved_by_run(const struct tally *t)
{
	return t->count > 1 && t->tightest_fits && t->tight > 1 && t->tight * 3 >= t->expected * 2 &&
	       t->second_tight * 2 <= t->tight;
}

/* So many symbols of one name: whatever their neighbours say, nobody tells them apart. */
static bool has_many_rivals(const struct unit_place *p, uint32_t symbol)
{
	enum { MANY = 16 };
	struct namesakes n = object_named(p->o, p->o->symbols[symbol].name);
	unsigned rivals = 0;

	while (rivals <= MANY && next_namesake(&n))
		rivals += n.symbol != symbol && p->rank[n.symbol] != NONE;
	return rivals > MANY;
}

/*
 * Does another symbol of a joined object have as good a claim to the entry?
 * Merged sections lie about the order, so two sources may claim the same one.
 */
static bool has_rival(const struct unit_place *p, uint32_t symbol, const struct tally *t)
{
	struct namesakes n = object_named(p->o, p->o->symbols[symbol].name);

	while (p->many_files && next_namesake(&n)) {
		struct tally other;

		if (n.symbol == symbol || p->rank[n.symbol] == NONE)
			continue;
		other = tally_entries(p, n.symbol);
		if (other.found == t->found && other.best >= t->best)
			return true;
	}
	return false;
}

enum locate_result locate_by_neighbours(const struct unit_place *p, uint32_t symbol, uint32_t *id)
{
	struct tally t;

	if (p->rank[symbol] == NONE)
		return LOCATE_MISSING;
	if (next_fitting(p, &p->o->symbols[symbol], NONE) == NONE)
		return LOCATE_MISSING;
	if (has_own_double(p, symbol) || has_many_rivals(p, symbol))
		return LOCATE_AMBIGUOUS;
	t = tally_entries(p, symbol);
	if (has_rival(p, symbol, &t))
		return LOCATE_AMBIGUOUS;
	if (p->is_part && !p->t->has_files && proved_by_run(&t)) {
		*id = t.tightest;
		return LOCATE_FOUND;
	}
	if (t.count > 1 && t.tightest != t.found && t.tight > 0)
		return LOCATE_AMBIGUOUS; /* what lies around it and what lies right beside it say different things */
	if (p->is_part && (proved_by_neighbours(p, symbol, &t) ||
			   (!t.expected && t.count == 1 && proved_by_size(p, symbol, t.found)))) {
		*id = t.found;
		return LOCATE_FOUND;
	}
	return t.count > 1 ? LOCATE_AMBIGUOUS : LOCATE_MISSING;
}

/* ---- is an entry another object's? ---- */

/* The object's source files define it, as far as FILE symbols tell; the linker's own symbols are under a nameless one. */
static bool is_under_own_file(const struct unit_place *p, const struct kernel_symbol *e)
{
	const char *name = e->file == NONE ? "" : file_base_name(p->t->files.items[e->file]);

	for (uint32_t i = 0; *name && i < p->units.count; i++)
		if (!strcmp(p->units.items[i].name, name))
			return true;
	return !*name;
}

/* Its global functions an object has in every build; the local ones may be inlined or cloned otherwise. */
static bool is_of_others(const struct unit_place *p, const struct kernel_symbol *e)
{
	if (!e->is_function || own_symbol(p, e))
		return false;
	return e->local || !p->t->has_binds ? !is_under_own_file(p, e) : true;
}

/* The entry of a function of the object that no other entry can be; NONE: it is weak, or its name is not the only one. */
static uint32_t sure_entry(const struct unit_place *p, uint32_t symbol)
{
	const struct symbol *s = &p->o->symbols[symbol];
	uint32_t id = next_fitting(p, s, NONE);

	if (s->bind == STB_WEAK || id == NONE || !symbol_is_code(p->o, s) || !is_only_one(p, symbol))
		return NONE;
	return s->bind != STB_LOCAL || is_under_own_file(p, symbol_table_entry(p->t, id)) ? id : NONE;
}

/* Of the next such function on that side; what stands on the symbol itself tells nothing. */
static uint32_t sure_neighbour(const struct unit_place *p, uint32_t symbol, int direction)
{
	const struct symbol *s = &p->o->symbols[symbol];
	uint32_t id = NONE;

	for (uint32_t i = object_neighbour(p, symbol, direction); i && id == NONE;
	     i = object_neighbour(p, i, direction))
		if (p->o->symbols[i].section != s->section || p->o->symbols[i].value != s->value)
			id = sure_entry(p, i);
	return id;
}

/* Between the entry and that neighbour, or where that should be, lies a function of another object. */
static bool lies_apart(const struct unit_place *p, uint32_t symbol, uint32_t id, int direction)
{
	uint32_t neighbour = sure_neighbour(p, symbol, direction), rank = entry_rank(p, id);

	if (neighbour == NONE)
		return false;
	while (step(&rank, direction, p->t->entries.count) && rank != entry_rank(p, neighbour))
		if (is_of_others(p, entry_at(p, rank)))
			return true;
	return rank != entry_rank(p, neighbour);
}

bool locate_denies(const struct unit_place *p, uint32_t symbol, uint32_t id)
{
	if (!p->is_part || p->many_files || p->rank[symbol] == NONE)
		return false;
	return lies_apart(p, symbol, id, -1) || lies_apart(p, symbol, id, 1);
}
