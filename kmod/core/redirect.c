// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * redirect.c - calls of functions, led to the version that is in force
 *
 * The handler is called at the function's first instructions, before any of its own, in any context, NMIs included; that it
 * changes where the task goes on is what IPMODIFY says, which ftrace allows one of at a location. So nobody else redirects what we do.
 * Who has calls go elsewhere without a handler (direct calls, of BPF) may skip ours, and is asked whether he gets along with it when an
 * ftrace_ops is registered, but not when a location is added to one: so each location has an ftrace_ops of its own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ftrace.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
#include <linux/trace_recursion.h>
#endif

#include "internal.h"

#if !defined(CONFIG_DYNAMIC_FTRACE_WITH_REGS) && !defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)
#error "functions are redirected by ftrace: CONFIG_DYNAMIC_FTRACE_WITH_REGS or CONFIG_DYNAMIC_FTRACE_WITH_ARGS"
#endif

/*
 * How far behind its function a location is, at most: on x86 behind ENDBR64, on arm64 behind BTI and what keeps the return address. No
 * function is so small that the next one's location is as near.
 */
#define ENTRY 8

static struct versions versions;
static unsigned long generation = 1;

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

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 5, 0)
#define FLAGS (FTRACE_OPS_FL_DYNAMIC | FTRACE_OPS_FL_IPMODIFY | SAVE | FTRACE_OPS_FL_PERMANENT)
#else
#define FLAGS (FTRACE_OPS_FL_DYNAMIC | FTRACE_OPS_FL_IPMODIFY | SAVE)
#endif

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

/* Of a location, for all versions there. */
struct hook {
	struct ftrace_ops ops;
	unsigned int versions;
};

static void free_hook(struct hook *h, unsigned long location)
{
	ftrace_set_filter_ip(&h->ops, location, 1, 0);
	kfree(h);
}

static struct hook *new_hook(unsigned long location)
{
	struct hook *h = kzalloc(sizeof(*h), GFP_KERNEL);
	int err;

	if (!h)
		return ERR_PTR(-ENOMEM);
	h->ops.func = enter;
	h->ops.flags = FLAGS;
	err = ftrace_set_filter_ip(&h->ops, location, 0, 0);
	err = err ?: register_ftrace_function(&h->ops);
	if (!err)
		return h;
	free_hook(h, location);
	return ERR_PTR(err);
}

static struct hook *hook_at(unsigned long location)
{
	struct version *v = versions_last(&versions, location);

	return v ? container_of(v, struct function, version)->hook : new_hook(location);
}

int redirect_hook(struct function *f)
{
	struct hook *h = hook_at(f->version.location);

	if (IS_ERR(h)) {
		pr_err("ftrace does not hook `%s` (error %ld)%s\n", f->of->name, PTR_ERR(h),
		       PTR_ERR(h) == -EBUSY
			       ? ": another live patch has, or a program of BPF; or kernel.ftrace_enabled is 0"
			       : "");
		return PTR_ERR(h);
	}
	h->versions++;
	f->hook = h;
	versions_add(&versions, &f->version);
	return 0;
}

/* Where ftrace does not let go of it, it has to stay. */
void redirect_unhook(struct function *f)
{
	struct hook *h = f->hook;

	if (!h)
		return;
	versions_remove(&versions, &f->version);
	f->hook = NULL;
	if (!--h->versions && !WARN_ON(unregister_ftrace_function(&h->ops)))
		free_hook(h, f->version.location);
}

int redirect_init(void)
{
	location_of = (void *)symbols_function("ftrace_location");
	return location_of ? 0 : -ENOENT;
}
