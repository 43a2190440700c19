// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/symvers.h"

#include <string.h>

#include "base/text.h"
#include "file/digits.h"
#include "kernel/symvers_cache.h"

/* Columns of a line: crc, name, object, kind of export, namespace (may be absent or empty). */
enum { CRC, NAME, OBJECT, KIND, NAME_SPACE, COLUMNS };

/* Split at single tabs: the namespace column may be empty. False: more columns than there are. */
static bool split_columns(const struct line *l, struct word col[COLUMNS], unsigned *count)
{
	const char *p = l->text, *end = p + l->length, *tab;

	for (*count = 0; p <= end; p = tab + 1) {
		if (*count == COLUMNS)
			return false;
		tab = memchr(p, '\t', (size_t)(end - p));
		if (!tab)
			tab = end;
		col[(*count)++] = (struct word){ p, (size_t)(tab - p) };
	}
	return true;
}

struct symvers_reader {
	struct arena *a;
	struct diags *ds;
	struct lines lines;
	struct symvers *sv;
	struct word path;   /* of the object of the line before: those of one stand together */
	const char *object; /* its name */
};

/* "fs/ext4/ext4" is the module ext4; '-' and '_' are the same in module names. */
static const char *object_name(struct symvers_reader *r, const struct word *path)
{
	const char *slash, *start;
	char *name;

	if (r->object && r->path.length == path->length && !memcmp(r->path.text, path->text, path->length))
		return r->object;
	slash = memrchr(path->text, '/', path->length);
	start = slash ? slash + 1 : path->text;
	name = arena_strndup(r->a, start, (size_t)(path->text + path->length - start));
	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	r->path = (struct word){ lines_keep(&r->lines, path), path->length };
	return r->object = name;
}

static bool is_kind(const struct word *w)
{
	return w->length > 7 && !memcmp(w->text, "EXPORT_", 7);
}

/* Old files have EXPORT_SYMBOL_GPL_FUTURE and EXPORT_UNUSED_SYMBOL_GPL, too. */
static bool is_gpl_only(const struct word *kind)
{
	if (word_is(kind, "EXPORT_SYMBOL") || word_is(kind, "EXPORT_SYMBOL_GPL"))
		return kind->length > 13;
	return memmem(kind->text, kind->length, "_GPL", 4) != NULL;
}

/* Linux 5.4 and 5.5 have the namespace before the object. */
static void namespace_last(struct word col[COLUMNS])
{
	struct word name_space = col[OBJECT];

	col[OBJECT] = col[KIND];
	col[KIND] = col[NAME_SPACE];
	col[NAME_SPACE] = name_space;
}

static bool parse_line(struct symvers_reader *r, const struct line *l, struct export *e)
{
	struct word col[COLUMNS];
	uint64_t crc;
	unsigned n;

	if (!split_columns(l, col, &n) || n < NAME_SPACE)
		return false;
	if (n == COLUMNS && !is_kind(&col[KIND]))
		namespace_last(col);
	if (!is_kind(&col[KIND]) || !col[NAME].length || !col[OBJECT].length)
		return false;
	if (!word_number(&col[CRC], 16, &crc) || crc > UINT32_MAX)
		return false;
	e->crc = (uint32_t)crc;
	e->object = object_name(r, &col[OBJECT]);
	e->gpl_only = is_gpl_only(&col[KIND]);
	if (n == COLUMNS && col[NAME_SPACE].length)
		e->name_space = lines_keep(&r->lines, &col[NAME_SPACE]);
	e->to_named_modules = e->name_space && starts_with(e->name_space, "module:");
	e->name = lines_keep(&r->lines, &col[NAME]);
	*vec_push(r->a, &r->sv->hashes) = name_order_hash(e->name, strlen(e->name));
	return true;
}

static enum elfdiff_status bad_line(struct symvers_reader *r, const struct line *l)
{
	const char *shown = arena_strndup(r->a, l->text, l->length < 60 ? l->length : 60);

	diag_add(r->ds,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_FAILURE,
			 .id = "symvers-line",
			 .object = r->lines.in->path,
			 .cause = "a line has a checksum, a name, an object, the kind of export and optionally a "
				  "namespace, separated by tabs",
			 .hint = "give the Module.symvers that the kernel's build generated" },
		 "line %u of `%s` is not in the format of Module.symvers: `%s`", l->number, r->lines.in->path, shown);
	return ELFDIFF_ERROR;
}

static const struct export *export_at(const struct symvers *sv, uint32_t id)
{
	cached_need(sv->cached, CACHED_EXPORTS, id);
	return &sv->exports.items[id];
}

static const char *name_of(const void *of, uint32_t id)
{
	return export_at(of, id)->name;
}

static void need_name(const void *of, uint32_t i)
{
	cached_need(((const struct symvers *)of)->cached, CACHED_EXPORT_NAMES, i);
}

/* Bytes of a usual line: there is room for as many, and more where lines are shorter. */
enum { USUAL_LINE = 32 };

static enum elfdiff_status read_lines(struct symvers_reader *r)
{
	struct line l;

	if (!r->sv->exports.count)
		vec_reserve(r->a, &r->sv->exports, (uint32_t)(r->lines.in->size / USUAL_LINE));
	while (lines_next(&r->lines, &l)) {
		struct export e = { 0 };

		if (!l.length)
			continue;
		if (!parse_line(r, &l, &e))
			return bad_line(r, &l);
		*vec_push(r->a, &r->sv->exports) = e;
	}
	return lines_end(&r->lines, r->ds);
}

/* What came from a cache, as if it had been read: more is to be added. */
static void take_all(struct arena *a, struct symvers *sv)
{
	if (!sv->cached)
		return;
	for (uint32_t i = 0; i < sv->exports.count; i++) {
		const char *name = export_at(sv, i)->name;

		*vec_push(a, &sv->hashes) = name_order_hash(name, strlen(name));
	}
	sv->cached = NULL;
}

enum elfdiff_status symvers_from_source(struct arena *a, struct diags *ds, const char *path,
					struct cache_source *source, bool *known, struct symvers *sv)
{
	struct input in;
	struct symvers_reader r = { .a = a, .ds = ds, .sv = sv };
	/* Modules that export nothing have an empty one. */
	enum elfdiff_status st =
		input_read(a, ds, path, (struct input_want){ .content = source ? &source->read : NULL }, &in);

	if (!st) {
		r.lines = lines_of(a, &in);
		st = read_lines(&r);
	}
	*known = !st && source && cache_source_known(source, &in.before);
	if (st)
		return st;
	name_order_build(a, &sv->by_name, sv->hashes.items, sv->exports.count, name_of, sv);
	sv->read = true;
	return ELFDIFF_OK;
}

enum elfdiff_status symvers_read(struct arena *a, struct diags *ds, const char *path, struct symvers *sv)
{
	struct cache_source *source = arena_new(a, struct cache_source);
	bool cached = sv->use_caches && !sv->exports.count && cache_source_open(a, path, source);
	enum elfdiff_status st;
	bool known;

	if (cached && symvers_cache_read(a, ds, source, path, sv)) {
		sv->read = true;
		return ELFDIFF_OK;
	}
	take_all(a, sv);
	sv->to_keep = NULL;
	st = symvers_from_source(a, ds, path, cached ? source : NULL, &known, sv);
	if (known)
		sv->to_keep = source;
	return st;
}

void symvers_keep(struct arena *a, struct symvers *sv)
{
	if (sv->to_keep)
		symvers_cache_write(a, sv->to_keep, sv);
	sv->to_keep = NULL;
}

const struct export *symvers_find(const struct symvers *sv, const char *name)
{
	struct name_range r = name_order_find(&sv->by_name, name, name_of, sv->cached ? need_name : NULL, sv);

	if (r.first == r.end)
		return NULL;
	need_name(sv, r.first);
	return export_at(sv, name_order_number(sv->by_name.items[r.first]));
}
