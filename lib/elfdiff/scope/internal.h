/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - between the files that find what has to be looked at */
#ifndef ELFDIFF_SCOPE_INTERNAL_H
#define ELFDIFF_SCOPE_INTERNAL_H

#include <elf.h>

#include "arch/special.h"
#include "elf/labels.h"
#include "scope/scope.h"

enum section_kind {
	NOT_COMPARED, /* it is not loaded, or nobody reads it: what it refers to does not count */
	HAS_CELLS,    /* cut by its labels */
	HAS_PIECES,   /* without labels: strings, numbers, and what is cut where something refers to it */
	HAS_ENTRIES,  /* a special table: each entry belongs to the cell that its first relocation leads to */
	RUNS_BESIDE,  /* without relocations: entry for entry beside another table */
};

/*
 * What is kept or set aside as a whole. It ends where the next one of its section begins. The first cell is none: what is
 * about no cell counts as a part of it, and is always kept.
 */
enum { NOBODY = 0 };
struct cell {
	uint32_t section;
	uint32_t first_label; /* in labels.symbols; the next cell's is behind its last */
	uint64_t start;
};

enum uses { NO_USES, ADDRESSES, ALL_USES };
enum stickiness { NOT_ASKED, NOT_STICKY, STICKY };

/* A symbol that others are linked to by its name. */
struct global {
	uint32_t symbol, cell;
};

/* The variables of one source in one section: where they stand is asked. */
struct layout {
	uint32_t section, file; /* file: a symbol, or NONE */
};

struct scope_side {
	struct arena *a;
	const struct object *o;
	struct labels labels;
	uint8_t *kinds;  /* by section: enum section_kind */
	uint32_t *first; /* by section, section_count + 1 numbers: its cells */
	VEC(struct cell) cells;
	uint32_t *first_reloc; /* by cell: in object.relocs */
	uint32_t *to;          /* by relocation: the cell that it leads to, or NONE */
	uint32_t
		*of; /* by relocation: the cell whose part it is, by its entry in a table, too; NONE: nobody reads it */
	uint64_t *entry_sizes; /* by section of kind HAS_ENTRIES, RUNS_BESIDE: bytes */
	uint32_t *beside;      /* by section of kind HAS_ENTRIES: the table that runs beside it, or 0 */
	uint8_t **marks;       /* by section without labels: a bit for each byte that something refers to, or NULL */
	bool *read;            /* by section: where its code leads without relocations is known */
	uint8_t *asked;        /* by symbol: enum uses */
	uint32_t *files;       /* by symbol: of a FILE symbol the other object's, or NONE */
	uint32_t *twin;        /* by cell: the other object's, or NONE */
	bool *of_kpatch;       /* by section: its name begins with `.kpatch.` */
	bool *empty;           /* by cell: it has no bytes */
	bool *suspect;         /* by cell: see uses.c; NULL: it is not known yet */
	bool *followed;        /* by cell: what it refers to the middle of is kept */
	bool *different;       /* by cell: it has no twin, or is not equal to it */
	bool *present;         /* by cell: something that is kept refers to it */
	bool *stays;           /* by cell: it is kept, once all are known that are */
	bool *needed;          /* by section of kind NOT_COMPARED: the same */
	uint8_t *sticky;       /* by symbol: enum stickiness */
	struct index layouts;  /* in `known` */
	VEC(struct layout) known;
	VEC(uint32_t) flowing; /* sections of several pieces of code */
	VEC(uint32_t) kept;    /* cells, as far as link_uses() knows */
	bool has_globals;      /* they are listed: */
	VEC(struct global) globals;
	VEC(uint32_t) by_name; /* relocations of cells that lead to `globals` */
	uint32_t node;         /* number of its first cell among those of both objects */
};

struct finder {
	struct arena *a;
	struct scope_side orig, patched;
	const struct text_set *elsewhere;
	uint32_t *same_symbols; /* by the original's symbol: 1 + a patched one where the same addends lead, or 0 */
	uint32_t *parent;       /* by cell of both objects: cells that are kept or set aside together */
	bool *kept;             /* by the first of such cells */
	uint32_t rounds;        /* walks over all of both objects so far */
	VEC(uint32_t) to_judge; /* cells of the original whose twins were found by a reference */
};

static inline const struct special *row_of(const struct scope_side *s, uint32_t section)
{
	return s->o->sections[section].row;
}

/*
 * Each round finds what the one before has led to; real objects take a few. One that takes more is compared as a whole,
 * in less time.
 */
enum { ROUNDS_MOST = 64 };
static inline bool next_round(struct finder *f)
{
	return f->rounds < ROUNDS_MOST && ++f->rounds;
}

/* Of two things that have both been done. */
static inline bool either(bool x, bool y)
{
	return x || y;
}

/* cells.c */
void cut_into_cells(struct scope_side *s);
uint32_t cell_at(const struct scope_side *s, uint32_t section, uint64_t offset);
uint64_t cell_end(const struct scope_side *s, uint32_t cell);
static inline bool cell_is_empty(const struct scope_side *s, uint32_t cell)
{
	return s->empty[cell];
}
static inline bool is_code(const struct scope_side *s, uint32_t cell)
{
	return s->o->sections[s->cells.items[cell].section].flags & SHF_EXECINSTR;
}
uint32_t cell_label(const struct scope_side *s, uint32_t cell); /* a symbol, or NONE */
/* The FILE symbol that its label stands under, or NONE: a label is global, or there is none. */
uint32_t cell_source(const struct scope_side *s, uint32_t cell);
/* Where a symbol stands; NONE: not in a cell of the object. */
uint32_t symbol_cell(const struct scope_side *s, const struct symbol *sym);
/* Behind its last label, in labels.symbols. */
uint32_t cell_label_end(const struct scope_side *s, uint32_t cell);
/* The cell's relocations: numbers in object.relocs. */
uint32_t cell_relocs(const struct scope_side *s, uint32_t cell, uint32_t *count);
bool is_marked(const struct scope_side *s, uint32_t section, uint64_t offset);
/* Where a relocation leads in its symbol's section, but for what the kind of instruction adds, which its bytes tell. */
uint64_t place_of(const struct scope_side *s, const struct reloc *r);
/* It is one of a table of distances, each of which counts from its own place: it may lead anywhere in the section. */
bool is_distance(const struct scope_side *s, const struct reloc *r);
/* False: none of a section's relocations is one. */
bool may_have_distances(const struct scope_side *s, uint32_t section);
static inline bool kind_has_cells(uint8_t kind)
{
	return kind == HAS_CELLS || kind == HAS_PIECES;
}
/* The symbol names what is there, and does not only tell a place of its section. */
bool symbol_names(const struct symbol *s);

/* entries.c */
struct entry {
	uint64_t start, size; /* bytes */
	uint32_t reloc, reloc_count;
	uint32_t owner; /* cell, or NOBODY */
};
uint32_t entry_count(const struct scope_side *s, uint32_t section);
/* Walks a table: `*ret` is the entry behind the one that it was, or the first where its size is 0. False at the end. */
static inline bool next_entry(const struct scope_side *s, uint32_t section, struct entry *ret)
{
	const struct section *sec = &s->o->sections[section];
	uint64_t step = s->entry_sizes[section], start = ret->size ? ret->start + step : 0;
	uint32_t reloc = ret->size ? ret->reloc + ret->reloc_count : sec->reloc_first;
	uint32_t last = sec->reloc_first + sec->reloc_count, end = reloc;

	if (start >= sec->size)
		return false;
	while (end < last && s->o->relocs[end].offset < start + step)
		end++;
	ret->start = start;
	ret->size = sec->size - start < step ? sec->size - start : step;
	ret->reloc = reloc;
	ret->reloc_count = end - reloc;
	ret->owner = end > reloc && s->to[reloc] != NONE ? s->to[reloc] : NOBODY;
	return true;
}
void compare_tables(struct finder *f);

/* equal.c */
void find_twins(struct finder *f);
void judge_cells(struct finder *f);
void judge_found(struct finder *f);                                         /* those of to_judge */
bool same_section(const struct finder *f, uint32_t orig, uint32_t patched); /* of one kind, and the same to ELF */
bool same_relocations(struct finder *f, uint32_t orig, uint32_t patched, uint32_t count, uint64_t orig_start,
		      uint64_t patched_start);
void mark_different(struct finder *f, uint32_t orig, uint32_t patched); /* cells, or NONE */

/* proof.c: a number that the compiler gave tells nothing: variables of functions are the same where the same code uses them. */
void prove_twins(struct finder *f);

/* uses.c: what uses, from elsewhere, global things that changed. To be done once cells are linked. True: there is more. */
bool link_uses(struct finder *f);
void note_suspects(struct finder *f);

/* outlined.c: functions that a cell's code was moved out of, by its name. `function`: a cell. */
struct outlined_from {
	const struct symbol *symbol; /* of what was moved; NULL: the cell is nothing of the kind */
	struct namesakes names;
	uint32_t function;
};
struct outlined_from outlined_from(struct arena *a, const struct scope_side *s, uint32_t cell);
bool next_outlined_from(const struct scope_side *s, struct outlined_from *of);
bool is_outlined(const struct scope_side *s, uint32_t cell);

/* links.c */
void link_cells(struct finder *f);
static inline bool is_kept(const struct finder *f, const struct scope_side *s, uint32_t cell)
{
	uint32_t node = s->node + cell;

	while (f->parent[node] != node)
		node = f->parent[node];
	return f->kept[node];
}
/* What is_kept() and link_pair() follow gets as short as it can be, until cells are linked again. */
void shorten_links(struct finder *f);
void link_pair(struct finder *f, uint32_t node, uint32_t other);
void keep_cell(struct finder *f, const struct scope_side *s, uint32_t cell);

/* flow.c: code of one section that leads to each other without relocations, where some of it is kept. */
void find_flowing(struct scope_side *s); /* the sections that may have such code: before link_by_flow() */
void link_by_flow(struct finder *f);

/* reduce.c */
struct scope *find_scope(struct finder *f);
/* By cell: it is kept. */
bool *kept_of(const struct finder *f, const struct scope_side *s);

#endif
