/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * forget.c - the memory of tables that were read is given back
 *
 * Tables are a half of a large object. What relocations say is kept in another form, so that each table is given back before the
 * next ones are read: otherwise all of it would be there twice at the end.
 */
#include "file/internal.h"

enum { STEP = 1 << 20 }; /* bytes: so much is forgotten with one system call */

static void forget_span(struct loader *l)
{
	if (l->forget_from)
		forget_bytes(l->forget_from, (uint64_t)(l->forget_end - l->forget_from));
	l->forget_from = NULL;
}

/* Tables of a kind stand one behind the other, but for what aligns them. */
static bool goes_on(const struct loader *l, const uint8_t *from)
{
	return l->forget_from && from >= l->forget_end && from <= l->forget_end + sizeof(uint64_t) &&
	       l->forget_end - l->forget_from < STEP;
}

static void forget(struct loader *l, const uint8_t *from, uint64_t size)
{
	if (!l->forgets)
		return;
	if (!goes_on(l, from)) {
		forget_span(l);
		l->forget_from = from;
	}
	l->forget_end = from + size;
}

void load_forget_table(struct loader *l, uint32_t section)
{
	struct section *s = &l->o->sections[section];

	if (!l->forgets || !s->data)
		return;
	forget(l, s->data, s->size);
	s->data = NULL;
}

void load_forget_headers(struct loader *l)
{
	load_forget_table(l, l->symtab);
	forget(l, (const uint8_t *)l->headers, l->o->section_count * sizeof(*l->headers));
	forget_span(l);
}
