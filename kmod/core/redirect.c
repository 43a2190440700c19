// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * redirect.c - calls of functions, led to the version that is in force
 *
 * One ftrace_ops hooks all functions. Its handler is called at the function's first instructions, before any of its own, in
 * any context, NMIs included; that it changes where the task goes on is what IPMODIFY says, which ftrace allows one of
 * at a location. So nobody else redirects what we do.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/kernel.h>
#include <linux/stop_machine.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
#include <linux/trace_recursion.h>
#endif

#include "internal.h"

#if !defined(CONFIG_DYNAMIC_FTRACE_WITH_REGS) && !defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)
#error "functions are redirected by ftrace: CONFIG_DYNAMIC_FTRACE_WITH_REGS or CONFIG_DYNAMIC_FTRACE_WITH_ARGS"
#endif

/* How far behind its function a location is, at most: instructions that mark an entry, or keep the return address. */
#define ENTRY 16

static struct versions versions;
static unsigned long generation = 1;
static unsigned int hooks; /* locations */

static unsigned long (*location_of)(unsigned long address);

/* --- the handler --- */

/* Kernels with WITH_ARGS alone save what a call passes, and where it goes on. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define SAVE FTRACE_OPS_FL_SAVE_REGS
#elif defined(CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS)
#define SAVE 0
#else
#define SAVE FTRACE_OPS_FL_SAVE_REGS
#endif

static __always_inline unsigned long code_at(unsigned long location)
{
	unsigned long now = smp_load_acquire(&generation);
	const struct version *v = versions_at(&versions, location, now);

	return v ? v->code : 0;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
/* ftrace itself keeps handlers from being called from within themselves there, and preemption off. */
static void notrace enter(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops, struct pt_regs *regs)
{
	unsigned long code;

	preempt_disable_notrace();
	code = code_at(ip);
	if (code)
		instruction_pointer_set(regs, code);
	preempt_enable_notrace();
}
#else
static __always_inline void go_on_at(struct ftrace_regs *fregs, unsigned long code)
{
#if defined(ftrace_regs_set_instruction_pointer) || LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	ftrace_regs_set_instruction_pointer(fregs, code);
#elif defined(CONFIG_HAVE_DYNAMIC_FTRACE_WITH_ARGS)
	ftrace_instruction_pointer_set(fregs, code);
#else
	instruction_pointer_set(ftrace_get_regs(fregs), code);
#endif
}

static void notrace enter(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	unsigned long code;
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);

	if (WARN_ON_ONCE(bit < 0))
		return;
	preempt_disable_notrace();
	code = code_at(ip);
	if (code)
		go_on_at(fregs, code);
	preempt_enable_notrace();
	ftrace_test_recursion_unlock(bit);
}
#endif

static struct ftrace_ops ops = { .func = enter,
				 .flags = FTRACE_OPS_FL_DYNAMIC | FTRACE_OPS_FL_IPMODIFY | SAVE
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 5, 0)
					  | FTRACE_OPS_FL_PERMANENT
#endif
};

/* --- generations --- */

unsigned long redirect_next(void)
{
	return generation + 1;
}

void redirect_commit(void)
{
	smp_store_release(&generation, generation + 1);
}

const struct version *redirect_now(unsigned long location)
{
	return versions_at(&versions, location, generation);
}

static int nothing(void *data)
{
	return 0;
}

/* Readers cannot be preempted, and NMIs end before the processor that they came to goes on. */
void redirect_synchronize(void)
{
	stop_machine(nothing, NULL, NULL);
}

/* --- hooks --- */

/* Before 5.18 ftrace_location() knows locations alone, and not the functions that they are in. */
int redirect_locate(struct function *f)
{
	unsigned long offset;

	for (offset = 0; offset <= ENTRY; offset += 4) {
		f->version.location = location_of(f->old_addr + offset);
		if (f->version.location)
			break;
	}
	if (f->version.location && f->version.location - f->old_addr <= ENTRY)
		return 0;
	pr_err("`%s` has no place that ftrace could hook\n", f->of->name);
	return -ENOENT;
}

static int hook_location(unsigned long location)
{
	int err = ftrace_set_filter_ip(&ops, location, 0, 0);

	if (err || hooks++)
		return err;
	err = register_ftrace_function(&ops);
	if (err) {
		hooks = 0;
		ftrace_set_filter_ip(&ops, location, 1, 0);
	}
	return err;
}

/* Without a location left in it the filter would let all functions through. */
static void unhook_location(unsigned long location)
{
	if (!--hooks)
		WARN_ON(unregister_ftrace_function(&ops));
	ftrace_set_filter_ip(&ops, location, 1, 0);
}

int redirect_hook(struct function *f)
{
	bool first = !versions_has(&versions, f->version.location);
	int err;

	versions_add(&versions, &f->version);
	f->hooked = true;
	err = first ? hook_location(f->version.location) : 0;
	if (!err)
		return 0;
	pr_err("ftrace does not hook `%s` (error %d)%s\n", f->of->name, err,
	       err == -EBUSY ? ": another live patch has, or a program of BPF" : "");
	versions_remove(&versions, &f->version);
	f->hooked = false;
	return err;
}

void redirect_unhook(struct function *f)
{
	if (!f->hooked)
		return;
	versions_remove(&versions, &f->version);
	f->hooked = false;
	if (!versions_has(&versions, f->version.location))
		unhook_location(f->version.location);
}

int redirect_init(void)
{
	location_of = (void *)symbols_function("ftrace_location");
	return location_of ? 0 : -ENOENT;
}
