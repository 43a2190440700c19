/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * records.h - how a patch module finds its records, whichever core it is for
 *
 * For patch.c and core-patch.c. Records are those of kpatch-patch.h, between symbols of patch.lds. Compiled with
 * -DKPATCH_NO_REPLACE the patch adds to those that are loaded; without, it takes their place.
 */
#ifndef KPATCH_RECORDS_H
#define KPATCH_RECORDS_H

#include <linux/errno.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "kpatch-patch.h"

/*
 * Linker script symbols. A range may be empty: the array of none is there to make the section one that is loaded, which
 * symbols of a linker script alone do not.
 */
#define RECORDS(type, range, name)                                                                                     \
	extern const type range[], range##_end[];                                                                      \
	static const type no_##range[0] __used __section(name)

RECORDS(struct kpatch_patch_func, kpatch_funcs, KPATCH_FUNCS_SECTION);
RECORDS(struct kpatch_patch_callback, kpatch_pre_patch, KPATCH_PRE_PATCH_SECTION);
RECORDS(struct kpatch_patch_callback, kpatch_post_patch, KPATCH_POST_PATCH_SECTION);
RECORDS(struct kpatch_patch_callback, kpatch_pre_unpatch, KPATCH_PRE_UNPATCH_SECTION);
RECORDS(struct kpatch_patch_callback, kpatch_post_unpatch, KPATCH_POST_UNPATCH_SECTION);

#ifdef KPATCH_NO_REPLACE
#define REPLACE false
MODULE_INFO(replace, "N");
#else
#define REPLACE true
MODULE_INFO(replace, "Y");
#endif

/* Pointers in records are relocations of the width of a word. */
static void *pointer(kpatch_u64 word)
{
	return (void *)(unsigned long)word;
}

/*
 * Defines add_<kind>(): each callback of that kind goes to `place` in what the file's own object_of() gives for its object's
 * name, a pointer to `object`, or NULL where there is no memory. Which of the four kinds it is the records' section tells; a core has
 * one place for each.
 */
#define ADD_CALLBACKS(object, kind, place)                                                                             \
	static int add_##kind(void)                                                                                    \
	{                                                                                                              \
		const struct kpatch_patch_callback *c;                                                                 \
                                                                                                                       \
		for (c = kpatch_##kind; c < kpatch_##kind##_end; c++) {                                                \
			object *obj = object_of(c->objname);                                                           \
                                                                                                                       \
			if (!obj)                                                                                      \
				return -ENOMEM;                                                                        \
			if (obj->place) {                                                                              \
				pr_err("`%s` has two " #kind " callbacks\n", (const char *)pointer(c->objname));       \
				return -EINVAL;                                                                        \
			}                                                                                              \
			obj->place = pointer(c->callback);                                                             \
		}                                                                                                      \
		return 0;                                                                                              \
	}

#endif
