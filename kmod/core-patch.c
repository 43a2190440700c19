// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * core-patch.c - the patch module for the core: from records to a kpatch_module
 *
 * What patch.c is for the kernel's livepatch. The records are those of kpatch-patch.h, the references in form kpatch: the loader
 * fills in their pointers, so they are read as they are.
 *
 * Compiled with -DKPATCH_VENEERS=n it makes room for n jumps to functions that calls do not reach.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kpatch.h"
#include "records.h"

RECORDS(struct kpatch_relocation, kpatch_relocations, KPATCH_RELOCATIONS_SECTION);

#ifdef KPATCH_VENEERS
asm(".pushsection .text, \"ax\"\n"
    "	.balign 16\n"
    "kpatch_veneers:\n"
    "	.skip 16 * " __stringify(KPATCH_VENEERS) "\n"
						 "	.popsection\n");
extern char kpatch_veneers[];
#endif

/* What .kpatch.original has, which no loader loads: build.sh puts it behind this source. The last one has no function. */
struct original {
	const char *object, *function;
	unsigned long sympos;
	const char *code; /* as in kpatch_func */
};
extern const struct original originals[];

/* Of which the records have addresses; build.sh puts it there, too. NULL: not known. */
extern const struct kpatch_kernel *const recorded_kernel;

static struct kpatch_module patch = {
	.interface = KPATCH_INTERFACE,
	.mod = THIS_MODULE,
	.objects = LIST_HEAD_INIT(patch.objects),
#ifdef KPATCH_VENEERS
	.veneers = kpatch_veneers,
	.veneer_count = KPATCH_VENEERS,
#endif
};

static struct kpatch_object *object_of(kpatch_u64 objname)
{
	struct kpatch_object *obj;

	list_for_each_entry(obj, &patch.objects, node)
		if (!strcmp(obj->name, pointer(objname)))
			return obj;
	obj = kzalloc(sizeof(*obj), GFP_KERNEL);
	if (!obj)
		return NULL;
	obj->name = pointer(objname);
	INIT_LIST_HEAD(&obj->funcs);
	INIT_LIST_HEAD(&obj->dynrelas);
	list_add_tail(&obj->node, &patch.objects);
	return obj;
}

static bool is_of(const struct original *o, const struct kpatch_patch_func *f)
{
	return o->sympos == f->sympos && !strcmp(o->function, pointer(f->name)) &&
	       !strcmp(o->object, pointer(f->objname));
}

static const char *code_of(const struct kpatch_patch_func *f)
{
	const struct original *o;

	for (o = originals; o->function; o++)
		if (is_of(o, f))
			return o->code;
	return NULL;
}

static int add_function(const struct kpatch_patch_func *f)
{
	struct kpatch_object *obj = object_of(f->objname);
	struct kpatch_func *func = kzalloc(sizeof(*func), GFP_KERNEL);

	if (!obj || !func) {
		kfree(func);
		return -ENOMEM;
	}
	func->name = pointer(f->name);
	func->sympos = f->sympos;
	func->recorded = f->old_addr;
	func->old_code = code_of(f);
	func->new_func = pointer(f->new_addr);
	func->new_size = f->new_size;
	list_add_tail(&func->node, &obj->funcs);
	return 0;
}

static int add_relocation(const struct kpatch_relocation *r)
{
	const struct kpatch_symbol *symbol = pointer(r->ksym);
	struct kpatch_object *obj = object_of(r->objname);
	struct kpatch_dynrela *dynrela = kzalloc(sizeof(*dynrela), GFP_KERNEL);

	if (!obj || !dynrela) {
		kfree(dynrela);
		return -ENOMEM;
	}
	dynrela->dest = pointer(r->dest);
	dynrela->type = r->type;
	dynrela->addend = r->addend;
	dynrela->name = pointer(symbol->name);
	dynrela->symbol_object = pointer(symbol->objname);
	dynrela->sympos = symbol->sympos;
	dynrela->recorded = symbol->src;
	list_add_tail(&dynrela->node, &obj->dynrelas);
	return 0;
}

ADD_CALLBACKS(struct kpatch_object, pre_patch, pre_patch)
ADD_CALLBACKS(struct kpatch_object, post_patch, post_patch)
ADD_CALLBACKS(struct kpatch_object, pre_unpatch, pre_unpatch)
ADD_CALLBACKS(struct kpatch_object, post_unpatch, post_unpatch)

static int add_records(void)
{
	const struct kpatch_patch_func *f;
	const struct kpatch_relocation *r;
	int err = 0;

	for (f = kpatch_funcs; f < kpatch_funcs_end && !err; f++)
		err = add_function(f);
	for (r = kpatch_relocations; r < kpatch_relocations_end && !err; r++)
		err = add_relocation(r);
	err = err ?: add_pre_patch();
	err = err ?: add_post_patch();
	err = err ?: add_pre_unpatch();
	return err ?: add_post_unpatch();
}

static void free_object(struct kpatch_object *obj)
{
	struct kpatch_func *func, *next_func;
	struct kpatch_dynrela *dynrela, *next_dynrela;

	list_for_each_entry_safe(func, next_func, &obj->funcs, node)
		kfree(func);
	list_for_each_entry_safe(dynrela, next_dynrela, &obj->dynrelas, node)
		kfree(dynrela);
	kfree(obj);
}

static void free_records(void)
{
	struct kpatch_object *obj, *next;

	list_for_each_entry_safe(obj, next, &patch.objects, node)
		free_object(obj);
}

static int __init patch_init(void)
{
	int err = add_records();

	patch.kernel = recorded_kernel;
	if (!err && list_empty(&patch.objects)) {
		pr_err("there is nothing to patch\n");
		err = -EINVAL;
	}
	err = err ?: kpatch_register(&patch, REPLACE);
	if (err)
		free_records();
	return err;
}

/* The core holds the module until nothing of it is in use. */
static void __exit patch_exit(void)
{
	free_records();
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_LICENSE("GPL");
MODULE_INFO(kpatch, "Y");
