/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * internal.h - the core's own data, and what its parts do for each other
 *
 * Everything is done with core_mutex held, but for what readers do in redirect.c.
 */
#ifndef KPATCH_CORE_INTERNAL_H
#define KPATCH_CORE_INTERNAL_H

#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "kpatch.h"
#include "versions.h"

struct hook; /* redirect.c */

struct function {
	struct list_head node;
	struct object *object;
	struct kpatch_func *of;
	unsigned long old_addr, old_size; /* of the original, in the running kernel */
	struct version version;
	struct hook *hook; /* NULL: its version is not in the table */
	struct kobject kobj;
};

/* A relocation, and what was there before it was written. */
struct relocation {
	struct list_head node;
	struct kpatch_dynrela *of;
	u8 before[8];
	unsigned int size; /* bytes; 0: it is not written */
	bool stale;        /* it is written, but what it leads to has gone */
	void *veneer;      /* room for a jump, 16 bytes; or NULL */
};

struct object {
	struct list_head node;
	struct patch *patch;
	struct kpatch_object *of;
	struct list_head functions, relocations;
	bool live;  /* its functions are redirected */
	bool ready; /* its pre_patch callback has been called, and not yet post_unpatch */
	struct kobject kobj;
};

struct patch {
	struct list_head node; /* of patches, the earliest first; or of those that are let go */
	struct kpatch_module *of;
	struct list_head objects;
	bool replace, enabled;
	struct kobject kobj;
	atomic_t directories;   /* its own, and those of its objects and functions, that somebody has */
	struct completion gone; /* there is none any more */
	struct work_struct let_go;
};

extern struct mutex core_mutex;
extern struct list_head patches; /* enabled, or about to be */

static inline bool is_vmlinux(const char *object)
{
	return !strcmp(object, "vmlinux");
}

/* --- symbols.c: addresses in the running kernel --- */

int symbols_init(void);

/* An address of vmlinux that is no one's to export; 0 where this kernel does not have the symbol. */
unsigned long symbols_address(const char *name);

/* The same of a function to call; 0 also where no module may call it, and the log says so. */
unsigned long symbols_function(const char *name);

/* The module of that name, if it can be patched now (late.c); NULL. */
struct module *symbols_module(const char *name);

/* What a patch says of a symbol that it means; see kpatch.h. */
struct symbol {
	const char *object, *name;
	unsigned long sympos, recorded;
	const struct kpatch_kernel *kernel; /* of which `recorded` is the address */
};

/*
 * Its address. 0; -ENOENT where there is none, or more than one where there must not be; -ENXIO where the kernel does not tell, and
 * the log says why what was recorded does not count; -EPROBE_DEFER where the object is not loaded.
 */
int symbols_find(const struct symbol *s, unsigned long *ret);

/* The bytes of what a symbol of the running kernel begins at that address, up to the next one; 0 where none begins. */
unsigned long symbols_size(unsigned long address);

/* --- recorded.c: where symbols are of which the running kernel does not tell --- */

/* The address in vmlinux, from that which was recorded. 0, or -ENXIO and a line in the log where that is not proved. */
int recorded_find(const struct symbol *s, unsigned long *ret);

/* --- redirect.c: ftrace --- */

int redirect_init(void);

/* Set `location` of a function whose old_addr is known. */
int redirect_locate(struct function *f);

/* Hook the function, with its version not in force yet, or out of force already. */
int redirect_hook(struct function *f);
void redirect_unhook(struct function *f);

/* The generation that comes next, and its coming. */
unsigned long redirect_next(void);
void redirect_commit(void);

/* The version in force; NULL: the original. */
const struct version *redirect_now(unsigned long location);

/* Until no reader is left of what was unhooked. */
void redirect_synchronize(void);

/* --- stack.c: who is where --- */

struct span {
	unsigned long start, end;
	const char *name; /* of the function or the module */
};

struct spans {
	struct span *items;
	size_t count;
	unsigned long low, high; /* of all of them */
};

int stack_init(void);

/* Whoever is to call stack_commit() says first where its frame is; NULL: its callers may be in what goes, and hold it. */
void stack_begin(void *frame);

/*
 * Let the next generation come when no task is in one of the spans. 0; -EBUSY, and the log tells who and where it was, after
 * seconds; -ENOMEM.
 */
int stack_commit(struct spans *spans);

/* --- relocate.c --- */

/* All of an object; on an error none is written, and the log says why. */
int relocate_write(struct object *obj);
void relocate_undo(struct object *obj);

/*
 * relocate_<arch>.c: put `value`, which is symbol and addend, into `field`, a copy of the 8 bytes at the relocation's place.
 * Returns the field's size; -ENOEXEC where that type is not known, -EEXIST where the field is not what the assembler left,
 * -ERANGE where the value does not fit.
 */
int relocate_encode(const struct relocation *r, unsigned long value, u8 *field);

/*
 * For these: the lower `size` bytes of the value, in the machine's order, into a field that is still zero, as the assembler leaves
 * one whose addend is with the relocation. The size, or -EEXIST.
 */
int relocate_put(u8 *field, int size, u64 value);

/* Whether so many bits, of which one is the sign, have the value; less than 64. */
static inline bool relocate_fits(s64 value, unsigned int bits)
{
	return value >= -(1LL << (bits - 1)) && value < 1LL << (bits - 1);
}

/* Write to memory that is read-only for everyone else. */
int relocate_poke(void *to, const void *from, size_t count);

/* --- transition.c: objects and patches, in force and out --- */

/* All functions of an object whose module is here, or of vmlinux: found, written, hooked, not in force. */
int object_prepare(struct object *obj);
void object_undo(struct object *obj);
int patch_enable(struct patch *p);
int patch_disable(struct patch *p);

/* --- late.c: modules that come and go --- */

int late_init(void);
void late_exit(void);
bool late_is_coming(const struct module *mod);

/* --- sysfs.c --- */

int sysfs_init(void);
void sysfs_exit(void);
int sysfs_add(struct patch *p);
/* Sleeps until no one uses them; core_mutex must not be held. */
void sysfs_remove(struct patch *p);

/* --- core.c --- */

/* What is left of a patch that is out of force, without core_mutex, by and by. */
void core_let_go(struct patch *p);

#endif
