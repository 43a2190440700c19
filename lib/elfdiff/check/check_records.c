/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_records.c - the records of kpatch-patch.h that the patch module turns into klp_func and klp_object */
#include "check/internal.h"

#include <string.h>

#include "arch/arch.h"
#include "base/bytes.h"
#include "kpatch-patch.h"

#define ANEW "rebuild the object with create-diff-object; strip nothing but debug information"

struct record {
	const struct section *s;
	uint64_t offset; /* of the record, in the section */
};

static void bad_record(struct check *c, const char *id, const struct record *r, uint64_t field, const char *cause,
		       const char *message)
{
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){ .id = id,
				      .section = r->s->name,
				      .has_offset = true,
				      .offset = r->offset + field,
				      .cause = cause,
				      .hint = ANEW },
	       "%s", message);
}

static void bad_extent(struct check *c, const struct section *s, const struct record_extent *e)
{
	static const struct {
		const char *id, *cause;
	} says[] = {
		[EXTENT_MARKERS] = { "record-markers",
				     "the patch module reads what lies between two symbols, but the end symbol "
				     "precedes the start symbol" },
		[EXTENT_SIZE] = { "record-size",
				  "the patch module treats the section as an array of records and would read past its "
				  "end" },
		[EXTENT_OUTSIDE] = { "record-outside",
				     "the patch module reads what lies between two symbols, and what lies before "
				     "or after them would be lost" },
	};

	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){
		       .id = says[e->flaw].id, .section = s->name, .cause = says[e->flaw].cause, .hint = ANEW },
	       "the records of `%s`, bytes %llu to %llu of %llu, cannot be read", s->name, (unsigned long long)e->start,
	       (unsigned long long)e->end, (unsigned long long)s->size);
}

/* A pointer field has an absolute 64-bit relocation to something that the module itself defines. */
static const struct reloc *pointer(struct check *c, const struct record *r, uint64_t field, const char *what)
{
	const struct reloc *rel = object_reloc_at(c->o, r->s, r->offset + field);

	if (rel && c->o->symbols[rel->symbol].place == SYMBOL_DEFINED &&
	    (!c->o->arch || rel->type == c->o->arch->pointer_reloc))
		return rel;
	bad_record(c, "record-pointer", r, field,
		   "klp_init_func() returns -EINVAL for a null pointer; any other value is not the address",
		   arena_printf(c->a, "the %s of a record in `%s` is not relocated to an address in this module", what,
				r->s->name));
	return NULL;
}

static const char *string_field(struct check *c, const struct record *r, uint64_t field, const char *what)
{
	const char *s;

	if (!pointer(c, r, field, what))
		return NULL;
	s = string_of_pointer(c, r->s, r->offset + field);
	if (!s)
		bad_record(c, "record-string", r, field, "klp_init_func() would read past the section's end",
			   arena_printf(c->a, "the %s of a record in `%s` does not point to a terminated string", what,
					r->s->name));
	return s;
}

static const char *object_field(struct check *c, const struct record *r, uint64_t field)
{
	const char *object = string_field(c, r, field, "object's name");
	const char *flaw = object ? klp_object_flaw(object) : NULL;

	if (flaw)
		bad_record(c, "record-object", r, field,
			   "klp_init_object() returns -EINVAL for a name that is too long, and find_module() finds "
			   "no module by a name that none can have",
			   arena_printf(c->a,
					"the object name of a record in `%s` is not one that the kernel "
					"accepts: %s",
					r->s->name, flaw));
	return object;
}

static void check_function(struct check *c, const struct record *r, uint64_t field, const char *what)
{
	const struct reloc *rel = pointer(c, r, field, what);
	const struct symbol *s = rel ? &c->o->symbols[rel->symbol] : NULL;
	uint64_t key;

	if (!rel)
		return;
	key = hash_mix(s->section, s->value + (uint64_t)rel->addend);
	for (uint32_t e = index_first(&c->function_at, key); e != NONE; e = index_next(&c->function_at, e)) {
		const struct symbol *f = &c->o->symbols[c->function_at.ids[e]];

		if (f->section == s->section && f->value == s->value + (uint64_t)rel->addend)
			return;
	}
	bad_record(c, "record-function", r, field,
		   "klp_init_object_loaded() returns -ENOENT when kallsyms_lookup_size_offset() finds no symbol there",
		   arena_printf(c->a, "the %s of a record in `%s` is not the start of a function symbol", what,
				r->s->name));
}

static void check_name_length(struct check *c, const struct record *r, const char *name)
{
	if (!klp_function_flaw(name))
		return;
	bad_record(c, "record-name", r, offsetof(struct kpatch_patch_func, name),
		   "klp_init_func() returns -EINVAL for KSYM_NAME_LEN (512) characters or more, and an empty name "
		   "matches no symbol",
		   arena_printf(c->a, "the name of the patched function has %zu characters", strlen(name)));
}

/* kobject_add() of klp_init_func() names its directory `name,1` for both positions 0 and 1. */
static void check_unique(struct check *c, const struct record *r, struct text_set *seen, const struct sought *s)
{
	const char *key = arena_printf(c->a, "%s.%s,%lu", s->object, s->name, s->position ? s->position : 1);

	if (!text_set_add(c->a, seen, key, strlen(key)))
		bad_record(c, "record-duplicate", r, 0,
			   "klp_init_func() returns -EEXIST: two directories in sysfs would have the same name",
			   arena_printf(c->a, "`%s` of `%s` would be patched twice", s->name, s->object));
}

static void check_func(struct check *c, const struct record *r, struct text_set *seen)
{
	const char *name = string_field(c, r, offsetof(struct kpatch_patch_func, name), "name");
	const char *object = object_field(c, r, offsetof(struct kpatch_patch_func, objname));
	struct sought s = { .object = object,
			    .name = name,
			    .is_function = true,
			    .section = r->s->name,
			    .symbol = name,
			    .has_offset = true,
			    .offset = r->offset };

	check_function(c, r, offsetof(struct kpatch_patch_func, new_addr), "new function");
	if (!name || !object)
		return;
	s.position =
		bytes_get(r->s->data + r->offset + offsetof(struct kpatch_patch_func, sympos), 8, c->o->big_endian);
	check_name_length(c, r, name);
	check_unique(c, r, seen, &s);
	check_position(c, &s);
}

/* Where a probe is put: the symbol that the record names, by a KLP relocation of vmlinux. */
static void check_original(struct check *c, const struct record *r)
{
	const struct reloc *rel = object_reloc_at(c->o, r->s, r->offset + offsetof(struct kpatch_patch_func, old_addr));
	const struct klp_ref *ref = rel ? &c->refs[rel->symbol] : NULL;
	const char *name = string_of_pointer(c, r->s, r->offset + offsetof(struct kpatch_patch_func, name));
	uint64_t position =
		bytes_get(r->s->data + r->offset + offsetof(struct kpatch_patch_func, sympos), 8, c->o->big_endian);

	if (ref && ref->form != NO_KLP && !ref->flaw && !rel->addend && !strcmp(ref->name.object, "vmlinux") && name &&
	    !strcmp(ref->name.name, name) && ref->name.position == position)
		return;
	bad_record(c, "record-original", r, offsetof(struct kpatch_patch_func, old_addr),
		   "the patch module puts a kprobe there",
		   arena_printf(c->a, "the original of a record in `%s` is not the function of vmlinux that it names",
				r->s->name));
}

static void check_callback(struct check *c, const struct record *r)
{
	check_function(c, r, offsetof(struct kpatch_patch_callback, callback), "callback");
	object_field(c, r, offsetof(struct kpatch_patch_callback, objname));
}

static uint64_t check_section(struct check *c, const struct section *s, const struct record_extent *e,
			      struct text_set *seen)
{
	bool redirects = !strcmp(s->name, KPATCH_REDIRECTS_SECTION);
	bool funcs = redirects || !strcmp(s->name, KPATCH_FUNCS_SECTION);

	for (struct record r = { .s = s, .offset = e->start }; r.offset < e->end; r.offset += e->size) {
		if (funcs)
			check_func(c, &r, seen);
		if (redirects)
			check_original(c, &r);
		if (!funcs)
			check_callback(c, &r);
	}
	return (e->end - e->start) / e->size;
}

static void nothing_to_patch(struct check *c)
{
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){
		       .id = "nothing-to-patch",
		       .cause = "it replaces no function and has no callback, so nothing would ever call its code",
		       .hint = "change an existing function: a new function alone has no callers" },
	       "there is nothing to patch in the module");
}

void check_records(struct check *c)
{
	struct text_set seen = { 0 };
	uint64_t count = 0;
	bool flawed = false;

	for (uint32_t i = 1; i < c->o->section_count; i++) {
		struct record_extent e;

		if (!record_extent(c, &c->o->sections[i], &e))
			continue;
		flawed |= e.flaw != EXTENT_OK;
		if (e.flaw)
			bad_extent(c, &c->o->sections[i], &e);
		else
			count += check_section(c, &c->o->sections[i], &e, &seen);
	}
	if (c->finished && !count && !flawed)
		nothing_to_patch(c);
}
