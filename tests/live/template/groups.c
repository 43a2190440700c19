// SPDX-License-Identifier: GPL-2.0-or-later
/* groups.c - from records in the order of the link to one klp_object for each patched object */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "hook.h"

extern struct function_record __kpatch_funcs[], __kpatch_funcs_end[];
#define EACH_KIND(DO) DO(pre_patch) DO(post_patch) DO(pre_unpatch) DO(post_unpatch)
#define DECLARE(kind) extern struct callback_record __kpatch_callbacks_##kind[], __kpatch_callbacks_##kind##_end[];
EACH_KIND(DECLARE)

static struct klp_object *objects;
static unsigned int object_count;

/* The kernel calls vmlinux NULL. */
static struct klp_object *group_of(const char *name)
{
	const char *own = strcmp(name, "vmlinux") ? name : NULL;
	unsigned int i;

	for (i = 0; i < object_count; i++)
		if (own ? objects[i].name && !strcmp(objects[i].name, own) : !objects[i].name)
			return &objects[i];
	objects[object_count].name = own;
	return &objects[object_count++];
}

static int take_functions(struct klp_object *object)
{
	struct function_record *f;
	struct klp_func *to;

	to = kcalloc(__kpatch_funcs_end - __kpatch_funcs + 1, sizeof(*to), GFP_KERNEL);
	if (!to)
		return -ENOMEM;
	object->funcs = to;
	for (f = __kpatch_funcs; f < __kpatch_funcs_end; f++) {
		if (group_of(f->object) != object)
			continue;
		to->old_name = f->name;
		to->new_func = (void *)f->new_address;
		to->old_sympos = f->position;
		to++;
	}
	return 0;
}

#define COUNT(kind) +(__kpatch_callbacks_##kind##_end - __kpatch_callbacks_##kind)
#define TAKE(kind) \
	for (c = __kpatch_callbacks_##kind; c < __kpatch_callbacks_##kind##_end; c++) \
		group_of(c->object)->callbacks.kind = c->callback;

int group_records(struct klp_patch *patch)
{
	struct callback_record *c;
	struct function_record *f;
	unsigned int i;

	objects = kcalloc(__kpatch_funcs_end - __kpatch_funcs EACH_KIND(COUNT) + 1, sizeof(*objects), GFP_KERNEL);
	if (!objects)
		return -ENOMEM;
	patch->objs = objects;
	for (f = __kpatch_funcs; f < __kpatch_funcs_end; f++)
		group_of(f->object);
	EACH_KIND(TAKE)
	for (i = 0; i < object_count; i++)
		if (take_functions(&objects[i]))
			return -ENOMEM;
	return 0;
}

void free_groups(struct klp_patch *patch)
{
	while (object_count)
		kfree(objects[--object_count].funcs);
	kfree(objects);
	patch->objs = NULL;
}
