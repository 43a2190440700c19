/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * identity.c - things with a name of which a copy is as good, and whose address matters all the same
 *
 * A copy of a constant that consists only of bytes is as good for who reads it.
 * It is not for who compares its address, and who keeps the address keeps it
 * longer than a patch may live. What macros and compilers make new wherever it
 * is used (__func__, lock keys) is kept everywhere, and hardly ever compared.
 */
#include <elf.h>

#include "elf/names.h"
#include "locate/locate.h"
#include "patch/internal.h"

struct identity {
	const struct diff *d;
	const struct kernel_symbols *ks;
	struct users users;             /* of the patched object; made when it is asked for */
	uint8_t *uses;                  /* by block, with KNOWN */
	struct index by_stem;           /* such things of the original, by hash of their names' stems */
	const struct unit_place *place; /* of the original object in the kernel */
};

enum {
	KNOWN = 128,
	MATTERS = ADDRESS_COMPARED | ADDRESS_UNKNOWN,
	OUTLIVES = ADDRESS_STORED | ADDRESS_RETURNED | ADDRESS_IN_DATA | ADDRESS_PASSED,
};

struct identity *identity_new(const struct diff *d, const struct kernel_symbols *ks)
{
	struct identity *id = arena_new(d->a, struct identity);

	*id = (struct identity){ .d = d, .ks = ks, .uses = arena_array(d->a, d->patched->block_count + 1, uint8_t) };
	return id;
}

/* What keeps a pointer. Special entries only describe code. */
static bool keeps_pointers(const struct block *b)
{
	return (block_is_variable(b) || b->kind == BLOCK_CONST) && !(b->special && b->special->kind == SPECIAL_SLOTS);
}

/* A constant that its author has named. */
static bool is_constant(const struct graph *g, uint32_t block)
{
	return g->blocks[block].kind == BLOCK_RODATA && g->blocks[block].fresh && !g->blocks[block].by_name;
}

static bool has_name(const struct graph *g, uint32_t block)
{
	return block_is_copied(&g->blocks[block]) && g->blocks[block].fresh;
}

/* Of what is no constant, comparisons alone count: few functions have any. */
static unsigned uses_of_function(const struct users *u, uint32_t function, uint32_t thing)
{
	if (!is_constant(u->g, thing) && !compares_copies(u, function))
		return 0;
	return address_uses(u, function, thing, ADDRESS_ITSELF);
}

static unsigned find_uses(const struct users *u, uint32_t constant)
{
	uint32_t last = NONE;
	unsigned uses = 0;

	for (uint32_t e = next_user(u, constant, NONE); e != NONE; e = next_user(u, constant, e)) {
		uint32_t user = user_block(u, e);

		if (user != last && keeps_pointers(&u->g->blocks[user]))
			uses |= ADDRESS_IN_DATA;
		else if (user != last && u->g->blocks[user].kind == BLOCK_TEXT)
			uses |= uses_of_function(u, user, constant);
		last = user;
	}
	return uses;
}

static unsigned uses_of(struct identity *id, uint32_t block)
{
	if (!id->users.g)
		id->users = find_users(id->d->a, id->d->patched);
	if (!id->uses[block])
		id->uses[block] = (uint8_t)(KNOWN | find_uses(&id->users, block));
	return id->uses[block];
}

/* The kernel's symbols prove where the original is. Without any, it is referred to unchecked like all that is local. */
static bool can_be_found(struct identity *id, uint32_t block)
{
	const struct diff *d = id->d;
	const struct symbol_table *table = kernel_symbols_of(id->ks, d->object, d->object);
	uint32_t entry;

	if (!table)
		return !id->ks->tables.count;
	if (!id->place)
		id->place = locate_unit(d->a, table, d->orig);
	return locate_symbol(id->place, d->orig->blocks[d->twins->of_patched[block]].symbol, &entry) == LOCATE_FOUND &&
	       symbol_table_proves_position(table, entry);
}

static bool matters(struct identity *id, uint32_t block)
{
	return uses_of(id, block) & (is_constant(id->d->patched, block) ? MATTERS : ADDRESS_COMPARED);
}

bool has_identity(struct identity *id, uint32_t block)
{
	if (!has_name(id->d->patched, block) || id->d->verdicts->of[block] != VERDICT_SAME)
		return false;
	return matters(id, block) ||
	       (is_constant(id->d->patched, block) && uses_of(id, block) & OUTLIVES && can_be_found(id, block));
}

static uint64_t stem_of(const struct symbol *s)
{
	return hash_bytes(s->name, name_stem(s->name));
}

static void file_by_stem(struct identity *id)
{
	const struct graph *g = id->d->orig;

	for (uint32_t b = 0; b < g->block_count; b++)
		if (has_name(g, b))
			index_add(id->d->a, &id->by_stem, stem_of(block_label(g, b)), b);
}

bool identity_is_unclear(struct identity *id, uint32_t block)
{
	const struct graph *g = id->d->orig;
	const struct symbol *s;

	if (!has_name(id->d->patched, block) || !matters(id, block))
		return false;
	s = block_label(id->d->patched, block);
	if (!id->by_stem.count)
		file_by_stem(id);
	for (uint32_t e = index_first(&id->by_stem, stem_of(s)); e != NONE; e = index_next(&id->by_stem, e))
		if (name_same_stem(block_label(g, id->by_stem.ids[e])->name, s->name))
			return true;
	return false;
}
