/* SPDX-License-Identifier: GPL-2.0-or-later */
/* anchors.h - addresses that a function gets in another way than in the kernel, where each variable has a section */
#ifndef ELFDIFF_ANCHORS_H
#define ELFDIFF_ANCHORS_H

#include "graph/graph.h"

/* The function refers to data of its unit that the compiler may address from an anchor where data share a section. */
bool has_open_anchor(const struct graph *g, uint32_t symbol);

#endif
