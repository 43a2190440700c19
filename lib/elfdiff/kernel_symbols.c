// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_symbols.h"

#include <string.h>

#include "symbol_read.h"

/* ---- what the sources have in common ---- */

struct symbol_table *symbol_table_new(struct arena *a, const char *object, const char *path)
{
	struct symbol_table *t = arena_new(a, struct symbol_table);

	t->object = object;
	t->path = path;
	t->has_binds = true;
	return t;
}

static bool keys_sorted(const struct sort_key *keys, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (keys[i - 1].key > keys[i].key)
			return false;
	return true;
}

static void merge(const struct sort_key *from, struct sort_key *to, uint32_t start, uint32_t middle, uint32_t end)
{
	uint32_t i = start, j = middle;

	for (uint32_t k = start; k < end; k++)
		to[k] = j >= end || (i < middle && from[i].key <= from[j].key) ? from[i++] : from[j++];
}

void sort_keys(struct arena *a, struct sort_key *keys, uint32_t count)
{
	struct sort_key *from = keys, *to;

	if (keys_sorted(keys, count))
		return;
	to = arena_array(a, count, struct sort_key);
	for (uint64_t width = 1; width < count; width *= 2) {
		struct sort_key *swap = from;

		for (uint64_t i = 0; i < count; i += 2 * width) {
			uint64_t middle = i + width < count ? i + width : count;
			uint64_t end = i + 2 * width < count ? i + 2 * width : count;

			merge(from, to, (uint32_t)i, (uint32_t)middle, (uint32_t)end);
		}
		from = to;
		to = swap;
	}
	if (from != keys)
		memcpy(keys, from, count * sizeof(*keys));
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

enum elfdiff_status symbol_table_add(struct arena *a, struct diags *ds, struct symbol_table *t,
				     struct kernel_symbols *ks)
{
	if (!t->symbols.count) {
		diag_add(ds,
			 (struct elfdiff_diag){
				 .severity = ELFDIFF_FAILURE,
				 .id = "symbols-none",
				 .object = t->path,
				 .cause = "nothing in it is a symbol that a running kernel would show",
				 .hint = "give vmlinux with symbols, System.map, kallsyms, or `readelf -sW` of them" },
			 "`%s` has no kernel symbols", t->path);
		return ELFDIFF_ERROR;
	}
	for (uint32_t i = 0; i < t->symbols.count; i++)
		index_add(a, &t->by_name, hash_string(t->symbols.items[i].name), i);
	t->has_files = t->files.count > 0;
	*vec_push(a, &ks->tables) = t;
	return ELFDIFF_OK;
}

bool module_section_goes(const char *name)
{
	return !strncmp(name, ".init", 5) || !strcmp(name, ".modinfo") || !strcmp(name, "__versions");
}

/* ---- names that kallsyms leaves out: scripts/mksysmap and scripts/kallsyms.c ---- */

static bool starts(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

static bool ends(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n >= m && !strcmp(name + n - m, suffix);
}

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
		if (starts(name, prefix[i]))
			return true;
	for (size_t i = 0; i < sizeof(suffix) / sizeof(*suffix); i++)
		if (ends(name, suffix[i]))
			return true;
	return strstr(name, ".long_branch.") || strstr(name, ".plt_branch.");
}

/* ---- reading: the kind of a file is known by its content ---- */

static enum elfdiff_status refuse_packed(struct diags *ds, const struct input *in, const char *what, const char *hint)
{
	diag_add(ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = "symbols-compressed",
					.object = in->path,
					.cause = "of compressed files, only gzip is read",
					.hint = hint },
		 "`%s` is compressed with %s", in->path, what);
	return ELFDIFF_ERROR;
}

static enum elfdiff_status refuse_unknown(struct diags *ds, const struct input *in)
{
	diag_add(ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = "symbols-unknown",
					.object = in->path,
					.cause = "it is neither ELF, System.map, kallsyms nor the text of `readelf -s`",
					.hint = "give the kernel's vmlinux with symbols, or one of those" },
		 "`%s` is not a list of kernel symbols", in->path);
	return ELFDIFF_ERROR;
}

static bool magic(const struct input *in, const char *bytes, size_t n)
{
	return in->size >= n && !memcmp(in->data, bytes, n);
}

static bool is_map_line(const struct line *l)
{
	struct word address, type, name;
	uint64_t v;
	size_t pos = 0;

	return line_word(l, &pos, &address) && line_word(l, &pos, &type) && line_word(l, &pos, &name) &&
	       word_number(&address, 16, &v) && address.length >= 8 && type.length == 1;
}

static bool is_readelf_line(const struct line *l)
{
	struct word first, second;
	size_t pos = 0;

	if (!line_word(l, &pos, &first) || !line_word(l, &pos, &second))
		return false;
	return (word_is(&first, "Symbol") && word_is(&second, "table")) ||
	       (word_is(&first, "Num:") && word_is(&second, "Value")) ||
	       (first.text[first.length - 1] == ':' && first.text[0] >= '0' && first.text[0] <= '9');
}

static enum elfdiff_status read_text(struct arena *a, struct diags *ds, const struct input *in,
				     struct kernel_symbols *ks)
{
	struct line l = { 0 };

	/* The first line that says something; readelf has a few before it. */
	while (input_next_line(in, &l) && l.number < 100) {
		if (memchr(l.text, 0, l.length))
			break;
		if (is_map_line(&l))
			return symbols_from_map(a, ds, in, ks);
		if (is_readelf_line(&l))
			return symbols_from_readelf(a, ds, in, ks);
	}
	return refuse_unknown(ds, in);
}

enum elfdiff_status kernel_symbols_read(struct arena *a, struct diags *ds, const char *path, struct kernel_symbols *ks)
{
	struct input in;
	enum elfdiff_status st = input_read(a, ds, path, INPUT_NOT_EMPTY, &in);

	if (st)
		return st;
	if (magic(&in, "\177ELF", 4))
		return symbols_from_elf(a, ds, &in, ks);
	if (magic(&in,
		  "\xfd"
		  "7zXZ",
		  5))
		return refuse_packed(ds, &in, "xz", "unpack a copy of it with unxz");
	if (magic(&in, "\x28\xb5\x2f\xfd", 4))
		return refuse_packed(ds, &in, "zstd", "unpack a copy of it with unzstd");
	if (magic(&in, "BZh", 3))
		return refuse_packed(ds, &in, "bzip2", "unpack a copy of it with bunzip2");
	return read_text(a, ds, &in, ks);
}

/* ---- asking ---- */

static bool same_object(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	return *a == *b;
}

static bool is_richer(const struct symbol_table *t, const struct symbol_table *than)
{
	if (!than || t->has_files != than->has_files)
		return !than || t->has_files;
	return t->has_sizes && !than->has_sizes;
}

const struct symbol_table *kernel_symbols_of(const struct kernel_symbols *ks, const char *object, const char *patched)
{
	const struct symbol_table *named = NULL, *nameless = NULL;

	for (uint32_t i = 0; i < ks->tables.count; i++) {
		const struct symbol_table *t = ks->tables.items[i];

		if (t->object && same_object(t->object, object) && is_richer(t, named))
			named = t;
		if (!t->object && is_richer(t, nameless))
			nameless = t;
	}
	if (named)
		return named;
	return patched && same_object(object, patched) ? nameless : NULL;
}

/* Entries of that name with a number below `limit`. */
static uint32_t count_below(const struct symbol_table *t, const char *name, uint32_t limit)
{
	const struct index *ix = &t->by_name;
	uint32_t n = 0;

	for (uint32_t i = index_first(ix, hash_string(name)); i != NONE; i = index_next(ix, i))
		n += ix->ids[i] < limit && !strcmp(t->symbols.items[ix->ids[i]].name, name);
	return n;
}

uint32_t symbol_table_count(const struct symbol_table *t, const char *name)
{
	return count_below(t, name, NONE);
}

unsigned long symbol_table_position(const struct symbol_table *t, uint32_t id)
{
	const char *name = t->symbols.items[id].name;

	return symbol_table_count(t, name) == 1 ? 0 : count_below(t, name, id) + 1UL;
}
