/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split_block.c - what every way to split a section needs: a new block */
#include <elf.h>

#include "elf/names.h"
#include "graph/internal.h"

bool has_relocs(const struct object *o, const struct section *s, uint64_t start, uint64_t end)
{
	uint32_t first = object_first_reloc(o, s, start);

	return first < s->reloc_first + s->reloc_count && o->relocs[first].offset < end;
}

/* By its name, or a constant inside a function that is nothing but its bytes (`static const char msg[]`). */
static bool is_fresh(const struct object *o, const struct section *s, const struct block *b)
{
	const struct symbol *sym = &o->symbols[b->symbol];

	if (b->kind != BLOCK_DATA && b->kind != BLOCK_RODATA)
		return false;
	if (name_is_fresh(sym->name, s->name, s->flags & SHF_WRITE))
		return true;
	if (b->start == b->end && name_is_static_local(sym->name)) /* a lock key without lockdep: no bytes, no state */
		return true;
	return b->kind == BLOCK_RODATA && sym->bind == STB_LOCAL && sym->name[name_stem(sym->name)] &&
	       !has_relocs(o, s, b->start, b->end);
}

struct block *add_block(struct splitter *sp, uint32_t section, uint64_t start, uint64_t end, enum block_kind kind,
			uint32_t symbol)
{
	const struct section *s = &sp->o->sections[section];
	struct block *b = vec_push(sp->a, &sp->blocks);

	*b = (struct block){ .kind = kind,
			     .section = section,
			     .symbol = symbol,
			     .start = start,
			     .end = end,
			     .special = sp->rows[section],
			     .owner = NONE,
			     .outlined_from = NONE };
	b->init = b->special && b->special->kind == SPECIAL_INIT;
	b->per_cpu = section_is_per_cpu(s->name);
	b->tls = s->flags & SHF_TLS;
	b->fresh = symbol != NONE && is_fresh(sp->o, s, b);
	return b;
}
