// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * symbols.c - addresses in the running kernel
 *
 * The kernel tells modules its symbols' names by their addresses (sprint_symbol()), but since 5.7 not the other way round. A
 * kprobe is given by name, and tells where it is; so kallsyms_lookup_name() is found, which finds the rest.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/version.h>

#include "internal.h"

#ifndef CONFIG_KALLSYMS
#error "the core finds functions by the kernel's own symbols: CONFIG_KALLSYMS"
#endif

static unsigned long (*lookup_name)(const char *name);
static struct module *(*module_by_name)(const char *name);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 12, 0)
/* Linux 6.2 and later, and the later 6.1. */
static int (*on_each_match)(int (*fn)(void *data, unsigned long address), const char *name, void *data);
#else
static int (*on_each)(int (*fn)(void *data, const char *name, struct module *mod, unsigned long address), void *data);
static struct mutex *modules; /* who looks at the list of modules holds it */
#endif

/* --- names by address --- */

/* Of what stands at the address: how far behind the symbol's start it is, and the bytes up to the next. False: of nothing. */
static bool describe(unsigned long address, char *name, unsigned long *offset, unsigned long *room)
{
	char text[KSYM_SYMBOL_LEN];
	char *plus;

	sprint_symbol(text, address);
	plus = strchr(text, '+');
	if (!plus || sscanf(plus, "+%lx/%lx", offset, room) != 2)
		return false;
	*plus = 0;
	strscpy(name, text, KSYM_NAME_LEN);
	return true;
}

unsigned long symbols_size(unsigned long address)
{
	char name[KSYM_NAME_LEN];
	unsigned long offset, size;

	return describe(address, name, &offset, &size) && !offset ? size : 0;
}

/* --- the kernel's own functions --- */

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 7, 0)
#ifndef CONFIG_KPROBES
#error "the core finds kallsyms_lookup_name() by a kprobe: CONFIG_KPROBES"
#endif

/* A probe at a function's start may stand behind the instruction that allows it to be called. */
static int find_lookup_name(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	char name[KSYM_NAME_LEN];
	unsigned long offset, room;
	int err = register_kprobe(&probe);

	if (err)
		return err;
	unregister_kprobe(&probe);
	if (!describe((unsigned long)probe.addr, name, &offset, &room) || strcmp(name, probe.symbol_name))
		return -ENOENT;
	lookup_name = (void *)((unsigned long)probe.addr - offset);
	return 0;
}
#else
static int find_lookup_name(void)
{
	lookup_name = kallsyms_lookup_name;
	return 0;
}
#endif

/*
 * Where indirect branches are guarded, the kernel takes the mark off functions of which it has no address itself: nobody
 * else may call them so.
 */
#if defined(CONFIG_X86_KERNEL_IBT)
#include <asm/cpufeature.h>
#include <asm/ibt.h>

static bool may_be_called(unsigned long function)
{
	return !boot_cpu_has(X86_FEATURE_IBT) || *(u32 *)function == gen_endbr();
}
#else
static bool may_be_called(unsigned long function)
{
	return true;
}
#endif

unsigned long symbols_address(const char *name)
{
	return lookup_name(name);
}

unsigned long symbols_function(const char *name)
{
	unsigned long address = symbols_address(name);

	if (address && !may_be_called(address)) {
		pr_err("`%s` may not be called by a module on this processor (IBT)\n", name);
		return 0;
	}
	return address;
}

/* Linux 5.9 exports module_mutex no more. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 12, 0)
static int find_walk(void)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 9, 0)
	modules = &module_mutex;
#else
	modules = (void *)lookup_name("module_mutex");
#endif
	on_each = (void *)symbols_function("kallsyms_on_each_symbol");
	if (modules)
		return 0;
	pr_err("the kernel does not tell where module_mutex is (CONFIG_KALLSYMS_ALL)\n");
	return -ENOENT;
}
#else
static int find_walk(void)
{
	on_each_match = (void *)symbols_function("kallsyms_on_each_match_symbol");
	return 0;
}
#endif

int symbols_init(void)
{
	int err = find_lookup_name();

	if (err || !may_be_called((unsigned long)lookup_name)) {
		pr_err("the kernel's symbols cannot be had: no kprobe at kallsyms_lookup_name() (error %d)\n", err);
		return err ?: -ENOENT;
	}
	module_by_name = (void *)symbols_function("find_module");
	return module_by_name ? find_walk() : -ENOENT;
}

/* --- by name and position --- */

struct match {
	const char *name;
	unsigned long wanted; /* the position; 0: the only one */
	unsigned long count, address;
};

static int take(void *data, unsigned long address)
{
	struct match *m = data;

	m->count++;
	if (!m->wanted || m->count == m->wanted)
		m->address = address;
	return m->wanted ? m->count == m->wanted : m->count > 1;
}

static int result(const struct match *m, unsigned long *ret)
{
	if (!m->count || (m->wanted ? m->count < m->wanted : m->count > 1))
		return -ENOENT;
	*ret = m->address;
	return 0;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 12, 0)
static int take_named(void *data, const char *name, struct module *mod, unsigned long address)
{
	struct match *m = data;

	return !mod && !strcmp(name, m->name) ? take(m, address) : 0;
}

static bool can_walk(void)
{
	return on_each;
}

static void walk(struct match *m)
{
	mutex_lock(modules);
	on_each(take_named, m);
	mutex_unlock(modules);
}
#else
static bool can_walk(void)
{
	return on_each_match;
}

static void walk(struct match *m)
{
	on_each_match(take, m->name, m);
}
#endif

/*
 * Whether the running kernel's list is one to look in. A name that was unique among all symbols is so in any list. A position was counted
 * among all, variables too; so it is not known in a list of code alone, nor in Linux 5.12 to 6.1 without livepatch, but for the
 * later ones of 6.1: nothing there walks through the symbols.
 */
static bool is_listed(const struct symbol *s)
{
	return !s->sympos || (IS_ENABLED(CONFIG_KALLSYMS_ALL) && can_walk());
}

static int look_up(const struct symbol *s, unsigned long *ret)
{
	struct match m = { .name = s->name, .wanted = s->sympos };

	if (can_walk()) {
		walk(&m);
		return result(&m, ret);
	}
	*ret = lookup_name(s->name);
	return *ret ? 0 : -ENOENT;
}

/* A kernel that lists code alone has not said no. */
static int find_in_vmlinux(const struct symbol *s, unsigned long *ret)
{
	int err = is_listed(s) ? look_up(s, ret) : -ENXIO;

	if (!err || (is_listed(s) && IS_ENABLED(CONFIG_KALLSYMS_ALL)))
		return err;
	return recorded_find(s, ret);
}

/* As kernel/livepatch counts: module_kallsyms_on_each_symbol() goes through this table. */
static int find_in_module(struct module *mod, const char *name, unsigned long sympos, unsigned long *ret)
{
	struct match m = { .name = name, .wanted = sympos };
	const struct mod_kallsyms *all;
	unsigned int i;

	rcu_read_lock_sched();
	all = rcu_dereference_sched(mod->kallsyms);
	for (i = 0; all && i < all->num_symtab; i++) {
		const Elf_Sym *s = &all->symtab[i];

		if (s->st_shndx != SHN_UNDEF && !strcmp(all->strtab + s->st_name, name) && take(&m, s->st_value))
			break;
	}
	rcu_read_unlock_sched();
	return result(&m, ret);
}

struct module *symbols_module(const char *name)
{
	struct module *mod;

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 12, 0)
	mutex_lock(modules);
	mod = module_by_name(name);
	mutex_unlock(modules);
#else
	rcu_read_lock_sched();
	mod = module_by_name(name);
	rcu_read_unlock_sched();
#endif
	if (!mod || (mod->state != MODULE_STATE_LIVE && !late_is_coming(mod)))
		return NULL;
	return mod;
}

int symbols_find(const struct symbol *s, unsigned long *ret)
{
	struct module *mod;

	if (is_vmlinux(s->object))
		return find_in_vmlinux(s, ret);
	mod = symbols_module(s->object);
	return mod ? find_in_module(mod, s->name, s->sympos, ret) : -EPROBE_DEFER;
}
