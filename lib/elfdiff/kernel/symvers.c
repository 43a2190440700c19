// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/symvers.h"

#include <string.h>

#include "base/text.h"
#include "file/input.h"

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

/* "fs/ext4/ext4" is the module ext4; '-' and '_' are the same in module names. */
static const char *object_name(struct arena *a, const struct word *path)
{
	const char *slash = memrchr(path->text, '/', path->length);
	const char *start = slash ? slash + 1 : path->text;
	char *name = arena_strndup(a, start, (size_t)(path->text + path->length - start));

	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	return name;
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

static bool parse_line(struct arena *a, const struct line *l, struct export *e)
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
	e->name = arena_strndup(a, col[NAME].text, col[NAME].length);
	e->object = object_name(a, &col[OBJECT]);
	/* EXPORT_SYMBOL_GPL; old files have EXPORT_SYMBOL_GPL_FUTURE and EXPORT_UNUSED_SYMBOL_GPL too. */
	e->gpl_only = memmem(col[KIND].text, col[KIND].length, "_GPL", 4) != NULL;
	if (n == COLUMNS && col[NAME_SPACE].length)
		e->name_space = arena_strndup(a, col[NAME_SPACE].text, col[NAME_SPACE].length);
	e->to_named_modules = e->name_space && starts_with(e->name_space, "module:");
	return true;
}

static enum elfdiff_status bad_line(struct arena *a, struct diags *ds, const struct input *in, const struct line *l)
{
	const char *shown = arena_strndup(a, l->text, l->length < 60 ? l->length : 60);

	diag_add(ds,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_FAILURE,
			 .id = "symvers-line",
			 .object = in->path,
			 .cause = "a line has a checksum, a name, an object, the kind of export and optionally a "
				  "namespace, separated by tabs",
			 .hint = "give the Module.symvers that the kernel's build generated" },
		 "line %u of `%s` is not in the format of Module.symvers: `%s`", l->number, in->path, shown);
	return ELFDIFF_ERROR;
}

enum elfdiff_status symvers_read(struct arena *a, struct diags *ds, const char *path, struct symvers *sv)
{
	struct line l = { 0 };
	struct input in;
	/* Modules that export nothing have an empty one. */
	enum elfdiff_status st = input_read(a, ds, path, INPUT_ANY, &in);

	if (st)
		return st;
	while (input_next_line(&in, &l)) {
		struct export e = { 0 };

		if (!l.length)
			continue;
		if (!parse_line(a, &l, &e))
			return bad_line(a, ds, &in, &l);
		index_add(a, &sv->by_name, hash_string(e.name), sv->exports.count);
		*vec_push(a, &sv->exports) = e;
	}
	sv->read = true;
	return ELFDIFF_OK;
}

const struct export *symvers_find(const struct symvers *sv, const char *name)
{
	const struct index *ix = &sv->by_name;

	for (uint32_t i = index_first(ix, hash_string(name)); i != NONE; i = index_next(ix, i))
		if (!strcmp(sv->exports.items[ix->ids[i]].name, name))
			return &sv->exports.items[ix->ids[i]];
	return NULL;
}
