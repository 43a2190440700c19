/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - what a run found, in the records of elfdiff.h */
#ifndef ELFDIFF_RUN_INTERNAL_H
#define ELFDIFF_RUN_INTERNAL_H

#include "elfdiff.h"
#include "patch/resolve.h"

struct results {
	VEC(struct elfdiff_function) functions;
	VEC(struct elfdiff_item) items;
	VEC(struct elfdiff_reference) references;
};

void describe(const struct diff *d, const struct selection *s, const struct resolution *r, struct results *ret);

/*
 * same_source.c: two objects that are no builds of one thing are an error. The
 * first question needs the objects alone, the second one the twins.
 */
enum elfdiff_status check_same_thing(struct arena *a, struct diags *ds, const struct object *o, const struct object *p);
enum elfdiff_status check_in_common(const struct diff *d);

/* evidence.c: the first place that differs, in words. */
struct elfdiff_evidence describe_evidence(const struct diff *d, uint32_t block);

#endif
