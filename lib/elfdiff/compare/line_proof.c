/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare/internal.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/text_set.h"
#include "lines/inlined.h"
#include "lines/lines.h"

/* Debug information of one object. */
struct debug {
	const struct line_info *lines; /* NULL: there is none */
	bool inlined_opened;
	struct inlined *inlined;
};

struct line_proof {
	struct arena *a;
	const struct graph *orig, *patched;
	bool opened, files_listed;
	struct text_set files; /* the names of the patched object's sources, once they are asked for */
	struct debug of_orig, of_patched;
	uint32_t block;    /* where the walk below stands */
	uint64_t at;       /* bytes from the block's start */
	uint64_t straight; /* since there no instruction before `at` calls or jumps */
};

struct line_proof *line_proof_new(struct arena *a, const struct graph *orig, const struct graph *patched)
{
	struct line_proof *p = arena_new(a, struct line_proof);

	*p = (struct line_proof){ .a = a, .orig = orig, .patched = patched, .block = NONE };
	return p;
}

/* Moves to the instruction of the original that contains `offset`. */
static bool find_instruction(struct line_proof *p, uint32_t b, uint64_t offset, struct insn *ret)
{
	const struct block *bl = &p->orig->blocks[b];
	const struct object *o = p->orig->object;

	if (p->block != b || p->at > offset) {
		p->block = b;
		p->at = p->straight = 0;
	}
	while (o->arch->decode(o, &o->sections[bl->section], bl->start + p->at, ret) && ret->length) {
		if (offset < p->at + ret->length)
			return true;
		p->at += ret->length;
		if (ret->direct_branch || ret->flow == FLOW_CALL || ret->flow == FLOW_STOPS)
			p->straight = p->at;
	}
	return false;
}

/* All that differs between the two instructions is the immediate. */
static bool only_immediate(const struct line_proof *p, const struct block *b, const struct block *c,
			   const struct insn *in, const struct insn *jn)
{
	const uint8_t *x = block_bytes(p->orig, b) + p->at, *y = block_bytes(p->patched, c) + p->at;

	if (!in->imm_size || in->length != jn->length || in->imm_offset != jn->imm_offset ||
	    in->imm_size != jn->imm_size || in->imm_mask != jn->imm_mask)
		return false;
	for (unsigned i = 0; i < in->length; i++) {
		unsigned k = i - in->imm_offset;
		unsigned shift = 8 * (p->orig->object->big_endian ? in->imm_size - 1 - k : k);
		uint8_t mask = i >= in->imm_offset && k < in->imm_size ? (uint8_t)(in->imm_mask >> shift) : 0;

		if ((x[i] ^ y[i]) & ~mask)
			return false;
	}
	return true;
}

static bool is_line_of(struct line_proof *p, struct debug *d, const struct object *o, uint32_t section, uint64_t offset,
		       uint32_t line)
{
	if (lines_at(d->lines, section, offset, line))
		return true;
	/* the place of the call has a row as well: without one, spare us the tree of DWARF */
	if (!lines_in_section(d->lines, section, line))
		return false;
	if (!d->inlined_opened) {
		d->inlined = inlined_open(p->a, o);
		d->inlined_opened = true;
	}
	return d->inlined && inlined_from(d->inlined, section, offset, line);
}

/* Both numbers are source lines of the walk's place, by the debug information of both objects; *known: both have it. */
static bool are_lines(struct line_proof *p, const struct block *b, const struct block *c, uint32_t line, uint32_t other,
		      bool *known)
{
	const struct object *o = p->orig->object, *q = p->patched->object;

	if (!p->opened) {
		p->of_orig.lines = lines_open(p->a, o);
		p->of_patched.lines = lines_open(p->a, q);
		p->opened = true;
	}
	*known = p->of_orig.lines && p->of_patched.lines;
	return *known && is_line_of(p, &p->of_orig, o, b->section, b->start + p->at, line) &&
	       is_line_of(p, &p->of_patched, q, c->section, c->start + p->at, other);
}

/*
 * A callee of the list reports the number and does nothing else with it; one that prints shows it behind a file's name. Any
 * other one reports it where debug information says that the number is a line, and the name of its file or function goes
 * with it. Clones of the list's callees have lost arguments, and a number that is pushed could be any argument: both take
 * debug information, too.
 */
static bool is_reported(struct line_proof *p, const struct block *b, const struct block *c, uint32_t line,
			uint32_t other, uint8_t argument)
{
	struct line_use use = line_follow(p->patched, c, p->straight, p->at, argument);
	bool known, lines;

	if (!use.callee)
		return false;
	lines = are_lines(p, b, c, line, other, &known);
	if (known)
		return lines && (use.listed || use.place);
	return use.listed_here || use.shown;
}

bool line_proof_at(struct line_proof *p, uint32_t b, uint32_t c, uint64_t offset, uint64_t *resume)
{
	const struct block *bl = &p->orig->blocks[b], *cl = &p->patched->blocks[c];
	const struct object *q = p->patched->object;
	struct insn in, jn;

	/* a line number is handed on: what is stored or computed with is none */
	if (!find_instruction(p, b, offset, &in) || !in.imm_argument ||
	    !q->arch->decode(q, &q->sections[cl->section], cl->start + p->at, &jn) ||
	    !only_immediate(p, bl, cl, &in, &jn) || in.imm_value > UINT32_MAX || jn.imm_value > UINT32_MAX ||
	    !is_reported(p, bl, cl, (uint32_t)in.imm_value, (uint32_t)jn.imm_value, in.imm_argument))
		return false;
	*resume = p->at + in.length;
	return true;
}

/* The number behind the last colon before the strings differ; *rest is what follows it. */
static bool line_in(const char *s, size_t start, uint32_t *line, const char **rest)
{
	char *end;
	unsigned long n = strtoul(s + start, &end, 10);

	*line = (uint32_t)n;
	*rest = end;
	return end != s + start && n <= UINT32_MAX && s[start] >= '0' && s[start] <= '9';
}

static void list_files(struct line_proof *p, const struct object *o)
{
	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (o->symbols[i].type == STT_FILE && *o->symbols[i].name)
			text_set_add(p->a, &p->files, o->symbols[i].name, strlen(o->symbols[i].name));
	p->files_listed = true;
}

/*
 * What stands before the colon at `colon` is the path of the file that the object was compiled from: __FILE__. The name
 * behind one of its last slashes is a file's; symbols may name it with some directories.
 */
static bool names_own_file(struct line_proof *p, const char *text, size_t colon)
{
	enum { DEEPEST = 64 };
	unsigned slashes = 0;

	if (!p->files_listed)
		list_files(p, p->patched->object);
	for (size_t i = colon; i-- && slashes < DEEPEST;) {
		if (text[i] != '/')
			continue;
		slashes++;
		if (text_set_has(&p->files, text + i + 1, colon - i - 1))
			return true;
	}
	return false;
}

bool line_proof_string(struct line_proof *p, uint32_t b, uint32_t c, uint64_t offset, const char *orig,
		       const char *patched)
{
	const char *rest, *other_rest;
	uint32_t line, other;
	struct insn in;
	size_t n = 0;
	bool known;

	while (orig[n] && orig[n] == patched[n])
		n++;
	while (n && orig[n - 1] >= '0' && orig[n - 1] <= '9')
		n--;
	if (n < 3 || orig[n - 1] != ':' || orig[n - 3] != '.' || (orig[n - 2] != 'c' && orig[n - 2] != 'h'))
		return false;
	return line_in(orig, n, &line, &rest) && line_in(patched, n, &other, &other_rest) &&
	       !strcmp(rest, other_rest) && find_instruction(p, b, offset, &in) &&
	       (are_lines(p, &p->orig->blocks[b], &p->patched->blocks[c], line, other, &known) ||
		(!known && names_own_file(p, patched, n - 1)));
}
