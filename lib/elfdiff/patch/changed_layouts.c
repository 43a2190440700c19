/* SPDX-License-Identifier: GPL-2.0-or-later */
/* changed_layouts.c - structures of which what lives has the original's layout */
#include "lines/layouts.h"
#include "patch/select.h"

void warn_changed_layouts(const struct diff *d)
{
	struct layout_changes changes = { 0 };

	layouts_compare(d->a, d->orig->object, d->patched->object, &changes);
	for (uint32_t i = 0; i < changes.list.count; i++) {
		const struct layout_change *c = &changes.list.items[i];

		diag_add(
			d->ds,
			(struct elfdiff_diag){
				.severity = ELFDIFF_WARNING,
				.id = "layout-changed",
				.object = d->patched->object->path,
				.cause = arena_printf(
					d->a,
					"%s%s%sin %s; what lives has the original's layout, and functions that are "
					"not patched go by it",
					c->place ? "declared at " : "", c->place ? c->place : "", c->place ? ", " : "",
					c->units),
				.hint = "keep the layout, and what is new in a shadow variable (klp_shadow_alloc()), unless no "
					"object of the type lives on when a function returns" },
			"`%s` has another layout: %s", c->type, c->what);
	}
}
