/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_extent.c - which bytes of a section the patch module takes for records
 *
 * A patch module finds its records between two symbols that its linker script
 * defines: those of kmod/patch.lds, or those of kpatch 0.9.11's kpatch.lds,
 * which also closes each section of callbacks with a word of zeros, to have
 * one even where there is no callback.
 */
#include "check/internal.h"

#include <string.h>

#include "kpatch-patch.h"

enum { TAIL = 8 };

static const struct {
	const char *section;
	uint64_t size;        /* of a record */
	bool closed;          /* a word of zeros may end the section */
	const char *start[2]; /* symbols; those of the ends are called the same, with _end */
} layouts[] = {
	{ KPATCH_FUNCS_SECTION, sizeof(struct kpatch_patch_func), false, { "kpatch_funcs", "__kpatch_funcs" } },
	{ KPATCH_REDIRECTS_SECTION,
	  sizeof(struct kpatch_patch_func),
	  false,
	  { "kpatch_redirects", "kpatch_redirects" } },
#define CALLBACKS(SECTION, kind)                                                                                       \
	{                                                                                                              \
		SECTION, sizeof(struct kpatch_patch_callback), true,                                                   \
		{                                                                                                      \
			"kpatch_" #kind, "__kpatch_callbacks_" #kind                                                   \
		}                                                                                                      \
	}
	CALLBACKS(KPATCH_PRE_PATCH_SECTION, pre_patch),
	CALLBACKS(KPATCH_POST_PATCH_SECTION, post_patch),
	CALLBACKS(KPATCH_PRE_UNPATCH_SECTION, pre_unpatch),
	CALLBACKS(KPATCH_POST_UNPATCH_SECTION, post_unpatch),
#undef CALLBACKS
};

static const struct symbol *symbol_in(const struct check *c, const struct section *s, const char *name)
{
	struct namesakes n = object_named(c->o, name);

	while (next_namesake(&n)) {
		const struct symbol *sym = &c->o->symbols[n.symbol];

		if (sym->place == SYMBOL_DEFINED && &c->o->sections[sym->section] == s)
			return sym;
	}
	return NULL;
}

static bool is_zero(const struct check *c, const struct section *s, uint64_t from, uint64_t to)
{
	uint32_t r = object_first_reloc(c->o, s, from);

	if (r < s->reloc_first + s->reloc_count && c->o->relocs[r].offset < to)
		return false;
	for (uint64_t i = from; s->data && i < to; i++)
		if (s->data[i])
			return false;
	return true;
}

/* Without a pair of symbols: the whole section, but for a closing word of zeros. */
static bool marked(const struct check *c, const struct section *s, const char *name, struct record_extent *ret)
{
	const struct symbol *start = symbol_in(c, s, name);
	const struct symbol *end = start ? symbol_in(c, s, arena_printf(c->a, "%s_end", name)) : NULL;

	if (!end)
		return false;
	ret->start = start->value;
	ret->end = end->value;
	return true;
}

static enum extent_flaw flaw_of(const struct check *c, const struct section *s, const struct record_extent *e)
{
	if (e->start > e->end)
		return EXTENT_MARKERS;
	if ((e->end - e->start) % e->size || (e->end > e->start && !s->data))
		return EXTENT_SIZE;
	if (!is_zero(c, s, 0, e->start) || !is_zero(c, s, e->end, s->size))
		return EXTENT_OUTSIDE;
	return EXTENT_OK;
}

bool record_extent(const struct check *c, const struct section *s, struct record_extent *ret)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
		if (strcmp(s->name, layouts[i].section))
			continue;
		*ret = (struct record_extent){ .size = layouts[i].size, .end = s->size };
		if (!marked(c, s, layouts[i].start[0], ret) && !marked(c, s, layouts[i].start[1], ret) &&
		    layouts[i].closed && s->size % ret->size == TAIL)
			ret->end -= TAIL;
		ret->flaw = flaw_of(c, s, ret);
		return true;
	}
	return false;
}
