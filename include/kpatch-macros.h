/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kpatch-macros.h - what the author of a patch writes into the kernel's source
 *
 * Included by the files that a patch changes; kpatch-build puts it into the
 * include path. kpatch-macros(7) says what each macro is for. Macros that are
 * declarations stand at file level, after the function that they name; the
 * semicolon behind them is optional.
 */
#ifndef KPATCH_MACROS_H
#define KPATCH_MACROS_H

#include <linux/compiler.h>
#include <linux/jiffies.h>
#include <linux/livepatch.h>
#include <linux/printk.h>
#include <linux/version.h>

/* Not the kernel's __section(), which took the name without quotes until 5.10. */
#define __KPATCH_IN(section) __attribute__((__used__, __section__(section)))

/* --- what create-diff-object is asked to do: pointers in sections that it reads and drops --- */

/* KPATCH_IGNORE_SECTION(".data.limit"): what changed in this section of the object stays out of the patch. */
#define KPATCH_IGNORE_SECTION(name)                                                                                    \
	static const char *__UNIQUE_ID(kpatch_ignore_section_) __KPATCH_IN(".kpatch.ignore.sections") = name;

/* The function keeps running as it was, though it changed. */
#define KPATCH_IGNORE_FUNCTION(fn) static void *__kpatch_ignore_func_##fn __KPATCH_IN(".kpatch.ignore.functions") = fn;

/* The function is replaced, though it did not change. */
#define KPATCH_FORCE_UNSAFE(fn) static void *__kpatch_force_func_##fn __KPATCH_IN(".kpatch.force") = fn;

/* --- callbacks: one of each kind in a source file --- */

/* The name of the argument's type in patches that were written for kernels with and without livepatch. */
#ifdef CONFIG_LIVEPATCH
typedef struct klp_object patch_object;
#else
#include "kpatch.h"
typedef struct kpatch_object patch_object;
#endif

/* objname is create-diff-object's to fill in. */
#define __KPATCH_CALLBACK(kind, result, fn)                                                                            \
	_Static_assert(__builtin_types_compatible_p(typeof(&fn), result (*)(patch_object *)),                          \
		       "`" #fn "`, the " #kind " callback, is not `" #result " " #fn "(patch_object *)`");             \
	static struct {                                                                                                \
		result (*callback)(patch_object *);                                                                    \
		const char *objname;                                                                                   \
	} kpatch_##kind##_data __KPATCH_IN(".kpatch.callbacks." #kind) = { .callback = fn };

/* int fn(patch_object *): before the transition to the patch; anything but 0 stops it. */
#define KPATCH_PRE_PATCH_CALLBACK(fn) __KPATCH_CALLBACK(pre_patch, int, fn)
/* void fn(patch_object *): when every task runs the new functions. */
#define KPATCH_POST_PATCH_CALLBACK(fn) __KPATCH_CALLBACK(post_patch, void, fn)
/* void fn(patch_object *): before the transition back. */
#define KPATCH_PRE_UNPATCH_CALLBACK(fn) __KPATCH_CALLBACK(pre_unpatch, void, fn)
/* void fn(patch_object *): when every task runs the original functions. */
#define KPATCH_POST_UNPATCH_CALLBACK(fn) __KPATCH_CALLBACK(post_unpatch, void, fn)

/* --- forms of the kernel's macros that leave nothing behind which a patch cannot carry --- */

/* printk() without an entry in .printk_index: since 5.15 printk() is a macro around _printk(). */
#ifdef printk
#define KPATCH_PRINTK(fmt, ...) _printk(fmt, ##__VA_ARGS__)
#else
#define KPATCH_PRINTK(fmt, ...) printk(fmt, ##__VA_ARGS__)
#endif
/* The same of printk_deferred(), for code that holds the scheduler's locks. */
#ifdef printk_deferred
#define KPATCH_PRINTK_DEFERRED(fmt, ...) _printk_deferred(fmt, ##__VA_ARGS__)
#else
#define KPATCH_PRINTK_DEFERRED(fmt, ...) printk_deferred(fmt, ##__VA_ARGS__)
#endif

/* KPATCH_STATIC_CALL(name)(arguments): through the pointer in the key, without a site that the kernel would patch. */
#define KPATCH_STATIC_CALL(name) ((typeof(STATIC_CALL_TRAMP(name)) *)READ_ONCE(STATIC_CALL_KEY(name).func))

/*
 * SYSCALL_DEFINE<n>() without the metadata for tracing. The function that has
 * the body is `inline`, which means notrace in the kernel; where the original
 * has it apart, it could not be replaced. So it becomes a part of its caller.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(4, 17, 0)
#define __KPATCH_SYSCALL_BODY(name) SYSC##name
#else
#define __KPATCH_SYSCALL_BODY(name) __do_sys##name
#endif
#define __KPATCH_SYSCALL_DEFINEx(n, name, ...)                                                                         \
	static __always_inline long __KPATCH_SYSCALL_BODY(name)(__MAP(n, __SC_DECL, __VA_ARGS__));                     \
	__SYSCALL_DEFINEx(n, name, __VA_ARGS__)
#define KPATCH_SYSCALL_DEFINE1(name, ...) __KPATCH_SYSCALL_DEFINEx(1, _##name, __VA_ARGS__)
#define KPATCH_SYSCALL_DEFINE2(name, ...) __KPATCH_SYSCALL_DEFINEx(2, _##name, __VA_ARGS__)
#define KPATCH_SYSCALL_DEFINE3(name, ...) __KPATCH_SYSCALL_DEFINEx(3, _##name, __VA_ARGS__)
#define KPATCH_SYSCALL_DEFINE4(name, ...) __KPATCH_SYSCALL_DEFINEx(4, _##name, __VA_ARGS__)
#define KPATCH_SYSCALL_DEFINE5(name, ...) __KPATCH_SYSCALL_DEFINEx(5, _##name, __VA_ARGS__)
#define KPATCH_SYSCALL_DEFINE6(name, ...) __KPATCH_SYSCALL_DEFINEx(6, _##name, __VA_ARGS__)

#endif
