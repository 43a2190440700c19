/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diags.h - diagnostics that outlive the run that gave them, or that the command itself has */
#ifndef CREATE_DIFF_OBJECT_DIAGS_H
#define CREATE_DIFF_OBJECT_DIAGS_H

#include "elfdiff.h"

struct diag_list {
	struct elfdiff_diag *items; /* with strings of their own */
	size_t count, room;
};

void diags_add(struct diag_list *l, const struct elfdiff_diag *d);
/* Those of a run, all of them. */
void diags_add_run(struct diag_list *l, const struct elfdiff *run);
void diags_free(struct diag_list *l);

#endif
