/* SPDX-License-Identifier: GPL-2.0-or-later */
/* address_uses.h - what code does with the address of a thing */
#ifndef ELFDIFF_GRAPH_ADDRESS_USES_H
#define ELFDIFF_GRAPH_ADDRESS_USES_H

#include "graph/graph.h"

/* A set. Empty: nothing, or memory is read through the address, or it is compared with others of the thing or with nil. */
enum address_use {
	ADDRESS_COMPARED = 1, /* with what may be any address */
	ADDRESS_STORED = 2,   /* to memory */
	ADDRESS_PASSED = 4,   /* to a function */
	ADDRESS_RETURNED = 8,
	ADDRESS_UNKNOWN = 16, /* this cannot be followed */
	ADDRESS_IN_DATA = 32, /* it stands in data */
	ADDRESS_COPIED = 64,  /* what it leads to is copied to memory, as many bytes as it takes */
};

/* Which addresses are followed. */
enum address_depth {
	ADDRESS_ITSELF,
	ADDRESS_AND_CONTENT, /* those that may be loaded from the thing, too */
	ADDRESS_AND_ALL,     /* and from what these lead to */
};

/* Who refers to what: blocks of a graph by what they refer to. */
struct users {
	const struct graph *g;
	struct arena *a;
	struct index relocs;      /* by block that they mean: named constants, and what is copied under its name */
	uint8_t *compares;        /* by block, see compares_copies() */
	bool *asked;              /* by block, see compares_any() */
	struct labels_of *labels; /* see jump_anywhere() */
	struct arena *scratch;    /* what a walk needs */
	/* Global functions that may have the address: not told of them, but of memory that is read or written through it. NULL: none. */
	const char *const *takers;
};

struct users find_users(struct arena *a, const struct graph *g);

/* Without the index: for what code does alone. */
struct users users_alone(struct arena *a, const struct graph *g);

/* Relocations that mean a block, in order: as an entry of users.relocs, behind `entry` (NONE: the first), or NONE. */
uint32_t next_user(const struct users *u, uint32_t block, uint32_t entry);

/* The block that such an entry's relocation stands in. */
uint32_t user_block(const struct users *u, uint32_t entry);

/*
 * What the code of a function does with the address of a block that it refers to. It is followed from the function's
 * first instruction on every way, also into what is outlined of it and what alternatives put in its place.
 */
unsigned address_uses(const struct users *u, uint32_t function, uint32_t thing, enum address_depth depth);

/*
 * Code of the function may compare the address of something that is copied, or one that this contains. Finding that out
 * for all at once costs as much as for one; by which of them, address_uses() tells.
 */
bool compares_copies(const struct users *u, uint32_t function);

/* The same of some of them. */
bool compares_any(const struct users *u, uint32_t function, const uint32_t *things, uint32_t count);

#endif
