/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope.h - which parts of two objects have to be looked at at all
 *
 * A unit of translation is reached from others by its global names alone. So what is the same in both objects, and
 * connected with nothing that differs by anything but a global name, is set aside: whatever becomes of the rest, its
 * verdict is `same`, and the rest can refer to it by its label. What is left is as large as the change, and every later
 * pass works on that.
 */
#ifndef ELFDIFF_SCOPE_H
#define ELFDIFF_SCOPE_H

#include "base/text_set.h"
#include "elf/object.h"

/* One of the objects, as scope_find() wants it: this may be done for both at once, with an arena for each. */
struct scope_side;
struct scope_side *scope_prepare(struct arena *a, const struct object *o);

/*
 * NULL: it would take longer than to look at all. `elsewhere`: global functions of which each use counts (see elfdiff_replace_callers()). Both objects are of one
 * architecture. The arena has to outlive the result, as have the objects, whose symbols and bytes it shares.
 */
struct scope;
struct scope *scope_find(struct arena *a, struct scope_side *orig, struct scope_side *patched,
			 const struct text_set *elsewhere);

/* So many are set aside in both, and nothing that is left refers to them. */
uint32_t scope_functions(const struct scope *scope);

/* What is left of one, with sections, relocations and object.asides of its own. This may be done for both at once. */
const struct object *scope_reduce(struct arena *a, const struct scope *scope, bool orig);

#endif
