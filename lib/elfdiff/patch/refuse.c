/* SPDX-License-Identifier: GPL-2.0-or-later */
/* refuse.c - changes that no live patch can make, each with its name */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "base/text.h"
#include "elf/names.h"
#include "patch/internal.h"

struct elfdiff_diag diag_of_block(const struct diff *d, uint32_t block, enum elfdiff_severity severity, const char *id)
{
	const struct graph *g = d->patched;

	return (struct elfdiff_diag){ .severity = severity,
				      .id = id,
				      .object = g->object->path,
				      .section = g->object->sections[g->blocks[block].section].name,
				      .symbol = graph_label(d->a, g, block),
				      .origin = origin_of(d, block) };
}

/* --- data ------------------------------------------------------------------ */

#define LIVE "live data cannot be replaced: running code already uses the original"
#define STUB_HINT                                                                                                      \
	"set the value from a callback: the stub, pasted at the end of the source, does it, and leaves the change of " \
	"the variable out"
#define LIVE_HINT "set the value from a pre-patch callback, or use a shadow variable"

static const char *value_of(const struct diff *d, const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];
	const uint8_t *data = block_data(g, b);
	uint64_t size = b->end - b->start;

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return NULL;
	return arena_printf(d->a, "%llu",
			    data ? (unsigned long long)bytes_get(data, (unsigned)size, g->object->big_endian) : 0ULL);
}

static void say_what_changed(const struct diff *d, uint32_t c, struct elfdiff_diag diag)
{
	const struct evidence *ev = &d->verdicts->evidence[c];
	uint32_t b = d->twins->of_patched[c];
	const struct block *bl = &d->orig->blocks[b], *cl = &d->patched->blocks[c];
	const char *from = value_of(d, d->orig, b), *to = value_of(d, d->patched, c);

	if (ev->what == DIFFERENT_SECTION)
		diag_add(d->ds, diag, "`%s` moved from section `%s` to `%s`", diag.symbol,
			 d->orig->object->sections[bl->section].name, diag.section);
	else if (ev->what == DIFFERENT_ALIGNMENT)
		diag_add(d->ds, diag, "`%s` changed its alignment from %llu to %llu bytes", diag.symbol,
			 (unsigned long long)place_alignment(d->orig, b),
			 (unsigned long long)place_alignment(d->patched, c));
	else if (bl->end - bl->start != cl->end - cl->start)
		diag_add(d->ds, diag, "`%s` changed its size from %llu to %llu bytes", diag.symbol,
			 (unsigned long long)(bl->end - bl->start), (unsigned long long)(cl->end - cl->start));
	else if (ev->what == DIFFERENT_BYTES && from && to)
		diag_add(d->ds, diag, "`%s` changed its initial value from %s to %s", diag.symbol, from, to);
	else
		diag_add(d->ds, diag, "`%s` changed its initial value at offset 0x%llx", diag.symbol,
			 (unsigned long long)ev->patched_offset);
}

static void refuse_data(const struct diff *d, uint32_t c, struct stub *stub)
{
	const struct block *b = &d->patched->blocks[c];
	struct elfdiff_diag diag = diag_of_block(d, c, ELFDIFF_REFUSAL, "data-changed");
	bool set = stub_sets(stub, c);

	diag.cause = LIVE;
	diag.hint = set ? STUB_HINT : LIVE_HINT;
	if (b->per_cpu || b->tls)
		diag.id = "per-cpu-changed";
	if (b->kind == BLOCK_RODATA) {
		diag.id = "rodata-changed";
		diag.cause = "other objects may use this global constant, and they keep the original";
		diag.hint = "patch the code that uses it instead";
	}
	if (d->verdicts->evidence[c].what == DIFFERENT_ALIGNMENT) {
		diag.cause = "the kernel has it where the original's alignment put it";
		diag.hint =
			"leave the alignment as it is, and use other memory where it matters; if nothing relies on it, leave "
			"it out with KPATCH_IGNORE_SECTION";
	}
	say_what_changed(d, c, diag);
	if (set)
		stub_belongs_here(stub);
}

/* It has a name, but nothing of the object uses it, and its section is none of the compiler's (.x86_cpu_dev.init). */
static bool read_by_section(const struct graph *g, uint32_t block)
{
	const struct block *b = &g->blocks[block];
	const char *section = graph_section_name(g, block);

	return block_is_local(g, block) && !b->referenced && !b->fresh && !starts_with(section, ".rodata") &&
	       !starts_with(section, ".data.rel.ro");
}

static void refuse_changed_table(const struct diff *d, uint32_t c, struct stub *stub)
{
	struct elfdiff_diag diag = diag_of_block(d, c, ELFDIFF_REFUSAL, "unknown-table");
	bool runs = stub_runs(stub, c);

	diag.cause = "nothing refers to it: the kernel reads the section as a whole, and this tool does not know how";
	diag.hint = "remove this change from the patch, or ignore the section with KPATCH_IGNORE_SECTION if the "
		    "change is not needed";
	if (runs) {
		diag.cause =
			"the kernel has run its entries for all devices that are there, and continues with the original's";
		diag.hint =
			"call what is new in it from a callback: the stub, pasted at the end of the source, does it, and "
			"leaves the change of the section out";
	}
	diag_add(d->ds, diag, "section `%s` changed", diag.section);
	if (runs)
		stub_belongs_here(stub);
}

static void notice_ignored(const struct diff *d, uint32_t c)
{
	struct elfdiff_diag diag = diag_of_block(d, c, ELFDIFF_NOTICE, "change-ignored");

	diag.cause = "the patch requests this (.kpatch.ignore.*)";
	diag_add(d->ds, diag, "the change of `%s` is left out", diag.symbol);
}

void refuse_changes(const struct diff *d, const struct directives *w, struct stub *stub)
{
	const struct graph *g = d->patched;

	for (uint32_t c = 0; c < g->block_count; c++) {
		const struct block *b = &g->blocks[c];

		if (b->kind == BLOCK_IGNORED || d->verdicts->of[c] != VERDICT_CHANGED)
			continue;
		if (w->ignored[c])
			notice_ignored(d, c);
		else if (b->init)
			judge_init_change(d, c);
		else if (b->kind == BLOCK_RODATA && (b->symbol == NONE || read_by_section(g, c)))
			refuse_changed_table(d, c, stub);
		else if ((b->kind == BLOCK_DATA && !b->fresh) || (b->kind == BLOCK_RODATA && !block_is_local(g, c)))
			refuse_data(d, c, stub);
	}
}

/* --- unknown tables -------------------------------------------------------------- */

static void refuse_table(const struct diff *d, uint32_t table, uint32_t function)
{
	struct elfdiff_diag diag = diag_of_block(d, table, ELFDIFF_REFUSAL, "unknown-table");

	diag.symbol = graph_label(d->a, d->patched, function);
	diag.cause = "the kernel may need the entries of this table for the new code, and this tool does not know "
		     "their format";
	diag.hint = "leave the function out of the patch; use KPATCH_IGNORE_SECTION only if you know that the new code "
		    "works without the entries";
	diag_add(d->ds, diag, "section `%s` refers to the patched `%s`", diag.section, diag.symbol);
}

void refuse_unknown_tables(const struct diff *d, const struct directives *w, const struct selection *s)
{
	const struct graph *g = d->patched;

	for (uint32_t c = 0; c < g->block_count; c++) {
		const struct block *b = &g->blocks[c];
		bool table = block_is_variable(b) && b->symbol == NONE && !b->special;

		if (!table || b->init || s->item_of[c] != NONE || b->referenced || w->ignored[c])
			continue;
		for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++) {
			uint32_t to = g->edges[r].block;

			if (to == NONE || g->blocks[to].kind != BLOCK_TEXT || s->item_of[to] == NONE)
				continue;
			refuse_table(d, c, to);
			break;
		}
	}
}

/* --- relocations that only linkers resolve --------------------------------------- */

static bool refuse_relocation(const struct diff *d, uint32_t block, const struct reloc *r)
{
	const struct object *o = d->patched->object;
	struct reloc_field field = { 0 };
	struct elfdiff_diag diag;

	if (r->from == NONE || !o->arch->field(r->type, &field) || !field.for_linkers)
		return false;
	diag = diag_of_block(d, block, ELFDIFF_REFUSAL, "relocation-type");
	diag.has_offset = true;
	diag.offset = r->offset;
	diag.cause = "apply_relocate_add() of the kernel does not know this type: only linkers resolve it";
	diag.hint = "compile without -fpic and without thread-local variables, as kernels are";
	diag_add(d->ds, diag, "`%s` has a relocation of type %s, to `%s`", diag.symbol, o->arch->reloc_name(r->type),
		 o->symbols[r->symbol].name);
	return true;
}

void refuse_linker_relocations(const struct diff *d, const struct selection *s)
{
	const struct graph *g = d->patched;

	for (uint32_t i = 0; i < s->items.count; i++) {
		const struct block *b = &g->blocks[s->items.items[i].block];

		for (uint32_t r = b->reloc_first; r < b->reloc_first + b->reloc_count; r++)
			if (refuse_relocation(d, s->items.items[i].block, &g->relocs[r]))
				break;
	}
}

/* --- what a module cannot have --------------------------------------------------- */

enum { LEAST_PAGE = 4096 }; /* of the architectures of arch/: nothing in an object tells of a larger one */

/* Of several things of a section the place counts, too: the section's alignment is the largest of theirs. */
static uint64_t alignment_of(const struct graph *g, const struct block *b)
{
	uint64_t align = g->object->sections[b->section].align, low = b->start & -b->start;

	return low && low < align ? low : align;
}

/* layout_sections() of kernel/module/main.c aligns offsets into memory that begins at a page. */
void refuse_alignments(const struct diff *d, const struct selection *s)
{
	for (uint32_t i = 0; i < s->items.count; i++) {
		uint32_t c = s->items.items[i].block;
		uint64_t align = alignment_of(d->patched, &d->patched->blocks[c]);
		struct elfdiff_diag diag;

		if (align <= LEAST_PAGE)
			continue;
		diag = diag_of_block(d, c, ELFDIFF_REFUSAL, "alignment-beyond-page");
		diag.cause =
			"the loader gives a module memory that begins at a page, which may have 4096 bytes, and counts "
			"alignments from there";
		diag.hint = "allocate it at run time, with the alignment that it needs";
		diag_add(d->ds, diag, "`%s` has to be aligned to %llu bytes", diag.symbol, (unsigned long long)align);
	}
}
