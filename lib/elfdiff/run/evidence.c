/* SPDX-License-Identifier: GPL-2.0-or-later */
/* evidence.c - the first place that differs, in words */
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "run/internal.h"

enum { LONGEST_INSN = 160 };

/* A printable form of the string at the target, at most 40 characters. */
static const char *quote(const struct diff *d, const struct graph *g, const struct edge *e)
{
	const struct block *b = &g->blocks[e->block];
	const uint8_t *data = block_data(g, b);
	uint64_t size = b->end - b->start, n = 0;
	char text[44];

	if (!data || e->offset < 0 || (uint64_t)e->offset >= size)
		return graph_label(d->a, g, e->block);
	for (uint64_t i = (uint64_t)e->offset; i < size && data[i] && n < 40; i++)
		text[n++] = (char)(data[i] >= ' ' && data[i] < 0x7f ? data[i] : '.');
	text[n] = 0;
	return arena_printf(d->a, "\"%s\"", text);
}

const char *describe_target(const struct diff *d, const struct graph *g, uint32_t reloc)
{
	const struct edge *e = &g->edges[reloc];
	uint32_t weak = graph_weak_name(g, reloc);
	const char *name;
	int64_t offset = e->offset;

	if (e->block == NONE) {
		name = g->object->symbols[e->symbol].name;
	} else if (weak != NONE) {
		name = g->object->symbols[weak].name;
		offset -= (int64_t)(g->object->symbols[weak].value - g->blocks[e->block].start);
	} else if (g->blocks[e->block].kind == BLOCK_STRING) {
		return quote(d, g, e);
	} else {
		name = graph_label(d->a, g, e->block);
		offset -= (int64_t)graph_label_offset(g, e->block);
	}
	if (!offset || (e->block == NONE && g->object->arch->is_branch(g->object, &g->relocs[reloc])))
		return name;
	return arena_printf(d->a, "%s%+lld", name, (long long)offset);
}

const char *describe_type(const struct graph *g, uint32_t reloc)
{
	const char *type = graph_is_runtime_constant(g, reloc) ? "runtime constant"
							       : g->object->arch->reloc_name(g->relocs[reloc].type);

	return type ? type : "relocation";
}

static const char *describe_reloc(const struct diff *d, const struct graph *g, uint32_t reloc)
{
	return arena_printf(d->a, "%s %s", describe_type(g, reloc), describe_target(d, g, reloc));
}

static const char *hex_bytes(const struct diff *d, const struct graph *g, const struct block *b, uint64_t offset)
{
	const uint8_t *data = block_data(g, b);
	char text[3 * 8 + 1] = "";

	for (size_t i = 0; data && i < 8 && offset + i < b->end - b->start; i++)
		snprintf(text + 3 * i, 4, "%02x ", data[offset + i]);
	text[*text ? strlen(text) - 1 : 0] = 0;
	return arena_printf(d->a, "bytes %s", text);
}

/* The relocation inside [at, at + length) of a block, or NONE. */
static uint32_t reloc_in(const struct graph *g, const struct block *b, uint64_t at, uint64_t length)
{
	uint32_t i = graph_first_reloc(g, b, at);

	return i < b->reloc_first + b->reloc_count && g->relocs[i].offset < b->start + at + length ? i : NONE;
}

/* The instruction that contains `offset` of a block of code; moves *offset to its start. */
static const char *describe_insn(const struct diff *d, const struct graph *g, uint32_t block, uint64_t *offset)
{
	const struct block *b = &g->blocks[block];
	const struct object *o = g->object;
	const struct section *s = &o->sections[b->section];
	char text[LONGEST_INSN];
	struct insn in;
	uint64_t at = b->start;
	uint32_t reloc;

	while (at < b->end && o->arch->decode(o, s, at, &in) && in.length && at + in.length <= b->start + *offset)
		at += in.length;
	if (at >= b->end || !o->arch->decode(o, s, at, &in) || !o->arch->format(o, s, at, text, sizeof(text)))
		return hex_bytes(d, g, b, *offset);
	*offset = at - b->start;
	reloc = reloc_in(g, b, *offset, in.length);
	return reloc == NONE ? arena_strdup(d->a, text)
			     : arena_printf(d->a, "%s  # %s", text, describe_reloc(d, g, reloc));
}

static const char *describe_place(const struct diff *d, const struct graph *g, uint32_t block, uint64_t *offset,
				  uint32_t reloc)
{
	const struct block *b = &g->blocks[block];

	if (*offset >= b->end - b->start)
		return NULL;
	if (b->kind == BLOCK_TEXT)
		return describe_insn(d, g, block, offset);
	return reloc != NONE ? describe_reloc(d, g, reloc) : hex_bytes(d, g, b, *offset);
}

/* A special entry is its table and its number of bytes there. */
static const char *describe_entry(const struct diff *d, const struct graph *g, uint32_t entry)
{
	const struct block *b = &g->blocks[entry];
	const char *text = graph_label(d->a, g, entry);

	for (uint32_t i = b->reloc_first; i < b->reloc_first + b->reloc_count; i++)
		text = arena_printf(d->a, "%s%s%s", text, i == b->reloc_first ? ": " : ", ", describe_target(d, g, i));
	return text;
}

struct elfdiff_evidence describe_evidence(const struct diff *d, uint32_t block)
{
	const struct evidence *ev = &d->verdicts->evidence[block];
	struct elfdiff_evidence ret = { .what = difference_name(ev->what) };
	bool entries = ev->what == DIFFERENT_ENTRY || ev->what == DIFFERENT_ENTRIES;

	if (ev->what == DIFFERENT_NOT)
		return ret;
	ret.origin = origin_of(d, block);
	ret.has_orig = ev->orig != NONE;
	ret.has_patched = ev->patched != NONE;
	if (entries) {
		ret.orig_text = ret.has_orig ? describe_entry(d, d->orig, ev->orig) : NULL;
		ret.patched_text = ret.has_patched ? describe_entry(d, d->patched, ev->patched) : NULL;
		return ret;
	}
	ret.orig_offset = ev->orig_offset;
	ret.patched_offset = ev->patched_offset;
	ret.orig_text = describe_place(d, d->orig, ev->orig, &ret.orig_offset, ev->orig_reloc);
	ret.patched_text = describe_place(d, d->patched, ev->patched, &ret.patched_offset, ev->patched_reloc);
	return ret;
}
