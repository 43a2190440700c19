/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines.h - which source line does a byte of code come from?
 *
 * Read from the object's own .debug_line (DWARF 2 to 5), relocated to sections
 * of the relocatable file. It proves that an immediate is a __LINE__.
 */
#ifndef ELFDIFF_LINES_H
#define ELFDIFF_LINES_H

#include "elf/object.h"

struct line_info;

/*
 * NULL when the object has no line table that can be read. Nothing is decoded
 * before the first question; the answers live as long as the arena. A damaged
 * table is read as far as it makes sense.
 */
const struct line_info *lines_open(struct arena *a, const struct object *o);

/* A row that stands at this section offset, or the row that covers it, has this line. `li` may be NULL. */
bool lines_at(const struct line_info *li, uint32_t section, uint64_t offset, uint32_t line);

/* Some row of the section has this line. `li` may be NULL. */
bool lines_in_section(const struct line_info *li, uint32_t section, uint32_t line);

#endif
