/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared_names.c - what both objects call a function or variable
 *
 * What has several names may get another one or lose one, and its label may be
 * that one. The kernel has the names of the original; what is told of it is
 * told by a name that both objects have, if there is one.
 */
#include <elf.h>
#include <string.h>

#include "patch/internal.h"

/* The symbol of that name where the block's label stands, or NONE. A weak one may be another's. */
static uint32_t named_at_label(const struct graph *g, uint32_t block, const char *name)
{
	struct namesakes n = object_named(g->object, name);
	const struct symbol *label = block_label(g, block);

	while (next_namesake(&n)) {
		const struct symbol *s = &g->object->symbols[n.symbol];

		if (g->symbol_block[n.symbol] == block && s->value == label->value && s->bind != STB_WEAK)
			return n.symbol;
	}
	return NONE;
}

struct function_pair shared_name(const struct diff *d, uint32_t block)
{
	uint32_t twin = d->twins->of_patched[block], other;
	struct function_pair labels = { .orig = d->orig->blocks[twin].symbol,
					.patched = d->patched->blocks[block].symbol };
	const char *was = d->orig->object->symbols[labels.orig].name;
	const char *now = d->patched->object->symbols[labels.patched].name;

	if (!strcmp(was, now))
		return labels;
	other = named_at_label(d->patched, block, was);
	if (other != NONE)
		return (struct function_pair){ .orig = labels.orig, .patched = other };
	other = named_at_label(d->orig, twin, now);
	return other != NONE ? (struct function_pair){ .orig = other, .patched = labels.patched } : labels;
}
