/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lock_keys.c - what proves that a variable is a lock key or a rate limit: who is handed its address
 *
 * Its name and size are anybody's. The kernel's own functions take a variable for a key or a limit, and their names are
 * the whole kernel's. So all code that refers to it has to do nothing but hand its address to these.
 */
#include "graph/internal.h"

#include "arch/arch.h"
#include "graph/address_uses.h"

/*
 * Global functions that only register a key, or ask a limit. By the prototypes with `struct lock_class_key *` in
 * include/linux of Linux 5.10 to 7.2, and include/linux/ratelimit.h.
 */
static const char *const takers[] = { "___ratelimit",
				      "__alloc_disk_node",
				      "__blk_alloc_disk",
				      "__blk_mq_alloc_disk",
				      "__class_create",
				      "__class_register",
				      "__init_ldsem",
				      "__init_rwsem",
				      "__init_srcu_struct",
				      "__init_swait_queue_head",
				      "__init_waitqueue_head",
				      "__kthread_init_worker",
				      "__mutex_init",
				      "__mutex_rt_init",
				      "__percpu_counter_init",
				      "__percpu_counter_init_many",
				      "__percpu_init_rwsem",
				      "__raw_spin_lock_init",
				      "__ring_buffer_alloc",
				      "__rt_mutex_init",
				      "__rt_rwlock_init",
				      "__rt_spin_lock_init",
				      "__rwlock_init",
				      "init_timer_key",
				      "init_timer_on_stack_key",
				      "lockdep_init_map_type",
				      "lockdep_init_map_waits",
				      "mutex_init_generic",
				      "mutex_init_lockdep",
				      "mutex_rt_init_generic",
				      NULL };

static bool is_asked(const struct block *b)
{
	return b->opaque && b->fresh && b->start < b->end;
}

/* What a slot has counts where code refers to the slot. */
static bool is_slot(const struct graph *g, uint32_t reloc)
{
	const struct special *row = g->object->sections[g->relocs[reloc].section].row;

	return row && row->kind == SPECIAL_SLOTS;
}

/* Nothing but such calls gets the address, and no memory is read or written through it. */
static bool is_only_handed(struct users *u, const struct index *relocs, uint32_t block)
{
	const struct graph *g = u->g;
	uint32_t last = NONE;

	for (uint32_t e = index_first(relocs, block); e != NONE; e = index_next(relocs, e)) {
		const struct reloc *r = &g->relocs[relocs->ids[e]];
		uint32_t user = graph_block_at(g, r->section, r->offset);

		if (g->edges[graph_meaning(g, relocs->ids[e])].block != block || user == last)
			continue;
		if (address_uses(u, user, block, ADDRESS_ITSELF))
			return false;
		last = user;
	}
	return true;
}

void find_lock_keys(struct arena *a, struct graph *g)
{
	struct index relocs = { 0 };
	struct users u;

	for (uint32_t r = 0; r < g->reloc_count; r++) {
		uint32_t to = g->edges[graph_meaning(g, r)].block;

		if (to != NONE && is_asked(&g->blocks[to]) && !is_slot(g, r))
			index_add(a, &relocs, to, r);
	}
	u = users_alone(a, g);
	u.takers = takers;
	for (uint32_t b = 0; b < g->block_count; b++)
		if (is_asked(&g->blocks[b]) && !is_only_handed(&u, &relocs, b))
			g->blocks[b].fresh = false;
}
