/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/object.h"

#include <string.h>

uint32_t object_section(const struct object *o, const char *name, uint32_t after)
{
	for (uint32_t i = index_first(&o->section_by_name, hash_string(name)); i != NONE;
	     i = index_next(&o->section_by_name, i)) {
		uint32_t n = o->section_by_name.ids[i];

		if (n > after && !strcmp(o->sections[n].name, name))
			return n;
	}
	return 0;
}

struct namesakes object_named(const struct object *o, const char *name)
{
	return (struct namesakes){
		.o = o, .name = name, .entry = index_first(&o->symbol_by_name, hash_string(name)), .symbol = NONE
	};
}

bool next_namesake(struct namesakes *n)
{
	const struct index *ix = &n->o->symbol_by_name;

	for (; n->entry != NONE; n->entry = index_next(ix, n->entry))
		if (!strcmp(n->o->symbols[ix->ids[n->entry]].name, n->name)) {
			n->symbol = ix->ids[n->entry];
			n->entry = index_next(ix, n->entry);
			return true;
		}
	return false;
}

bool object_has(const struct object *o, const char *name)
{
	struct namesakes n = object_named(o, name);

	return next_namesake(&n);
}

const char *object_modinfo(const struct object *o, const char *key)
{
	return object_modinfo_after(o, key, NULL);
}

const char *object_modinfo_after(const struct object *o, const char *key, const char *value)
{
	const struct section *s = &o->sections[object_section(o, ".modinfo", 0)];
	const char *p = value ? value + strlen(value) + 1 : (const char *)s->data;
	const char *end = p ? (const char *)s->data + s->size : NULL;
	size_t n = strlen(key);

	while (p < end) {
		size_t length = strnlen(p, (size_t)(end - p));

		if (p + length == end)
			return NULL; /* not terminated */
		if (length > n && p[n] == '=' && !memcmp(p, key, n))
			return p + n + 1;
		p += length + 1;
	}
	return NULL;
}

uint32_t first_reloc_from(const struct reloc *relocs, uint32_t first, uint32_t count, uint64_t offset)
{
	uint32_t low = first, high = first + count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (relocs[mid].offset < offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

uint32_t object_first_reloc(const struct object *o, const struct section *s, uint64_t offset)
{
	return first_reloc_from(o->relocs, s->reloc_first, s->reloc_count, offset);
}

const struct reloc *object_reloc_at(const struct object *o, const struct section *s, uint64_t offset)
{
	uint32_t i = object_first_reloc(o, s, offset);

	return i < s->reloc_first + s->reloc_count && o->relocs[i].offset == offset ? &o->relocs[i] : NULL;
}
