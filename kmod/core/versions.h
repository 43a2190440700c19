/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * versions.h - which code a function has, at which time
 *
 * Time is counted in generations, of which one is in force. A version of a function is in force from one generation until
 * another, so whatever is to happen in one instant, to any number of functions, is one store of the generation; and what reads
 * the generation once, in whatever context, sees all of it or nothing.
 *
 * Writers exclude each other. A reader needs no lock; what is taken out may be reused when no reader that was there is left.
 */
#ifndef KPATCH_CORE_VERSIONS_H
#define KPATCH_CORE_VERSIONS_H

#include <linux/compiler.h>
#include <linux/hash.h>
#include <linux/types.h>
#include <asm/barrier.h>

#define VERSION_BITS 8
#define FOR_EVER (~0UL)

struct version {
	struct version *next;       /* in its bucket; the one that was added last comes first */
	unsigned long location;     /* where ftrace hooks the function */
	unsigned long code;         /* the address of its code in this version */
	unsigned long size;         /* bytes of that */
	unsigned long since, until; /* in force in generations from since, before until */
};

struct versions {
	struct version *buckets[1 << VERSION_BITS];
};

static __always_inline struct version **versions_bucket(struct versions *all, unsigned long location)
{
	return &all->buckets[hash_long(location, VERSION_BITS)];
}

/* The newest version that is in force, or NULL: the original is. */
static __always_inline struct version *versions_at(struct versions *all, unsigned long location,
						   unsigned long generation)
{
	struct version *v;

	for (v = READ_ONCE(*versions_bucket(all, location)); v; v = READ_ONCE(v->next))
		if (v->location == location && READ_ONCE(v->since) <= generation && generation < READ_ONCE(v->until))
			return v;
	return NULL;
}

/* The one that was added last, in force or not; NULL. For writers. */
static inline struct version *versions_last(struct versions *all, unsigned long location)
{
	struct version *v;

	for (v = *versions_bucket(all, location); v; v = v->next)
		if (v->location == location)
			return v;
	return NULL;
}

static inline void versions_add(struct versions *all, struct version *v)
{
	struct version **bucket = versions_bucket(all, v->location);

	v->next = *bucket;
	smp_store_release(bucket, v);
}

/* One that was added. Readers that stand on it find their way on, until they are gone. */
static inline void versions_remove(struct versions *all, const struct version *v)
{
	struct version **at = versions_bucket(all, v->location);

	while (*at != v)
		at = &(*at)->next;
	WRITE_ONCE(*at, v->next);
}

#endif
