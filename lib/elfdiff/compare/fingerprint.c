/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fingerprint.c - hashes that do not see numbers which the compiler gave, nor lines of the source
 *
 * A fingerprint is compared as a number, 64 bits: it proposes a pairing, and what
 * is paired is compared by content.
 */
#include <elf.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "elf/names.h"
#include "compare/internal.h"

static uint64_t hash_of_name(const char *name)
{
	return hash_bytes(name, name_stem(name));
}

/* Of what many references lead to: its start and its size. */
static uint64_t hash_of_start(const uint8_t *data, uint64_t size)
{
	enum { TELLING = 1024 };

	return size <= TELLING ? hash_bytes(data, size) : hash_mix(hash_bytes(data, TELLING), size);
}

uint64_t fingerprint_of_edge(const struct graph *g, uint32_t reloc)
{
	const struct edge *e = &g->edges[graph_meaning(g, reloc)];
	const struct block *b;
	const uint8_t *data;
	uint64_t size, what;

	if (e->block == NONE)
		return hash_mix(hash_string(g->object->symbols[e->symbol].name), (uint64_t)e->offset);
	b = &g->blocks[e->block];
	data = block_data(g, b);
	size = b->end - b->start;
	what = (uint64_t)b->kind;
	if (b->symbol != NONE)
		return hash_mix(hash_mix(hash_of_name(block_label(g, e->block)->name), what), (uint64_t)e->offset);
	if (b->kind == BLOCK_STRING && data && e->offset >= 0 && (uint64_t)e->offset < size)
		return hash_mix(hash_of_start(data + e->offset, size - (uint64_t)e->offset), what);
	if (b->kind == BLOCK_CONST && data && !(b->special && b->special->line_bits))
		return hash_mix(hash_mix(hash_of_start(data, size), what), (uint64_t)e->offset);
	return hash_mix(what, (uint64_t)e->offset);
}

/* Bytes of the relocation's field that it does not own (opcode bits of arm64). */
static uint64_t rest_of_field(const struct graph *g, const struct block *b, const struct reloc *r,
			      const struct reloc_field *f)
{
	const uint8_t *data = block_data(g, b);
	uint64_t at = r->offset - b->start;

	if (!data || !f->size || at + f->size > b->end - b->start)
		return 0;
	return bytes_get(data + at, f->size, g->object->big_endian) & ~f->mask;
}

uint64_t fingerprint_of_place(const struct graph *g, uint32_t block, uint32_t reloc)
{
	enum { BEFORE = 3, BEHIND = 5 }; /* bytes: an opcode and its operands; the start of the next instruction */
	const struct block *b = &g->blocks[block];
	const uint8_t *data = block_data(g, b);
	uint64_t at = g->relocs[reloc].offset - b->start, size = b->end - b->start;
	uint64_t from = at < BEFORE ? 0 : at - BEFORE, behind;
	struct reloc_field f = { 0 };
	uint64_t hash = fingerprint_of_edge(g, reloc);

	if (!data || !g->object->arch->field(g->relocs[reloc].type, &f))
		return hash;
	behind = at + f.size;
	hash = hash_mix(hash, hash_bytes(data + from, at - from));
	hash = hash_mix(hash, rest_of_field(g, b, &g->relocs[reloc], &f));
	if (behind < size)
		hash = hash_mix(hash, hash_bytes(data + behind, size - behind < BEHIND ? size - behind : BEHIND));
	return hash;
}

uint64_t fingerprint_of(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];
	const uint8_t *data = block_data(g, b);
	uint64_t at = 0, size = b->end - b->start, hash = size;

	for (uint32_t i = b->reloc_first; i < b->reloc_first + b->reloc_count; i++) {
		const struct reloc *r = &g->relocs[i];
		uint64_t offset = r->offset - b->start;
		struct reloc_field f;

		if (!g->object->arch->field(r->type, &f))
			continue;
		if (data && offset > at)
			hash = hash_mix(hash, hash_bytes(data + at, offset - at));
		hash = hash_mix(hash, hash_mix(fingerprint_of_edge(g, i), rest_of_field(g, b, r, &f)));
		if (offset + f.size > at)
			at = offset + f.size;
	}
	if (data && at < size)
		hash = hash_mix(hash, hash_bytes(data + at, size - at));
	return hash;
}
