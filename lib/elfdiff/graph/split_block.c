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

/*
 * A once-flag is a byte that is zero at first. Its section alone tells less, for -fdata-sections makes .data.once of a
 * variable `once`; but variables that are zero get .bss, unless somebody names their section.
 */
static bool is_once_flag(const struct section *s, const struct block *b)
{
	return b->end - b->start == 1 && s->data && !s->data[b->start];
}

/* By the kinds of lockdep: none of it, two pointers. What is read or written by its name is none: see graph_build(). */
static bool fits_lock_key(const struct section *s, const struct block *b)
{
	uint64_t size = b->end - b->start;

	return !size || (!s->data && (size == 8 || size == 16));
}

/* A lock, interval, burst, counts, jiffies, flags: 40 bytes, 32 in Linux 7.2, and more where locks are debugged. */
static bool fits_rate_limit(const struct section *s, const struct block *b)
{
	uint64_t size = b->end - b->start;

	return s->data && size >= 32 && size <= 256 && s->align >= 8;
}

static bool has_shape(enum fresh kind, const struct section *s, const struct block *b)
{
	switch (kind) {
	case FRESH_ANYHOW:
	case FRESH_INDEX_ENTRY:
		return true;
	case FRESH_ONCE_FLAG:
		return is_once_flag(s, b);
	case FRESH_LOCK_KEY:
		return fits_lock_key(s, b);
	case FRESH_RATE_LIMIT:
		return fits_rate_limit(s, b);
	case FRESH_NOT:
		break;
	}
	return false;
}

/* By name and shape, or a constant inside a function that is nothing but its bytes (`static const char msg[]`). */
static bool is_fresh(const struct object *o, const struct section *s, const struct block *b, enum fresh kind)
{
	const struct symbol *sym = &o->symbols[b->symbol];

	if (has_shape(kind, s, b))
		return true;
	if (b->start == b->end && name_is_static_local(sym->name)) /* a lock key without lockdep: no bytes, no state */
		return true;
	return b->kind == BLOCK_RODATA && sym->bind == STB_LOCAL && sym->name[name_stem(sym->name)] &&
	       !has_relocs(o, s, b->start, b->end);
}

/* Of the largest kernel in one object a tenth; what has more would take memory without end. */
enum { BLOCKS_MOST = 1 << 24 };

/* One diagnostic, and a block that nobody looks at: the graph is not built. */
static struct block *too_many(struct splitter *sp, uint32_t section)
{
	if (!sp->scrap)
		diag_add(sp->ds,
			 (struct elfdiff_diag){
				 .severity = ELFDIFF_FAILURE,
				 .id = "too-large",
				 .object = sp->o->path,
				 .section = sp->o->sections[section].name,
				 .cause = "it has more than 2^24 functions, variables, strings and entries of tables",
				 .hint = "compare the objects of single sources; see LIMITS in create-diff-object(1)" },
			 "`%s` cannot be cut into pieces", sp->o->path);
	sp->scrap = sp->scrap ? sp->scrap : arena_new(sp->a, struct block);
	return sp->scrap;
}

struct block *add_block(struct splitter *sp, uint32_t section, uint64_t start, uint64_t end, enum block_kind kind,
			uint32_t symbol)
{
	const struct section *s = &sp->o->sections[section];
	struct block *b = sp->blocks.count < BLOCKS_MOST ? vec_push(sp->a, &sp->blocks) : too_many(sp, section);

	*b = (struct block){ .kind = kind,
			     .section = section,
			     .symbol = symbol,
			     .start = start,
			     .end = end,
			     .special = sp->rows[section],
			     .owner = NONE,
			     .outlined_from = NONE };
	b->init = b->special && b->special->kind == SPECIAL_INIT;
	b->per_cpu = sp->per_cpu[section];
	b->tls = s->flags & SHF_TLS;
	if (symbol != NONE && block_is_variable(b)) {
		enum fresh named = name_fresh(sp->o->symbols[symbol].name, s->name, s->flags & SHF_WRITE);

		b->fresh = is_fresh(sp->o, s, b, named);
		b->by_name = named == FRESH_ANYHOW || named == FRESH_INDEX_ENTRY;
		b->indexed = named == FRESH_INDEX_ENTRY;
		b->opaque = named == FRESH_LOCK_KEY || named == FRESH_RATE_LIMIT;
	}
	return b;
}
