/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assemble.h - the output as a model: what was selected, laid out, with its references */
#ifndef ELFDIFF_ASSEMBLE_H
#define ELFDIFF_ASSEMBLE_H

#include "model_build.h"
#include "resolve.h"

const struct model *assemble(const struct diff *d, const struct selection *s, const struct resolution *r);

/* --- between the files that assemble --- */

struct assembler {
	const struct diff *d;
	const struct graph *g; /* the patched object's */
	const struct selection *s;
	const struct resolution *r;
	struct model_builder b;
	uint32_t *section_of; /* by block: model section, 0 when it is not in the output */
	uint64_t *offset_of;  /* by block: its place there */
	uint32_t *symbol_of;  /* by symbol of the patched object: symbol of the builder, 0 when it has none */
};

/* records.c: .kpatch.funcs, .kpatch.callbacks.*, .kpatch.strings, .modinfo. */
void write_records(struct assembler *as);

#endif
