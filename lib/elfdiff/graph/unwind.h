/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unwind.h - the table that tells where frames are, for each place of code (ORC)
 *
 * It is the largest one that a kernel has, and nothing is asked of it but which entries the code of the output has. So its
 * entries are no blocks and have no edges: to the graph its sections are one block each, BLOCK_IGNORED and without
 * relocations, and who needs entries reads them here.
 *
 * An entry has one relocation, which leads to the place from which on it holds. What holds there says the record of the same
 * number in another section, which has no relocations (`special->parallel`). Source: orc_find() in
 * arch/<arch>/kernel/unwind_orc.c of Linux 4.14 to 7.2.
 */
#ifndef ELFDIFF_UNWIND_H
#define ELFDIFF_UNWIND_H

#include "graph/graph.h"

/* The relocation of an entry, 0 to g->unwind.count: one of the object, for the graph has none of these. */
const struct reloc *unwind_reloc(const struct graph *g, uint32_t entry);

/* Where it leads: to what stands at the place, whatever symbol the place is counted from. */
struct edge unwind_edge(const struct graph *g, uint32_t entry);

#endif
