/* SPDX-License-Identifier: GPL-2.0-or-later */
/* content.h - do two blocks have the same content: bytes, and what their relocations lead to */
#ifndef ELFDIFF_CONTENT_H
#define ELFDIFF_CONTENT_H

#include "compare.h"

struct known_pair {
	uint32_t b, c;
	bool same;
	bool dropped; /* was found while something was taken for the same that is not */
};

struct comparer {
	struct arena *a;
	const struct graph *orig, *patched;
	const struct twins *twins;
	struct line_proof *lines; /* see line_proof.h */
	bool by_shape;            /* twins are not known yet: targets are the same when their shapes are */
	bool line_used;           /* a difference in line numbers was passed over */
	unsigned depth;           /* of content within content */
	struct index pairs;       /* what was compared already */
	VEC(struct known_pair) known;
};

/* Block b of the original against block c of the patched object; *ret is the
 * first place that differs. */
bool same_block(struct comparer *cmp, uint32_t b, uint32_t c, struct evidence *ret);

/* The bytes, relocations and special entries of two functions that share their blocks with others. */
bool same_function(struct comparer *cmp, uint32_t orig_symbol, uint32_t patched_symbol);

/* Both relocations lead to the same thing. */
bool same_target(struct comparer *cmp, uint32_t orig_reloc, uint32_t patched_reloc);

#endif
