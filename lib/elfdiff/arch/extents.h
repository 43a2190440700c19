/* SPDX-License-Identifier: GPL-2.0-or-later */
/* extents.h - pieces of other sections that entries of tables name */
#ifndef ELFDIFF_EXTENTS_H
#define ELFDIFF_EXTENTS_H

#include "arch/special.h"
#include "elf/object.h"

/* What a relocation of a table's entry says about a piece of another section. */
enum piece_edge {
	PIECE_AT,    /* it is there, or nothing is known */
	PIECE_END,   /* it ends there */
	PIECE_EMPTY, /* it has no bytes */
};

/* `start` and `size` are of the relocation's entry, in bytes. */
enum piece_edge piece_edge_of(const struct object *o, const struct special *row, uint64_t start, uint64_t size,
			      const struct reloc *r);

/* How many bytes the piece has that the relocation leads to, where a field tells; else 0. */
uint64_t piece_size_of(const struct object *o, const struct special *row, uint64_t start, uint64_t size,
		       const struct reloc *r);

#endif
