/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kcfi.c - replaced functions whose type a call through a pointer checks
 *
 * With Clang's kCFI a hash of its type stands in front of each function that may be called through a pointer, and such a call
 * compares it with the type that it was compiled for (arch/x86/kernel/cfi.c, arch/arm64/kernel/traps.c). A pointer to a
 * replaced function is the original's address, in the kernel's data and in the patch: what is compared there is the
 * original's hash. If that is another or missing, patched code that calls through the pointer dies. Direct calls check nothing.
 *
 * Without kCFI no-ops alone are in front of a function, but on ppc64le, which has none. In a fused block it is not known
 * where one function ends and the hash of the next begins.
 */
#include <string.h>

#include "arch/arch.h"
#include "patch/internal.h"

/* The bytes of its block in front of a function, and how many. */
static const uint8_t *in_front(const struct graph *g, uint32_t block, uint64_t *size)
{
	const struct block *b = &g->blocks[block];
	const uint8_t *bytes = block_data(g, b);

	*size = b->fused || !bytes ? 0 : graph_label_offset(g, block);
	return bytes;
}

static bool has_hash(const struct graph *g, uint32_t block, uint64_t size)
{
	const struct block *b = &g->blocks[block];
	struct insn insn;

	for (uint64_t at = b->start; at < b->start + size; at += insn.length)
		if (!g->object->arch->decode(g->object, &g->object->sections[b->section], at, &insn) ||
		    insn.flow != FLOW_NOP)
			return true;
	return false;
}

static bool same_hash(const struct diff *d, uint32_t block, uint32_t twin)
{
	uint64_t size, original_size;
	const uint8_t *bytes = in_front(d->patched, block, &size), *original = in_front(d->orig, twin, &original_size);

	return !has_hash(d->patched, block, size) ||
	       (size == original_size && bytes && original && !memcmp(bytes, original, size));
}

static void tell(const struct diff *d, uint32_t block, bool taken)
{
	struct elfdiff_diag diag = diag_of_block(d, block, taken ? ELFDIFF_REFUSAL : ELFDIFF_WARNING, "type-changed");

	diag.cause =
		taken ? "its address is taken: kCFI finds the original's type behind every pointer, and ends the "
			"kernel where patched code calls through one"
		      : "should another object take its address: kCFI finds the original's type behind every pointer, "
			"and ends the kernel where patched code calls through one";
	diag.hint = "leave the function and its type as they are, and put the changed one under a new name";
	diag_add(d->ds, diag, "`%s` has another type for indirect calls than the original", diag.symbol);
}

/* Another object may take its address, which this one does not show. */
static bool has_global_name(const struct graph *g, uint32_t block)
{
	for (uint32_t i = g->object->first_global; i < g->object->symbol_count; i++)
		if (g->symbol_block[i] == block)
			return true;
	return false;
}

/* Without a hash on the patched side nobody calls it through a pointer there. */
void refuse_type_changes(const struct diff *d, const struct selection *s)
{
	bool *taken = NULL, *taken_before = NULL;

	for (uint32_t i = 0; i < s->replaced.count && !d->patched->object->arch->lead; i++) {
		uint32_t block = d->patched->symbol_block[s->replaced.items[i].patched];
		uint32_t twin = d->orig->symbol_block[s->replaced.items[i].orig];

		if (same_hash(d, block, twin))
			continue;
		if (!taken) {
			taken = blocks_with_address_taken(d->a, d->patched);
			taken_before = blocks_with_address_taken(d->a, d->orig);
		}
		if (taken[block] || taken_before[twin] || has_global_name(d->patched, block))
			tell(d, block, taken[block] || taken_before[twin]);
	}
}
