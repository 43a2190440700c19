/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symbol_table.c - the symbols of one object */
#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "kernel/internal.h"
#include "kernel/symbol_cache.h"

struct symbol_table *symbol_table_new(struct arena *a, const char *object, const char *path)
{
	struct symbol_table *t = arena_new(a, struct symbol_table);

	t->object = object;
	t->path = path;
	t->has_binds = t->whole = true;
	return t;
}

void symbol_table_reserve(struct arena *a, struct symbol_table *t, uint64_t symbols)
{
	uint32_t n = symbols < NONE ? (uint32_t)symbols : NONE;

	vec_reserve(a, &t->entries, n);
	vec_reserve(a, &t->hashes, n);
}

void symbol_table_push(struct arena *a, struct symbol_table *t, const struct kernel_symbol *s, size_t length)
{
	*vec_push(a, &t->entries) = *s;
	*vec_push(a, &t->hashes) = name_order_hash(s->name, length);
}

/* Each symbol to where it belongs, in place: the next cycle of moves begins at the first one that has not moved. */
static void move_symbols(struct kernel_symbol *symbols, uint32_t *hashes, struct sort_key *keys, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct kernel_symbol first = symbols[i];
		uint32_t first_hash = hashes[i], to = i, from;

		if (keys[i].id == i)
			continue;
		for (; (from = keys[to].id) != i; to = from) {
			symbols[to] = symbols[from];
			hashes[to] = hashes[from];
			keys[to].id = to;
		}
		symbols[to] = first;
		hashes[to] = first_hash;
		keys[to].id = to;
	}
}

void symbol_table_sort(struct arena *a, struct symbol_table *t)
{
	uint32_t n = t->entries.count, i = 1;
	struct sort_key *keys;

	while (i < n && t->entries.items[i - 1].address <= t->entries.items[i].address)
		i++;
	if (i >= n)
		return;
	keys = arena_array(a, n, struct sort_key);
	for (i = 0; i < n; i++)
		keys[i] = (struct sort_key){ t->entries.items[i].address, i };
	sort_keys(a, keys, n);
	move_symbols(t->entries.items, t->hashes.items, keys, n);
}

/* Where a label of the linker script is, or 0. */
static uint64_t label_address(const struct symbol_table *t, const char *name)
{
	struct entries_named n = symbol_table_named(t, name);

	return next_entry_named(&n) ? symbol_table_entry(t, n.id)->address : 0;
}

static struct address_range between(const struct symbol_table *t, const char *first, const char *last)
{
	return (struct address_range){ label_address(t, first), label_address(t, last) };
}

static const char *name_of(const void *of, uint32_t id)
{
	const struct symbol_table *t = of;

	return symbol_table_entry(t, id)->name;
}

static void need_name(const void *of, uint32_t i)
{
	cached_need(((const struct symbol_table *)of)->cached, CACHED_NAMES, i);
}

static struct name_range range_named(const struct symbol_table *t, const char *name)
{
	return name_order_find(&t->by_name, name, name_of, t->cached ? need_name : NULL, t);
}

static uint32_t number_at(const struct symbol_table *t, uint32_t i)
{
	need_name(t, i);
	return name_order_number(t->by_name.items[i]);
}

/* The first symbol of the name of number `id`. */
static uint32_t first_of_name(const struct symbol_table *t, uint32_t id)
{
	return number_at(t, range_named(t, symbol_table_entry(t, id)->name).first);
}

static void count_one(const struct symbol_table *t, const struct passing_symbol *s)
{
	struct name_range r = range_named(t, s->name);
	struct passing_namesakes *n = r.first < r.end ? &t->passing_of_name[number_at(t, r.first)] : NULL;

	if (!n)
		return;
	n->all += !s->unknown;
	n->before += !s->unknown;
	n->unknown_before += s->unknown;
}

/* Both lists are in the kernel's order: one walk over them, in which each name has counted what it has seen so far. */
static void count_passing(struct arena *a, struct symbol_table *t)
{
	uint32_t next = 0, n = t->entries.count, *first;

	if (!t->passing.count)
		return;
	t->passing_of_name = arena_array(a, n, struct passing_namesakes);
	t->passing_before = arena_array(a, n, struct passing_namesakes);
	first = arena_array(a, n, uint32_t);
	for (uint32_t i = 0; i < n; i++)
		first[i] = first_of_name(t, i);
	for (uint32_t i = 0; i < n; i++) {
		while (next < t->passing.count && t->passing.items[next].before <= i)
			count_one(t, &t->passing.items[next++]);
		t->passing_before[i] = t->passing_of_name[first[i]];
	}
	while (next < t->passing.count)
		count_one(t, &t->passing.items[next++]);
}

/* A table of a kernel has ten thousand symbols for each that somebody asks for: those of a file are found at once. */
static void group_by_file(struct arena *a, struct symbol_table *t)
{
	uint32_t files = t->files.count, total = 0, *next;

	if (!files)
		return;
	t->first_of_file = arena_array(a, (size_t)files + 1, uint32_t);
	next = arena_array(a, files, uint32_t);
	for (uint32_t i = 0; i < t->entries.count; i++)
		if (t->entries.items[i].file != NONE)
			next[t->entries.items[i].file]++;
	for (uint32_t f = 0; f < files; f++) {
		t->first_of_file[f] = total;
		total += next[f];
		next[f] = t->first_of_file[f];
	}
	t->first_of_file[files] = total;
	t->of_files = arena_array(a, total, uint32_t);
	for (uint32_t i = 0; i < t->entries.count; i++)
		if (t->entries.items[i].file != NONE)
			t->of_files[next[t->entries.items[i].file]++] = i;
}

static bool is_ordered(const struct symbol_table *t)
{
	for (uint32_t i = 1; i < t->entries.count; i++) {
		const struct kernel_symbol *x = &t->entries.items[i - 1], *y = &t->entries.items[i];

		if (x->section > y->section || (x->section == y->section && x->address > y->address))
			return false;
	}
	return true;
}

static void order_symbols(struct arena *a, struct symbol_table *t)
{
	uint32_t n = t->entries.count;
	struct sort_key *keys;

	if (is_ordered(t))
		return;
	keys = arena_array(a, n, struct sort_key);
	t->order = arena_array(a, n, uint32_t);
	for (uint32_t i = 0; i < n; i++)
		keys[i] = (struct sort_key){ t->entries.items[i].address, i };
	sort_keys(a, keys, n);
	for (uint32_t i = 0; i < n; i++)
		keys[i].key = t->entries.items[keys[i].id].section;
	sort_keys(a, keys, n);
	for (uint32_t i = 0; i < n; i++)
		t->order[i] = keys[i].id;
}

enum elfdiff_status symbol_table_add(struct arena *a, struct diags *ds, struct symbol_table *t,
				     struct kernel_symbols *ks)
{
	if (!t->entries.count) {
		diag_add(ds,
			 (struct elfdiff_diag){
				 .severity = ELFDIFF_FAILURE,
				 .id = "symbols-none",
				 .object = t->path,
				 .cause = "it contains no symbol that the kallsyms of a running kernel would list",
				 .hint = "give vmlinux with symbols, System.map, kallsyms, or the output of `readelf "
					 "-sW`" },
			 "`%s` has no kernel symbols", t->path);
		return ELFDIFF_ERROR;
	}
	name_order_build(a, &t->by_name, t->hashes.items, t->entries.count, name_of, t);
	count_passing(a, t);
	group_by_file(a, t);
	order_symbols(a, t);
	t->has_files = t->files.count > 0;
	if (t->object && !strcmp(t->object, "vmlinux")) {
		t->init = between(t, "__init_begin", "__init_end");
		t->per_cpu = between(t, "__per_cpu_start", "__per_cpu_end");
	}
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
	*vec_push(a, &ks->tables) = t;
	return ELFDIFF_OK;
}

bool module_section_goes(const char *name)
{
	return starts_with(name, ".init") || !strcmp(name, ".modinfo") || !strcmp(name, "__versions");
}

/* ---- asking ---- */

static bool is_within(const struct address_range *range, uint64_t address)
{
	return range->start <= address && address < range->end;
}

const struct kernel_symbol *symbol_table_entry(const struct symbol_table *t, uint32_t id)
{
	cached_need(t->cached, CACHED_ENTRIES, id);
	return &t->entries.items[id];
}

const struct code_place *symbol_table_hook(const struct symbol_table *t, uint32_t i)
{
	cached_need(t->cached, CACHED_HOOKS, i);
	return &t->hooks.items[i];
}

uint32_t symbol_table_at_rank(const struct symbol_table *t, uint32_t rank)
{
	if (!t->order)
		return rank;
	cached_need(t->cached, CACHED_ORDER, rank);
	return t->order[rank];
}

struct numbers symbol_table_of_file(const struct symbol_table *t, uint32_t file)
{
	uint32_t first = t->first_of_file[file], end = t->first_of_file[file + 1];

	for (uint32_t i = first; t->cached && i < end; i++)
		cached_need(t->cached, CACHED_OF_FILES, i);
	return (struct numbers){ t->of_files + first, end - first };
}

bool symbol_table_frees(const struct symbol_table *t, uint32_t id)
{
	uint64_t address = symbol_table_entry(t, id)->address;

	return is_within(&t->init, address) && !is_within(&t->per_cpu, address);
}

struct entries_named symbol_table_named(const struct symbol_table *t, const char *name)
{
	struct name_range r = range_named(t, name);

	return (struct entries_named){ .t = t, .next = r.first, .end = r.end, .id = NONE };
}

/* How many of a range that has `id` are before it. */
static uint32_t count_before(const struct symbol_table *t, const struct name_range *r, uint32_t id)
{
	uint32_t low = r->first, high = r->end;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (number_at(t, middle) < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low - r->first;
}

struct entries_named symbol_table_named_after(const struct symbol_table *t, const char *name, uint32_t id)
{
	struct entries_named n = symbol_table_named(t, name);
	struct name_range r = { n.next, n.end };

	if (id != NONE)
		n.next += count_before(t, &r, id) + 1;
	return n;
}

bool next_entry_named(struct entries_named *n)
{
	if (n->next == n->end)
		return false;
	n->id = number_at(n->t, n->next++);
	return true;
}

uint32_t symbol_table_count(const struct symbol_table *t, const char *name)
{
	struct name_range r = range_named(t, name);

	return r.end - r.first;
}

struct passing_namesakes symbol_table_passing(const struct symbol_table *t, uint32_t id)
{
	struct passing_namesakes ret = { 0 };

	if (t->passing.count) {
		ret = t->passing_before[id];
		ret.all = t->passing_of_name[first_of_name(t, id)].all;
	}
	return ret;
}

unsigned long symbol_table_position(const struct symbol_table *t, uint32_t id)
{
	struct name_range r = range_named(t, symbol_table_entry(t, id)->name);

	return r.end - r.first == 1 && !symbol_table_passing(t, id).all ? 0 : count_before(t, &r, id) + 1UL;
}

bool symbol_table_proves_position(const struct symbol_table *t, uint32_t id)
{
	struct passing_namesakes passing = symbol_table_passing(t, id);

	return !symbol_table_position(t, id) ||
	       (t->whole && !t->after_init && !passing.before && !passing.unknown_before);
}

uint32_t symbol_table_at(const struct symbol_table *t, const char *name, unsigned long position)
{
	struct name_range r = range_named(t, name);

	if (position > r.end - r.first || r.first == r.end)
		return NONE;
	return number_at(t, r.first + (uint32_t)(position ? position - 1 : 0));
}

bool symbol_table_imports(const struct symbol_table *t, const char *name)
{
	return text_set_has(&t->imports, name, strlen(name));
}
