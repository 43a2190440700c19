/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff.h - what the passes behind compare share: both sides and what is known of them */
#ifndef ELFDIFF_DIFF_H
#define ELFDIFF_DIFF_H

#include <string.h>

#include "base/text_set.h"
#include "compare/compare.h"

/* Changes of init and exit code and data that the user wants to be left out: see elfdiff_set_skip_init(). */
struct skip_init {
	bool all;
	VEC(const char *) names;
	bool elsewhere; /* what neither object has, another one may have */
};

struct diff {
	struct arena *a;
	struct diags *ds;
	const struct graph *orig, *patched;
	const struct twins *twins;
	const struct verdicts *verdicts;
	const char *object;               /* the patched object: "vmlinux", "ext4" */
	const struct text_set *elsewhere; /* see elfdiff_replace_callers() */
	bool positions_from_one;          /* of unique local functions: see elfdiff_set_positions_from_one() */
	const struct skip_init *skip_init;
	bool kprobe_redirect; /* see elfdiff_set_kprobe_redirect() */
	bool core;            /* a core finds what is not exported, when the loader is through: elfdiff_set_core() */
	bool klp_arch;        /* for kernels that apply every KLP relocation late: see elfdiff_set_klp_arch() */
};

/* The user states that each object whose code refers to this function of the kernel is told so, in one patch. */
static inline bool is_covered_elsewhere(const struct diff *d, const char *name)
{
	return text_set_has(d->elsewhere, name, strlen(name));
}

/* origin.c: where a changed block of the patched object differs by what it refers to: down to what changed itself; or NULL. */
const char *origin_of(const struct diff *d, uint32_t block);

/* A diagnostic about a block of the patched object: object, section and symbol filled in. */
struct elfdiff_diag diag_of_block(const struct diff *d, uint32_t block, enum elfdiff_severity severity, const char *id);

#endif
