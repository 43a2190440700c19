/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_blocks.c - what every later pass takes for granted of blocks
 *
 * How a section is cut follows its symbols and its relocations, and these may
 * contradict each other in ways that no single one of them shows.
 */
#include "arch/arch.h"
#include "base/bytes.h"
#include "graph/internal.h"

static bool contradiction(struct splitter *sp, const struct block *b, const char *cause)
{
	diag_add(sp->ds,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_FAILURE,
			 .id = "damaged-object",
			 .object = sp->o->path,
			 .section = sp->o->sections[b->section].name,
			 .symbol = b->symbol == NONE ? NULL : sp->o->symbols[b->symbol].name,
			 .cause = cause,
			 .hint = "rebuild the object: it is corrupt, or its assembler code states wrong sizes" },
		 "`%s` cannot be cut into functions and variables", sp->o->path);
	return false;
}

static bool contains(const struct block *b, uint64_t label)
{
	return label >= b->start && label <= b->end;
}

/* Side by side from the section's start to its end, each with its label inside. */
static bool covers(struct splitter *sp, uint32_t section)
{
	const struct graph *g = sp->g;
	uint64_t at = 0;

	for (uint32_t i = g->first_block[section]; i < g->first_block[section + 1]; i++) {
		const struct block *b = &g->blocks[i];

		if (b->start != at || b->end < b->start || b->end > sp->o->sections[section].size)
			return contradiction(sp, b,
					     "what belongs to one function or variable begins inside of another");
		if (b->symbol != NONE && !contains(b, sp->o->symbols[b->symbol].value))
			return contradiction(sp, b, "the function or variable does not contain its own label");
		at = b->end;
	}
	if (g->first_block[section] < g->first_block[section + 1] && at != sp->o->sections[section].size)
		return contradiction(sp, &g->blocks[g->first_block[section]],
				     "no function or variable has its last bytes");
	return true;
}

bool blocks_cover(struct splitter *sp)
{
	for (uint32_t i = 1; i < sp->o->section_count; i++)
		if (!covers(sp, i))
			return false;
	return true;
}

static bool lies_across(const struct splitter *sp, const struct reloc *r, uint64_t end)
{
	struct reloc_field f;

	return sp->o->arch->field(r->type, &f) && r->offset + f.size > end;
}

/* Of a block's relocations the last ones alone can: those before end where the next one begins, at the latest. */
bool relocs_fit(struct splitter *sp)
{
	const struct graph *g = sp->g;

	for (uint32_t i = 0; i < g->block_count; i++) {
		const struct block *b = &g->blocks[i];

		for (uint32_t n = b->reloc_first + b->reloc_count;
		     n > b->reloc_first && g->relocs[n - 1].offset + RELOC_FIELD_MOST > b->end; n--)
			if (lies_across(sp, &g->relocs[n - 1], b->end))
				return contradiction(sp, b, "an instruction or a pointer lies across its end");
	}
	return true;
}

/* Or behind the last byte of its section, where tables that describe ranges end. */
static bool owner_is_there(const struct graph *g, const struct block *b)
{
	const struct edge *e = &g->edges[b->reloc_first];
	const struct block *to = e->block == NONE ? NULL : &g->blocks[e->block];

	return !to || range_ok(to->start + (uint64_t)e->offset, 0, g->object->sections[to->section].size);
}

bool owners_exist(struct splitter *sp)
{
	const struct graph *g = sp->g;

	for (uint32_t i = 0; i < g->block_count; i++)
		if (g->blocks[i].kind == BLOCK_ENTRY && g->blocks[i].reloc_count && !owner_is_there(g, &g->blocks[i]))
			return contradiction(sp, &g->blocks[i],
					     "an entry of a table leads out of the code that it is about");
	return true;
}
