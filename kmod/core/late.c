// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * late.c - modules that come after their patch, and go before it
 *
 * A module that comes is told of before any of its code runs, and one that goes after all of it has; so nobody is in it, and
 * no stack has to be looked at.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"

/* A module between the two notices that it comes and that it is there. */
struct coming {
	struct list_head node;
	const struct module *mod;
};

static LIST_HEAD(coming);

bool late_is_coming(const struct module *mod)
{
	const struct coming *c;

	list_for_each_entry(c, &coming, node)
		if (c->mod == mod)
			return true;
	return false;
}

static int note(const struct module *mod)
{
	struct coming *c = kmalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return -ENOMEM;
	c->mod = mod;
	list_add(&c->node, &coming);
	return 0;
}

static void forget(const struct module *mod)
{
	struct coming *c, *next;

	list_for_each_entry_safe(c, next, &coming, node) {
		if (c->mod != mod)
			continue;
		list_del(&c->node);
		kfree(c);
	}
}

#define for_each_object_of(mod_name, p, obj)                                                                           \
	list_for_each_entry(p, &patches, node)                                                                         \
		list_for_each_entry(obj, &p->objects, node)                                                            \
			if (!strcmp(obj->of->name, mod_name))

/* Of versions that are not in force, or never were. */
static void undo(struct module *mod)
{
	struct patch *p;
	struct object *obj;

	for_each_object_of(mod->name, p, obj)
		object_undo(obj);
	redirect_synchronize();
	for_each_object_of(mod->name, p, obj) {
		if (obj->ready && obj->of->post_unpatch)
			obj->of->post_unpatch(obj->of);
		obj->ready = false;
		relocate_undo(obj);
		obj->of->mod = NULL;
	}
}

static void unpatch(struct module *mod)
{
	struct patch *p;
	struct object *obj;
	struct function *f;

	for_each_object_of(mod->name, p, obj) {
		if (obj->live && obj->of->pre_unpatch)
			obj->of->pre_unpatch(obj->of);
		list_for_each_entry(f, &obj->functions, node)
			WRITE_ONCE(f->version.until, redirect_next());
	}
	redirect_commit();
	undo(mod);
}

static int patch_one(struct module *mod, struct object *obj)
{
	int err;

	obj->of->mod = mod;
	err = relocate_write(obj);
	if (!err && obj->of->pre_patch)
		err = obj->of->pre_patch(obj->of);
	if (err)
		return err;
	obj->ready = true;
	return object_prepare(obj);
}

static int patch(struct module *mod)
{
	struct patch *p;
	struct object *obj;

	for_each_object_of(mod->name, p, obj) {
		int err = patch_one(mod, obj);

		if (err) {
			pr_err("`%s` is not loaded: `%s` cannot patch it (error %d)\n", mod->name, p->of->mod->name,
			       err);
			return err;
		}
	}
	redirect_commit();
	for_each_object_of(mod->name, p, obj)
		if (obj->live && obj->of->post_patch)
			obj->of->post_patch(obj->of);
	return 0;
}

static bool is_patched(const char *name)
{
	struct patch *p;
	struct object *obj;

	for_each_object_of(name, p, obj)
		return true;
	return false;
}

static int come(struct module *mod)
{
	int err = note(mod);

	if (!err && is_patched(mod->name))
		err = patch(mod);
	if (err) {
		undo(mod);
		forget(mod);
	}
	return err;
}

static int notice(struct notifier_block *block, unsigned long event, void *data)
{
	struct module *mod = data;
	int err = 0;

	mutex_lock(&core_mutex);
	switch (event) {
	case MODULE_STATE_COMING:
		err = come(mod);
		break;
	case MODULE_STATE_LIVE:
		forget(mod);
		break;
	case MODULE_STATE_GOING:
		if (is_patched(mod->name))
			unpatch(mod);
		forget(mod);
		break;
	}
	mutex_unlock(&core_mutex);
	return notifier_from_errno(err);
}

static struct notifier_block block = { .notifier_call = notice };

int late_init(void)
{
	return register_module_notifier(&block);
}

void late_exit(void)
{
	struct coming *c, *next;

	unregister_module_notifier(&block);
	list_for_each_entry_safe(c, next, &coming, node)
		kfree(c);
}
