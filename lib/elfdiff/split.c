/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split.c - cut the sections of an object into blocks */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "bytes.h"
#include "graph.h"
#include "names.h"

struct splitter {
	struct arena *a;
	struct diags *ds;
	struct graph *g;
	const struct object *o;
	const struct entry_sizes *sizes;
	const struct special **rows; /* by section: what is special about it, or NULL */
	VEC(struct block) blocks;
	uint32_t *first_symbol; /* by section: its symbols in `symbols`, section_count + 1 numbers */
	uint32_t *symbols;      /* labels, ascending by (section, value) */
	uint32_t *first_target; /* by section: offsets that relocations refer to, in `targets` */
	uint64_t *targets;
	struct found_relocs recovered;
};

/* --- labels -------------------------------------------------------------- */

static bool is_label(const struct symbol *s)
{
	return s->place == SYMBOL_DEFINED && s->type != STT_SECTION && s->type != STT_FILE && !name_is_marker(s->name);
}

/* Which of several symbols at one place is the label: smaller is better. */
static unsigned label_rank(const struct symbol *s)
{
	unsigned rank = s->bind == STB_GLOBAL ? 0 : s->bind == STB_WEAK ? 1 : 2;

	if (s->type == STT_NOTYPE)
		rank += 4;
	if (name_is_prefix_symbol(s->name))
		rank += 8;
	return rank;
}

static int by_place(const void *a, const void *b, void *arg)
{
	const struct symbol *symbols = arg;
	const struct symbol *x = &symbols[*(const uint32_t *)a], *y = &symbols[*(const uint32_t *)b];

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (label_rank(x) != label_rank(y))
		return label_rank(x) < label_rank(y) ? -1 : 1;
	return (x > y) - (x < y);
}

static void sort_labels(struct splitter *sp)
{
	const struct object *o = sp->o;
	uint32_t *next = arena_array(sp->a, o->section_count + 1, uint32_t);

	sp->first_symbol = arena_array(sp->a, o->section_count + 1, uint32_t);
	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (is_label(&o->symbols[i]))
			sp->first_symbol[o->symbols[i].section + 1]++;
	for (uint32_t s = 0; s < o->section_count; s++)
		sp->first_symbol[s + 1] += sp->first_symbol[s];
	memcpy(next, sp->first_symbol, (o->section_count + 1) * sizeof(*next));
	sp->symbols = arena_array(sp->a, sp->first_symbol[o->section_count] + 1, uint32_t);
	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (is_label(&o->symbols[i]))
			sp->symbols[next[o->symbols[i].section]++] = i;
	for (uint32_t s = 0; s < o->section_count; s++)
		qsort_r(sp->symbols + sp->first_symbol[s], sp->first_symbol[s + 1] - sp->first_symbol[s],
			sizeof(*sp->symbols), by_place, o->symbols);
}

/* --- what relocations refer to in payload sections ------------------------ */

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Payload, or code that a label does not cover. */
static bool has_pieces(const struct splitter *sp, uint32_t section)
{
	const struct section *s = &sp->o->sections[section];
	uint32_t first = sp->first_symbol[section];
	const struct symbol *label = first < sp->first_symbol[section + 1] ? &sp->o->symbols[sp->symbols[first]] : NULL;

	if (sp->rows[section] && sp->rows[section]->kind == SPECIAL_PAYLOAD)
		return true;
	return section_is_alloc(s) && s->flags & SHF_EXECINSTR && label && (label->value || label->size != s->size);
}

/* Pieces have no symbols: they begin where something refers to them. */
static void find_targets(struct splitter *sp)
{
	const struct object *o = sp->o;
	bool *wanted = arena_array(sp->a, o->section_count, bool);
	uint32_t *next = arena_array(sp->a, o->section_count + 1, uint32_t);

	sp->first_target = arena_array(sp->a, o->section_count + 1, uint32_t);
	for (uint32_t i = 1; i < o->section_count; i++)
		wanted[i] = has_pieces(sp, i);
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i < o->reloc_count; i++) {
			const struct reloc *r = &o->relocs[i];
			const struct symbol *sym = &o->symbols[r->symbol];
			uint64_t target;

			if (sym->place != SYMBOL_DEFINED || !wanted[sym->section])
				continue;
			target = sym->value + (uint64_t)(r->addend + o->arch->bias(o, r, r->offset));
			if (!pass)
				next[sym->section + 1]++;
			else if (target < o->sections[sym->section].size)
				sp->targets[next[sym->section]++] = target;
		}
		if (pass)
			break;
		for (uint32_t s = 0; s < o->section_count; s++)
			next[s + 1] += next[s];
		memcpy(sp->first_target, next, (o->section_count + 1) * sizeof(*next));
		sp->targets = arena_array(sp->a, next[o->section_count] + 1, uint64_t);
	}
	for (uint32_t s = 1; s < o->section_count; s++)
		qsort(sp->targets + sp->first_target[s], next[s] - sp->first_target[s], sizeof(*sp->targets), by_value);
}

/* --- blocks -------------------------------------------------------------- */

static bool has_relocs(const struct object *o, const struct section *s, uint64_t start, uint64_t end)
{
	uint32_t low = s->reloc_first, high = s->reloc_first + s->reloc_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (o->relocs[mid].offset < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->reloc_first + s->reloc_count && o->relocs[low].offset < end;
}

/* By its name, or a constant inside a function that is nothing but its bytes (`static const char msg[]`). */
static bool is_fresh(const struct object *o, const struct section *s, const struct block *b)
{
	const struct symbol *sym = &o->symbols[b->symbol];

	if (b->kind != BLOCK_DATA && b->kind != BLOCK_RODATA)
		return false;
	if (name_is_fresh(sym->name, s->name, s->flags & SHF_WRITE))
		return true;
	return b->kind == BLOCK_RODATA && sym->bind == STB_LOCAL && sym->name[name_stem(sym->name)] &&
	       !has_relocs(o, s, b->start, b->end);
}

static struct block *add(struct splitter *sp, uint32_t section, uint64_t start, uint64_t end, enum block_kind kind,
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
			     .parent = NONE };
	b->init = b->special && b->special->kind == SPECIAL_INIT;
	b->per_cpu = section_is_per_cpu(s->name);
	b->tls = s->flags & SHF_TLS;
	b->fresh = symbol != NONE && is_fresh(sp->o, s, b);
	return b;
}

/* The bytes between two labelled blocks of data: padding where they are zero. */
static void add_gap(struct splitter *sp, uint32_t section, uint64_t start, uint64_t end, enum block_kind kind)
{
	const struct section *s = &sp->o->sections[section];
	bool empty;

	if (start >= end)
		return;
	empty = !has_relocs(sp->o, s, start, end);
	for (uint64_t p = start; s->data && p < end && empty; p++)
		empty = !s->data[p];
	add(sp, section, start, end, empty ? BLOCK_PADDING : kind, NONE);
}

static bool starts_function(const struct symbol *s)
{
	return s->type == STT_FUNC || s->type == STT_GNU_IFUNC || (s->type == STT_NOTYPE && s->bind != STB_LOCAL);
}

/* Where functions begin, from the symbols alone. */
static void cut_by_functions(struct splitter *sp, uint32_t section, struct cuts *cuts)
{
	uint64_t size = sp->o->sections[section].size;
	uint64_t prefix = UINT64_MAX; /* a `__pfx_` symbol waits for its function */

	for (uint32_t i = sp->first_symbol[section]; i < sp->first_symbol[section + 1]; i++) {
		const struct symbol *s = &sp->o->symbols[sp->symbols[i]];
		struct cut *last = cuts->list.count ? &cuts->list.items[cuts->list.count - 1] : NULL;

		if (!starts_function(s) || (last && s->value < last->end && s->value > last->start))
			continue;
		if (last && s->value == last->start)
			continue; /* an alias; the label sorts first */
		if (name_is_prefix_symbol(s->name)) {
			prefix = s->value;
			continue;
		}
		*vec_push(sp->a, &cuts->list) = (struct cut){ .start = prefix < s->value ? prefix : s->value,
							      .end = s->value + s->size,
							      .symbol = sp->symbols[i] };
		prefix = UINT64_MAX;
	}
	for (uint32_t i = 0; i < cuts->list.count; i++) {
		struct cut *c = &cuts->list.items[i];
		uint64_t limit = i + 1 < cuts->list.count ? cuts->list.items[i + 1].start : size;

		if (c->end > limit || sp->o->symbols[c->symbol].size == 0)
			c->end = limit;
	}
	if (cuts->list.count == 1) {
		cuts->list.items[0].start = 0;
		cuts->list.items[0].end = size;
	}
}

/* No-ops, traps or zeros: nothing that runs. */
static bool is_code_padding(const struct object *o, const struct section *s, uint64_t start, uint64_t end)
{
	struct insn in;

	if (!s->data || has_relocs(o, s, start, end))
		return !s->data;
	for (uint64_t at = start; at < end; at += in.length) {
		bool filler = s->data[at] == 0 || s->data[at] == 0xcc;

		in.length = 1;
		if (!filler && (!o->arch->decode(o, s, at, &in) || !in.length || in.flow != FLOW_NOP))
			return false;
	}
	return true;
}

/* Code between functions, cut where something refers to it. */
static void cut_gap(struct splitter *sp, uint32_t section, uint64_t start, uint64_t end, struct cuts *cuts)
{
	uint64_t at = start;

	if (start >= end || is_code_padding(sp->o, &sp->o->sections[section], start, end))
		return;
	for (uint32_t i = sp->first_target[section]; i < sp->first_target[section + 1]; i++) {
		uint64_t target = sp->targets[i];

		if (target <= at || target >= end)
			continue;
		*vec_push(sp->a, &cuts->list) =
			(struct cut){ .start = at, .end = target, .symbol = NONE, .piece = true };
		at = target;
	}
	*vec_push(sp->a, &cuts->list) = (struct cut){ .start = at, .end = end, .symbol = NONE, .piece = true };
}

/* The functions of a section and what else has code there, in order. */
static struct cuts cut_code(struct splitter *sp, uint32_t section)
{
	struct cuts functions = { 0 }, all = { 0 };
	uint64_t at = 0, size = sp->o->sections[section].size;

	cut_by_functions(sp, section, &functions);
	if (!functions.list.count)
		return functions;
	for (uint32_t i = 0; i < functions.list.count; i++) {
		cut_gap(sp, section, at, functions.list.items[i].start, &all);
		*vec_push(sp->a, &all.list) = functions.list.items[i];
		at = functions.list.items[i].end;
	}
	cut_gap(sp, section, at, size, &all);
	return all;
}

static void split_text(struct splitter *sp, uint32_t section)
{
	const struct section *s = &sp->o->sections[section];
	struct cuts cuts = cut_code(sp, section);
	uint64_t at = 0;

	if (cuts.list.count > 1)
		recover_branches(sp->a, sp->o, section, &cuts, &sp->recovered);
	for (uint32_t i = 0; i < cuts.list.count; i++) {
		const struct cut *c = &cuts.list.items[i];

		if (at < c->start)
			add(sp, section, at, c->start, BLOCK_PADDING, NONE);
		add(sp, section, c->start, c->end, c->piece ? BLOCK_PAYLOAD : BLOCK_TEXT, c->symbol)->several =
			c->several;
		at = c->end;
	}
	if (cuts.list.count && at < s->size)
		add(sp, section, at, s->size, BLOCK_PADDING, NONE);
	else if (!cuts.list.count && s->size)
		add(sp, section, 0, s->size, BLOCK_TEXT, NONE);
}

static void split_strings(struct splitter *sp, uint32_t section)
{
	const struct section *s = &sp->o->sections[section];

	for (uint64_t at = 0; at < s->size;) {
		const uint8_t *nul = memchr(s->data + at, 0, s->size - at);
		uint64_t end = nul ? (uint64_t)(nul - s->data) + 1 : s->size;

		add(sp, section, at, end, nul ? BLOCK_STRING : BLOCK_CONST, NONE);
		at = end;
	}
}

static void split_by_size(struct splitter *sp, uint32_t section, uint64_t step)
{
	const struct section *s = &sp->o->sections[section];

	for (uint64_t at = 0; at < s->size; at += step)
		add(sp, section, at, at + step < s->size ? at + step : s->size, BLOCK_CONST, NONE);
}

static void split_payload(struct splitter *sp, uint32_t section)
{
	uint64_t size = sp->o->sections[section].size, at = 0;

	for (uint32_t i = sp->first_target[section]; i < sp->first_target[section + 1]; i++) {
		if (sp->targets[i] <= at)
			continue;
		add(sp, section, at, sp->targets[i], BLOCK_PAYLOAD, NONE);
		at = sp->targets[i];
	}
	if (at < size)
		add(sp, section, at, size, BLOCK_PAYLOAD, NONE);
}

/* Where the next label behind number i of a section's labels stands, or the section's end. */
static uint64_t next_label(const struct splitter *sp, uint32_t section, uint32_t i)
{
	uint64_t value = sp->o->symbols[sp->symbols[i]].value;

	for (i++; i < sp->first_symbol[section + 1]; i++)
		if (sp->o->symbols[sp->symbols[i]].value > value)
			return sp->o->symbols[sp->symbols[i]].value;
	return sp->o->sections[section].size;
}

static void split_data(struct splitter *sp, uint32_t section)
{
	const struct section *s = &sp->o->sections[section];
	bool writable = s->flags & SHF_WRITE;
	enum block_kind named = writable ? BLOCK_DATA : BLOCK_RODATA;
	enum block_kind unnamed = writable ? BLOCK_DATA : BLOCK_CONST;
	uint64_t at = 0, last_start = UINT64_MAX;

	for (uint32_t i = sp->first_symbol[section]; i < sp->first_symbol[section + 1]; i++) {
		const struct symbol *sym = &sp->o->symbols[sp->symbols[i]];
		struct block *last = sp->blocks.count ? &sp->blocks.items[sp->blocks.count - 1] : NULL;
		uint64_t end = sym->value + sym->size;

		if (!sym->size) /* as assemblers leave it: up to the next label */
			end = next_label(sp, section, i);
		if (end < sym->value || end > s->size)
			end = s->size;
		if (sym->value == last_start && end > at) {
			last->end = at = end; /* an alias that is longer */
			continue;
		}
		if (sym->value < at || sym->value == last_start)
			continue; /* a label inside */
		add_gap(sp, section, at, sym->value, unnamed);
		add(sp, section, sym->value, end, named, sp->symbols[i]);
		last_start = sym->value;
		at = end;
	}
	if (at == 0 && last_start == UINT64_MAX && s->size)
		add(sp, section, 0, s->size, unnamed, NONE);
	else
		add_gap(sp, section, at, s->size, unnamed);
}

/* --- special tables --------------------------------------------------------- */

enum { MOST_RELOCS_PER_ENTRY = 8 };

/*
 * Bytes of one entry, found from the relocations: the smallest stride at which
 * their places and types repeat, with `fixed` relocations in it (0: any
 * number). 0 when there is none.
 */
static uint64_t stride_of(const struct object *o, const struct section *s, uint32_t fixed)
{
	const struct reloc *r = &o->relocs[s->reloc_first];

	for (uint32_t k = fixed ? fixed : 1; k <= s->reloc_count && k <= MOST_RELOCS_PER_ENTRY; k++) {
		uint64_t stride = k < s->reloc_count ? r[k].offset - r[0].offset : s->size - r[0].offset;
		bool fits = stride && s->reloc_count % k == 0;

		for (uint32_t i = k; i < s->reloc_count && fits; i++)
			fits = r[i].offset == r[i - k].offset + stride && r[i].type == r[i - k].type;
		/* the last entry may lack its padding (.parainstructions) */
		if (fits && s->size <= r[0].offset + stride * (s->reloc_count / k) &&
		    s->size > r[0].offset + stride * (s->reloc_count / k - 1))
			return stride;
		if (fixed)
			break;
	}
	return 0;
}

/* Every entry of this many bytes has its relocations in the same places. */
static bool repeats_at(const struct object *o, const struct section *s, uint64_t stride)
{
	const struct reloc *r = &o->relocs[s->reloc_first];
	uint32_t k = 0;

	if (stride > s->size || s->size % stride)
		return false;
	while (k < s->reloc_count && r[k].offset < stride)
		k++;
	if (!k || s->reloc_count % k || s->reloc_count / k != s->size / stride)
		return !s->reloc_count;
	for (uint32_t i = k; i < s->reloc_count; i++)
		if (r[i].offset != r[i - k].offset + stride)
			return false;
	return true;
}

static uint64_t stated_size(const struct entry_sizes *sizes, const char *section)
{
	uint64_t size = 0;

	for (uint32_t i = 0; i < sizes->list.count; i++)
		if (!strcmp(sizes->list.items[i].section, section))
			size = sizes->list.items[i].size;
	return size;
}

static void split_table(struct splitter *sp, uint32_t section, const struct special *row)
{
	const struct object *o = sp->o;
	const struct section *s = &o->sections[section];
	uint64_t stated = stated_size(sp->sizes, s->name), stride = stated;

	if (!stated)
		stride = s->entsize && s->size % s->entsize == 0 ? s->entsize : stride_of(o, s, row->relocs);
	if (s->size && (!stride || (stated && !repeats_at(o, s, stated)))) {
		diag_add(
			sp->ds,
			(struct elfdiff_diag){
				.severity = ELFDIFF_FAILURE,
				.id = "irregular-table",
				.object = o->path,
				.section = s->name,
				.cause =
					stated ? "its relocations do not repeat at the size that the environment states"
					       : "its relocations do not repeat, so its entries cannot be told apart",
				.hint = stated ? "take the variable out of the environment: the size is found from the object"
					       : "state the size of an entry (see ENVIRONMENT in create-diff-object(1))" },
			"the size of the entries of `%s` is not known", s->name);
		return;
	}
	for (uint64_t at = 0; at < s->size; at += stride)
		add(sp, section, at, at + stride < s->size ? at + stride : s->size, BLOCK_ENTRY, NONE);
}

/* A table without relocations of its own that runs beside another one. */
static bool split_parallel(struct splitter *sp, uint32_t section)
{
	const struct object *o = sp->o;
	const struct section *s = &o->sections[section];
	uint64_t entries, stride;

	for (uint32_t i = 1; i < o->section_count; i++) {
		const struct special *row = sp->rows[i];

		if (!row || !row->parallel || strcmp(row->parallel, s->name))
			continue;
		stride = stride_of(o, &o->sections[i], row->relocs);
		entries = stride ? o->sections[i].size / stride : 0;
		if (!entries || s->size % entries)
			return false;
		for (uint64_t at = 0; at < s->size; at += s->size / entries)
			add(sp, section, at, at + s->size / entries, BLOCK_ENTRY, NONE);
		return true;
	}
	return false;
}

static void split_special(struct splitter *sp, uint32_t section, const struct special *row)
{
	uint64_t size = sp->o->sections[section].size;

	switch (row->kind) {
	case SPECIAL_TABLE:
	case SPECIAL_TRACE:
		split_table(sp, section, row);
		return;
	case SPECIAL_KEPT:
		if (row->relocs)
			split_table(sp, section, row);
		else if (!split_parallel(sp, section) && size)
			add(sp, section, 0, size, BLOCK_IGNORED, NONE);
		return;
	case SPECIAL_PAYLOAD:
		split_payload(sp, section);
		return;
	default:
		if (size)
			add(sp, section, 0, size, BLOCK_IGNORED, NONE);
	}
}

static void split_section(struct splitter *sp, uint32_t i)
{
	const struct section *s = &sp->o->sections[i];
	const struct special *row = sp->rows[i];
	bool progbits = s->type == SHT_PROGBITS || s->type == SHT_NOBITS;

	if (!section_is_alloc(s) || s->type == SHT_RELA || s->type == SHT_REL)
		return;
	if (row && row->kind != SPECIAL_INIT && row->kind != SPECIAL_NONE)
		split_special(sp, i, row);
	else if (!strncmp(s->name, ".kpatch.", 8)) {
		if (s->size)
			add(sp, i, 0, s->size, BLOCK_DIRECTIVE, NONE);
	} else if (!progbits && s->size)
		add(sp, i, 0, s->size, BLOCK_IGNORED, NONE);
	else if (s->flags & SHF_EXECINSTR)
		split_text(sp, i);
	else if (s->flags & SHF_MERGE && s->flags & SHF_STRINGS && s->entsize <= 1 && s->data)
		split_strings(sp, i);
	else if (s->flags & SHF_MERGE && s->entsize && !(s->flags & SHF_STRINGS))
		split_by_size(sp, i, s->entsize);
	else
		split_data(sp, i);
}

/* --- the graph ------------------------------------------------------------ */

/* Relocations of blocks: those of the object and those recovered, in order. */
static void merge_relocs(struct splitter *sp)
{
	const struct object *o = sp->o;
	struct reloc *all, *out;
	uint32_t at = 0;

	sp->g->relocs = o->relocs;
	sp->g->reloc_count = o->reloc_count;
	if (!sp->recovered.list.count)
		return;
	all = out = arena_array(sp->a, o->reloc_count + sp->recovered.list.count, struct reloc);
	for (uint32_t i = 0; i < o->section_count; i++) {
		const struct section *s = &o->sections[i];
		const struct reloc *r = &o->relocs[s->reloc_first], *end = r + s->reloc_count;

		/* recover_branches() appends by section, by offset */
		for (; at < sp->recovered.list.count && sp->recovered.list.items[at].section == i; at++) {
			while (r < end && r->offset < sp->recovered.list.items[at].offset)
				*out++ = *r++;
			*out++ = sp->recovered.list.items[at];
		}
		while (r < end)
			*out++ = *r++;
	}
	sp->g->relocs = all;
	sp->g->reloc_count = (uint32_t)(out - all);
}

static void assign_relocs(struct splitter *sp)
{
	struct graph *g = sp->g;
	uint32_t at = 0;

	for (uint32_t i = 0; i < g->block_count; i++) {
		struct block *b = &g->blocks[i];

		while (at < g->reloc_count &&
		       (g->relocs[at].section < b->section ||
			(g->relocs[at].section == b->section && g->relocs[at].offset < b->start)))
			at++;
		b->reloc_first = at;
		while (at < g->reloc_count && g->relocs[at].section == b->section && g->relocs[at].offset < b->end)
			at++;
		b->reloc_count = at - b->reloc_first;
	}
}

static void assign_symbols(struct splitter *sp)
{
	struct graph *g = sp->g;
	const struct object *o = sp->o;

	g->symbol_block = arena_array(sp->a, o->symbol_count, uint32_t);
	for (uint32_t i = 0; i < o->symbol_count; i++) {
		const struct symbol *s = &o->symbols[i];

		g->symbol_block[i] = NONE;
		if (s->place == SYMBOL_DEFINED && s->type != STT_FILE)
			g->symbol_block[i] = graph_block_at(g, s->section, s->value);
	}
	/* an empty block shares its place with its neighbour: its label says which it is */
	for (uint32_t i = 0; i < g->block_count; i++)
		if (g->blocks[i].symbol != NONE)
			g->symbol_block[g->blocks[i].symbol] = i;
}

/*
 * Read-only data that nothing names and nothing refers to is found by its
 * section: a table that the kernel reads, and a thing of its own.
 */
static void find_tables(struct arena *a, struct graph *g)
{
	bool *referenced = arena_array(a, g->block_count + 1, bool);

	for (uint32_t i = 0; i < g->reloc_count; i++)
		if (g->edges[i].block != NONE)
			referenced[g->edges[i].block] = true;
	for (uint32_t i = 0; i < g->block_count; i++) {
		struct block *b = &g->blocks[i];

		if (b->kind == BLOCK_CONST && !referenced[i] && b->reloc_count && !b->special &&
		    !(g->object->sections[b->section].flags & SHF_MERGE))
			b->kind = BLOCK_RODATA;
	}
}

enum elfdiff_status graph_build(struct arena *a, struct diags *ds, const struct object *o,
				const struct entry_sizes *sizes, const struct graph **ret)
{
	struct graph *g = arena_new(a, struct graph);
	struct splitter sp = { .a = a, .ds = ds, .g = g, .o = o, .sizes = sizes };

	if (!o->arch) {
		diag_add(ds,
			 (struct elfdiff_diag){
				 .severity = ELFDIFF_FAILURE,
				 .id = "unknown-machine",
				 .object = o->path,
				 .cause = "no kernel of this architecture can be live-patched",
				 .hint = "give an object for x86_64, ppc64le, s390x, arm64 or loongarch64" },
			 "`%s` is for machine %u", o->path, o->machine);
		return ELFDIFF_ERROR;
	}
	g->object = o;
	g->first_block = arena_array(a, o->section_count + 1, uint32_t);
	sp.rows = arena_array(a, o->section_count, const struct special *);
	for (uint32_t i = 1; i < o->section_count; i++)
		sp.rows[i] = section_is_alloc(&o->sections[i]) ? special_find(o->sections[i].name, o->arch->bit) : NULL;
	sort_labels(&sp);
	find_targets(&sp);
	for (uint32_t i = 0; i < o->section_count; i++) {
		g->first_block[i] = sp.blocks.count;
		if (i)
			split_section(&sp, i);
	}
	if (ds->failures)
		return ELFDIFF_ERROR;
	g->first_block[o->section_count] = sp.blocks.count;
	g->blocks = sp.blocks.items;
	g->block_count = sp.blocks.count;
	merge_relocs(&sp);
	assign_relocs(&sp);
	assign_symbols(&sp);
	resolve_edges(a, g);
	find_tables(a, g);
	*ret = g;
	return ELFDIFF_OK;
}
