/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - what the forms share */
#ifndef ELFDIFF_KLP_INTERNAL_H
#define ELFDIFF_KLP_INTERNAL_H

#include <string.h>

#include "klp/form_kpatch.h"
#include "klp/klp_arch.h"
#include "klp/model.h"

/* Two symbols of MODEL_KLP are the same thing of the kernel, looked up in the same way. */
static inline bool same_klp_target(const struct model_symbol *x, const struct model_symbol *y)
{
	return x->position == y->position && !strcmp(x->name, y->name) && !strcmp(x->klp_object, y->klp_object);
}

/* And at the same time. */
static inline bool same_klp_reference(const struct model_symbol *x, const struct model_symbol *y)
{
	return same_klp_target(x, y) && !strcmp(x->klp_when, y->klp_when);
}

/* --- form kpatch --------------------------------------------------------------- */

/* The model without KLP symbols, with records in their place. Borrows from `m`. */
void kpatch_encode(struct arena *a, const struct model *m, struct model *ret);

/* The model has records of this form. */
bool kpatch_has_records(const struct model *m);

/*
 * The model with KLP symbols, without records. With `klp_arch`, tables that
 * .kpatch.arch lists become .klp.arch.* sections. A record that makes no sense
 * is a failure; `path` names the file in diagnostics. Borrows from `m`.
 */
ELFDIFF_CHECKED enum elfdiff_status kpatch_decode(struct arena *a, struct diags *ds, const char *path,
						  const struct model *m, bool klp_arch, struct model *ret);

/* --- tables that kernels 4.9 to 5.7 read late ------------------------------------ */

/* A part of a section: up to the next part of the same section, or to its end. */
struct klp_table {
	uint32_t section; /* of the model */
	uint64_t start;   /* bytes */
	const char *object;
};

struct klp_tables {
	VEC(struct klp_table) list;
};

/* Move each part into .klp.arch.<object>.<section>. What stands before the first part is the patch module's own. */
ELFDIFF_CHECKED enum elfdiff_status klp_arch_split(struct arena *a, struct diags *ds, const char *path, struct model *m,
						   struct klp_tables *tables);

/* Refuse KLP relocations of what such kernels read before any is applied, such as a jump label's key. */
ELFDIFF_CHECKED enum elfdiff_status klp_arch_check(struct arena *a, struct diags *ds, const char *path,
						   const struct model *m);

#endif
