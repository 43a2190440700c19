/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outputs.h - one object for each patched object, of all its units that changed */
#ifndef CREATE_DIFF_OBJECT_OUTPUTS_H
#define CREATE_DIFF_OBJECT_OUTPUTS_H

#include "diags.h"
#include "options.h"
#include "units.h"

struct output {
	const char *object;           /* "vmlinux", "ext4" */
	char *path, *temporary;       /* in the output directory */
	const struct elfdiff **parts; /* the units' runs, in order of their paths */
	size_t count, room;
	struct elfdiff *run; /* of the merged patch */
	bool written;
};

struct outputs {
	struct output *items; /* in order of the first unit of each */
	size_t count, room;
	struct diag_list diags;
};

/* Merge what changed. OK, REFUSED or ERROR, with diagnostics. */
enum elfdiff_status outputs_merge(struct outputs *outs, const struct units *units, const struct options *o,
				  const struct elfdiff *kernel);
/* Write all of them, or nothing. OK or ERROR, with diagnostics, or after reporting it. */
enum elfdiff_status outputs_write(struct outputs *outs, const struct options *o);
void outputs_free(struct outputs *outs);

#endif
