/* SPDX-License-Identifier: GPL-2.0-or-later */
/* line_proof.h - is a difference between two instructions one of __LINE__ alone? */
#ifndef ELFDIFF_LINE_PROOF_H
#define ELFDIFF_LINE_PROOF_H

#include "graph.h"

struct line_proof;

struct line_proof *line_proof_new(struct arena *a, const struct graph *orig, const struct graph *patched);

/*
 * The bytes at `offset` (from the blocks' starts) differ. True when they belong
 * to an immediate that is a line number on both sides: proven from the line
 * tables where both objects have them, otherwise by a callee that is known to
 * take one. *resume is then the offset behind the instruction.
 */
bool line_proof_at(struct line_proof *p, uint32_t b, uint32_t c, uint64_t offset, uint64_t *resume);

/*
 * The strings that a relocation of the two functions refers to differ. True when
 * they do so in a line number behind the name of a source file ("a.c:12", as
 * FORTIFY_SOURCE makes them), proven in the same way.
 */
bool line_proof_string(struct line_proof *p, uint32_t b, uint32_t c, uint64_t offset, const char *orig,
		       const char *patched);

#endif
