// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * patch.c - the patch module: from records to a klp_patch
 *
 * create-diff-object leaves a record for each changed function and each callback (kpatch-patch.h). This module finds them
 * between the symbols of patch.lds, groups them by the object that they patch, and hands the result to the kernel. It has
 * no other duty: transition and late modules are the kernel's, and what removal waits for is in leave.c. Linux 5.8 and
 * later, which apply KLP relocations of vmlinux before they change code by its alternatives.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/version.h>

#include "leave.h"
#include "records.h"
#ifdef KPATCH_REDIRECTS
#include "redirect.h"
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 8, 0)
#error "Linux 5.8 or later is needed: see create-klp-module(1), -n"
#endif

#ifdef KPATCH_REDIRECTS
RECORDS(struct kpatch_patch_func, kpatch_redirects, KPATCH_REDIRECTS_SECTION);
#endif

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.replace = REPLACE,
};

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

ADD_CALLBACKS(struct klp_object, pre_patch, callbacks.pre_patch)
ADD_CALLBACKS(struct klp_object, post_patch, callbacks.post_patch)
ADD_CALLBACKS(struct klp_object, pre_unpatch, callbacks.pre_unpatch)
ADD_CALLBACKS(struct klp_object, post_unpatch, callbacks.post_unpatch)

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
