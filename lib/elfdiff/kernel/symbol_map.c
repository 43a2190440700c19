// SPDX-License-Identifier: GPL-2.0-or-later
/* symbol_map.c - System.map and kallsyms: "address letter name", and "[module]" behind the symbols of modules */
#include <ctype.h>
#include <string.h>

#include "file/digits.h"
#include "kernel/internal.h"

/* Bytes of a short one: there is room for as many symbols, and more where lines are shorter. */
enum { USUAL_LINE = 32 };

struct map_reader {
	struct arena *a;
	struct diags *ds;
	struct lines *lines;
	struct symbol_table *vmlinux;
	struct symbol_table *module; /* of the line before; symbols of a module stand together */
	VEC(struct symbol_table *) modules;
	struct index by_name; /* of modules */
	bool any_address, any_absolute;
	uint64_t percpu_start, percpu_end;
};

struct map_line {
	uint64_t address;
	char letter;              /* as nm prints it */
	struct word name, module; /* module.length 0: vmlinux */
};

/* A character that no name has is among the next 8. */
static bool has_control(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return (v - UINT64_C(0x2121212121212121)) & ~v & UINT64_C(0x8080808080808080);
}

static bool is_one_word(const char *p, size_t n)
{
	for (; n >= 8; p += 8, n -= 8)
		if (has_control(p))
			return false;
	for (; n; p++, n--)
		if ((unsigned char)*p <= ' ')
			return false;
	return true;
}

/* "[ext4]" */
static bool module_word(const struct word *w, struct word *module)
{
	*module = (struct word){ w->text + 1, w->length - 2 };
	return w->length >= 3 && w->text[0] == '[' && w->text[w->length - 1] == ']' && is_one_word(w->text, w->length);
}

/* As nm and the kernel print a line: 16 digits, a letter, the name, and a tab before the module. */
static bool parse_usual(const struct line *l, struct map_line *m)
{
	const char *p = l->text, *tab;
	struct word digits = { p, 16 };

	if (l->length < 20 || p[16] != ' ' || p[18] != ' ' || !word_number(&digits, 16, &m->address))
		return false;
	m->letter = p[17];
	m->module = (struct word){ 0 };
	m->name = (struct word){ p + 19, l->length - 19 };
	if ((unsigned char)m->letter > ' ' && is_one_word(m->name.text, m->name.length))
		return true;
	tab = memchr(m->name.text, '\t', m->name.length);
	if (!tab)
		return false;
	m->name.length = (size_t)(tab - m->name.text);
	m->module = (struct word){ tab + 1, l->length - 20 - m->name.length };
	return m->name.length && (unsigned char)m->letter > ' ' && is_one_word(m->name.text, m->name.length) &&
	       module_word(&m->module, &m->module);
}

static bool parse_other(const struct line *l, struct map_line *m)
{
	struct word address, letter, more;
	size_t pos = 0;

	if (!line_word(l, &pos, &address) || !word_number(&address, 16, &m->address))
		return false;
	if (!line_word(l, &pos, &letter) || letter.length != 1)
		return false;
	m->letter = *letter.text;
	if (!line_word(l, &pos, &m->name))
		return false;
	m->module = (struct word){ 0 };
	if (!line_word(l, &pos, &more))
		return true;
	return module_word(&more, &m->module) && !line_word(l, &pos, &more);
}

static bool parse_line(const struct line *l, struct map_line *m)
{
	return parse_usual(l, m) || parse_other(l, m);
}

static enum elfdiff_status bad_line(struct map_reader *r, const struct line *l)
{
	bool stub = memmem(l->text, l->length, "System.map", 10) != NULL;

	diag_add(r->ds,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_FAILURE,
			 .id = "symbols-line",
			 .object = r->lines->in->path,
			 .cause = stub ? "the distribution ships only a note instead of the real System.map"
				       : "a line has an address, a letter, a name, and optionally a [module]",
			 .hint = stub ? "give vmlinux of the kernel's debug package, or a saved /proc/kallsyms"
				      : "create the file again: it is corrupt or truncated" },
		 "line %u of `%s` is not in the format of kallsyms or System.map: `%s`", l->number, r->lines->in->path,
		 arena_strndup(r->a, l->text, l->length < 60 ? l->length : 60));
	return ELFDIFF_ERROR;
}

/* "[bpf]", "[__builtin__ftrace]": code made at run time, of no object. */
static bool is_no_module(const struct word *w)
{
	return word_is(w, "bpf") || (w->length > 11 && !memcmp(w->text, "__builtin__", 11));
}

static bool table_is(const struct symbol_table *t, const struct word *w)
{
	return t && word_is(w, t->object);
}

static struct symbol_table *module_of(struct map_reader *r, const struct word *w)
{
	uint64_t h = hash_bytes(w->text, w->length);

	if (table_is(r->module, w))
		return r->module;
	for (uint32_t i = index_first(&r->by_name, h); i != NONE; i = index_next(&r->by_name, i))
		if (table_is(r->modules.items[r->by_name.ids[i]], w))
			return r->module = r->modules.items[r->by_name.ids[i]];
	r->module = symbol_table_new(r->a, arena_strndup(r->a, w->text, w->length), r->lines->in->path);
	r->module->after_init = true;
	r->module->has_binds = false;
	index_add(r->a, &r->by_name, h, r->modules.count);
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
	*vec_push(r->a, &r->modules) = r->module;
	return r->module;
}

/* Letters of what System.map lists and kallsyms leaves out; small v and w are undefined in vmlinux. */
static bool letter_is_hidden(char letter)
{
	return strchr("aUuNnvw", letter) != NULL;
}

/*
 * Absolute symbols: kallsyms keeps none but those of per-CPU data, which some
 * kernels make absolute. The range is known only at the end: until then
 * `section` marks them.
 */
static void drop_absolute(struct map_reader *r)
{
	struct symbol_table *t = r->vmlinux;
	uint32_t kept = 0;

	for (uint32_t i = 0; r->any_absolute && i < t->entries.count; i++) {
		struct kernel_symbol s = t->entries.items[i];

		if (s.section == SECTION_MOST && (s.address < r->percpu_start || s.address > r->percpu_end))
			continue;
		s.section = 0;
		t->hashes.items[kept] = t->hashes.items[i];
		t->entries.items[kept++] = s;
	}
	if (r->any_absolute)
		t->entries.count = t->hashes.count = kept;
}

static void add_vmlinux(struct map_reader *r, const struct map_line *m, const char *name, size_t length)
{
	if (letter_is_hidden(m->letter))
		return;
	if (name[0] == '_' && !strcmp(name, "__per_cpu_start"))
		r->percpu_start = m->address;
	if (name[0] == '_' && !strcmp(name, "__per_cpu_end"))
		r->percpu_end = m->address;
	r->any_absolute |= m->letter == 'A';
	symbol_table_push(r->a, r->vmlinux,
			  &(struct kernel_symbol){
				  .name = name,
				  .address = m->address,
				  .file = NONE,
				  .section = m->letter == 'A' ? SECTION_MOST : 0,
				  .local = islower((unsigned char)m->letter),
				  .weak = m->letter == 'W' || m->letter == 'V',
				  .is_function = m->letter == 'T' || m->letter == 't' || m->letter == 'W',
			  },
			  length);
}

/* A module's letters are capital for what it exports and small for all the rest. */
static void add_module(struct map_reader *r, const struct map_line *m, const char *name, size_t length)
{
	char small = (char)tolower((unsigned char)m->letter);
	bool weak = small == 'w' || small == 'v';

	symbol_table_push(r->a, module_of(r, &m->module),
			  &(struct kernel_symbol){
				  .name = name,
				  .address = m->address,
				  .file = NONE,
				  .local = m->letter == small && !weak,
				  .weak = weak,
				  .is_function = small == 't' || small == 'w',
			  },
			  length);
}

static void add_line(struct map_reader *r, const struct map_line *m)
{
	const char *name;
	size_t length;

	r->any_address |= m->address != 0;
	if (m->module.length && is_no_module(&m->module))
		return;
	if (kallsyms_hides_name(m->name.text, m->name.length))
		return;
	name = lines_keep(r->lines, &m->name);
	length = strlen(name);
	if (m->module.length)
		add_module(r, m, name, length);
	else
		add_vmlinux(r, m, name, length);
}

static enum elfdiff_status refuse_zeroes(struct map_reader *r)
{
	diag_add(r->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
					.id = "symbols-hidden",
					.object = r->lines->in->path,
					.cause = "the kernel hides addresses from unprivileged readers (kptr_restrict)",
					.hint = "save /proc/kallsyms as root" },
		 "all addresses in `%s` are zero", r->lines->in->path);
	return ELFDIFF_ERROR;
}

static enum elfdiff_status add_tables(struct map_reader *r, struct kernel_symbols *ks)
{
	enum elfdiff_status st = ELFDIFF_OK;

	if (!r->any_address)
		return refuse_zeroes(r);
	drop_absolute(r);
	symbol_table_sort(r->a, r->vmlinux);
	if (r->vmlinux->entries.count || !r->modules.count)
		st = symbol_table_add(r->a, r->ds, r->vmlinux, ks);
	for (uint32_t i = 0; !st && i < r->modules.count; i++)
		st = symbol_table_add(r->a, r->ds, r->modules.items[i], ks);
	return st;
}

enum elfdiff_status symbols_from_map(struct arena *a, struct diags *ds, struct lines *lines, struct kernel_symbols *ks)
{
	struct map_reader r = { .a = a, .ds = ds, .lines = lines, .percpu_start = UINT64_MAX };
	struct map_line m;
	struct line l;

	r.vmlinux = symbol_table_new(a, "vmlinux", lines->in->path);
	symbol_table_reserve(a, r.vmlinux, lines->in->size / USUAL_LINE);
	while (lines_next(lines, &l)) {
		if (!l.length)
			continue;
		if (!parse_line(&l, &m))
			return bad_line(&r, &l);
		add_line(&r, &m);
	}
	return lines_end(lines, ds) ? ELFDIFF_ERROR : add_tables(&r, ks);
}
