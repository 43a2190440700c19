/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diag.h - what went wrong or is worth knowing: the list of a run */
#ifndef ELFDIFF_DIAG_H
#define ELFDIFF_DIAG_H

#include "elfdiff.h"
#include "base/vec.h"

struct diags {
	struct arena *arena;
	VEC(struct elfdiff_diag) list;
	uint32_t refusals, failures; /* how many of each severity */
};

/*
 * Add a diagnostic. `d` has the severity, the id and what else applies; the
 * message is formatted. Its strings are kept as they are: literals, or in the
 * run's arena.
 *
 *	diag_add(diags, (struct elfdiff_diag){ .severity = ELFDIFF_REFUSAL,
 *		 .id = "data-changed", .object = path, .symbol = name,
 *		 .cause = "...", .hint = "..." }, "`%s` changed its size", name);
 */
void diag_add(struct diags *ds, struct elfdiff_diag d, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* ERROR when there is a failure, else REFUSED when there is a refusal, else OK. */
ELFDIFF_CHECKED enum elfdiff_status diag_status(const struct diags *ds);

#endif
