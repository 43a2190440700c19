/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split.h - between the files that cut an object into blocks */
#ifndef ELFDIFF_SPLIT_H
#define ELFDIFF_SPLIT_H

#include "graph.h"

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

/* The section has relocations in [start, end). */
bool has_relocs(const struct object *o, const struct section *s, uint64_t start, uint64_t end);

/* Append a block; `symbol` is its label, or NONE. Valid until the next one. */
struct block *add_block(struct splitter *sp, uint32_t section, uint64_t start, uint64_t end, enum block_kind kind,
			uint32_t symbol);

/* split_labels.c: fills first_symbol, symbols, first_target, targets. */
void sort_labels(struct splitter *sp);
void find_targets(struct splitter *sp);

/* runtime_constants.c: an edge from each runtime constant to its variable, among the recovered relocations; all of these get into
 * order. The blocks are cut. */
void find_runtime_constants(struct splitter *sp);

/* split_code.c, split_data.c, split_table.c: cut one section. */
void split_text(struct splitter *sp, uint32_t section);
void split_data(struct splitter *sp, uint32_t section);
void split_strings(struct splitter *sp, uint32_t section);
void split_by_size(struct splitter *sp, uint32_t section, uint64_t step);
void split_payload(struct splitter *sp, uint32_t section);
void split_special(struct splitter *sp, uint32_t section, const struct special *row);

#endif
