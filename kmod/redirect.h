/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redirect.h - functions that ftrace cannot redirect, redirected by kprobes
 */
#ifndef KPATCH_REDIRECT_H
#define KPATCH_REDIRECT_H

#include <linux/livepatch.h>

#include "kpatch-patch.h"

/*
 * A probe for each record from `first` to `end`. Calls go to the original until the patch is enabled, and again once it is
 * disabled or replaced; while its transition runs, as the calling task's state says. 0, or an error and no probe.
 */
int kpatch_add_redirects(const struct klp_patch *patch, const struct kpatch_patch_func *first,
			 const struct kpatch_patch_func *end);

/* Nobody is redirected any more when it returns. */
void kpatch_remove_redirects(void);

#endif
