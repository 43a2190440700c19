/* SPDX-License-Identifier: GPL-2.0-or-later */
/* short_jumps.h - jumps that are shorter in the kernel than in an object with a section for each function */
#ifndef ELFDIFF_SHORT_JUMPS_H
#define ELFDIFF_SHORT_JUMPS_H

#include "graph/graph.h"

/*
 * Some jump of the function leads to another one of its source that is so near, where both stand in one section, that the
 * assembler may have taken the short form. Then what is behind it stands elsewhere in the kernel.
 */
bool has_open_jump(const struct graph *g, uint32_t symbol);

#endif
