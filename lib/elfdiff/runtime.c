/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runtime.c - runtime constants: values that boot writes into the kernel's code
 *
 * Each is an edge, from its place in the code to the variable that boot reads.
 * In a patch the code reads the variable itself, as it does in the kernel's
 * modules.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "bytes.h"
#include "select.h"
#include "split.h"

/*
 * The variable that code of a source file means by a name; `file` is NONE for
 * code of global functions, which may be of any. Not *sure: it may be another.
 */
static uint32_t find_variable(const struct object *o, const char *name, uint32_t file, bool *sure)
{
	uint32_t local = NONE, global = NONE, locals = 0;

	for (uint32_t e = index_first(&o->symbol_by_name, hash_string(name)); e != NONE;
	     e = index_next(&o->symbol_by_name, e)) {
		uint32_t i = o->symbol_by_name.ids[e];

		if (strcmp(o->symbols[i].name, name))
			continue;
		if (o->symbols[i].bind != STB_LOCAL) {
			global = i;
		} else if (file == NONE || o->symbols[i].file == file) {
			local = i;
			locals++;
		}
	}
	*sure = locals ? locals == 1 && (file != NONE || global == NONE) : global != NONE;
	return locals ? local : global;
}

static uint32_t file_of(const struct graph *g, uint32_t block)
{
	const struct symbol *s = block == NONE ? NULL : block_symbol(g, block);

	return s ? s->file : NONE;
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
	symbol = find_variable(sp->o, name, file_of(sp->g, graph_block_at(sp->g, s->section, place)), &sure);
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

/* --- what comes into the output ------------------------------------------------ */

/* Why a patch cannot read the variable at an entry's place instead, or NULL. */
static const char *obstacle(const struct diff *d, const struct block *entry, const char *variable)
{
	const struct graph *g = d->patched;
	const struct edge *e = &g->edges[entry->reloc_first];
	struct runtime_load load;
	bool sure;

	if (!entry->special->loads)
		return "boot writes the value into the instruction, in the kernel's image alone, and one that reads the variable "
		       "does not fit in its place";
	if (!g->object->arch->runtime_load)
		return arena_printf(d->a, "how code loads runtime constants on %s is not known", g->object->arch->name);
	if (!graph_runtime_load(g, e->block, g->blocks[e->block].start + (uint64_t)e->offset, &load))
		return "the code at the place that the entry names is not the load of a runtime constant";
	find_variable(g->object, variable, file_of(g, e->block), &sure);
	return sure ? NULL : "there are several variables of this name, and nothing tells which one it is";
}

static void refuse(const struct diff *d, const struct block *entry, const char *variable, const char *cause)
{
	const struct edge *e = &d->patched->edges[entry->reloc_first];
	struct elfdiff_diag diag = diag_of_block(d, e->block, ELFDIFF_REFUSAL, "runtime-constant");

	diag.section = d->patched->object->sections[entry->section].name;
	diag.has_offset = true;
	diag.offset = (uint64_t)e->offset;
	diag.cause = cause;
	diag.hint = arena_printf(d->a, "have the function read `%s` itself, or leave it out of the patch", variable);
	diag_add(d->ds, diag, "`%s` uses the runtime constant `%s`", diag.symbol, variable);
}

static void tell_loads(const struct diff *d, uint32_t section, const char *variable, uint32_t count)
{
	if (count)
		diag_add(
			d->ds,
			(struct elfdiff_diag){
				.severity = ELFDIFF_NOTICE,
				.id = "runtime-constant-read",
				.object = d->patched->object->path,
				.section = d->patched->object->sections[section].name,
				.symbol = variable,
				.cause =
					"boot writes the value into the code of the kernel's image alone; modules read the variable" },
			"`%s` is read from memory at %u place%s where the kernel has it in the code", variable, count,
			count == 1 ? "" : "s");
}

static void judge_section(const struct diff *d, const struct selection *s, uint32_t section)
{
	const struct graph *g = d->patched;
	uint32_t loads = 0, told = NONE;
	const char *variable = NULL;

	for (uint32_t c = g->first_block[section]; c < g->first_block[section + 1]; c++) {
		const struct block *b = &g->blocks[c];
		const char *cause;

		if (b->kind != BLOCK_ENTRY || b->special->kind != SPECIAL_RUNTIME)
			return;
		variable = special_variable(b->special, g->object->sections[section].name);
		if (b->owner == NONE || s->item_of[b->owner] == NONE)
			continue;
		cause = obstacle(d, b, variable);
		loads += !cause;
		if (cause && told != b->owner)
			refuse(d, b, variable, cause);
		told = cause ? b->owner : told;
	}
	tell_loads(d, section, variable, loads);
}

void judge_runtime_constants(const struct diff *d, const struct selection *s)
{
	for (uint32_t i = 1; i < d->patched->object->section_count; i++)
		judge_section(d, s, i);
}
