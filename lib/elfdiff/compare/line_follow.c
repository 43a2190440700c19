/* SPDX-License-Identifier: GPL-2.0-or-later */
/* line_follow.c - from an instruction that loads a number to the call that takes it */
#include "compare/internal.h"

#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "elf/names.h"

enum { FARTHEST = 100 }; /* instructions; a loop has no end */

/* The text of a string that a relocation loads the address of, or NULL; *size with its end. */
static const char *text_of(const struct graph *g, const struct edge *e, uint64_t *size)
{
	const struct block *b = e->block == NONE ? NULL : &g->blocks[e->block];

	*size = b ? b->end - b->start : 0;
	return b && b->kind == BLOCK_STRING && !e->offset ? (const char *)block_bytes(g, b) : NULL;
}

static bool names_file(const struct graph *g, const struct edge *e)
{
	uint64_t size;
	const char *text = text_of(g, e, &size);

	return text && size > 3 && text[size - 3] == '.' && (text[size - 2] == 'c' || text[size - 2] == 'h');
}

/* A source file or, by __func__, a function. */
static bool names_place(const struct graph *g, const struct edge *e)
{
	const struct symbol *s = e->block == NONE ? NULL : block_symbol(g, e->block);

	return (s && name_same_stem(s->name, "__func__.0")) || names_file(g, e);
}

/* What is loaded on the way, also from slots that hold addresses. */
struct way {
	bool place, file;
	const char *format; /* the last string with conversions */
	unsigned formats;
};

static void note_format(const struct graph *g, const struct edge *e, struct way *way)
{
	uint64_t size;
	const char *text = text_of(g, e, &size);

	if (!text || !memchr(text, '%', size))
		return;
	way->formats += text != way->format; /* two instructions may make one address */
	way->format = text;
}

/* An entry that code hands on has the format in it: WARN() of Linux 7. */
static void note_entry(const struct graph *g, const struct edge *e, struct way *way)
{
	const struct block *b = e->block == NONE ? NULL : &g->blocks[e->block];

	for (uint32_t i = 0; b && b->kind == BLOCK_ENTRY && i < b->reloc_count; i++)
		note_format(g, &g->edges[b->reloc_first + i], way);
}

static void note_loads(const struct graph *g, const struct block *c, uint64_t start, uint64_t end, struct way *way)
{
	for (uint32_t i = graph_first_reloc(g, c, start); i < c->reloc_first + c->reloc_count; i++) {
		const struct edge *e = &g->edges[graph_meaning(g, i)];

		if (g->relocs[i].offset - c->start >= end)
			break;
		way->place |= names_place(g, e);
		way->file |= names_file(g, e);
		note_format(g, e, way);
		note_entry(g, e, way);
	}
}

/* The relocation of a branch in an instruction, or NONE. */
static uint32_t branch_in(const struct graph *g, const struct block *c, uint64_t start, uint64_t end)
{
	for (uint32_t i = graph_first_reloc(g, c, start); i < c->reloc_first + c->reloc_count; i++) {
		if (g->relocs[i].offset - c->start >= end)
			break;
		if (g->object->arch->is_branch(g->object, &g->relocs[i]))
			return i;
	}
	return NONE;
}

/* The conversion behind a `%`; NULL: it takes two arguments, or there is none. */
static const char *conversion(const char *s)
{
	s += strspn(s, "-+ #0123456789.hlzjt");
	return *s && *s != '*' ? s : NULL;
}

/* Conversion number `nth` of a format is a number right behind the name of a file: `%s:%d`, `%s (%d)`, `%s line %d`. */
static bool shows_line(const char *format, unsigned nth)
{
	static const char *const between[] = { ":", " (", "@", " line ", ", line ", ":line " };
	const char *last = NULL;

	for (const char *s = strchr(format, '%'); s; s = strchr(s, '%')) {
		const char *start = s, *kind = conversion(s + 1);

		if (!kind)
			return false;
		s = kind + 1;
		if (*kind == '%')
			continue;
		if (--nth) {
			last = *kind == 's' && kind == start + 1 ? s : NULL;
			continue;
		}
		for (size_t i = 0; last && strchr("diu", *kind) && i < sizeof(between) / sizeof(*between); i++)
			if ((size_t)(start - last) == strlen(between[i]) &&
			    !memcmp(last, between[i], (size_t)(start - last)))
				return true;
		return false;
	}
	return false;
}

static struct line_use use_of(const struct graph *g, const struct edge *e, uint8_t argument, const struct way *way)
{
	const struct symbol *s = e->block == NONE ? &g->object->symbols[e->symbol] : block_symbol(g, e->block);
	struct line_use use = { .callee = s ? s->name : NULL, .place = way->place };
	unsigned format;

	if (!s)
		return use;
	use.listed = callee_is_listed(s->name);
	/* others know a global function by its name; a local one may do anything */
	if (s->bind == STB_LOCAL || argument == ARGUMENT_STACK)
		return use;
	use.listed_here = callee_takes_line(s->name, argument);
	format = callee_format(s->name);
	use.shown = format && argument > format && way->file && way->formats == 1 &&
		    shows_line(way->format, argument - format);
	return use;
}

/* Code that an entry names besides its place, or what may be code: what it names of other objects. */
static bool names_more_code(const struct graph *g, const struct block *entry)
{
	for (uint32_t i = 1; i < entry->reloc_count; i++) {
		const struct edge *e = &g->edges[entry->reloc_first + i];

		if (e->block == NONE || g->object->sections[g->blocks[e->block].section].flags & SHF_EXECINSTR)
			return true;
	}
	return false;
}

struct walk {
	const struct graph *g;
	const struct block *c;
	uint8_t argument;
	unsigned left;       /* instructions, of all ways together */
	struct line_use use; /* of the calls so far */
};

/* Where ways part, each has a call of its own: what is known of all of them. */
static bool meet(struct walk *w, struct line_use use)
{
	if (!use.callee || (w->use.callee && strcmp(w->use.callee, use.callee)))
		return false;
	if (w->use.callee) {
		use.listed &= w->use.listed;
		use.listed_here &= w->use.listed_here;
		use.shown &= w->use.shown;
		use.place &= w->use.place;
	}
	w->use = use;
	return true;
}

/* The one other place where a branch without a relocation leads, as an offset in the block. */
static bool leads_within(const struct block *c, const struct insn *in, uint64_t *offset)
{
	*offset = in->target - c->start;
	return in->direct_branch && in->target >= c->start && in->target < c->end;
}

/* NOLINTNEXTLINE(misc-no-recursion): see follow() */
static bool follow(struct walk *w, uint64_t offset, struct way way);

/* A jump label leads to the code that the entry names second, or on: as a branch does. */
/* NOLINTNEXTLINE(misc-no-recursion): see follow() */
static bool follow_label(struct walk *w, const struct block *entry, struct way way)
{
	const struct edge *to = &w->g->edges[entry->reloc_first + 1];

	return entry->special->jump_labels && entry->reloc_count > 1 && to->block != NONE &&
	       &w->g->blocks[to->block] == w->c && to->offset >= 0 && follow(w, (uint64_t)to->offset, way);
}

/*
 * By an entry of a table, control leaves the instruction for other code, or other code takes its place: a jump label, the
 * handling of a fault, an alternative. What the last two do with the number is not seen.
 */
/* NOLINTNEXTLINE(misc-no-recursion): see follow() */
static bool follow_entries(struct walk *w, uint64_t start, uint64_t end, struct way way)
{
	const struct graph *g = w->g;

	for (uint32_t i = w->c->fused ? graph_first_entry(g, w->c, start) : 0; i < w->c->entry_count; i++) {
		uint32_t entry = g->entries_by_place[w->c->entry_first + i];
		uint64_t place = graph_entry_place(g, entry);

		if (w->c->fused && place >= end)
			return true;
		if (place >= start && place < end && names_more_code(g, &g->blocks[entry]) &&
		    !follow_label(w, &g->blocks[entry], way))
			return false;
	}
	return true;
}

/* Every way from there comes to a call of the same function that takes the argument. */
/* NOLINTNEXTLINE(misc-no-recursion): all ways together have w->left instructions */
static bool follow(struct walk *w, uint64_t offset, struct way way)
{
	const struct object *o = w->g->object;
	const struct section *s = &o->sections[w->c->section];
	struct insn in;
	uint64_t other;

	for (; w->left && offset < w->c->end - w->c->start; w->left--) {
		uint32_t branch;
		bool leads;

		if (!o->arch->decode(o, s, w->c->start + offset, &in) || !in.length ||
		    !follow_entries(w, offset, offset + in.length, way))
			return false;
		branch = branch_in(w->g, w->c, offset, offset + in.length);
		if (branch != NONE)
			return (in.flow == FLOW_CALL || in.flow == FLOW_STOPS) &&
			       meet(w, use_of(w->g, &w->g->edges[branch], w->argument, &way));
		leads = leads_within(w->c, &in, &other);
		if (leads && in.flow == FLOW_STOPS) {
			offset = other; /* there is no other way */
			continue;
		}
		if (in.flow == FLOW_STOPS || in.direct_branch != leads ||
		    !o->arch->spares_argument(o, s, w->c->start + offset, w->argument))
			return false;
		if (leads && !follow(w, other, way))
			return false;
		note_loads(w->g, w->c, offset, offset + in.length, &way);
		offset += in.length;
	}
	return false;
}

struct line_use line_follow(const struct graph *g, const struct block *c, uint64_t straight, uint64_t offset,
			    uint8_t argument)
{
	const struct object *o = g->object;
	struct walk w = { .g = g, .c = c, .argument = argument, .left = FARTHEST };
	struct way way = { 0 };
	struct insn in;

	if (!o->arch->spares_argument || !o->arch->decode(o, &o->sections[c->section], c->start + offset, &in))
		return (struct line_use){ 0 };
	note_loads(g, c, straight, offset, &way);
	return follow(&w, offset + in.length, way) ? w.use : (struct line_use){ 0 };
}
