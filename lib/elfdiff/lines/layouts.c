/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines/layouts.h"

#include <dwarf.h>
#include <string.h>

#include "lines/dwarf_file.h"
#include "lines/dwarf_type.h"
#include "lines/layout_keys.h"
#include "lines/same_layouts.h"

struct layout {
	struct dwarf_type type;
	const char *source; /* its unit's name */
};

struct member {
	const char *name;
	uint64_t start; /* bits */
	uint64_t bits;  /* of a bit field, or 0 */
	struct dwarf_type type;
};

struct members {
	VEC(struct member) list;
};

struct side {
	struct arena *a;
	bool big_endian;
	struct layout_keys keys;
	VEC(struct layout) layouts; /* by key */
	struct members members;     /* of the type that is compared */
	uint64_t left; /* members that may still be listed: types that share members must not multiply them */
};

/* ---- whether there is anything to compare ---------------------------------------------- */

static bool same_bytes(const struct section *x, const struct section *y)
{
	return x->size == y->size && x->type == y->type && !x->data == !y->data &&
	       (!x->data || !memcmp(x->data, y->data, x->size));
}

/* Sections of one name, one after the other. */
static bool same_sections(const struct object *o, const struct object *p, const char *name)
{
	uint32_t i = 0, j = 0;

	do {
		i = object_section(o, name, i);
		j = object_section(p, name, j);
		if (!i != !j || (i && !same_bytes(&o->sections[i], &p->sections[j])))
			return false;
	} while (i);
	return true;
}

/* What types are read from. Relocations, too: names are offsets that they fill in. */
static bool same_debug_information(const struct object *o, const struct object *p)
{
	static const char *const names[] = { ".debug_info",       ".rela.debug_info",       ".debug_abbrev",
					     ".debug_str",        ".debug_str_offsets",     ".debug_types",
					     ".rela.debug_types", ".rela.debug_str_offsets" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!same_sections(o, p, names[i]))
			return false;
	return true;
}

/* ---- types of one side -------------------------------------------------------------------- */

/* A structure or union with a name, or a typedef of one without. */
static void add_type(struct side *s, const char *unit, const char *source, Dwarf_Die *die)
{
	struct layout l = { .source = source };
	int tag = dwarf_tag(die);

	if (tag != DW_TAG_structure_type && tag != DW_TAG_union_type && tag != DW_TAG_typedef)
		return;
	if (!dwarf_type_read(die, &l.type) || !dwarf_type_has_members(&l.type) || !l.type.name ||
	    dwarf_hasattr(&l.type.die, DW_AT_declaration) || (tag == DW_TAG_typedef && dwarf_diename(&l.type.die)))
		return;
	if (layout_keys_add(s->a, &s->keys, (struct layout_key){ l.type.tag, l.type.name, unit }))
		*vec_push(s->a, &s->layouts) = l;
}

static bool read_side(struct arena *a, const struct object *o, struct side *ret)
{
	Dwfl_Module *module = dwarf_file_open(a, o);
	Dwarf_Die *cu = NULL, die;
	Dwarf_Addr bias;
	uint32_t units = 0;

	*ret = (struct side){ .a = a, .left = o->image_size / 4, .big_endian = o->big_endian };
	while (module && (cu = dwfl_module_nextcu(module, cu, &bias)))
		units++;
	while (module && (cu = dwfl_module_nextcu(module, cu, &bias))) {
		const char *source = dwarf_diename(cu);

		source = source ? source : "";
		if (dwarf_child(cu, &die))
			continue;
		do {
			add_type(ret, units == 1 ? "" : source, source, &die);
		} while (!dwarf_siblingof(&die, &die));
	}
	return ret->layouts.count;
}

/* ---- members ------------------------------------------------------------------------------- */

/* Of a bit field: its distance from the start, or (DWARF 3) that of its high end from the high end of what it is loaded with. */
static uint64_t bit_place(const struct side *s, Dwarf_Die *die, const struct member *m)
{
	uint64_t bit = 0, loaded = 0;

	if (dwarf_number(die, DW_AT_data_bit_offset, &bit) || !dwarf_number(die, DW_AT_bit_offset, &bit))
		return bit;
	if (!dwarf_number(die, DW_AT_byte_size, &loaded))
		dwarf_type_size(&m->type, &loaded);
	return s->big_endian ? bit : 8 * loaded - bit - m->bits;
}

static void place_of(const struct side *s, Dwarf_Die *die, struct member *m)
{
	uint64_t at = 0;

	dwarf_number(die, DW_AT_data_member_location, &at);
	dwarf_number(die, DW_AT_bit_size, &m->bits);
	m->start = 8 * at + (m->bits ? bit_place(s, die, m) : 0);
}

/* Deeper than anybody nests structures. */
enum { NESTED = 8 };

static const char *joined(struct side *s, const char *prefix, const char *name)
{
	return !name ? prefix : *prefix ? arena_printf(s->a, "%s.%s", prefix, name) : name;
}

/* What has no name of its own, such as `struct { int x; } inner`, is a part of what it stands in. */
/* NOLINTNEXTLINE(misc-no-recursion): NESTED deep */
static bool list_members(struct side *s, Dwarf_Die *type, const char *prefix, uint64_t base, unsigned depth,
			 struct members *ret)
{
	Dwarf_Die die;

	if (dwarf_child(type, &die))
		return true;
	do {
		struct member m = { 0 };

		if (dwarf_tag(&die) != DW_TAG_member)
			continue;
		if (!s->left-- || !dwarf_type_of(&die, &m.type))
			return false;
		place_of(s, &die, &m);
		m.start += base;
		m.name = joined(s, prefix, dwarf_diename(&die));
		if (!dwarf_type_has_members(&m.type) || m.type.name)
			*vec_push(s->a, &ret->list) = m;
		else if (depth == NESTED || !list_members(s, &m.type.die, m.name, m.start, depth + 1, ret))
			return false;
	} while (!dwarf_siblingof(&die, &die));
	return true;
}

/* ---- comparing ----------------------------------------------------------------------------- */

static bool is_integer(struct dwarf_type *t)
{
	uint64_t encoding = 0;

	if (t->tag == DW_TAG_enumeration_type)
		return true;
	return t->tag == DW_TAG_base_type && dwarf_number(&t->die, DW_AT_encoding, &encoding) &&
	       encoding != DW_ATE_float && encoding != DW_ATE_complex_float;
}

static bool same_size(const struct dwarf_type *x, const struct dwarf_type *y)
{
	uint64_t m = 0, n = 0;

	return dwarf_type_size(x, &m) == dwarf_type_size(y, &n) && m == n;
}

/* As far as memory goes. What has a name is compared where it is defined; `void *` may be any pointer to data. */
static bool same_kind(struct dwarf_type x, struct dwarf_type y)
{
	for (unsigned depth = 0; depth < NESTED; depth++) {
		bool pointer = x.tag == DW_TAG_pointer_type;

		if (is_integer(&x) && is_integer(&y))
			return true;
		if (x.tag != y.tag)
			return false;
		if (dwarf_type_has_members(&x))
			return !x.name == !y.name && (!x.name || !strcmp(x.name, y.name));
		if (!pointer && x.tag != DW_TAG_array_type)
			return true;
		if (!dwarf_type_of(&x.die, &x) || !dwarf_type_of(&y.die, &y))
			return false;
		if (pointer && (!x.tag || !y.tag) && x.tag != DW_TAG_subroutine_type && y.tag != DW_TAG_subroutine_type)
			return true;
		if (pointer && is_integer(&x) && is_integer(&y) && !same_size(&x, &y))
			return false;
	}
	return true;
}

static bool same_member(const struct member *x, const struct member *y)
{
	return x->start == y->start && x->bits == y->bits &&
	       (x->bits || (same_kind(x->type, y->type) && same_size(&x->type, &y->type)));
}

static const char *kind_text(struct arena *a, struct dwarf_type t)
{
	struct dwarf_type to;
	uint64_t size = 0;

	if (t.tag == DW_TAG_pointer_type && dwarf_type_of(&t.die, &to)) {
		if (dwarf_type_has_members(&to) && to.name)
			return arena_printf(a, "a pointer to `%s`", to.name);
		return to.tag == DW_TAG_subroutine_type ? "a pointer to a function" : "a pointer";
	}
	if (dwarf_type_has_members(&t) && t.name)
		return arena_printf(a, "a `%s`", t.name);
	dwarf_type_size(&t, &size);
	return arena_printf(a, "%s of %llu bytes",
			    t.tag == DW_TAG_array_type ? "an array"
			    : is_integer(&t)           ? "a number"
						       : "something",
			    (unsigned long long)size);
}

static const char *place_text(struct arena *a, const struct member *m)
{
	return m->start % 8 || m->bits ? arena_printf(a, "bit %llu", (unsigned long long)m->start)
				       : arena_printf(a, "offset %llu", (unsigned long long)m->start / 8);
}

static const char *width_text(struct arena *a, const struct member *m)
{
	return m->bits ? arena_printf(a, "%llu bits", (unsigned long long)m->bits) : "all bits of its type";
}

/* What differs between members that are not the same. */
static const char *difference(struct arena *a, const struct member *x, const struct member *y)
{
	uint64_t m = 0, n = 0;

	if (x->start != y->start)
		return arena_printf(a, "`%s` moves from %s to %s", y->name, place_text(a, x), place_text(a, y));
	if (x->bits != y->bits)
		return arena_printf(a, "`%s` has %s instead of %s", y->name, width_text(a, y), width_text(a, x));
	if (!same_kind(x->type, y->type))
		return arena_printf(a, "`%s` is %s, and was %s", y->name, kind_text(a, y->type), kind_text(a, x->type));
	dwarf_type_size(&x->type, &m);
	dwarf_type_size(&y->type, &n);
	return arena_printf(a, "`%s` changes from %llu to %llu bytes", y->name, (unsigned long long)m,
			    (unsigned long long)n);
}

/* One type on both sides; members are looked for by name, or where they stand. */
struct pairing {
	struct arena *a;
	struct member *x, *y;
	uint32_t x_count, y_count;
	struct index by_name, by_place; /* of x */
	bool *paired;                   /* by member of x */
	const char *first;              /* difference */
	unsigned more;
};

static void tell(struct pairing *p, const char *text)
{
	if (!text)
		return;
	p->more += p->first != NULL;
	p->first = p->first ? p->first : text;
}

/* In C no two members have a name, and hardly any a place, in common. What has more of them is not looked at to its end. */
enum { CANDIDATES = 16 };

static uint32_t named(const struct pairing *p, const struct member *y)
{
	uint32_t e = index_first(&p->by_name, hash_string(y->name));

	for (unsigned n = 0; e != NONE && n < CANDIDATES; e = index_next(&p->by_name, e), n++)
		if (!p->paired[p->by_name.ids[e]] && !strcmp(p->x[p->by_name.ids[e]].name, y->name))
			return p->by_name.ids[e];
	return NONE;
}

/* The same under another name. */
static uint32_t renamed(const struct pairing *p, const struct member *y)
{
	uint32_t e = index_first(&p->by_place, y->start);

	for (unsigned n = 0; e != NONE && n < CANDIDATES; e = index_next(&p->by_place, e), n++)
		if (!p->paired[p->by_place.ids[e]] && same_member(&p->x[p->by_place.ids[e]], y))
			return p->by_place.ids[e];
	return NONE;
}

static void pair_by_name(struct pairing *p, bool *found)
{
	for (uint32_t j = 0; j < p->y_count; j++) {
		uint32_t i = named(p, &p->y[j]);

		if (i == NONE)
			continue;
		p->paired[i] = found[j] = true;
		if (!same_member(&p->x[i], &p->y[j]))
			tell(p, difference(p->a, &p->x[i], &p->y[j]));
	}
}

static void pair_members(struct pairing *p)
{
	bool *found = arena_array(p->a, p->y_count + 1, bool);

	p->paired = arena_array(p->a, p->x_count + 1, bool);
	for (uint32_t i = 0; i < p->x_count; i++) {
		index_add(p->a, &p->by_name, hash_string(p->x[i].name), i);
		index_add(p->a, &p->by_place, p->x[i].start, i);
	}
	pair_by_name(p, found);
	for (uint32_t j = 0; j < p->y_count; j++) {
		uint32_t i = found[j] ? NONE : renamed(p, &p->y[j]);

		if (i != NONE)
			p->paired[i] = true;
		else if (!found[j])
			tell(p, arena_printf(p->a, "`%s` at %s is new", p->y[j].name, place_text(p->a, &p->y[j])));
	}
	for (uint32_t i = 0; i < p->x_count; i++)
		if (!p->paired[i])
			tell(p, arena_printf(p->a, "`%s` is gone", p->x[i].name));
}

/* As a rule the two are the same, member by member. */
static bool same_members(const struct members *x, const struct members *y)
{
	if (x->list.count != y->list.count)
		return false;
	for (uint32_t i = 0; i < x->list.count; i++)
		if (strcmp(x->list.items[i].name, y->list.items[i].name) ||
		    !same_member(&x->list.items[i], &y->list.items[i]))
			return false;
	return true;
}

static bool list_all(struct side *s, struct dwarf_type *type)
{
	s->members.list.count = 0;
	return list_members(s, &type->die, "", 0, 0, &s->members);
}

/* In words, or NULL where the two are the same, or cannot be read. */
static const char *compare_types(struct side *o, struct side *p, struct dwarf_type *x, struct dwarf_type *y)
{
	struct pairing pr = { .a = o->a };
	uint64_t m = 0, n = 0;
	const char *sizes;

	if (!list_all(o, x) || !list_all(p, y))
		return NULL;
	dwarf_type_size(x, &m);
	dwarf_type_size(y, &n);
	if (m == n && same_members(&o->members, &p->members))
		return NULL;
	pr.x = o->members.list.items;
	pr.x_count = o->members.list.count;
	pr.y = p->members.list.items;
	pr.y_count = p->members.list.count;
	pair_members(&pr);
	sizes = m == n ? ""
		       : arena_printf(o->a, "it has %llu bytes instead of %llu", (unsigned long long)n,
				      (unsigned long long)m);
	if (!pr.first)
		return *sizes ? sizes : NULL;
	return arena_printf(o->a, "%s%s%s%s", sizes, *sizes ? "; " : "", pr.first,
			    pr.more ? arena_printf(o->a, ", and %u more", pr.more) : "");
}

static const char *type_text(struct arena *a, const struct dwarf_type *t)
{
	Dwarf_Die die = t->die;
	const char *kind = t->tag == DW_TAG_union_type ? "union " : "struct ";

	return arena_printf(a, "%s%s", dwarf_diename(&die) ? kind : "", t->name);
}

/* Of the type that has members: its own name, or the typedef's, stands there. */
static const char *declared_at(struct arena *a, const struct dwarf_type *t)
{
	Dwarf_Die die = t->die, cu;
	const char *file = dwarf_decl_file(&die);
	int line = 0;

	if (!file || dwarf_decl_line(&die, &line) || line <= 0 || !dwarf_diecu(&die, &cu, NULL, NULL))
		return NULL;
	return arena_printf(a, "%s:%d", dwarf_file_name(&cu, file), line);
}

/* The same change in several units is told once, with the names of some. */
enum { NAMED_UNITS = 4 };

static void add_change(struct arena *a, struct index *told, struct layout_changes *ret, const struct layout *l,
		       const char *what)
{
	const char *type = type_text(a, &l->type);
	uint64_t hash = hash_mix(hash_string(type), hash_string(what));

	for (uint32_t e = index_first(told, hash); e != NONE; e = index_next(told, e)) {
		struct layout_change *c = &ret->list.items[told->ids[e]];

		if (strcmp(c->type, type) || strcmp(c->what, what))
			continue;
		if (c->count++ < NAMED_UNITS)
			c->units = arena_printf(a, "%s, %s", c->units, c->count > NAMED_UNITS ? "..." : l->source);
		return;
	}
	index_add(a, told, hash, ret->list.count);
	*vec_push(a, &ret->list) = (struct layout_change){
		.type = type, .what = what, .units = l->source, .place = declared_at(a, &l->type), .count = 1
	};
}

void layouts_compare(struct arena *a, const struct object *orig, const struct object *patched,
		     struct layout_changes *ret)
{
	struct index told = { 0 };
	struct side o, p;

	if (same_debug_information(orig, patched) || layouts_are_same(a, orig, patched) || !read_side(a, orig, &o) ||
	    !read_side(a, patched, &p))
		return;
	for (uint32_t i = 0; i < p.layouts.count; i++) {
		struct layout *l = &p.layouts.items[i];
		uint32_t b = layout_keys_find(&o.keys, &p.keys.list.items[i]);
		const char *what = b == NONE ? NULL : compare_types(&o, &p, &o.layouts.items[b].type, &l->type);

		if (what)
			add_change(a, &told, ret, l, what);
	}
}
