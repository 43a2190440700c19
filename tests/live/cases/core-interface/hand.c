// SPDX-License-Identifier: GPL-2.0-or-later
/* hand.c - a patch that is written by hand: futex_wait() refuses; writing to `off` is kpatch_unregister() */
#include <linux/errno.h>
#include <linux/module.h>

#include "kpatch.h"

static bool force;
module_param(force, bool, 0444);
static unsigned int interface = KPATCH_INTERFACE;
module_param(interface, uint, 0444);

static int refuse(void)
{
	return -EXDEV;
}

static struct kpatch_func func = { .name = "futex_wait", .new_func = refuse, .new_size = 16 };
static struct kpatch_object object = { .name = "vmlinux",
				       .funcs = LIST_HEAD_INIT(object.funcs),
				       .dynrelas = LIST_HEAD_INIT(object.dynrelas) };
static struct kpatch_module patch = { .mod = THIS_MODULE, .objects = LIST_HEAD_INIT(patch.objects) };

static int off(const char *value, const struct kernel_param *param)
{
	return kpatch_unregister(&patch);
}

static const struct kernel_param_ops off_ops = { .set = off };
module_param_cb(off, &off_ops, NULL, 0200);

static int __init hand_init(void)
{
	func.force = force;
	patch.interface = interface;
	list_add_tail(&func.node, &object.funcs);
	list_add_tail(&object.node, &patch.objects);
	return kpatch_register(&patch, false);
}

static void __exit hand_exit(void)
{
}

module_init(hand_init);
module_exit(hand_exit);
MODULE_LICENSE("GPL");
