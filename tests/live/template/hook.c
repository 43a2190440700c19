// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hook.c - a patch module as other pipelines have it, for tests/live/drop-in.sh
 *
 * It works as the template of kpatch 0.9.11 does where that concerns our tools: two source files and one object of records;
 * a linker script that puts symbols round the records and a word of zeros behind those of callbacks; records grouped by
 * patched object when the module is loaded. It knows nothing of kmod/patch.c.
 */
#include <linux/livepatch.h>
#include <linux/module.h>

#include "hook.h"

static struct klp_patch patch = { .mod = THIS_MODULE, .replace = true };

static int __init hook_init(void)
{
	int error = group_records(&patch);

	if (!error)
		error = klp_enable_patch(&patch);
	if (error)
		free_groups(&patch);
	return error;
}

static void __exit hook_exit(void)
{
	free_groups(&patch);
}

module_init(hook_init);
module_exit(hook_exit);
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
