/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h - does a finished object or module keep the kernel's contract? */
#ifndef ELFDIFF_CHECK_H
#define ELFDIFF_CHECK_H

#include "kernel/kernel_symbols.h"
#include "kernel/symvers.h"

/*
 * Every breach of what the kernel demands of a livepatch object becomes a
 * refusal; what could not be checked for want of symbols is one notice. `ks`
 * and `sv` may be empty. OK without a breach.
 */
ELFDIFF_CHECKED enum elfdiff_status check_file(struct arena *a, struct diags *ds, const char *path,
					       const struct kernel_symbols *ks, const struct symvers *sv);

#endif
