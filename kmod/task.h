/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * task.h - what the kernel's headers do not say of a task, for whoever reads stacks
 */
#ifndef KPATCH_TASK_H
#define KPATCH_TASK_H

#include <linux/sched.h>

/* Whether a processor runs the task now: then what it has saved is of an earlier time. Without SMP who asks is the one. */
static inline bool task_runs(const struct task_struct *task)
{
#ifdef CONFIG_SMP
	return task->on_cpu;
#else
	return task == current;
#endif
}

#endif
