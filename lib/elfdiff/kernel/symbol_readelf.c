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
 * that only the last link gives them.
 */
#include <string.h>

#include "kernel/internal.h"

/* Bytes of a short one: there is room for as many symbols, and more where lines are shorter. */
enum { USUAL_LINE = 64 };

struct readelf_reader {
	struct arena *a;
	struct diags *ds;
	const struct input *in;
	struct symbol_table *t;
	bool dynamic; /* inside .dynsym, which repeats symbols */
	bool is_vmlinux, is_module;
	uint32_t file;        /* of the local symbols that follow */
	struct index named;   /* section indexes that have a SECTION symbol; linkers leave out some */
	struct index dropped; /* section indexes of what a module has no more once it is up */
	VEC(struct passing_symbol) elsewhere;
};

struct readelf_line {
	uint64_t address, size, number;
	bool defined; /* ndx is that number: not UND, ABS, COM */
	struct word type, bind, ndx, name;
};

static bool is_entry(const struct word *first)
{
	uint64_t number;
	struct word digits = { first->text, first->length - 1 };

	return first->length > 1 && first->text[first->length - 1] == ':' && word_number(&digits, 10, &number);
}

/* Large sizes are printed in hexadecimal. */
static bool size_number(const struct word *w, uint64_t *ret)
{
	bool hex = w->length > 2 && w->text[0] == '0' && w->text[1] == 'x';

	return word_number(w, hex ? 16 : 10, ret);
}

/* The column after Vis that is none of "[<other>: 8]". */
static bool section_column(const struct line *l, size_t *pos, struct word *ret)
{
	bool bracket = false;

	while (line_word(l, pos, ret)) {
		bracket |= ret->text[0] == '[';
		if (!bracket)
			return true;
		if (ret->text[ret->length - 1] == ']')
			bracket = false;
	}
	return false;
}

/* What is left of the line: the name, which may be absent and may have blanks (FILE). */
static struct word rest(const struct line *l, size_t pos)
{
	size_t end = l->length;

	while (pos < end && l->text[pos] == ' ')
		pos++;
	while (end > pos && l->text[end - 1] == ' ')
		end--;
	return (struct word){ l->text + pos, end - pos };
}

/* A column of a usual line: `*w`, empty where no blank ends it. Returns where the next one begins. */
static inline const char *column(const char *p, const char *end, struct word *w)
{
	const char *start = p;

	while (p < end && (unsigned char)*p > ' ')
		p++;
	*w = (struct word){ start, p < end && *p == ' ' ? (size_t)(p - start) : 0 };
	while (p < end && *p == ' ')
		p++;
	return p;
}

/* Few digits, and what must stand behind them; NULL: it is otherwise. */
static inline const char *small_number(const char *p, const char *end, char behind, uint64_t *ret)
{
	const char *start = p;
	uint64_t v = 0;

	for (; p < end && *p >= '0' && *p <= '9'; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	*ret = v;
	return p > start && p - start < 16 && p < end && *p == behind ? p + 1 : NULL;
}

static inline const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && *p == ' ')
		p++;
	return p;
}

/* As readelf prints most lines of a kernel; what parse_line() would make of it. False: it is otherwise, or no such line. */
static bool parse_usual(const struct line *l, struct readelf_line *e)
{
	const char *end = l->text + l->length, *p = skip_blanks(l->text, end);
	struct word address, visibility;
	uint64_t number;

	p = small_number(p, end, ':', &number);
	if (!p || end - p < 20 || *p != ' ' || p[17] != ' ')
		return false;
	address = (struct word){ p + 1, 16 };
	p = small_number(skip_blanks(p + 18, end), end, ' ', &e->size);
	if (!p)
		return false;
	p = column(skip_blanks(p, end), end, &e->type);
	p = column(p, end, &e->bind);
	p = column(p, end, &visibility);
	p = small_number(p, end, ' ', &e->number);
	if (!p || !e->type.length || !e->bind.length || !visibility.length || e->number > SECTION_MOST)
		return false;
	e->defined = true;
	p = skip_blanks(p, end);
	while (end > p && end[-1] == ' ')
		end--;
	e->name = (struct word){ p, (size_t)(end - p) };
	return word_number(&address, 16, &e->address);
}

static bool parse_line(const struct line *l, size_t pos, struct readelf_line *e)
{
	struct word address, size, visibility;

	if (!line_word(l, &pos, &address) || !word_number(&address, 16, &e->address))
		return false;
	if (!line_word(l, &pos, &size) || !size_number(&size, &e->size))
		return false;
	if (!line_word(l, &pos, &e->type) || !line_word(l, &pos, &e->bind) || !line_word(l, &pos, &visibility))
		return false;
	if (!section_column(l, &pos, &e->ndx))
		return false;
	e->name = rest(l, pos);
	e->defined = word_number(&e->ndx, 10, &e->number);
	return !e->defined || e->number <= SECTION_MOST;
}

static enum elfdiff_status bad_line(struct readelf_reader *r, const struct line *l, const char *cause, const char *hint)
{
	diag_add(r->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = "symbols-line",
					.object = r->in->path,
					.cause = cause,
					.hint = hint },
		 "line %u of `%s` cannot be used: `%s`", l->number, r->in->path,
		 arena_strndup(r->a, l->text, l->length < 100 ? l->length : 100));
	return ELFDIFF_ERROR;
}

static bool is_cut_off(const struct word *name)
{
	return name->length > 5 && !memcmp(name->text + name->length - 5, "[...]", 5);
}

static void note_section(struct readelf_reader *r, const struct readelf_line *e, const char *name)
{
	uint64_t ndx = e->number;

	if (!e->defined || index_has(&r->named, ndx, (uint32_t)ndx))
		return;
	index_add(r->a, &r->named, ndx, (uint32_t)ndx);
	if (module_section_goes(name))
		index_add(r->a, &r->dropped, ndx, (uint32_t)ndx);
}

static void add_symbol(struct readelf_reader *r, const struct readelf_line *e, const char *name)
{
	bool local = word_is(&e->bind, "LOCAL");

	r->is_vmlinux |= name[0] == '_' && !strcmp(name, "_stext");
	r->is_module |= name[0] == '_' && !strcmp(name, "__this_module");
	symbol_table_push(r->a, r->t,
			  &(struct kernel_symbol){
				  .name = name,
				  .address = e->address,
				  .size = e->size,
				  .local = local,
				  .weak = word_is(&e->bind, "WEAK"),
				  .file = local ? r->file : NONE,
				  .section = e->number & SECTION_MOST,
				  .is_function = word_is(&e->type, "FUNC"),
			  });
}

/* ABS and COM: of no section that is loaded. */
static bool is_elsewhere(const struct readelf_line *e)
{
	return !e->defined && !word_is(&e->ndx, "UND");
}

static bool is_import(const struct readelf_line *e)
{
	return word_is(&e->ndx, "UND") && word_is(&e->bind, "GLOBAL");
}

static void add_entry(struct readelf_reader *r, const struct readelf_line *e)
{
	const char *name = input_string(r->a, r->in, &e->name);

	if (word_is(&e->type, "FILE")) {
		r->file = r->t->files.count;
		*vec_push(r->a, &r->t->files) = name;
	} else if (word_is(&e->type, "SECTION")) {
		note_section(r, e, name);
	} else if (e->defined && !kallsyms_hides(name)) {
		add_symbol(r, e, name);
	} else if (is_elsewhere(e)) {
		*vec_push(r->a, &r->elsewhere) = (struct passing_symbol){ .name = name, .before = r->t->entries.count };
	} else if (is_import(e)) {
		text_set_add(r->a, &r->t->imports, name, e->name.length);
	}
}

static enum elfdiff_status take_line(struct readelf_reader *r, const struct line *l)
{
	struct readelf_line e;
	struct word first;
	size_t pos = 0;

	if (!r->dynamic && parse_usual(l, &e) && !is_cut_off(&e.name)) {
		add_entry(r, &e);
		return ELFDIFF_OK;
	}
	if (!line_word(l, &pos, &first))
		return ELFDIFF_OK;
	if (word_is(&first, "Symbol")) {
		r->dynamic = memmem(l->text, l->length, ".dynsym", 7) != NULL;
		r->file = NONE;
	}
	if (!is_entry(&first) || r->dynamic)
		return ELFDIFF_OK;
	if (!parse_line(l, pos, &e))
		return bad_line(r, l, "a line has number, value, size, type, bind, visibility, section and name",
				"create the file again: it is corrupt or truncated");
	if (is_cut_off(&e.name))
		return bad_line(r, l, "readelf has truncated the name", "create it with `readelf -sW`");
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

enum elfdiff_status symbols_from_readelf(struct arena *a, struct diags *ds, const struct input *in,
					 struct kernel_symbols *ks)
{
	struct readelf_reader r = { .a = a, .ds = ds, .in = in, .file = NONE };
	struct line l = { 0 };

	r.t = symbol_table_new(a, NULL, in->path);
	r.t->has_sizes = true;
	symbol_table_reserve(a, r.t, in->size / USUAL_LINE);
	while (input_next_line(in, &l)) {
		enum elfdiff_status st = take_line(&r, &l);

		if (st)
			return st;
	}
	r.t->whole = r.is_vmlinux || r.is_module;
	if (r.is_vmlinux)
		finish_vmlinux(&r);
	else
		drop_init(&r);
	return symbol_table_add(a, ds, r.t, ks);
}
