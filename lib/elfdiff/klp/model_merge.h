/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_merge.h - one model of several, as `ld -r` makes one object of several */
#ifndef ELFDIFF_MODEL_MERGE_H
#define ELFDIFF_MODEL_MERGE_H

#include "klp/model.h"

struct model_part {
	const struct model *model;
	const char *path; /* of the object that it was made from, for messages */
};

/*
 * All parts have one machine, and patch one object. Sections of one name become one, in the order of the parts. What is
 * local stays so, under the name that it has. What a part refers to by a global name leads to the definition that one of
 * the parts has. REFUSED, with both places, where two define a name and neither is weak.
 */
ELFDIFF_CHECKED enum elfdiff_status model_merge(struct arena *a, struct diags *ds, const struct model_part *parts,
						uint32_t count, const struct model **ret);

#endif
