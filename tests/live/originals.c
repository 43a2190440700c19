// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * originals.c - originals OBJECT UNIT.o: the lines of .kpatch.original about all functions of a unit, as if a patch of OBJECT
 * (vmlinux or a module) had replaced all of them. The padding before functions has symbols of its own, `__pfx_*`, which nobody
 * calls, and where callthunks writes. Positions are 0: names that the kernel has twice are the caller's to leave out.
 */
#include <elf.h>
#include <setjmp.h>
#include <stdio.h>

#include "base/text.h"
#include "file/load.h"
#include "graph/running_code.h"
#include "patch/internal.h"

static bool is_function(const struct graph *g, uint32_t i)
{
	const struct symbol *s = &g->object->symbols[i];

	if (starts_with(s->name, "__pfx_"))
		return false;
	return s->type == STT_FUNC && s->bind != STB_WEAK /* the kernel may have another's */ &&
	       s->place == SYMBOL_DEFINED && s->size && g->symbol_block[i] != NONE &&
	       g->blocks[g->symbol_block[i]].kind == BLOCK_TEXT && !g->blocks[g->symbol_block[i]].init;
}

int main(int argc, char **argv)
{
	const struct entry_sizes none = { 0 };
	struct arena arena = { 0 };
	struct diags ds = { .arena = &arena };
	const struct runtime_places *p;
	const struct object *o;
	const struct graph *g;
	jmp_buf unwind;

	if (argc != 3 || setjmp(unwind)) {
		fprintf(stderr, "Usage: originals OBJECT UNIT.o, and memory for it\n");
		return 1;
	}
	arena.unwind = &unwind;
	if (load_object(&arena, &ds, argv[2], LOAD_CODE_AND_DATA, &o) || graph_build(&arena, &ds, o, &none, &g)) {
		fprintf(stderr, "originals: %s: %s\n", argv[2], ds.list.count ? ds.list.items[0].message : "not read");
		return 1;
	}
	p = find_runtime_places(&arena, g);
	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (is_function(g, i))
			fputs(original_line(&arena, g, p, argv[1], i, 0), stdout);
	arena_free(&arena);
	return 0;
}
