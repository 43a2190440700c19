/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kpatch.h - what a patch module tells the core (kpatch.ko), for kernels without CONFIG_LIVEPATCH
 *
 * All memory is the patch module's, which the core holds from kpatch_register() until the patch has been disabled; it changes
 * nothing of it but `mod` of an object. An address that is recorded is that of the kernel's symbol table, before the kernel is
 * moved at boot; 0 where it is not known. It counts where the running kernel does not tell where the symbol is.
 */
#ifndef KPATCH_H
#define KPATCH_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/types.h>

/*
 * The kernel of which addresses are recorded, and by what it is known again once it was moved: two symbols that every module is
 * given, one of data and one of code, and the ELF note that has its build ID.
 */
struct kpatch_kernel {
	unsigned long init_task, kfree, note; /* recorded addresses */
	const u8 *note_bytes;                 /* all of that note */
	unsigned int note_size;
};

/* A function to replace. */
struct kpatch_func {
	struct list_head node;
	const char *name;
	unsigned long sympos;   /* 0: the name is unique in its object; n: the n-th of that name */
	unsigned long recorded; /* address of the original */
	void *new_func;
	unsigned long new_size; /* bytes */
	bool force;             /* though tasks be in the original; a pre_patch callback may set it */
	/*
	 * The original in memory, from its symbol on: two characters for each byte, hexadecimal digits, small ones, or `?` for
	 * what does not count. NULL: not known.
	 */
	const char *old_code;
};

/* A place in the patch module that refers to a symbol which no module is given. */
struct kpatch_dynrela {
	struct list_head node;
	void *dest;
	unsigned int type; /* R_<ARCH>_* */
	long addend;
	const char *name;          /* the symbol's */
	const char *symbol_object; /* where it lives: "vmlinux", or a module */
	unsigned long sympos;      /* as of a function */
	unsigned long recorded;
};

/* What is patched: vmlinux, or a module, which may come after the patch, go, and come again. */
struct kpatch_object {
	struct list_head node;
	const char *name;   /* "vmlinux", or the module's name */
	struct module *mod; /* of a module that is loaded; the core sets it */
	struct list_head funcs, dynrelas;

	/* Each may be NULL. pre_patch returns 0, or an error, with which nothing is patched. */
	int (*pre_patch)(struct kpatch_object *obj);
	void (*post_patch)(struct kpatch_object *obj);
	void (*pre_unpatch)(struct kpatch_object *obj);
	void (*post_unpatch)(struct kpatch_object *obj);
};

/* Core and patch may be of different builds, and not all kernels compare versions of symbols. */
#define KPATCH_INTERFACE 1

struct kpatch_module {
	unsigned int interface; /* KPATCH_INTERFACE of the header that the patch was compiled with */
	struct module *mod;     /* the patch module */
	struct list_head objects;
	const struct kpatch_kernel *kernel; /* NULL: not known, and no recorded address counts */
	void *veneers; /* room in its code for jumps to what calls do not reach, 16 bytes each; or NULL */
	unsigned int veneer_count;
};

/*
 * Write the relocations, redirect the functions; with `replace`, let go of all earlier patches in the same instant. Sleeps, for
 * seconds where a task is in a function that is to be replaced. 0; -EBUSY where one stays there, or where somebody else has
 * redirected a function; -ENOENT where a symbol is not what the patch was made for; -ENXIO where the kernel does not tell
 * where one is; -EINVAL where the module was made for another core; -ENOMEM; or what a callback returned. What it was, the kernel's log says.
 */
int kpatch_register(struct kpatch_module *module, bool replace);

/*
 * The same as writing 0 to its `enabled`, and then nothing of the patch is in use, but by the caller: it may be in code of the
 * patch's module, if it holds that until it is out of it. 0, also where it is disabled; -EBUSY.
 */
int kpatch_unregister(struct kpatch_module *module);

#endif
