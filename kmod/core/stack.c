// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stack.c - whether a task is in code that is to change, and the change while none is
 *
 * Under stop_machine() every task is looked at; where none is in a span, the next generation comes in the same stop.
 *
 * The exported walk of stacks ends without a word where it does not know on, so it proves nothing. Of a task that was preempted
 * the stack is read word by word from the saved stack pointer on: who is in a function, or about to enter it, has an address of it
 * there, a return address or among the saved registers. What calls left there that have returned counts, too; so it may
 * be found too often, but not for long, because such a task runs again. One that sleeps may keep such a word for ever. But it has called
 * schedule(), so all that it is in has a return address behind it, unless a fault brought it there; and the kernel's reliable walk, or
 * on arm64 the frame records, tells all of these or that it cannot.
 *
 * Above all that the kernel has put there stand the registers of user mode. Any program may have any word in these: they are not read.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>
#include <linux/version.h>

#include "internal.h"
#include "task.h"

#ifndef CONFIG_THREAD_INFO_IN_TASK
#error "stacks are known to be there by their count of users: CONFIG_THREAD_INFO_IN_TASK"
#endif

#define TRIES 25
#define PAUSE 200 /* milliseconds between two */

/* A word as an address of the kernel. On arm64 return addresses may be signed, in the upper bits, but for that which tells whose they are. */
#ifdef CONFIG_ARM64
#define IS_KERNEL(word) ((word) & (1UL << 55))
#define ADDRESS(word) ((word) | ~((1UL << VA_BITS_MIN) - 1))
#else
#define IS_KERNEL(word) true
#define ADDRESS(word) (word)
#endif

struct attempt {
	const struct spans *spans;
	const struct task_struct *requester;
	char comm[TASK_COMM_LEN];
	pid_t pid;
	const char *name; /* where that task is; NULL: its stack cannot be read */
	bool done;
};

#ifndef CONFIG_ARM64
static int (*reliable)(struct task_struct *task, unsigned long *store, unsigned int size);
static unsigned long entries[THREAD_SIZE / (2 * sizeof(unsigned long))];
#endif
static struct task_struct *(*idle_of)(int cpu);
static unsigned long began; /* the frame of the core's function that was called from outside */
/* Where calls return that are probed: the true return address is elsewhere. */
static unsigned long return_to_probe[2];

static const struct span *span_of(const struct spans *all, unsigned long word)
{
	size_t i;

	if (!IS_KERNEL(word))
		return NULL;
	word = ADDRESS(word);
	if (word < all->low || word > all->high)
		return NULL;
	/* A call that does not return is the last thing in its function: the address behind it is the next one's. */
	for (i = 0; i < all->count; i++)
		if (word >= all->items[i].start && word <= all->items[i].end)
			return &all->items[i];
	return NULL;
}

/* --- one stack --- */

static unsigned long saved_pointer(const struct task_struct *task)
{
#if defined(CONFIG_X86_64)
	return task->thread.sp;
#elif defined(CONFIG_ARM64)
	return task->thread.cpu_context.sp;
#elif defined(CONFIG_S390)
	return task->thread.ksp;
#else
#error "where the stack of a task begins that does not run is not known for this architecture"
#endif
}

static bool is_probed(unsigned long word)
{
	return word && (ADDRESS(word) == return_to_probe[0] || ADDRESS(word) == return_to_probe[1]);
}

/* False: an address is somewhere that is not known. */
static bool scan(const struct spans *all, const unsigned long *at, const unsigned long *end, const struct span **ret)
{
	for (; at < end && !*ret; at++) {
		unsigned long word = READ_ONCE_NOCHECK(*at);

		if (is_probed(word))
			return false;
		*ret = span_of(all, word);
	}
	return true;
}

/* What the function graph tracer has put aside. */
#ifdef CONFIG_FUNCTION_GRAPH_TRACER
static bool scan_graph(const struct spans *all, const struct task_struct *task, const struct span **ret)
{
	const unsigned long *start = (const unsigned long *)task->ret_stack, *end = start;

	if (!start || task->curr_ret_stack < 0)
		return true;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	end = start + task->curr_ret_stack;
#else
	end = (const unsigned long *)((const struct ftrace_ret_stack *)start + task->curr_ret_stack + 1);
#endif
	return scan(all, start, end, ret);
}
#else
static bool scan_graph(const struct spans *all, const struct task_struct *task, const struct span **ret)
{
	return true;
}
#endif

/* Of a task that does not run, or from the given place on; false: not known. */
static bool read_words(const struct spans *all, struct task_struct *task, unsigned long from, const struct span **ret)
{
	unsigned long low = (unsigned long)task_stack_page(task), end = low + THREAD_SIZE;

	if (!(task->flags & PF_KTHREAD))
		end = (unsigned long)task_pt_regs(task);
	from = ALIGN(from, sizeof(long));
	if (from < low || from > end)
		return false;
	return scan(all, (unsigned long *)from, (unsigned long *)end, ret) && (*ret || scan_graph(all, task, ret));
}

/*
 * Of a task that sleeps; false: not known. arm64 is compiled with frame pointers: a function that has called another has a record
 * of its caller's record and of the address to which it returns. The last one stands where the task entered the kernel. A fault may come
 * to one that has made no record, such as __arch_copy_to_user(): who called it has its address in a register only, which the
 * exception has saved. The record of an exception is among these registers and says where it came (kernel_entry of entry.S); since 6.13 it
 * is zero.
 */
#ifdef CONFIG_ARM64
static bool is_exception(const unsigned long *record, unsigned long low)
{
	unsigned long regs = (unsigned long)record - offsetof(struct pt_regs, stackframe);

	return regs < low || READ_ONCE_NOCHECK(((struct pt_regs *)regs)->pc) == READ_ONCE_NOCHECK(record[1]);
}

static bool read_frames(const struct spans *all, struct task_struct *task, const struct span **ret)
{
	unsigned long low = (unsigned long)task_stack_page(task), high = low + THREAD_SIZE;
	unsigned long last = (unsigned long)&task_pt_regs(task)->stackframe, at = task->thread.cpu_context.fp;

	*ret = span_of(all, task->thread.cpu_context.pc);
	while (!*ret && at != last) {
		const unsigned long *record = (const unsigned long *)at;
		unsigned long next, address;

		if (at < low || at > high - 2 * sizeof(*record) || at % sizeof(*record) || is_exception(record, low))
			return false;
		next = READ_ONCE_NOCHECK(record[0]);
		address = READ_ONCE_NOCHECK(record[1]);
		if (next <= at || is_probed(address))
			return false;
		*ret = span_of(all, address);
		at = next;
	}
	return *ret || scan_graph(all, task, ret);
}
#else
static bool read_frames(const struct spans *all, struct task_struct *task, const struct span **ret)
{
	int n = reliable ? reliable(task, entries, ARRAY_SIZE(entries)) : -EINVAL;
	int i;

	for (i = 0; i < n && !*ret; i++)
		*ret = span_of(all, entries[i]);
	return n >= 0;
}
#endif

/* It has called schedule(), and was not just preempted. */
static bool sleeps(const struct task_struct *task)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	if (task->se.sched_delayed)
		return true;
#endif
	return !task->on_rq;
}

/*
 * One that was preempted may be on its way into a function, with the address in a register: all its words count. Who asks for the change
 * is in the core, on no such way, and has its words full of the addresses in question: those of its callers count.
 */
static bool read_stack(struct attempt *a, struct task_struct *task, const struct span **at)
{
	bool asks = task == a->requester;

	if ((asks || sleeps(task)) && !task_runs(task) && read_frames(a->spans, task, at))
		return true;
	return read_words(a->spans, task, asks ? began : saved_pointer(task), at);
}

/* What runs are the threads that stop the machine, or on one processor who asks. */
static bool look_at(struct attempt *a, struct task_struct *task)
{
	bool asks = task == a->requester;
	const struct span *at = NULL;

	if (!refcount_read(&task->stack_refcount) || (asks ? !began : task_runs(task)))
		return true;
	if (read_stack(a, task, &at) && !at)
		return true;
	strscpy(a->comm, task->comm, sizeof(a->comm));
	a->pid = task->pid;
	a->name = at ? at->name : NULL;
	return false;
}

/* --- all of them --- */

static bool look_at_all(struct attempt *a)
{
	struct task_struct *process, *task;
	int cpu;

	for_each_process_thread(process, task)
		if (!look_at(a, task))
			return false;
	for_each_online_cpu(cpu)
		if (!look_at(a, idle_of(cpu)))
			return false;
	return true;
}

static int attempt(void *data)
{
	struct attempt *a = data;

	rcu_read_lock();
	a->done = !a->spans->count || look_at_all(a);
	rcu_read_unlock();
	if (a->done)
		redirect_commit();
	return 0;
}

static void bounds(struct spans *s)
{
	size_t i;

	s->low = ULONG_MAX;
	s->high = 0;
	for (i = 0; i < s->count; i++) {
		s->low = min(s->low, s->items[i].start);
		s->high = max(s->high, s->items[i].end);
	}
}

int stack_commit(struct spans *spans)
{
	struct attempt *a = kzalloc(sizeof(*a), GFP_KERNEL);
	int tries, err;

	if (!a)
		return -ENOMEM;
	a->spans = spans;
	a->requester = current;
	bounds(spans);
	for (tries = 0; tries < TRIES && !a->done; tries++) {
		if (tries)
			msleep(PAUSE);
		stop_machine(attempt, a, NULL);
	}
	err = a->done ? 0 : -EBUSY;
	if (err && a->name)
		pr_err("%s:%d is in `%s`, and stays there\n", a->comm, a->pid, a->name);
	else if (err)
		pr_err("%s:%d has a stack on which a probe has put its own return address\n", a->comm, a->pid);
	kfree(a);
	return err;
}

void stack_begin(void *frame)
{
	began = (unsigned long)frame;
}

int stack_init(void)
{
	idle_of = (void *)symbols_function("idle_task");
	if (!idle_of)
		return -ENOENT;
#ifndef CONFIG_ARM64 /* where there is none, words have to do */
	reliable = (void *)symbols_function("stack_trace_save_tsk_reliable");
#endif
	return_to_probe[0] = symbols_address("arch_rethook_trampoline");
	return_to_probe[1] = symbols_address("__kretprobe_trampoline") ?: symbols_address("kretprobe_trampoline");
	return 0;
}
