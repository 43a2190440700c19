/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recorded_addresses.c - where the kernel's symbol table has what a model refers to, for who cannot ask the running kernel
 *
 * A kernel is moved as a whole when it boots, so an address in its image tells where the symbol is once that distance is known.
 * Not recorded is what does not move along: per-CPU data that is linked at zero (x86_64 before Linux 6.15), absolute symbols, and
 * what s390x puts below 2 GB, wherever the rest is (.amode31; relocate_amode31_section() in arch/s390/kernel/setup.c).
 */
#include <string.h>

#include "run/internal.h"

struct image {
	const struct symbol_table *table;
	struct address_range all, apart;
};

static uint64_t label(const struct symbol_table *t, const char *name)
{
	uint32_t id = symbol_table_at(t, name, 0);

	return id == NONE ? 0 : symbol_table_entry(t, id)->address;
}

static struct image image_of(const struct symbol_table *t)
{
	return (struct image){ .table = t,
			       .all = { label(t, "_stext"), label(t, "_end") },
			       .apart = { label(t, "__samode31"), label(t, "__eamode31") } };
}

static bool is_in(struct address_range r, uint64_t address)
{
	return address >= r.start && address < r.end;
}

/* 0: the table does not tell of one such symbol, or it does not move with the image. */
static uint64_t address_in(const struct image *image, const struct model_symbol *s)
{
	const struct symbol_table *t = image->table;
	uint32_t id = symbol_table_at(t, s->name, s->position);
	uint64_t address;

	if (id == NONE || (!s->position && symbol_table_count(t, s->name) != 1))
		return 0;
	address = symbol_table_entry(t, id)->address;
	return is_in(image->all, address) && !is_in(image->apart, address) ? address : 0;
}

void record_addresses(struct model *m, const struct kernel_symbols *ks)
{
	const struct symbol_table *t = kernel_symbols_of(ks, "vmlinux", NULL);
	struct image image;

	if (!t)
		return;
	image = image_of(t);
	for (uint32_t i = 0; i < m->symbols.count; i++) {
		struct model_symbol *s = &m->symbols.items[i];

		if (s->place == MODEL_KLP && !strcmp(s->klp_object, "vmlinux"))
			s->address = address_in(&image, s);
	}
}
