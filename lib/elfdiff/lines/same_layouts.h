/* SPDX-License-Identifier: GPL-2.0-or-later */
/* same_layouts.h - whether there is anything for layouts_compare() to find */
#ifndef ELFDIFF_SAME_LAYOUTS_H
#define ELFDIFF_SAME_LAYOUTS_H

#include "elf/object.h"

/*
 * True: each structure and union of the patched object that the original has by its kind, name and unit is described there in
 * the same words, as are the types of its members, theirs, and so on up to structures that have a name. So libdw would find no
 * difference. False: there may be one.
 */
bool layouts_are_same(struct arena *a, const struct object *orig, const struct object *patched);

#endif
