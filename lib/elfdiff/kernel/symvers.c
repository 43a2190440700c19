// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/symvers.h"

#include <string.h>

#include "base/text.h"
#include "file/input.h"
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
	const struct input *in;
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
	r->path = *path;
	return r->object = name;
}

static bool is_kind(const struct word *w)
{
	return w->length > 7 && !memcmp(w->text, "EXPORT_", 7);
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
	/* EXPORT_SYMBOL_GPL; old files have EXPORT_SYMBOL_GPL_FUTURE and EXPORT_UNUSED_SYMBOL_GPL too. */
	e->gpl_only = memmem(col[KIND].text, col[KIND].length, "_GPL", 4) != NULL;
	if (n == COLUMNS && col[NAME_SPACE].length)
		e->name_space = input_string(r->a, r->in, &col[NAME_SPACE]);
	e->to_named_modules = e->name_space && starts_with(e->name_space, "module:");
	e->name = input_string(r->a, r->in, &col[NAME]);
	*vec_push(r->a, &r->sv->hashes) = name_order_hash(e->name);
	return true;
}

static enum elfdiff_status bad_line(struct symvers_reader *r, const struct line *l)
{
	const char *shown = arena_strndup(r->a, l->text, l->length < 60 ? l->length : 60);

	diag_add(r->ds,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_FAILURE,
			 .id = "symvers-line",
			 .object = r->in->path,
			 .cause = "a line has a checksum, a name, an object, the kind of export and optionally a "
				  "namespace, separated by tabs",
			 .hint = "give the Module.symvers that the kernel's build generated" },
		 "line %u of `%s` is not in the format of Module.symvers: `%s`", l->number, r->in->path, shown);
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
	struct line l = { 0 };

	if (!r->sv->exports.count)
		vec_reserve(r->a, &r->sv->exports, (uint32_t)(r->in->size / USUAL_LINE));
	while (input_next_line(r->in, &l)) {
		struct export e = { 0 };

		if (!l.length)
			continue;
		if (!parse_line(r, &l, &e))
			return bad_line(r, &l);
		*vec_push(r->a, &r->sv->exports) = e;
	}
	return ELFDIFF_OK;
}

/* What came from a cache, as if it had been read: more is to be added. */
static void take_all(struct arena *a, struct symvers *sv)
{
	if (!sv->cached)
		return;
	for (uint32_t i = 0; i < sv->exports.count; i++)
		*vec_push(a, &sv->hashes) = name_order_hash(export_at(sv, i)->name);
	sv->cached = NULL;
}

static enum elfdiff_status add_file(struct arena *a, struct diags *ds, const char *path, struct symvers *sv,
				    struct stat *before)
{
	struct input in;
	struct symvers_reader r = { .a = a, .ds = ds, .in = &in, .sv = sv };
	/* Modules that export nothing have an empty one. */
	enum elfdiff_status st = input_read(a, ds, path, INPUT_ANY, &in);

	st = st ? st : read_lines(&r);
	if (st)
		return st;
	*before = in.before;
	name_order_build(a, &sv->by_name, sv->hashes.items, sv->exports.count, name_of, sv);
	sv->read = true;
	return ELFDIFF_OK;
}

enum elfdiff_status symvers_read(struct arena *a, struct diags *ds, const char *path, struct symvers *sv)
{
	struct cache_source *source = arena_new(a, struct cache_source);
	bool cached = sv->use_caches && !sv->exports.count && cache_source_open(a, path, source);
	enum elfdiff_status st;
	struct stat before;

	if (cached && symvers_cache_read(a, ds, source, path, sv)) {
		sv->read = true;
		return ELFDIFF_OK;
	}
	if (cached)
		cache_source_reading(source);
	take_all(a, sv);
	sv->to_keep = NULL;
	st = add_file(a, ds, path, sv, &before);
	if (!st && cached && cache_source_proves(source, &before))
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
