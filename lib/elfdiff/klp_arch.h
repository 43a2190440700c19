/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klp_arch.h - tables that kernels 4.9 to 5.7 read late
 *
 * There the module loader reads .altinstructions and .parainstructions before
 * any KLP relocation is applied. Those of a patch stand in sections named
 * .klp.arch.<object>.<table>, which arch_klp_init_object_loaded() reads when
 * the relocations of that object are in place.
 */
#ifndef ELFDIFF_KLP_ARCH_H
#define ELFDIFF_KLP_ARCH_H

#include "model.h"

#define KLP_ARCH_PREFIX ".klp.arch."

/* A part of a section: up to the next part of the same section, or to its end. */
struct klp_table {
	uint32_t section; /* of the model */
	uint64_t start;   /* bytes */
	const char *object;
};

struct klp_tables {
	VEC(struct klp_table) list;
};

/* The name of a section that such kernels read late. */
bool klp_arch_is_late(const char *section);

/* A section that such kernels use by way of those tables alone. */
bool klp_arch_waits(const char *section);

/* Move each part into .klp.arch.<object>.<section>. What stands before the first part is the patch module's own. */
ELFDIFF_CHECKED enum elfdiff_status klp_arch_split(struct arena *a, struct diags *ds, const char *path, struct model *m,
						   struct klp_tables *tables);

/* Refuse KLP relocations of what such kernels read before any is applied, such as a jump label's key. */
ELFDIFF_CHECKED enum elfdiff_status klp_arch_check(struct arena *a, struct diags *ds, const char *path,
						   const struct model *m);

#endif
