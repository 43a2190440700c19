// SPDX-License-Identifier: GPL-2.0-or-later
#include "diags.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

static const char *copy(const char *text)
{
	return text ? memory_text(text, strlen(text)) : NULL;
}

void diags_add(struct diag_list *l, const struct elfdiff_diag *d)
{
	struct elfdiff_diag own = *d;

	own.id = copy(d->id);
	own.message = copy(d->message);
	own.object = copy(d->object);
	own.section = copy(d->section);
	own.symbol = copy(d->symbol);
	own.cause = copy(d->cause);
	own.hint = copy(d->hint);
	own.stub = copy(d->stub);
	l->items = memory_grow(l->items, l->count, &l->room, sizeof(*l->items));
	l->items[l->count++] = own;
}

void diags_add_run(struct diag_list *l, const struct elfdiff *run)
{
	for (size_t i = 0; i < elfdiff_diag_count(run); i++)
		diags_add(l, elfdiff_diag(run, i));
}

void diags_free(struct diag_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct elfdiff_diag *d = &l->items[i];
		const char *const texts[] = { d->id,     d->message, d->object, d->section,
					      d->symbol, d->cause,   d->hint,   d->stub };

		for (size_t k = 0; k < sizeof(texts) / sizeof(*texts); k++)
			free((char *)texts[k]);
	}
	free(l->items);
	*l = (struct diag_list){ 0 };
}
