// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/kernel_symbols.h"

#include <string.h>

#include "elf/names.h"
#include "file/digits.h"
#include "kernel/internal.h"
#include "kernel/symbol_cache.h"

/* ---- reading: the kind of a file is known by its content ---- */

static enum elfdiff_status refuse_packed(struct diags *ds, const struct input *in, const char *what, const char *hint)
{
	diag_add(ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = "symbols-compressed",
					.object = in->path,
					.cause = "gzip is the only compression that is supported",
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
					.cause = "it is not ELF, System.map, kallsyms or the output of `readelf -s`",
					.hint = "give the kernel's vmlinux with symbols, or one of those" },
		 "`%s` is not a list of kernel symbols", in->path);
	return ELFDIFF_ERROR;
}

static bool magic(const struct input *in, const char *bytes, size_t n)
{
	return in->size >= n && !memcmp(in->start, bytes, n);
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
	struct lines lines = lines_of(a, in), first = lines_peek(&lines);
	struct line l;

	/* The first line that says something; readelf has a few before it. */
	while (lines_next(&first, &l) && l.number < 100) {
		if (memchr(l.text, 0, l.length))
			break;
		if (is_map_line(&l))
			return symbols_from_map(a, ds, &lines, ks);
		if (is_readelf_line(&l))
			return symbols_from_readelf(a, ds, &lines, ks);
	}
	return refuse_unknown(ds, in);
}

static enum elfdiff_status read_source(struct arena *a, struct diags *ds, const struct input *in,
				       struct kernel_symbols *ks)
{
	if (magic(in, "\177ELF", 4))
		return symbols_from_elf(a, ds, in, ks);
	if (magic(in,
		  "\xfd"
		  "7zXZ",
		  5))
		return refuse_packed(ds, in, "xz", "decompress a copy of it with unxz");
	if (magic(in, "\x28\xb5\x2f\xfd", 4))
		return refuse_packed(ds, in, "zstd", "decompress a copy of it with unzstd");
	if (magic(in, "BZh", 3))
		return refuse_packed(ds, in, "bzip2", "decompress a copy of it with bunzip2");
	return read_text(a, ds, in, ks);
}

/* NULL: there are no caches of such a file. */
static struct cache_source *source_of(struct arena *a, const struct kernel_symbols *ks, const char *path)
{
	struct cache_source *s = arena_new(a, struct cache_source);

	return ks->use_caches && cache_source_open(a, path, s) ? s : NULL;
}

enum elfdiff_status symbols_from_source(struct arena *a, struct diags *ds, const char *path,
					struct cache_source *source, bool *known, struct kernel_symbols *ks)
{
	struct input in;
	enum elfdiff_status st =
		input_read(a, ds, path, (struct input_want){ true, source ? &source->read : NULL }, &in);

	st = st ? st : read_source(a, ds, &in, ks);
	*known = !st && source && cache_source_known(source, &in.before);
	return st;
}

enum elfdiff_status kernel_symbols_read(struct arena *a, struct diags *ds, const char *path, struct kernel_symbols *ks)
{
	struct cache_source *source = source_of(a, ks, path);
	uint32_t first = ks->tables.count;
	enum elfdiff_status st;
	bool known;

	if (source && symbol_cache_read(a, ds, source, path, ks))
		return ELFDIFF_OK;
	st = symbols_from_source(a, ds, path, source, &known, ks);
	if (known)
		*vec_push(a, &ks->to_keep) = (struct symbols_to_keep){ source, first, ks->tables.count };
	return st;
}

void kernel_symbols_keep(struct arena *a, struct kernel_symbols *ks)
{
	for (uint32_t i = 0; i < ks->to_keep.count; i++)
		symbol_cache_write(a, ks->to_keep.items[i].source, ks, ks->to_keep.items[i].first,
				   ks->to_keep.items[i].end);
	ks->to_keep.count = 0;
}

/* ---- asking ---- */

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

		if (t->object && name_same_object(t->object, object) && is_richer(t, named))
			named = t;
		if (!t->object && is_richer(t, nameless))
			nameless = t;
	}
	if (named)
		return named;
	return patched && name_same_object(object, patched) ? nameless : NULL;
}
