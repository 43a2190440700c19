// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * patch.c - the patch module: from records to a klp_patch
 *
 * create-diff-object leaves a record for each changed function and each callback (kpatch-patch.h). This module finds them
 * between the symbols of patch.lds, groups them by the object that they patch, and hands the result to the kernel. It has
 * no other duty: transition and late modules are the kernel's, and what removal waits for is in leave.c. Linux 5.8 and
 * later, which apply KLP relocations of vmlinux before they change code by its alternatives.
 *
 * Compiled with -DKPATCH_NO_REPLACE the patch adds to those that are loaded; without, it takes their place.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/version.h>

#include "kpatch-patch.h"
#include "leave.h"
#ifdef KPATCH_REDIRECTS
#include "redirect.h"
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 8, 0)
#error "Linux 5.8 or later is needed: see create-klp-module(1), -n"
#endif

/*
 * Linker script symbols. A range may be empty: the array of none is there to make the section one that is loaded, which
 * symbols of a linker script alone do not.
 */
#define RECORDS(type, range, name)                                                                                     \
	extern const type range[], range##_end[];                                                                      \
	static const type no_##range[0] __used __section(name)

RECORDS(struct kpatch_patch_func, kpatch_funcs, KPATCH_FUNCS_SECTION);
#ifdef KPATCH_REDIRECTS
RECORDS(struct kpatch_patch_func, kpatch_redirects, KPATCH_REDIRECTS_SECTION);
#endif
RECORDS(struct kpatch_patch_callback, kpatch_pre_patch, KPATCH_PRE_PATCH_SECTION);
RECORDS(struct kpatch_patch_callback, kpatch_post_patch, KPATCH_POST_PATCH_SECTION);
RECORDS(struct kpatch_patch_callback, kpatch_pre_unpatch, KPATCH_PRE_UNPATCH_SECTION);
RECORDS(struct kpatch_patch_callback, kpatch_post_unpatch, KPATCH_POST_UNPATCH_SECTION);

static struct klp_patch patch = {
	.mod = THIS_MODULE,
#ifndef KPATCH_NO_REPLACE
	.replace = true,
#endif
};

static void *pointer(kpatch_u64 word)
{
	return (void *)(unsigned long)word;
}

static bool names_object(const struct klp_object *obj, const char *name)
{
	return !strcmp(obj->name ?: "vmlinux", name);
}

/*
 * patch.objs has room for an object per record and ends, for the kernel, at the first without functions and name. An
 * object that has callbacks alone still gets an array of functions, an empty one: the kernel insists.
 */
static struct klp_object *object_of(kpatch_u64 objname)
{
	const char *name = pointer(objname);
	struct klp_object *obj = patch.objs;
	const struct kpatch_patch_func *f;
	size_t count = 0;

	for (; obj->funcs; obj++)
		if (names_object(obj, name))
			return obj;
	for (f = kpatch_funcs; f < kpatch_funcs_end; f++)
		count += !strcmp(pointer(f->objname), name);
	obj->funcs = kcalloc(count + 1, sizeof(*obj->funcs), GFP_KERNEL);
	if (!obj->funcs)
		return NULL;
	obj->name = strcmp(name, "vmlinux") ? name : NULL;
	return obj;
}

static int add_functions(void)
{
	const struct kpatch_patch_func *f;

	for (f = kpatch_funcs; f < kpatch_funcs_end; f++) {
		struct klp_object *obj = object_of(f->objname);
		struct klp_func *func;

		if (!obj)
			return -ENOMEM;
		for (func = obj->funcs; func->old_name; func++)
			;
		func->old_name = pointer(f->name);
		func->new_func = pointer(f->new_addr);
		func->old_sympos = f->sympos;
	}
	return 0;
}

/* Which of the four is told by the records' section; the kernel has one place for each. */
#define ADD_CALLBACKS(kind)                                                                                            \
	static int add_##kind(void)                                                                                    \
	{                                                                                                              \
		const struct kpatch_patch_callback *c;                                                                 \
                                                                                                                       \
		for (c = kpatch_##kind; c < kpatch_##kind##_end; c++) {                                                \
			struct klp_object *obj = object_of(c->objname);                                                \
                                                                                                                       \
			if (!obj)                                                                                      \
				return -ENOMEM;                                                                        \
			if (obj->callbacks.kind) {                                                                     \
				pr_err("`%s` has two " #kind " callbacks\n", obj->name ?: "vmlinux");                  \
				return -EINVAL;                                                                        \
			}                                                                                              \
			obj->callbacks.kind = pointer(c->callback);                                                    \
		}                                                                                                      \
		return 0;                                                                                              \
	}

ADD_CALLBACKS(pre_patch)
ADD_CALLBACKS(post_patch)
ADD_CALLBACKS(pre_unpatch)
ADD_CALLBACKS(post_unpatch)

/* The kernel knows nothing of kprobes of ours; it has to have the object all the same, for the transition. */
#ifdef KPATCH_REDIRECTS
#define REDIRECTS (kpatch_redirects_end - kpatch_redirects)

static int add_redirects(void)
{
	if (!object_of(kpatch_redirects->objname))
		return -ENOMEM;
	return kpatch_add_redirects(&patch, kpatch_redirects, kpatch_redirects_end);
}
#else
#define REDIRECTS 0

static int add_redirects(void)
{
	return 0;
}

static void kpatch_remove_redirects(void)
{
}
#endif

static int add_records(void)
{
	size_t most = (kpatch_funcs_end - kpatch_funcs) + REDIRECTS + (kpatch_pre_patch_end - kpatch_pre_patch) +
		      (kpatch_post_patch_end - kpatch_post_patch) + (kpatch_pre_unpatch_end - kpatch_pre_unpatch) +
		      (kpatch_post_unpatch_end - kpatch_post_unpatch);
	int err;

	if (!most) {
		pr_err("there is nothing to patch\n");
		return -EINVAL;
	}
	patch.objs = kcalloc(most + 1, sizeof(*patch.objs), GFP_KERNEL);
	if (!patch.objs)
		return -ENOMEM;
	err = add_functions();
	err = err ?: add_pre_patch();
	err = err ?: add_post_patch();
	err = err ?: add_pre_unpatch();
	return err ?: add_post_unpatch();
}

static void free_records(void)
{
	struct klp_object *obj;

	for (obj = patch.objs; obj && obj->funcs; obj++)
		kfree(obj->funcs);
	kfree(patch.objs);
	patch.objs = NULL;
}

static int __init patch_init(void)
{
	int err = add_records();

	err = err ?: add_redirects();
	err = err ?: klp_enable_patch(&patch);
	if (err) {
		kpatch_remove_redirects();
		free_records();
	}
	return err;
}

#ifdef KPATCH_CAN_LEAVE
/* The kernel holds the module until the patch is disabled and everything that it knows of has been let go. */
static void __exit patch_exit(void)
{
	kpatch_remove_redirects();
	kpatch_wait_until_left();
	free_records();
}
module_exit(patch_exit);
#endif

module_init(patch_init);
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
#ifdef KPATCH_NO_REPLACE
MODULE_INFO(replace, "N");
#else
MODULE_INFO(replace, "Y");
#endif
