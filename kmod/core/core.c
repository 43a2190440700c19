// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * core.c - the core of live patching for kernels that have none: patches are registered, and let go
 *
 * A patch module is held from its registration until nothing of it is in use any more. Its directory in sysfs goes before that,
 * and cannot go while somebody writes to it; so the end of a patch is a work of its own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0) /* before, it is all in kernel.h */
#include <linux/panic.h>
#endif

#include "internal.h"

DEFINE_MUTEX(core_mutex);
LIST_HEAD(patches);

static struct workqueue_struct *ends;

static bool force;
module_param(force, bool, 0444);
MODULE_PARM_DESC(force, "be there beside the kernel's own livepatch");

/* --- the core's own data of a patch --- */

static void free_patch(struct patch *p)
{
	struct object *obj, *next_obj;
	struct function *f, *next_f;
	struct relocation *r, *next_r;

	list_for_each_entry_safe(obj, next_obj, &p->objects, node) {
		list_for_each_entry_safe(f, next_f, &obj->functions, node)
			kfree(f);
		list_for_each_entry_safe(r, next_r, &obj->relocations, node)
			kfree(r);
		kfree(obj);
	}
	kfree(p);
}

/* Each relocation has a place of its own, which it has again when its module comes again. */
static void *next_veneer(const struct kpatch_module *of, unsigned int *used)
{
	return *used < of->veneer_count ? of->veneers + 16 * (*used)++ : NULL;
}

static int fill_object(struct object *obj, unsigned int *veneers)
{
	struct kpatch_func *func;
	struct kpatch_dynrela *dynrela;

	list_for_each_entry(func, &obj->of->funcs, node) {
		struct function *f = kzalloc(sizeof(*f), GFP_KERNEL);

		if (!f)
			return -ENOMEM;
		f->object = obj;
		f->of = func;
		list_add_tail(&f->node, &obj->functions);
	}
	list_for_each_entry(dynrela, &obj->of->dynrelas, node) {
		struct relocation *r = kzalloc(sizeof(*r), GFP_KERNEL);

		if (!r)
			return -ENOMEM;
		r->of = dynrela;
		r->veneer = next_veneer(obj->patch->of, veneers);
		list_add_tail(&r->node, &obj->relocations);
	}
	return 0;
}

static int fill_patch(struct patch *p)
{
	struct kpatch_object *of;
	unsigned int veneers = 0;

	list_for_each_entry(of, &p->of->objects, node) {
		struct object *obj = kzalloc(sizeof(*obj), GFP_KERNEL);
		int err;

		if (!obj)
			return -ENOMEM;
		obj->patch = p;
		obj->of = of;
		INIT_LIST_HEAD(&obj->functions);
		INIT_LIST_HEAD(&obj->relocations);
		list_add_tail(&obj->node, &p->objects);
		err = fill_object(obj, &veneers);
		if (err)
			return err;
	}
	return 0;
}

static void let_go(struct work_struct *work)
{
	struct patch *p = container_of(work, struct patch, let_go);
	struct module *mod = p->of->mod;

	/* A task that dies, and is in no list any more, may still be in the patch's code: until it sleeps or ends. */
	synchronize_rcu_tasks();
	/* That may take seconds. Who waits for the directory to go wants to remove the module then. */
	sysfs_remove(p);
	free_patch(p);
	module_put(mod);
}

static struct patch *new_patch(struct kpatch_module *of, bool replace)
{
	struct patch *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	p->of = of;
	p->replace = replace;
	INIT_LIST_HEAD(&p->objects);
	init_completion(&p->gone);
	INIT_WORK(&p->let_go, let_go);
	if (!fill_patch(p))
		return p;
	free_patch(p);
	return NULL;
}

/* --- the interface --- */

static struct patch *patch_of(const struct kpatch_module *of)
{
	struct patch *p;

	list_for_each_entry(p, &patches, node)
		if (p->of == of)
			return p;
	return NULL;
}

void core_let_go(struct patch *p)
{
	list_del(&p->node);
	queue_work(ends, &p->let_go);
}

/* /sys/module/NAME/taint then says K, as of other live patches. */
static void mark(struct module *mod)
{
	add_taint(TAINT_LIVEPATCH, LOCKDEP_STILL_OK);
	set_bit(TAINT_LIVEPATCH, &mod->taints);
}

/* A patch that failed goes like one that was disabled, but its module's init waits for that. */
static int enable(struct patch *p)
{
	int err;

	mutex_lock(&core_mutex);
	stack_begin(__builtin_frame_address(0));
	list_add_tail(&p->node, &patches);
	err = sysfs_add(p);
	err = err ?: patch_enable(p);
	if (err)
		list_del(&p->node);
	mutex_unlock(&core_mutex);
	return err;
}

int kpatch_register(struct kpatch_module *module, bool replace)
{
	struct patch *p;
	int err;

	if (module->interface != KPATCH_INTERFACE) {
		pr_err("the patch was made for a core of another kind, and this one does not read it\n");
		return -EINVAL;
	}
	p = new_patch(module, replace);
	if (!p)
		return -ENOMEM;
	if (!try_module_get(module->mod)) {
		free_patch(p);
		return -ENODEV;
	}
	mark(module->mod);
	err = enable(p);
	if (err)
		let_go(&p->let_go);
	else
		pr_info("`%s` is enabled\n", module->mod->name);
	return err;
}
EXPORT_SYMBOL_GPL(kpatch_register);

int kpatch_unregister(struct kpatch_module *module)
{
	struct patch *p;
	int err = 0;

	mutex_lock(&core_mutex);
	stack_begin(NULL);
	p = patch_of(module);
	if (p)
		err = patch_disable(p);
	if (p && !err)
		core_let_go(p);
	mutex_unlock(&core_mutex);
	flush_workqueue(ends);
	return err;
}
EXPORT_SYMBOL_GPL(kpatch_unregister);

/* --- the module --- */

static int start(void)
{
	int err = symbols_init();

	err = err ?: redirect_init();
	err = err ?: stack_init();
	err = err ?: sysfs_init();
	if (err)
		return err;
	err = late_init();
	if (err)
		sysfs_exit();
	return err;
}

static int __init core_init(void)
{
	int err;

	if (IS_ENABLED(CONFIG_LIVEPATCH) && !force) {
		pr_err("this kernel has livepatch, and a function can have one of the two; force=1 if it must be\n");
		return -EBUSY;
	}
	ends = alloc_ordered_workqueue("kpatch", 0);
	if (!ends)
		return -ENOMEM;
	err = start();
	if (err)
		destroy_workqueue(ends);
	return err;
}

/* Patches refer to kpatch_register(), so none is left; but the end of the last may be. */
static void __exit core_exit(void)
{
	late_exit();
	destroy_workqueue(ends);
	sysfs_exit();
}

module_init(core_init);
module_exit(core_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Core of live patching for kernels without livepatch");
