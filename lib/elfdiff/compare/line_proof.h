/* SPDX-License-Identifier: GPL-2.0-or-later */
/* line_proof.h - is a difference between two instructions one of __LINE__ alone? */
#ifndef ELFDIFF_LINE_PROOF_H
#define ELFDIFF_LINE_PROOF_H

#include "graph/graph.h"

struct line_proof;

struct line_proof *line_proof_new(struct arena *a, const struct graph *orig, const struct graph *patched);

#endif
