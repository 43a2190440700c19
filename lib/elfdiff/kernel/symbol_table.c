/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symbol_table.c - the symbols of one object */
#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "kernel/internal.h"

struct symbol_table *symbol_table_new(struct arena *a, const char *object, const char *path)
{
	struct symbol_table *t = arena_new(a, struct symbol_table);

	t->object = object;
	t->path = path;
	t->has_binds = t->whole = true;
	return t;
}

void symbol_table_sort(struct arena *a, struct symbol_table *t)
{
	uint32_t n = t->symbols.count;
	struct sort_key *keys = arena_array(a, n, struct sort_key);
	struct kernel_symbol *sorted = arena_array(a, n, struct kernel_symbol);

	for (uint32_t i = 0; i < n; i++)
		keys[i] = (struct sort_key){ t->symbols.items[i].address, i };
	sort_keys(a, keys, n);
	for (uint32_t i = 0; i < n; i++)
		sorted[i] = t->symbols.items[keys[i].id];
	t->symbols.items = sorted;
	t->symbols.room = n;
}

/* Where a label of the linker script is, or 0. */
static uint64_t label_address(const struct symbol_table *t, const char *name)
{
	struct entries_named n = symbol_table_named(t, name);

	return next_entry_named(&n) ? t->symbols.items[n.id].address : 0;
}

static struct address_range between(const struct symbol_table *t, const char *first, const char *last)
{
	return (struct address_range){ label_address(t, first), label_address(t, last) };
}

/* The entries of a name are in order: the first one counts them. */
static void index_names(struct arena *a, struct symbol_table *t)
{
	t->namesakes = arena_array(a, t->symbols.count, struct namesakes_before);
	for (uint32_t i = 0; i < t->symbols.count; i++) {
		struct entries_named first = symbol_table_named(t, t->symbols.items[i].name);
		struct namesakes_before *n = &t->namesakes[i];

		n->first = next_entry_named(&first) ? first.id : i;
		n->before = t->namesakes[n->first].count++;
		index_add(a, &t->by_name, hash_string(t->symbols.items[i].name), i);
	}
}

static void count_one(const struct symbol_table *t, const struct passing_symbol *s)
{
	struct entries_named first = symbol_table_named(t, s->name);
	struct passing_namesakes *n = next_entry_named(&first) ? &t->passing_of_name[first.id] : NULL;

	if (!n)
		return;
	n->all += !s->unknown;
	n->before += !s->unknown;
	n->unknown_before += s->unknown;
}

/* Both lists are in the kernel's order: one walk over them, in which each name has counted what it has seen so far. */
static void count_passing(struct arena *a, struct symbol_table *t)
{
	uint32_t next = 0;

	if (!t->passing.count)
		return;
	t->passing_of_name = arena_array(a, t->symbols.count, struct passing_namesakes);
	t->passing_before = arena_array(a, t->symbols.count, struct passing_namesakes);
	for (uint32_t i = 0; i < t->symbols.count; i++) {
		while (next < t->passing.count && t->passing.items[next].before <= i)
			count_one(t, &t->passing.items[next++]);
		t->passing_before[i] = t->passing_of_name[t->namesakes[i].first];
	}
	while (next < t->passing.count)
		count_one(t, &t->passing.items[next++]);
}

static void group_names(struct arena *a, struct symbol_table *t)
{
	uint32_t end = 0;

	t->by_position = arena_array(a, t->symbols.count, uint32_t);
	for (uint32_t i = 0; i < t->symbols.count; i++) {
		struct namesakes_before *n = &t->namesakes[i];

		if (n->first == i) {
			n->group = end;
			end += n->count;
		}
		t->by_position[t->namesakes[n->first].group + n->before] = i;
	}
}

static bool is_ordered(const struct symbol_table *t)
{
	for (uint32_t i = 1; i < t->symbols.count; i++) {
		const struct kernel_symbol *x = &t->symbols.items[i - 1], *y = &t->symbols.items[i];

		if (x->section > y->section || (x->section == y->section && x->address > y->address))
			return false;
	}
	return true;
}

static void order_symbols(struct arena *a, struct symbol_table *t)
{
	uint32_t n = t->symbols.count;
	struct sort_key *keys;

	if (is_ordered(t))
		return;
	keys = arena_array(a, n, struct sort_key);
	t->order = arena_array(a, n, uint32_t);
	for (uint32_t i = 0; i < n; i++)
		keys[i] = (struct sort_key){ t->symbols.items[i].address, i };
	sort_keys(a, keys, n);
	for (uint32_t i = 0; i < n; i++)
		keys[i].key = t->symbols.items[keys[i].id].section;
	sort_keys(a, keys, n);
	for (uint32_t i = 0; i < n; i++)
		t->order[i] = keys[i].id;
}

enum elfdiff_status symbol_table_add(struct arena *a, struct diags *ds, struct symbol_table *t,
				     struct kernel_symbols *ks)
{
	if (!t->symbols.count) {
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
	index_names(a, t);
	count_passing(a, t);
	group_names(a, t);
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

/* Names that kallsyms leaves out: scripts/mksysmap and scripts/kallsyms.c. */
bool kallsyms_hides(const char *name)
{
	static const char *const whole[] = { "", "L0", "_SDA_BASE_", "_SDA2_BASE_" };
	static const char *const prefix[] = {
		"$",          ".L",           "__crc_",         "__kstrtab_",          "__kstrtabns_",
		"__ksymtab_", "__pfx_",       "__kcfi_typeid_", "__efistub_",          "__pi_$",
		"__pi_.L",    "__kvm_nvhe_$", "__kvm_nvhe_.L",  "__AArch64ADRPThunk_",
	};
	static const char *const suffix[] = { "_from_arm", "_from_thumb", "_veneer" };

	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		if (!strcmp(name, whole[i]))
			return true;
	for (size_t i = 0; i < sizeof(prefix) / sizeof(*prefix); i++)
		if (starts_with(name, prefix[i]))
			return true;
	for (size_t i = 0; i < sizeof(suffix) / sizeof(*suffix); i++)
		if (ends_with(name, suffix[i]))
			return true;
	return strstr(name, ".long_branch.") || strstr(name, ".plt_branch.");
}

/* ---- asking ---- */

static bool is_within(const struct address_range *range, uint64_t address)
{
	return range->start <= address && address < range->end;
}

bool symbol_table_frees(const struct symbol_table *t, uint32_t id)
{
	uint64_t address = t->symbols.items[id].address;

	return is_within(&t->init, address) && !is_within(&t->per_cpu, address);
}

struct entries_named symbol_table_named(const struct symbol_table *t, const char *name)
{
	return (struct entries_named){
		.t = t, .name = name, .entry = index_first(&t->by_name, hash_string(name)), .id = NONE
	};
}

bool next_entry_named(struct entries_named *n)
{
	const struct index *ix = &n->t->by_name;

	for (; n->entry != NONE; n->entry = index_next(ix, n->entry))
		if (!strcmp(n->t->symbols.items[ix->ids[n->entry]].name, n->name)) {
			n->id = ix->ids[n->entry];
			n->entry = index_next(ix, n->entry);
			return true;
		}
	return false;
}

uint32_t symbol_table_count(const struct symbol_table *t, const char *name)
{
	struct entries_named first = symbol_table_named(t, name);

	return next_entry_named(&first) ? t->namesakes[first.id].count : 0;
}

struct passing_namesakes symbol_table_passing(const struct symbol_table *t, uint32_t id)
{
	struct passing_namesakes ret = { 0 };

	if (t->passing.count) {
		ret = t->passing_before[id];
		ret.all = t->passing_of_name[t->namesakes[id].first].all;
	}
	return ret;
}

unsigned long symbol_table_position(const struct symbol_table *t, uint32_t id)
{
	const struct namesakes_before *n = &t->namesakes[id];

	return t->namesakes[n->first].count == 1 && !symbol_table_passing(t, id).all ? 0 : n->before + 1UL;
}

bool symbol_table_proves_position(const struct symbol_table *t, uint32_t id)
{
	struct passing_namesakes passing = symbol_table_passing(t, id);

	return !symbol_table_position(t, id) ||
	       (t->whole && !t->after_init && !passing.before && !passing.unknown_before);
}

uint32_t symbol_table_at(const struct symbol_table *t, const char *name, unsigned long position)
{
	struct entries_named first = symbol_table_named(t, name);

	if (position > symbol_table_count(t, name) || !next_entry_named(&first))
		return NONE;
	return t->by_position[t->namesakes[first.id].group + (position ? position - 1 : 0)];
}

bool symbol_table_imports(const struct symbol_table *t, const char *name)
{
	return text_set_has(&t->imports, name, strlen(name));
}
