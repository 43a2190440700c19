// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/counter: how often it was read */
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "counter.h"

static int reads;

static int counter_show(struct seq_file *m, void *v)
{
	counter_put(m, ++reads);
	return 0;
}

static int __init counter_init(void)
{
	return proc_create_single("counter", 0, NULL, counter_show) ? 0 : -ENOMEM;
}
module_init(counter_init);

static void __exit counter_exit(void)
{
	remove_proc_entry("counter", NULL);
}
module_exit(counter_exit);

MODULE_DESCRIPTION("counts how often it is read");
MODULE_LICENSE("GPL");
