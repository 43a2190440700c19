// SPDX-License-Identifier: GPL-2.0-or-later
#include "diags.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define TEXT(member) offsetof(struct elfdiff_diag, member)
static const size_t texts[] = { TEXT(id),    TEXT(message), TEXT(object), TEXT(section), TEXT(symbol),
				TEXT(cause), TEXT(hint),    TEXT(origin), TEXT(stub) };
enum { TEXTS = sizeof(texts) / sizeof(*texts) };

/* What is no text: severity, has_offset and offset. */
_Static_assert(sizeof(struct elfdiff_diag) == TEXTS * sizeof(char *) + 3 * sizeof(uint64_t), "each text is copied");

static char **text_of(struct elfdiff_diag *d, unsigned i)
{
	return (char **)((char *)d + texts[i]);
}

void diags_add(struct diag_list *l, const struct elfdiff_diag *d)
{
	struct elfdiff_diag own = *d;

	for (unsigned i = 0; i < TEXTS; i++) {
		const char *text = *text_of(&own, i);

		*text_of(&own, i) = text ? memory_text(text, strlen(text)) : NULL;
	}
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
	for (size_t i = 0; i < l->count; i++)
		for (unsigned k = 0; k < TEXTS; k++)
			free(*text_of(&l->items[i], k));
	free(l->items);
	*l = (struct diag_list){ 0 };
}
