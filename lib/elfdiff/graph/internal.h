/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - between the files that split an object into blocks */
#ifndef ELFDIFF_GRAPH_INTERNAL_H
#define ELFDIFF_GRAPH_INTERNAL_H

#include "elf/labels.h"
#include "graph/graph.h"

struct code_range {
	uint64_t start, end;
	bool fused; /* more than one function */
	bool piece; /* code between functions, without a label */
	bool copied; /* a piece that no relocation leads to but those of entries, which say that it ends here at the latest */
	uint32_t symbol; /* NONE: no label */
};

/* split.c: where the functions of a code section begin, from its symbols. */
struct code_ranges {
	VEC(struct code_range) list;
	VEC(uint32_t) past_entry; /* symbols: functions that lead into others past their ftrace locations */
};

/* branches.c: find branches between the functions of a code section that no
 * relocation fills in. Those that a relocation can express are appended to
 * `found`; functions that cannot be parted are fused in `ranges`. */
struct found_relocs {
	VEC(struct reloc) list;
};
void recover_branches(struct arena *a, const struct object *o, uint32_t section, struct code_ranges *ranges,
		      struct found_relocs *found);

/* edges.c: fills edges, owners, entries of a graph whose blocks are there. */
void resolve_edges(struct arena *a, struct graph *g);

/* lock_keys.c: those of which code proves nothing but a name and a size are variables; the graph is there. */
void find_lock_keys(struct arena *a, struct graph *g);

/* edges.c: the edge to a place, an offset in a section with code or data; .block NONE: the section has none. */
struct edge edge_to_place(const struct graph *g, uint32_t section, uint64_t offset);

/* distances.c: edges of tables that count from their start lead from there; the blocks' edges are there as they stand. */
void anchor_distances(struct arena *a, struct graph *g);

struct target {
	uint64_t offset;
	uint64_t size; /* of the piece there, bytes, where an entry tells it; 0: it is not known */
	bool empty;    /* a piece without bytes stands there */
};

/* What a relocation of a table's entry says about a piece of another section. */
enum piece_edge {
	PIECE_AT,    /* it is there, or nothing is known */
	PIECE_END,   /* it ends there */
	PIECE_EMPTY, /* it has no bytes */
};

/* extents.c: `start` and `size` are of the relocation's entry, in bytes. */
enum piece_edge piece_edge_of(const struct object *o, const struct special *row, uint64_t start, uint64_t size,
			      const struct reloc *r);

/* extents.c: how many bytes the piece has that the relocation leads to, where a field tells; else 0. */
uint64_t piece_size_of(const struct object *o, const struct special *row, uint64_t start, uint64_t size,
		       const struct reloc *r);

struct splitter {
	struct arena *a;
	struct diags *ds;
	struct graph *g;
	const struct object *o;
	const struct entry_sizes *sizes;
	const struct special **rows; /* by section: what is special about it, or NULL */
	bool *per_cpu;               /* by section */
	VEC(struct block) blocks;
	struct block *scrap; /* there were too many: a failure */
	struct labels labels;
	uint32_t *first_target; /* by section: offsets that relocations refer to, in `targets` */
	struct target *targets;
	uint64_t *strides; /* by section: bytes of a table's entry; 0: none, or not known */
	struct found_relocs recovered;
};

/* The section has relocations in [start, end). */
bool has_relocs(const struct object *o, const struct section *s, uint64_t start, uint64_t end);

/* Append a block; `symbol` is its label, or NONE. Valid until the next one. Beyond the limit, a failure. */
struct block *add_block(struct splitter *sp, uint32_t section, uint64_t start, uint64_t end, enum block_kind kind,
			uint32_t symbol);

/* The section has a row of that kind. */
bool is_special(const struct splitter *sp, uint32_t section, enum special_kind kind);

/* split_targets.c: fills first_target, targets. */
void find_targets(struct splitter *sp);

/* runtime_constants.c: an edge from each runtime constant to its variable, among the recovered relocations; all of these get into
 * order. The blocks are there. */
void find_runtime_constants(struct splitter *sp);

/* check_blocks.c: that blocks cover their sections, then that their relocations lie inside, and with edges that entries
 * of tables are about code that is there; else a failure. */
bool blocks_cover(struct splitter *sp);
bool relocs_fit(struct splitter *sp);
bool owners_exist(struct splitter *sp);

/* split_code.c, split_data.c, split_table.c: split one section. */
void split_text(struct splitter *sp, uint32_t section);
void split_data(struct splitter *sp, uint32_t section);
void split_strings(struct splitter *sp, uint32_t section, enum block_kind string);
void split_by_size(struct splitter *sp, uint32_t section, uint64_t step);
void find_strides(struct splitter *sp); /* before the targets */
/* split_table.c: the size that the user states of the entries of sections of that name, bytes; 0: none. */
uint64_t stated_size(const struct entry_sizes *sizes, const char *section);
/* split_table.c: warns of a stated size, which is not the one that was found, and why that one is right. */
void contradicted(struct splitter *sp, const struct section *s, uint64_t stated, uint64_t found, const char *cause);
/* unwind.c: fills graph.unwind, once its section comes. */
void split_unwind(struct splitter *sp, uint32_t section, const struct special *row);
void split_pieces(struct splitter *sp, uint32_t section, enum block_kind kind);
/* Entries that no patch has: by their labels, or of `stride` bytes each where there are none. */
void split_left_out(struct splitter *sp, uint32_t section, uint64_t stride);
void split_special(struct splitter *sp, uint32_t section, const struct special *row);

#endif
