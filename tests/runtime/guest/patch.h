/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * patch.h - a live patch of /proc/cmdline, which then says PATCHED_BY, and with PATCHES_VERSION of /proc/version
 *
 * While the parameter `hold` is set, a reader called `holder` sleeps in the new
 * function, where no signal reaches it: it holds every transition up.
 */
#include <linux/delay.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>

static bool hold;
module_param(hold, bool, 0644);

static noinline void sleep_in_patch(void)
{
	while (READ_ONCE(hold))
		msleep(50);
}

static int new_cmdline_show(struct seq_file *m, void *v)
{
	if (!strcmp(current->comm, "holder"))
		sleep_in_patch();
	seq_puts(m, PATCHED_BY "\n");
	return 0;
}

#ifdef PATCHES_VERSION
static int new_version_show(struct seq_file *m, void *v)
{
	seq_puts(m, "version " PATCHED_BY "\n");
	return 0;
}
#endif

static struct klp_func funcs[] = {
	{ .old_name = "cmdline_proc_show", .new_func = new_cmdline_show },
#ifdef PATCHES_VERSION
	{ .old_name = "version_proc_show", .new_func = new_version_show },
#endif
	{ }
};

static struct klp_object objects[] = {
	{ .funcs = funcs },
	{ }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objects,
	.replace = REPLACES,
};

static int __init patch_init(void)
{
	return klp_enable_patch(&patch);
}

/* There is nothing to undo: the kernel calls it after the patch was disabled. */
static void __exit patch_exit(void)
{
}

module_init(patch_init);
module_exit(patch_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("test of kpatch(8)");
MODULE_INFO(livepatch, "Y");
