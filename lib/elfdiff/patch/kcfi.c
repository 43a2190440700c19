/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcfi.c - replaced functions whose type a call through a pointer checks
 *
 * With Clang's kCFI a hash of its type stands in front of each function that may be called through a pointer, labelled
 * `__cfi_f`, and such a call compares it with the type that it was compiled for (arch/x86/kernel/cfi.c). A pointer to a
 * replaced function is the original's address, in the kernel's data and in the patch: what is compared there is the original's
 * hash. If that is another or missing, patched code that calls through the pointer dies. Direct calls check nothing.
 */
#include <string.h>

#include "elf/names.h"
#include "patch/internal.h"

/* Labels of hashes, by section and name of the function. */
static struct index hash_labels(struct arena *a, const struct object *o)
{
	struct index ix = { 0 };

	for (uint32_t s = 0; s < o->symbol_count; s++)
		if (name_is_type_hash(o->symbols[s].name))
			index_add(a, &ix,
				  hash_mix(o->symbols[s].section,
					   hash_string(o->symbols[s].name + strlen(TYPE_HASH_PREFIX))),
				  s);
	return ix;
}

/* The bytes in front of a function, from its hash's label on, the nearest of its name; false: it has none. */
static bool find_hash(const struct object *o, const struct index *labels, uint32_t function, const uint8_t **bytes,
		      uint64_t *size)
{
	const struct symbol *f = &o->symbols[function];

	*bytes = NULL;
	for (uint32_t e = index_first(labels, hash_mix(f->section, hash_string(f->name))); e != NONE;
	     e = index_next(labels, e)) {
		const struct symbol *s = &o->symbols[labels->ids[e]];

		if (s->section != f->section || strcmp(s->name + strlen(TYPE_HASH_PREFIX), f->name) != 0 ||
		    s->value >= f->value || !o->sections[s->section].data || (*bytes && f->value - s->value >= *size))
			continue;
		*bytes = o->sections[s->section].data + s->value;
		*size = f->value - s->value;
	}
	return *bytes;
}

static void tell(const struct diff *d, uint32_t function, bool taken)
{
	struct elfdiff_diag diag = diag_of_block(d, d->patched->symbol_block[function],
						 taken ? ELFDIFF_REFUSAL : ELFDIFF_WARNING, "type-changed");

	diag.symbol = d->patched->object->symbols[function].name;
	diag.cause =
		taken ? "its address is taken: kCFI finds the original's type behind every pointer, and ends the "
			"kernel where patched code calls through one"
		      : "should another object take its address: kCFI finds the original's type behind every pointer, "
			"and ends the kernel where patched code calls through one";
	diag.hint = "leave the function and its type as they are, and put the changed one under a new name";
	diag_add(d->ds, diag, "`%s` has another type for indirect calls than the original", diag.symbol);
}

/* Without a hash on the patched side nobody calls it through a pointer there. */
void refuse_type_changes(const struct diff *d, const struct selection *s)
{
	const struct object *o = d->patched->object, *p = d->orig->object;
	struct index labels = hash_labels(d->a, o), original_labels;
	bool *taken, *taken_before;

	if (!labels.count)
		return;
	original_labels = hash_labels(d->a, p);
	taken = blocks_with_address_taken(d->a, d->patched);
	taken_before = blocks_with_address_taken(d->a, d->orig);
	for (uint32_t i = 0; i < s->replaced.count; i++) {
		const struct function_pair *f = &s->replaced.items[i];
		const uint8_t *hash, *original_hash;
		uint64_t size, original_size;

		if (!find_hash(o, &labels, f->patched, &hash, &size) ||
		    (find_hash(p, &original_labels, f->orig, &original_hash, &original_size) && size == original_size &&
		     !memcmp(hash, original_hash, size)))
			continue;
		tell(d, f->patched,
		     taken[d->patched->symbol_block[f->patched]] || taken_before[d->orig->symbol_block[f->orig]]);
	}
}
