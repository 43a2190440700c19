/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entry_size.h - how long the entries of a special table are
 *
 * Every entry has its first relocation in the same place, leading to what it is about, and the whole agrees. The object is
 * what the kernel reads, so it is asked, and not the headers that it was compiled with.
 */
#ifndef ELFDIFF_ENTRY_SIZE_H
#define ELFDIFF_ENTRY_SIZE_H

#include "arch/special.h"
#include "elf/labels.h"

/* Bytes of one entry, as the section states it or as its relocations repeat; 0: they do not. */
uint64_t entry_size_found(const struct object *o, const struct labels *l, uint32_t section, const struct special *row);

/* The same, by the relocations alone. */
uint64_t entry_size_by_relocs(const struct object *o, const struct labels *l, uint32_t section,
			      const struct special *row);

/* Somebody states a size: does the object allow it? Without relocations it says nothing. */
bool entry_size_allows(const struct object *o, const struct labels *l, uint32_t section, const struct special *row,
		       uint64_t size);

/* A table of entries that are about places in code. */
static inline bool special_is_table(const struct special *row)
{
	return row->kind == SPECIAL_TABLE || row->kind == SPECIAL_TRACE || row->kind == SPECIAL_RUNTIME ||
	       (row->kind == SPECIAL_KEPT && row->relocs);
}

#endif
