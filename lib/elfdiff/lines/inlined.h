/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inlined.h - the lines from which the code at a place was inlined
 *
 * A line number that a macro hands to an inline function ends up in code whose
 * own line is in a header. DWARF keeps the line of the call with the inlined
 * body (DW_TAG_inlined_subroutine, DW_AT_call_line).
 */
#ifndef ELFDIFF_INLINED_H
#define ELFDIFF_INLINED_H

#include <stdbool.h>
#include <stdint.h>

#include "elf/object.h"

struct inlined;

/* NULL: no debug information that can be read. */
struct inlined *inlined_open(struct arena *a, const struct object *o);

/* Some function whose body stands at this place was inlined at this line. */
bool inlined_from(struct inlined *in, uint32_t section, uint64_t offset, uint32_t line);

#endif
