// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbol_readelf.c - the text of `readelf -s`
 *
 *	   Num:    Value          Size Type    Bind   Vis      Ndx Name
 *	    52: ffffffff81000160   249 FUNC    LOCAL  DEFAULT    1 verify_cpu
 *
 * ppc64 has `[<localentry>: 8]` between Vis and Ndx. What cannot be seen in it
 * (which sections are loaded) is taken from the names of SECTION symbols. It
 * may be of a single source's object: vmlinux and modules have a symbol each
 * that only the last link gives them. A line before each table states how many
 * entries it has; where fewer follow, the text is a part of it.
 */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "file/digits.h"
#include "kernel/internal.h"
#include "kernel/readelf_line.h"

/* Bytes of a short one: there is room for as many symbols, and more where lines are shorter. */
enum { USUAL_LINE = 64 };

struct readelf_reader {
	struct arena *a;
	struct diags *ds;
	struct lines *lines;
	struct symbol_table *t;
	bool dynamic;          /* inside .dynsym, which repeats symbols */
	uint64_t stated, seen; /* entries of the table that is being read */
	bool is_vmlinux, is_module;
	uint32_t file;        /* of the local symbols that follow */
	struct index named;   /* section indexes that have a SECTION symbol; linkers leave out some */
	struct index dropped; /* section indexes of what a module has no more once it is up */
	VEC(struct passing_symbol) elsewhere;
};

static bool is_entry(const struct word *first)
{
	uint64_t number;
	struct word digits = { first->text, first->length - 1 };

	return first->length > 1 && first->text[first->length - 1] == ':' && word_number(&digits, 10, &number);
}

static enum elfdiff_status bad_line(struct readelf_reader *r, const struct line *l, const char *cause, const char *hint)
{
	diag_add(r->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = "symbols-line",
					.object = r->lines->in->path,
					.cause = cause,
					.hint = hint },
		 "line %u of `%s` cannot be used: `%s`", l->number, r->lines->in->path,
		 arena_strndup(r->a, l->text, l->length < 100 ? l->length : 100));
	return ELFDIFF_ERROR;
}

static void note_section(struct readelf_reader *r, const struct readelf_line *e, const char *name)
{
	uint64_t section = e->section;

	if (e->place != IN_SECTION || index_has(&r->named, section, (uint32_t)section))
		return;
	index_add(r->a, &r->named, section, (uint32_t)section);
	if (module_section_goes(name))
		index_add(r->a, &r->dropped, section, (uint32_t)section);
}

static void add_symbol(struct readelf_reader *r, const struct readelf_line *e, const char *name)
{
	bool local = e->bind == STB_LOCAL && !e->hidden;

	r->is_vmlinux |= name[0] == '_' && !strcmp(name, "_stext");
	r->is_module |= name[0] == '_' && !strcmp(name, "__this_module");
	symbol_table_push(r->a, r->t,
			  &(struct kernel_symbol){
				  .name = name,
				  .address = e->address,
				  .size = e->size,
				  .local = local,
				  .weak = e->bind == STB_WEAK,
				  .file = local ? r->file : NONE,
				  .section = e->section & SECTION_MOST,
				  .is_function = e->type == STT_FUNC,
			  },
			  strlen(name));
}

static void add_entry(struct readelf_reader *r, const struct readelf_line *e)
{
	const char *name;

	if (e->place == IN_SECTION && e->type != STT_FILE && e->type != STT_SECTION &&
	    kallsyms_hides_name(e->name.text, e->name.length))
		return;
	name = lines_keep(r->lines, &e->name);
	if (e->type == STT_FILE) {
		r->file = r->t->files.count;
		*vec_push(r->a, &r->t->files) = name;
	} else if (e->type == STT_SECTION) {
		note_section(r, e, name);
	} else if (e->place == IN_SECTION) {
		add_symbol(r, e, name);
	} else if (e->place == ELSEWHERE) { /* of no section that is loaded */
		*vec_push(r->a, &r->elsewhere) = (struct passing_symbol){ .name = name, .before = r->t->entries.count };
	} else if (e->bind == STB_GLOBAL) {
		text_set_add(r->a, &r->t->imports, name, e->name.length);
	}
}

/* Symbol table '.symtab' contains 13 entries: */
static uint64_t stated_entries(const struct line *l, size_t pos)
{
	struct word w, before = { 0 };
	uint64_t number;

	while (line_word(l, &pos, &w)) {
		if (w.length > 5 && !memcmp(w.text, "entr", 4) && word_number(&before, 10, &number))
			return number;
		before = w;
	}
	return 0;
}

static enum elfdiff_status end_table(struct readelf_reader *r)
{
	if (r->seen >= r->stated)
		return ELFDIFF_OK;
	diag_add(r->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = "symbols-damaged",
					.object = r->lines->in->path,
					.cause = arena_printf(r->a,
							      "it states %" PRIu64
							      " entries of a symbol table and lists %" PRIu64
							      ": equal names in it cannot be counted",
							      r->stated, r->seen),
					.hint = "create it again with `readelf -sW`, all of it" },
		 "`%s` has been cut short", r->lines->in->path);
	return ELFDIFF_ERROR;
}

static enum elfdiff_status begin_table(struct readelf_reader *r, const struct line *l, size_t pos)
{
	enum elfdiff_status st = end_table(r);

	r->dynamic = memmem(l->text, l->length, ".dynsym", 7) != NULL;
	r->file = NONE;
	r->stated = stated_entries(l, pos);
	r->seen = 0;
	return st;
}

static enum elfdiff_status take_other_line(struct readelf_reader *r, const struct line *l)
{
	struct readelf_line e;
	struct word first;
	size_t pos = 0;

	if (!line_word(l, &pos, &first))
		return ELFDIFF_OK;
	if (word_is(&first, "Symbol"))
		return begin_table(r, l, pos);
	if (!is_entry(&first))
		return ELFDIFF_OK;
	r->seen++;
	if (r->dynamic)
		return ELFDIFF_OK;
	if (!readelf_parse_columns(l, pos, &e))
		return bad_line(r, l, "a line has number, value, size, type, bind, visibility, section and name",
				"create the file again: it is corrupt or truncated");
	if (readelf_cut_off(&e.name))
		return bad_line(r, l, "readelf has truncated the name", "create it with `readelf -sW`");
	add_entry(r, &e);
	return ELFDIFF_OK;
}

static inline enum elfdiff_status take_line(struct readelf_reader *r, const struct line *l)
{
	struct readelf_line e;

	if (r->dynamic || !readelf_parse_usual(l, &e))
		return take_other_line(r, l);
	r->seen++;
	add_entry(r, &e);
	return ELFDIFF_OK;
}

/* Of one object file alone nothing can be counted. */
static void add_passing(struct readelf_reader *r, const char *name, uint32_t before)
{
	if (r->is_module)
		*vec_push(r->a, &r->t->passing) = (struct passing_symbol){ .name = name, .before = before };
}

/* Symbol number `n`; of a section without a name nobody knows whether it is of init code. */
static void keep(struct readelf_reader *r, const struct kernel_symbol *s, uint32_t hash, uint32_t n)
{
	if (r->is_module && !index_has(&r->named, s->section, s->section))
		*vec_push(r->a, &r->t->passing) =
			(struct passing_symbol){ .name = s->name, .before = n + 1, .unknown = true };
	r->t->entries.items[n] = *s;
	r->t->hashes.items[n] = hash;
}

/* A module: its init code is gone from kallsyms once it is up. */
static void drop_init(struct readelf_reader *r)
{
	struct symbol_table *t = r->t;
	uint32_t kept = 0, next = 0;

	for (uint32_t i = 0; i < t->entries.count; i++) {
		const struct kernel_symbol *s = &t->entries.items[i];

		for (; next < r->elsewhere.count && r->elsewhere.items[next].before <= i; next++)
			add_passing(r, r->elsewhere.items[next].name, kept);
		if (index_has(&r->dropped, s->section, s->section))
			add_passing(r, s->name, kept);
		else
			keep(r, s, t->hashes.items[i], kept++);
	}
	for (; next < r->elsewhere.count; next++)
		add_passing(r, r->elsewhere.items[next].name, kept);
	t->entries.count = t->hashes.count = kept;
}

static void finish_vmlinux(struct readelf_reader *r)
{
	r->t->object = "vmlinux";
	for (uint32_t i = 0; i < r->t->entries.count; i++)
		r->t->entries.items[i].section = 0;
	symbol_table_sort(r->a, r->t);
}

enum elfdiff_status symbols_from_readelf(struct arena *a, struct diags *ds, struct lines *lines,
					 struct kernel_symbols *ks)
{
	struct readelf_reader r = { .a = a, .ds = ds, .lines = lines, .file = NONE };
	struct line l;

	r.t = symbol_table_new(a, NULL, lines->in->path);
	r.t->has_sizes = true;
	symbol_table_reserve(a, r.t, lines->in->size / USUAL_LINE);
	while (lines_next(lines, &l)) {
		enum elfdiff_status st = take_line(&r, &l);

		if (st)
			return st;
	}
	if (lines_end(lines, ds) || end_table(&r))
		return ELFDIFF_ERROR;
	r.t->whole = r.is_vmlinux || r.is_module;
	if (r.is_vmlinux)
		finish_vmlinux(&r);
	else
		drop_init(&r);
	return symbol_table_add(a, ds, r.t, ks);
}
