/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runtime_constants.c - values that boot writes into the kernel's code, as edges
 *
 * Each leads from its place in the code to the variable that boot reads.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "graph/internal.h"

static const struct runtime_variable *known_variable(const struct graph *g, const char *name, uint32_t file)
{
	const struct index *ix = &g->runtime_by_name;

	for (uint32_t e = index_first(ix, hash_mix(hash_string(name), file)); e != NONE; e = index_next(ix, e)) {
		const struct runtime_variable *v = &g->runtime.items[ix->ids[e]];

		if (v->file == file && !strcmp(v->name, name))
			return v;
	}
	return NULL;
}

uint32_t graph_runtime_variable(const struct graph *g, uint32_t block, const char *name, bool *sure)
{
	static const struct runtime_variable none = { .local = NONE, .global = NONE };
	const struct symbol *user = block == NONE ? NULL : block_symbol(g, block);
	uint32_t file = user ? user->file : NONE;
	const struct runtime_variable *all = known_variable(g, name, NONE), *here = known_variable(g, name, file);

	all = all ? all : &none;
	here = here ? here : &none;
	*sure = here->locals ? here->locals == 1 && (file != NONE || all->global == NONE) : all->global != NONE;
	return here->locals ? here->local : all->global;
}

static struct runtime_variable *variable_of(struct splitter *sp, const char *name, uint32_t file)
{
	const struct runtime_variable *known = known_variable(sp->g, name, file);

	if (known)
		return &sp->g->runtime.items[known - sp->g->runtime.items];
	index_add(sp->a, &sp->g->runtime_by_name, hash_mix(hash_string(name), file), sp->g->runtime.count);
	*vec_push(sp->a, &sp->g->runtime) =
		(struct runtime_variable){ .name = name, .file = file, .local = NONE, .global = NONE };
	return &sp->g->runtime.items[sp->g->runtime.count - 1];
}

static void count_local(struct runtime_variable *v, uint32_t symbol)
{
	v->local = symbol;
	v->locals++;
}

/* All variables that a name can mean, once for each name. */
static void list_variables(struct splitter *sp, const char *name)
{
	struct namesakes n = object_named(sp->o, name);

	if (known_variable(sp->g, name, NONE))
		return;
	variable_of(sp, name, NONE);
	while (next_namesake(&n)) {
		const struct symbol *s = &sp->o->symbols[n.symbol];

		if (s->bind != STB_LOCAL) {
			variable_of(sp, name, NONE)->global = n.symbol;
			continue;
		}
		count_local(variable_of(sp, name, NONE), n.symbol);
		if (s->file != NONE)
			count_local(variable_of(sp, name, s->file), n.symbol);
	}
}

static void add_constant(struct splitter *sp, const char *name, const struct reloc *entry)
{
	const struct symbol *s = &sp->o->symbols[entry->symbol];
	uint64_t place = s->value + (uint64_t)entry->addend;
	uint32_t symbol;
	bool sure;

	if (s->place != SYMBOL_DEFINED || !(sp->o->sections[s->section].flags & SHF_EXECINSTR) ||
	    place >= sp->o->sections[s->section].size)
		return;
	symbol = graph_runtime_variable(sp->g, graph_block_at(sp->g, s->section, place), name, &sure);
	if (symbol == NONE)
		return;
	*vec_push(sp->a, &sp->recovered.list) = (struct reloc){
		.offset = place, .type = sp->o->arch->none_reloc, .symbol = symbol, .section = s->section, .from = NONE
	};
}

static int by_place(const void *a, const void *b)
{
	const struct reloc *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

void find_runtime_constants(struct splitter *sp)
{
	uint32_t before = sp->recovered.list.count;

	for (uint32_t i = 1; i < sp->o->section_count; i++) {
		const struct section *s = &sp->o->sections[i];

		if (!sp->rows[i] || sp->rows[i]->kind != SPECIAL_RUNTIME)
			continue;
		list_variables(sp, special_variable(sp->rows[i], s->name));
		for (uint32_t r = s->reloc_first; r < s->reloc_first + s->reloc_count; r++)
			add_constant(sp, special_variable(sp->rows[i], s->name), &sp->o->relocs[r]);
	}
	if (sp->recovered.list.count > before)
		qsort(sp->recovered.list.items, sp->recovered.list.count, sizeof(*sp->recovered.list.items), by_place);
}

bool graph_is_runtime_constant(const struct graph *g, uint32_t reloc)
{
	return g->relocs[reloc].from == NONE && g->relocs[reloc].type == g->object->arch->none_reloc;
}

bool graph_runtime_load(const struct graph *g, uint32_t block, uint64_t offset, struct runtime_load *ret)
{
	const struct arch *arch = g->object->arch;
	const struct block *b = &g->blocks[block];

	return arch->runtime_load && arch->runtime_load(g->object, &g->object->sections[b->section], offset, ret) &&
	       ret->start >= b->start && range_ok(ret->start, ret->size, b->end);
}
