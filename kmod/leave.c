// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * leave.c - until when tasks may stand in the code of a patch that is let go
 *
 * The kernel has looked for replaced functions on the tasks' stacks (klp_check_stack()), and for no others: a task that a
 * replaced function sent on by a jump, to a new function that sleeps, has nothing on its stack that the kernel knows. So
 * before the module goes, every task has to be seen once without an address of the module on its stack. Once is enough:
 * nobody enters any more.
 *
 * A stack can be read while its task does not run. stop_machine() sees to it for all tasks at once, those that run in user
 * mode for ever too; it stops them for a few at a time, so that no stop is long.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/stacktrace.h>
#include <linux/stop_machine.h>
#include <linux/thread_info.h>

#include "klp-reference.h"
#include "leave.h"
#include "task.h"

#ifdef KPATCH_CAN_LEAVE

#define AT_ONCE 32     /* stacks for one stop of the machine */
#define REPORT_AFTER 4 /* seconds until the task that is waited for is named; then after twice that, and so on */

/* The walk of the kernel's own check. */
static int stack_of(struct task_struct *task, unsigned long *store, unsigned int size)
	KLP_REFERENCE(stack_trace_save_tsk_reliable);

enum standing { UNREADABLE, INSIDE, OUTSIDE };

struct seen {
	struct task_struct *task;
	enum standing standing;
};

struct span {
	struct seen *first;
	size_t count;
};

static const struct task_struct *remover;

/* No frame is smaller than a return address and a frame pointer. */
static unsigned long entries[THREAD_SIZE / (2 * sizeof(unsigned long))];

/* While the machine is stopped. What still runs then are the threads that stop it. */
static enum standing standing_of(struct task_struct *task)
{
	int n, i;

	if (task == remover || task_runs(task))
		return OUTSIDE;
	n = stack_of(task, entries, ARRAY_SIZE(entries));
	if (n < 0)
		return UNREADABLE;
	for (i = 0; i < n; i++)
		if (within_module(entries[i], THIS_MODULE))
			return INSIDE;
	return OUTSIDE;
}

static int look(void *data)
{
	const struct span *span = data;
	size_t i;

	for (i = 0; i < span->count; i++)
		span->first[i].standing = standing_of(span->first[i].task);
	return 0;
}

/* What is left of `count` when those that were seen outside are let go. */
static size_t drop_outside(struct seen *all, size_t count)
{
	size_t kept = 0, i;

	for (i = 0; i < count; i++) {
		if (all[i].standing == OUTSIDE)
			put_task_struct(all[i].task);
		else
			all[kept++] = all[i];
	}
	return kept;
}

static size_t look_at_all(struct seen *all, size_t count)
{
	size_t i;

	for (i = 0; i < count; i += AT_ONCE) {
		struct span span = { all + i, min_t(size_t, AT_ONCE, count - i) };

		stop_machine(look, &span, NULL);
		cond_resched();
	}
	return drop_outside(all, count);
}

/* Every task, or as many as there is room for, each held; how many there are. */
static size_t hold_tasks(struct seen *all, size_t room)
{
	struct task_struct *process, *task;
	size_t count = 0;

	rcu_read_lock();
	for_each_process_thread(process, task) {
		if (count < room)
			all[count].task = get_task_struct(task);
		count++;
	}
	rcu_read_unlock();
	return count;
}

/* There may be more of them by the time that there is room. */
static struct seen *all_tasks(size_t *count)
{
	for (;;) {
		size_t room = hold_tasks(NULL, 0) + 64;
		struct seen *all = kvcalloc(room, sizeof(*all), GFP_KERNEL);

		*count = all ? hold_tasks(all, room) : 0;
		if (all && *count <= room)
			return all;
		while (all && room)
			put_task_struct(all[--room].task);
		kvfree(all);
		schedule_timeout_idle(HZ / 10);
	}
}

void kpatch_wait_until_left(void)
{
	unsigned long waited = 0, report = REPORT_AFTER;
	struct seen *all;
	size_t count;

	remover = current;
	all = all_tasks(&count);
	synchronize_rcu_tasks();
	while ((count = look_at_all(all, count))) {
		if (waited == report) {
			pr_notice("%s:%d %s; the module stays until it has left\n", all->task->comm, all->task->pid,
				  all->standing == INSIDE ? "is in code of this patch"
							  : "has a stack that cannot be followed");
			report *= 2;
		}
		schedule_timeout_idle(HZ);
		waited++;
	}
	kvfree(all);
}

#endif
