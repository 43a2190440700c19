/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * graph.h - one object as blocks and the edges between them
 *
 * A block is the unit that is kept or dropped: a run of bytes of one section,
 * with the symbols that label it and the relocations in it. Every byte of an
 * allocated section is in exactly one block. An edge is a relocation with its
 * target worked out.
 */
#ifndef ELFDIFF_GRAPH_H
#define ELFDIFF_GRAPH_H

#include "base/diag.h"
#include "elf/object.h"
#include "arch/special.h"

struct runtime_load;

enum block_kind {
	BLOCK_TEXT,      /* code, as a rule one function */
	BLOCK_DATA,      /* writable */
	BLOCK_RODATA,    /* read-only, with a name */
	BLOCK_CONST,     /* read-only, without a name: a copy is as good */
	BLOCK_STRING,    /* one NUL-terminated string */
	BLOCK_PAYLOAD,   /* what special entries or functions refer to, without a name (.altinstr_replacement) */
	BLOCK_ENTRY,     /* one entry of a special table */
	BLOCK_PADDING,   /* between the others: zeros or no-ops that nothing refers to */
	BLOCK_DIRECTIVE, /* .kpatch.*: what the author of the patch asks for */
	BLOCK_IGNORED,   /* of no use in a patch */
};

struct block {
	enum block_kind kind;
	bool init; /* gone after boot */
	bool per_cpu, tls;
	bool fused;          /* code: several functions that could not be parted */
	bool referenced;     /* an edge leads to it */
	bool fresh;          /* its identity does not matter: once-flags, lock keys, __func__ ... */
	bool opaque;         /* fresh because code uses its address alone */
	bool by_name;        /* fresh because of its name or section, whatever it contains (`__func__`) */
	bool indexed;        /* fresh because an index of such things alone leads to it (`_entry` of printk's) */
	bool linked;         /* others are linked to it: a name where its label stands is not local */
	bool open_distances; /* data: relocations that count from themselves, or from the start of a table */
	uint32_t section;
	uint32_t symbol;                   /* its label, or NONE */
	uint64_t start, end;               /* bytes, in the section */
	uint32_t reloc_first, reloc_count; /* in graph.relocs and graph.edges */
	const struct special *special;     /* the row of its section, or NULL */
	uint32_t owner;                    /* of an entry: the block whose code it is about, or NONE */
	uint32_t outlined_from;            /* of `.cold`: the function whose code it is, or NONE */
	uint32_t entry_first, entry_count; /* in graph.entries: the special entries it owns */
};

static inline bool block_is_variable(const struct block *b)
{
	return b->kind == BLOCK_DATA || b->kind == BLOCK_RODATA;
}

/* A function or a variable: what there is one of. */
static inline bool block_is_thing(const struct block *b)
{
	return b->kind == BLOCK_TEXT || block_is_variable(b);
}

/* Code does as well with a copy of it, as long as nothing compares its address. */
static inline bool block_is_copied(const struct block *b)
{
	return b->kind == BLOCK_STRING || b->kind == BLOCK_CONST || (b->fresh && block_is_variable(b));
}

struct edge {
	int64_t offset;  /* block: bytes from its start, may lie outside it; NONE: bytes from the symbol */
	uint32_t block;  /* NONE: it leads out of the object */
	uint32_t symbol; /* NONE block: the undefined or absolute symbol */
};

/* What the name of a runtime constant can mean to the code under a FILE symbol; NONE: to code that may be under any. */
struct runtime_variable {
	const char *name;
	uint32_t file;
	uint32_t local, locals; /* the last local one, and how many there are */
	uint32_t global;        /* of no file: the last global one */
};

/* One, or none: graph/unwind.h. */
struct unwind_table {
	uint32_t section;     /* of entries, which lead to places */
	uint32_t records;     /* the section with a record for each */
	uint32_t count;       /* 0: there is no table */
	uint64_t size;        /* of an entry, bytes */
	uint64_t record_size; /* of a record */
};

struct graph {
	const struct object *object;
	struct block *blocks;
	uint32_t block_count;
	uint32_t *first_block;  /* by section, section_count + 1 numbers */
	uint32_t *symbol_block; /* by symbol; NONE: not in a block */
	/* of blocks alone; with the branches that the assembler had resolved, and runtime constants */
	const struct reloc *relocs;
	struct edge *edges; /* parallel to relocs */
	uint32_t reloc_count;
	struct index functions; /* of fused blocks: symbols by hash of section and value */
	struct index names;     /* of code: symbols by hash of block and name */
	/* Functions of such blocks that lead into others past their ftrace locations: symbols by number. */
	struct index past_entry;
	VEC(struct runtime_variable) runtime;
	struct index runtime_by_name; /* name and FILE symbol */
	uint32_t *entries;            /* blocks of kind ENTRY, by owner */
	/* The same, but those of a fused block ascend by the place that they are about: each function has a run of them. */
	uint32_t *entries_by_place;
	uint32_t entry_count;
	struct unwind_table unwind;
	bool has_slots; /* sections of kind SPECIAL_SLOTS: see graph_meaning() */
};

/* Sizes of table entries that the user states, in bytes; the last of a name counts, 0 is none. */
struct entry_sizes {
	VEC(struct {
		const char *section;
		unsigned size;
	})
	list;
};

/* Split an object into blocks and work out its edges. */
ELFDIFF_CHECKED enum elfdiff_status graph_build(struct arena *a, struct diags *ds, const struct object *o,
						const struct entry_sizes *sizes, const struct graph **ret);

/* The block at an offset of a section: the one that contains it, at the
 * section's end the last one; NONE when the section has no blocks. */
uint32_t graph_block_at(const struct graph *g, uint32_t section, uint64_t offset);

/* The function that begins at an offset of a block, or the block's label: symbol, or NONE. */
uint32_t graph_function_at(const struct graph *g, uint32_t block, uint64_t offset);

/* The first symbol of that name in a block of code, or NONE. */
uint32_t graph_function_in(const struct graph *g, uint32_t block, const char *name);

/*
 * The weak name of a function or variable that a reference is made by, where that is not its block's label: what the linker put
 * there may be another object's, while the label's is this one's. A symbol, or NONE. A weak name is the label where there is no other.
 */
uint32_t graph_weak_name(const struct graph *g, uint32_t reloc);

/* Label of a block for people: the symbol's name, or section+offset. */
const char *graph_label(struct arena *a, const struct graph *g, uint32_t block);

/* The NUL-terminated text that an edge leads to, or NULL. */
const char *graph_text(const struct graph *g, const struct edge *e);

/* Where the label stands, bytes from the block's start (16 behind a `__pfx_` symbol). */
uint64_t graph_label_offset(const struct graph *g, uint32_t block);

/* The place in its owner that an entry of a table is about, bytes from the owner's start; UINT64_MAX: of what is no such entry. */
uint64_t graph_entry_place(const struct graph *g, uint32_t entry);

/* Of a fused block's entries by place, the first one about `offset` (from the block's start) or later: 0 to entry_count. */
uint32_t graph_first_entry(const struct graph *g, const struct block *b, uint64_t offset);

/* The ftrace location of the function that a symbol labels, bytes from its
 * block's start; false: the function cannot be traced. */
bool graph_ftrace_location(const struct graph *g, uint32_t symbol, uint64_t *offset);

static inline const struct symbol *block_symbol(const struct graph *g, uint32_t block)
{
	uint32_t s = g->blocks[block].symbol;

	return s == NONE ? NULL : &g->object->symbols[s];
}

/* The symbol out there that an edge leads to, or the label of its block, or NULL. */
static inline const struct symbol *edge_symbol(const struct graph *g, const struct edge *e)
{
	return e->block == NONE ? &g->object->symbols[e->symbol] : block_symbol(g, e->block);
}

/* Where an edge to a block leads, in the block's section. */
static inline uint64_t edge_place(const struct graph *g, const struct edge *e)
{
	return g->blocks[e->block].start + (uint64_t)e->offset;
}

/* The same of a block that has a label. */
static inline const struct symbol *block_label(const struct graph *g, uint32_t block)
{
	return &g->object->symbols[g->blocks[block].symbol];
}

static inline bool block_is_local(const struct graph *g, uint32_t block)
{
	return !g->blocks[block].linked;
}

static inline const char *graph_section_name(const struct graph *g, uint32_t block)
{
	return g->object->sections[g->blocks[block].section].name;
}

/* Bytes of a block in the file, which is one of a section that has some there. */
static inline const uint8_t *block_bytes(const struct graph *g, const struct block *b)
{
	return g->object->sections[b->section].data + b->start;
}

/* The same of any block; NULL for SHT_NOBITS. */
static inline const uint8_t *block_data(const struct graph *g, const struct block *b)
{
	return g->object->sections[b->section].data ? block_bytes(g, b) : NULL;
}

/*
 * A branch too short for any relocation that a module loader knows: whoever
 * keeps the one function keeps the other, at the same distance.
 */
bool graph_is_short_branch(const struct graph *g, uint32_t reloc);

/*
 * A place in code that boot fills in from the variable that the edge leads to.
 * The relocation marks the place, and fills in nothing.
 */
bool graph_is_runtime_constant(const struct graph *g, uint32_t reloc);

/*
 * The variable that the code of a block means by the name of a runtime
 * constant, a symbol, or NONE. Code of global functions (or NONE for the block)
 * may be of any source file. Not *sure: it may be another variable.
 */
uint32_t graph_runtime_variable(const struct graph *g, uint32_t block, const char *name, bool *sure);

/* How the code at such a place (an offset in the block's section) can load the variable instead; false: it cannot. */
bool graph_runtime_load(const struct graph *g, uint32_t block, uint64_t offset, struct runtime_load *ret);

/* Number of a block's first relocation at `offset` (from its start) or later; behind its last when there is none. */
uint32_t graph_first_reloc(const struct graph *g, const struct block *b, uint64_t offset);

/* Number of a block's relocation at `offset` (from its start), or NONE. */
uint32_t graph_reloc_at(const struct graph *g, const struct block *b, uint64_t offset);

/* The relocation of a slot that a reference leads to, or the reference's own. */
uint32_t graph_behind_slot(const struct graph *g, uint32_t reloc);

/* The relocation that tells what a reference means: of one to a slot that holds an address, the slot's. */
static inline uint32_t graph_meaning(const struct graph *g, uint32_t reloc)
{
	return g->has_slots ? graph_behind_slot(g, reloc) : reloc;
}

/* Walks the instructions of a block beside its relocations, in ascending order. */
struct boundary {
	uint32_t block; /* NONE at first */
	uint64_t at;
};

/* The start of the instruction that has a byte at `offset` of the block's section. */
uint64_t graph_instruction(const struct graph *g, struct boundary *w, uint32_t block, uint64_t offset);

/* The edge leads to where a function begins. */
bool graph_at_function(const struct graph *g, const struct edge *e);

/* Some pointer of a block leads into the middle of a function (`&&label`): the block is a part of that function. */
bool graph_holds_labels(const struct graph *g, uint32_t block);

/* It does so to take the function's address, not to call it; the edge leads to code. */
bool graph_takes_address(const struct graph *g, uint32_t reloc);

/* places.c: the places of all sections that something leads to, other than the instruction before. */
struct places;
const struct places *find_places(struct arena *a, const struct graph *g);

/*
 * Where the table around a relocation of data begins, in its section: the last place before that something refers to. A
 * distance from the table counts from there, and its relocation from itself.
 */
uint64_t table_start(const struct places *p, const struct block *b, uint64_t offset);

/* Control may come to this place from elsewhere, or a table is about it, other than unwind data. */
bool is_led_to(const struct places *p, uint32_t section, uint64_t offset);

/* Code that is reached from its function alone, and goes back there. */
static inline bool graph_is_outlined(const struct graph *g, uint32_t block)
{
	return g->blocks[block].outlined_from != NONE;
}

/* split_code.c: no-ops, traps or zeros: nothing that runs. */
bool is_code_padding(const struct object *o, const struct section *s, uint64_t start, uint64_t end);

#endif
