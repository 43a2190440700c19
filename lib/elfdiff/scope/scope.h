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

struct scope {
	const struct object *orig, *patched; /* with sections, relocations and object.asides of their own */
	uint32_t functions; /* so many are set aside in both, and nothing that is left refers to them */
};

/* One of the objects, as scope_find() wants it: this may be done for both at once, with an arena for each. */
struct scope_side;
struct scope_side *scope_prepare(struct arena *a, const struct object *o);

/*
 * False: it would take longer than to look at all. `elsewhere`: global functions of which each use counts (see elfdiff_replace_callers()). Both objects are of one
 * architecture. The arena has to outlive the result, as have the objects, whose symbols and bytes it shares.
 */
bool scope_find(struct arena *a, struct scope_side *orig, struct scope_side *patched, const struct text_set *elsewhere,
		struct scope *ret);

#endif
