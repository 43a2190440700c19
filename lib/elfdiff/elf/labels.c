/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/labels.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "elf/names.h"

static bool is_label(const struct symbol *s)
{
	return s->place == SYMBOL_DEFINED && s->type != STT_SECTION && s->type != STT_FILE && !name_is_marker(s->name);
}

/* Which of several symbols at one place is the label: smaller is better. A weak name may be another's in the kernel. */
static unsigned label_rank(const struct symbol *s)
{
	unsigned rank = s->bind == STB_GLOBAL ? 0 : s->bind == STB_WEAK ? 2 : 1;

	if (s->type == STT_NOTYPE)
		rank += 4;
	if (name_is_prefix_symbol(s->name))
		rank += 8;
	return rank;
}

static int by_place(const void *a, const void *b, void *arg)
{
	const struct symbol *symbols = arg;
	const struct symbol *x = &symbols[*(const uint32_t *)a], *y = &symbols[*(const uint32_t *)b];

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (label_rank(x) != label_rank(y))
		return label_rank(x) < label_rank(y) ? -1 : 1;
	return (x > y) - (x < y);
}

static void list_labels(const struct object *o, const struct labels *l, uint32_t *next)
{
	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (is_label(&o->symbols[i]))
			l->symbols[next[o->symbols[i].section]++] = i;
}

bool symbol_starts_function(const struct symbol *s)
{
	return s->type == STT_FUNC || s->type == STT_GNU_IFUNC || (s->type == STT_NOTYPE && s->bind != STB_LOCAL);
}

static bool is_sorted(const struct object *o, const struct labels *l, uint32_t section)
{
	for (uint32_t i = l->first[section] + 1; i < l->first[section + 1]; i++)
		if (by_place(&l->symbols[i - 1], &l->symbols[i], o->symbols) > 0)
			return false;
	return true;
}

struct labels labels_of(struct arena *a, const struct object *o)
{
	struct labels l = { .first = arena_array(a, o->section_count + 1, uint32_t) };
	uint32_t *next = arena_array(a, o->section_count + 1, uint32_t);

	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (is_label(&o->symbols[i]))
			l.first[o->symbols[i].section + 1]++;
	for (uint32_t s = 0; s < o->section_count; s++)
		l.first[s + 1] += l.first[s];
	memcpy(next, l.first, (o->section_count + 1) * sizeof(*next));
	l.symbols = arena_array(a, l.first[o->section_count] + 1, uint32_t);
	list_labels(o, &l, next);
	for (uint32_t s = 0; s < o->section_count; s++)
		if (label_count(&l, s) > 1 && !is_sorted(o, &l, s))
			qsort_r(l.symbols + l.first[s], label_count(&l, s), sizeof(*l.symbols), by_place, o->symbols);
	return l;
}
