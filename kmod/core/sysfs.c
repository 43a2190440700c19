// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sysfs.c - /sys/kernel/kpatch, which looks like /sys/kernel/livepatch
 *
 *	<patch>/enabled      1; writing 0 disables it, and the directory goes
 *	<patch>/transition   0: a change happens at once, or not
 *	<patch>/replace      whether it took the place of others
 *	<patch>/stack_order  1: the first one that was enabled
 *	<patch>/<object>/patched, <patch>/<object>/<function>,<position>/
 */
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "internal.h"

static struct kobject *top;

/* --- of a patch --- */

static ssize_t enabled_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sprintf(buf, "%d\n", READ_ONCE(container_of(kobj, struct patch, kobj)->enabled));
}

static ssize_t enabled_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf, size_t count)
{
	struct patch *p = container_of(kobj, struct patch, kobj);
	bool on;
	int err = kstrtobool(buf, &on);

	if (err)
		return err;
	mutex_lock(&core_mutex);
	stack_begin(__builtin_frame_address(0));
	if (on || !p->enabled)
		err = -EINVAL; /* it is as it is, and none is enabled again */
	else
		err = patch_disable(p);
	if (!err)
		core_let_go(p);
	mutex_unlock(&core_mutex);
	return err ?: count;
}

static ssize_t transition_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sprintf(buf, "0\n");
}

static ssize_t replace_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sprintf(buf, "%d\n", container_of(kobj, struct patch, kobj)->replace);
}

static ssize_t stack_order_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct patch *p;
	int order = 0, found = 0;

	mutex_lock(&core_mutex);
	list_for_each_entry(p, &patches, node) {
		order++;
		if (&p->kobj == kobj)
			found = order;
	}
	mutex_unlock(&core_mutex);
	return sprintf(buf, "%d\n", found);
}

static struct kobj_attribute enabled_attribute = __ATTR_RW(enabled);
static struct kobj_attribute transition_attribute = __ATTR_RO(transition);
static struct kobj_attribute replace_attribute = __ATTR_RO(replace);
static struct kobj_attribute stack_order_attribute = __ATTR_RO(stack_order);

static struct attribute *patch_attrs[] = { &enabled_attribute.attr, &transition_attribute.attr, &replace_attribute.attr,
					   &stack_order_attribute.attr, NULL };
ATTRIBUTE_GROUPS(patch);

/* The kernel may let go of a directory later than of one that is in it. All are the patch's memory, so it waits for the last. */
static void release(struct patch *p)
{
	if (atomic_dec_and_test(&p->directories))
		complete(&p->gone);
}

static void release_patch(struct kobject *kobj)
{
	release(container_of(kobj, struct patch, kobj));
}

static struct kobj_type patch_type = { .sysfs_ops = &kobj_sysfs_ops,
				       .default_groups = patch_groups,
				       .release = release_patch };

/* --- of objects and functions --- */

static void release_object(struct kobject *kobj)
{
	release(container_of(kobj, struct object, kobj)->patch);
}

static void release_function(struct kobject *kobj)
{
	release(container_of(kobj, struct function, kobj)->object->patch);
}

static ssize_t patched_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sprintf(buf, "%d\n", READ_ONCE(container_of(kobj, struct object, kobj)->live));
}

static struct kobj_attribute patched_attribute = __ATTR_RO(patched);
static struct attribute *object_attrs[] = { &patched_attribute.attr, NULL };
ATTRIBUTE_GROUPS(object);

static struct kobj_type object_type = { .sysfs_ops = &kobj_sysfs_ops,
					.default_groups = object_groups,
					.release = release_object };
static struct kobj_type function_type = { .sysfs_ops = &kobj_sysfs_ops, .release = release_function };

static int add_object(struct object *obj)
{
	struct function *f;
	int err = kobject_add(&obj->kobj, &obj->patch->kobj, "%s", obj->of->name);

	list_for_each_entry(f, &obj->functions, node) {
		if (err)
			break;
		err = kobject_add(&f->kobj, &obj->kobj, "%s,%lu", f->of->name, f->of->sympos ?: 1);
	}
	return err;
}

static void begin(struct patch *p, struct kobject *kobj, struct kobj_type *type)
{
	atomic_inc(&p->directories);
	kobject_init(kobj, type);
}

int sysfs_add(struct patch *p)
{
	struct object *obj;
	struct function *f;
	int err;

	begin(p, &p->kobj, &patch_type);
	list_for_each_entry(obj, &p->objects, node) {
		begin(p, &obj->kobj, &object_type);
		list_for_each_entry(f, &obj->functions, node)
			begin(p, &f->kobj, &function_type);
	}
	err = kobject_add(&p->kobj, top, "%s", p->of->mod->name);
	list_for_each_entry(obj, &p->objects, node)
		err = err ?: add_object(obj);
	return err;
}

/* Not all are there if one could not be added. */
static void take_out(struct kobject *kobj)
{
	if (kobj->state_in_sysfs)
		kobject_del(kobj);
	kobject_put(kobj);
}

void sysfs_remove(struct patch *p)
{
	struct object *obj;
	struct function *f;

	list_for_each_entry(obj, &p->objects, node) {
		list_for_each_entry(f, &obj->functions, node)
			take_out(&f->kobj);
		take_out(&obj->kobj);
	}
	take_out(&p->kobj);
	wait_for_completion(&p->gone);
}

int sysfs_init(void)
{
	top = kobject_create_and_add("kpatch", kernel_kobj);
	return top ? 0 : -ENOMEM;
}

void sysfs_exit(void)
{
	kobject_put(top);
}
