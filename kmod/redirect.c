// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * redirect.c - functions that ftrace cannot redirect, redirected by kprobes
 *
 * The probe is hit before the function's first instruction; its handler lets the task go on in the new function instead.
 * A handler after the instruction, though it does nothing, keeps the kernel from making the breakpoint a jump, of which
 * nobody could go on elsewhere. Who is redirected is decided as in klp_ftrace_handler().
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "klp-reference.h"
#include "redirect.h"

#if !defined(CONFIG_KPROBES) || !defined(CONFIG_X86_64)
#error "functions are redirected by kprobes on x86_64, with CONFIG_KPROBES"
#endif

#define BREAKPOINT 0xcc /* INT3 */
/* Of task_struct.patch_state; their names differ between kernels. */
#define NO_TRANSITION (-1)
#define PATCHED 1

struct redirect {
	struct kprobe probe;
	unsigned long new_func;
};

/* Its address is taken from data: of a weak variable's in code, Clang asks for a GOT, which no module has. */
static struct klp_patch *klp_transition KLP_REFERENCE(klp_transition_patch);
static struct klp_patch **transition = &klp_transition;
static const struct klp_patch *patch;
static const struct kpatch_patch_func *records;
static struct redirect *redirects;
static size_t count;

/*
 * Handlers cannot be preempted, and the kernel waits for those that run before it ends a transition. So what is read here
 * is of one: where `enabled` has changed already, `transition` tells of it as well, or it is over. No handler is traced,
 * because the functions that have no ftrace location are those of tracers, too.
 */
static bool notrace runs_new_code(void)
{
	bool enabled = READ_ONCE(patch->enabled);
	int state;

	smp_rmb();
	if (READ_ONCE(*READ_ONCE(transition)) != patch)
		return enabled;
	smp_rmb();
	state = READ_ONCE(current->patch_state);
	return state == NO_TRANSITION ? enabled : state == PATCHED;
}
NOKPROBE_SYMBOL(runs_new_code);

static int notrace enter(struct kprobe *probe, struct pt_regs *regs)
{
	if (!runs_new_code())
		return 0;
	instruction_pointer_set(regs, container_of(probe, struct redirect, probe)->new_func);
	return 1;
}
NOKPROBE_SYMBOL(enter);

static void notrace after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}
NOKPROBE_SYMBOL(after);

static const char *name_of(const struct kpatch_patch_func *f)
{
	return (const char *)(unsigned long)f->name;
}

/* The kernel lists the functions that it replaces in /sys/kernel/livepatch; these are in the module's parameters. */
static int list_redirects(char *buffer, const struct kernel_param *param)
{
	size_t length = 0, i;

	for (i = 0; i < count; i++)
		length += scnprintf(buffer + length, PAGE_SIZE - length, "%s%c", name_of(&records[i]),
				    i + 1 < count ? ' ' : '\n');
	return length;
}

static const struct kernel_param_ops lists = { .get = list_redirects };
module_param_cb(redirects, &lists, NULL, 0444);

static int add(struct redirect *r, const struct kpatch_patch_func *f)
{
	int err;

	r->new_func = f->new_addr;
	r->probe.addr = (kprobe_opcode_t *)(unsigned long)f->old_addr;
	r->probe.pre_handler = enter;
	r->probe.post_handler = after;
	err = register_kprobe(&r->probe);
	if (err) {
		pr_err("the kernel takes no kprobe at `%s` (error %d)\n", name_of(f), err);
		return err;
	}
	count++;
	if (*r->probe.addr == BREAKPOINT)
		return 0;
	pr_err("the kprobe at `%s` does nothing: see whether /sys/kernel/debug/kprobes/enabled is 1\n", name_of(f));
	return -EBUSY;
}

int kpatch_add_redirects(const struct klp_patch *of, const struct kpatch_patch_func *first,
			 const struct kpatch_patch_func *end)
{
	const struct kpatch_patch_func *f;
	int err = 0;

	patch = of;
	records = first;
	redirects = kcalloc(end - first, sizeof(*redirects), GFP_KERNEL);
	if (!redirects)
		return -ENOMEM;
	for (f = first; f < end && !err; f++)
		err = add(&redirects[f - first], f);
	return err;
}

void kpatch_remove_redirects(void)
{
	while (count) {
		struct kprobe *probe = &redirects[--count].probe;

		unregister_kprobe(probe);
		if (probe->nmissed)
			pr_notice("%lu calls of `%s` came from a kprobe and ran the original\n", probe->nmissed,
				  name_of(&records[count]));
	}
	kfree(redirects);
	redirects = NULL;
}
