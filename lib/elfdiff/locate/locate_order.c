// SPDX-License-Identifier: GPL-2.0-or-later
/* locate_order.c - who lies beside whom, in the object and in the table: what locate_by_neighbours.c goes by */
#include <elf.h>
#include <string.h>

#include "locate/internal.h"
#include "elf/names.h"
#include "base/sort.h"

/* ---- the object's symbols as they lie in the kernel's sections ---- */

/* Length of the kernel's part of a section name that the compiler lengthened by the symbol's. */
static size_t class_length(const char *name)
{
	static const char *const classes[] = {
		".data.once",     ".data.unlikely",
		".text.unlikely", ".text.hot",
		".text.startup",  ".text.exit",
		".text",          ".data.rel.ro.local",
		".data.rel.ro",   ".data.rel.local",
		".data.rel",      ".data",
		".rodata",        ".bss",
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		size_t n = strlen(classes[i]);

		if (!strncmp(name, classes[i], n) && (!name[n] || (name[n] == '.' && name[n + 1] != '.')))
			return n;
	}
	return strlen(name);
}

struct class_list {
	struct arena *a;
	VEC(const char *) names; /* of the first section of each class */
	struct index by_name;
};

static uint32_t class_number(struct class_list *l, const char *section)
{
	size_t n = class_length(section);
	uint64_t h = hash_bytes(section, n);

	for (uint32_t i = index_first(&l->by_name, h); i != NONE; i = index_next(&l->by_name, i)) {
		const char *name = l->names.items[l->by_name.ids[i]];

		if (class_length(name) == n && !memcmp(name, section, n))
			return l->by_name.ids[i];
	}
	index_add(l->a, &l->by_name, h, l->names.count);
	*vec_push(l->a, &l->names) = section;
	return l->names.count - 1;
}

/* Three stable passes: by value, by section, by class. */
static void sort_object(struct arena *a, struct unit_place *p)
{
	const struct object *o = p->o;
	struct sort_key *keys = arena_array(a, o->symbol_count, struct sort_key);
	uint32_t n = 0;

	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (symbol_is_shown(p, i))
			keys[n++] = (struct sort_key){ o->symbols[i].value, i };
	sort_keys(a, keys, n);
	for (uint32_t i = 0; i < n; i++)
		keys[i].key = (uint64_t)p->class_of[keys[i].id] << 32 | o->symbols[keys[i].id].section;
	sort_keys(a, keys, n);
	p->order_count = n;
	for (uint32_t i = 0; i < n; i++) {
		p->order[i] = keys[i].id;
		p->rank[keys[i].id] = i;
	}
}

static bool has_many_files(const struct object *o)
{
	uint32_t files = 0;

	for (uint32_t i = 1; i < o->symbol_count; i++)
		files += o->symbols[i].type == STT_FILE;
	return files > 1;
}

static void order_object(struct arena *a, struct unit_place *p)
{
	const struct object *o = p->o;
	struct class_list classes = { .a = a };
	uint32_t *by_section = arena_array(a, o->section_count, uint32_t);

	p->order = arena_array(a, o->symbol_count, uint32_t);
	p->rank = arena_array(a, o->symbol_count, uint32_t);
	p->class_of = arena_array(a, o->symbol_count, uint32_t);
	for (uint32_t i = 1; i < o->section_count; i++)
		by_section[i] = class_number(&classes, o->sections[i].name);
	for (uint32_t i = 1; i < o->symbol_count; i++) {
		p->class_of[i] = by_section[o->symbols[i].section];
		p->rank[i] = NONE;
	}
	sort_object(a, p);
}

/* ---- the table as it lies in memory ---- */

/* A module's table is in the order of its symbol table. */
static void order_table(struct arena *a, struct unit_place *p)
{
	uint32_t n = p->t->entries.count;

	if (!p->t->order)
		return;
	p->table_rank = arena_array(a, n, uint32_t);
	for (uint32_t i = 0; i < n; i++)
		p->table_rank[symbol_table_at_rank(p->t, i)] = i;
}

/* Is the object in this kernel (or module) at all? Then nearly all of its names are. */
static bool is_part(const struct unit_place *p)
{
	uint32_t telling = 0, seen = 0;

	for (uint32_t i = 0; i < p->order_count; i++) {
		const struct symbol *s = &p->o->symbols[p->order[i]];

		if (!name_is_plain(s->name))
			continue;
		telling++;
		seen += next_fitting(p, s, NONE) != NONE;
	}
	return seen * 4 >= telling * 3;
}

void neighbours_prepare(struct arena *a, struct unit_place *p)
{
	p->many_files = has_many_files(p->o);
	order_object(a, p);
	order_table(a, p);
	p->is_part = is_part(p);
}
