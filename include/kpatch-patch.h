/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kpatch-patch.h - records that a patch object carries for its patch module
 *
 * create-diff-object writes them, the patch module reads them; the layout is
 * fixed: 64-bit words in the byte order of the target, no padding. A pointer
 * is an absolute relocation that the module loader resolves.
 */
#ifndef KPATCH_PATCH_H
#define KPATCH_PATCH_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>
typedef u64 kpatch_u64;
#else
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
typedef uint64_t kpatch_u64;
#endif

#define KPATCH_SECTION_PREFIX ".kpatch."
#define KPATCH_FUNCS_SECTION ".kpatch.funcs"
#define KPATCH_REDIRECTS_SECTION ".kpatch.redirects"
#define KPATCH_STRINGS_SECTION ".kpatch.strings"
#define KPATCH_SYMBOLS_SECTION ".kpatch.symbols"
#define KPATCH_RELOCATIONS_SECTION ".kpatch.relocations"
#define KPATCH_PRE_PATCH_SECTION ".kpatch.callbacks.pre_patch"
#define KPATCH_POST_PATCH_SECTION ".kpatch.callbacks.post_patch"
#define KPATCH_PRE_UNPATCH_SECTION ".kpatch.callbacks.pre_unpatch"
#define KPATCH_POST_UNPATCH_SECTION ".kpatch.callbacks.post_unpatch"

/*
 * One function to replace; an array of these is .kpatch.funcs. Another is .kpatch.redirects: of functions without an
 * ftrace location, which a kprobe redirects. There old_addr is a pointer, by a KLP relocation to the original.
 */
struct kpatch_patch_func {
	kpatch_u64 new_addr; /* pointer: the new function */
	kpatch_u64 new_size; /* bytes */
	kpatch_u64 old_addr; /* in the kernel's symbol table, 0 where not known; for kernels before 4.5 */
	kpatch_u64 old_size; /* bytes */
	kpatch_u64 sympos;   /* 0: the name is unique in the object; n: the n-th */
	kpatch_u64 name;     /* pointer: NUL-terminated name of the original */
	kpatch_u64 objname;  /* pointer: "vmlinux" or the module's name */
};

/*
 * The code of the originals, for whoever compares it with that of a running kernel: not loaded (no SHF_ALLOC), and text, for
 * that is a system's shell. A line for each function of the two lists above:
 *
 *	1 OBJECT FUNCTION SYMPOS SIZE CODE
 *	1 OBJECT FUNCTION SYMPOS SIZE - why there is none, in words
 *
 * First the version of this layout; SYMPOS and SIZE are decimal, sympos and old_size of the function's record. CODE is two
 * characters for each of the SIZE bytes from the function's symbol on: hexadecimal digits, small ones, and `?` in the place of
 * one of whose bits some are filled in by linker or loader, or may be rewritten at run time.
 */
#define KPATCH_ORIGINAL_SECTION ".kpatch.original"
#define KPATCH_ORIGINAL_VERSION "1"

/* One callback of one patched object; an array in .kpatch.callbacks.*. */
struct kpatch_patch_callback {
	kpatch_u64 callback; /* pointer: the function */
	kpatch_u64 objname;  /* pointer: "vmlinux" or the module's name */
};

/*
 * Form kpatch: a reference to a symbol that the loader of modules cannot find is a record of .kpatch.relocations, and its symbol one
 * of .kpatch.symbols.
 */
struct kpatch_symbol {
	kpatch_u64 src; /* address in the kernel's symbol table; 0: not known */
	kpatch_u64 sympos;
	uint8_t bind, type; /* STB_*, STT_* */
	uint8_t padding[6];
	kpatch_u64 name;    /* pointer: string */
	kpatch_u64 objname; /* pointer: string, the object where the symbol lives */
};

struct kpatch_relocation {
	kpatch_u64 dest;   /* pointer: what is relocated */
	uint32_t type;     /* R_<ARCH>_* */
	uint32_t external; /* 1: the symbol lives in another module than the patched one */
	kpatch_u64 addend;
	kpatch_u64 objname; /* pointer: string, the object whose loading applies it */
	kpatch_u64 ksym;    /* pointer: record of .kpatch.symbols */
};

_Static_assert(sizeof(struct kpatch_symbol) == 40, "fixed layout");
_Static_assert(offsetof(struct kpatch_symbol, bind) == 16 && offsetof(struct kpatch_symbol, name) == 24,
	       "fixed layout");
_Static_assert(sizeof(struct kpatch_relocation) == 40, "fixed layout");
_Static_assert(offsetof(struct kpatch_relocation, external) == 12, "fixed layout");
_Static_assert(offsetof(struct kpatch_relocation, objname) == 24, "fixed layout");
_Static_assert(sizeof(struct kpatch_patch_func) == 56, "fixed layout");
_Static_assert(offsetof(struct kpatch_patch_func, sympos) == 32, "fixed layout");
_Static_assert(offsetof(struct kpatch_patch_func, objname) == 48, "fixed layout");
_Static_assert(sizeof(struct kpatch_patch_callback) == 16, "fixed layout");
_Static_assert(offsetof(struct kpatch_patch_callback, objname) == 8, "fixed layout");

#endif
