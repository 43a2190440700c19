/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names.h - what the names of symbols and sections tell */
#ifndef ELFDIFF_NAMES_H
#define ELFDIFF_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How much of a name is the programmer's: what the compiler appends
 * (`.isra.0`, `.constprop.1`, `.part.2`, `.cold`, `.lto_priv.3`, `.llvm.123`, `.5`,
 * the numbers of `__UNIQUE_ID_` and `__BTF_ID__`, the hash of a Rust name) is left out.
 */
size_t name_stem(const char *name);

/* What was static, and is global because objects were optimized as one: `f.lto_priv.0`, `f.llvm.123`. */
bool name_was_static(const char *name);

/*
 * Of these, what has a number that counts things of one name (`f.lto_priv.0`, `x.1.llvm.123`): with another patch it is another
 * thing's. In `f.llvm.123` the number stands for the whole source, which has one f.
 */
bool name_counts_statics(const char *name);

/* The two names differ at most in what the compiler appended. */
bool name_same_stem(const char *a, const char *b);

/* Length of the name of the function whose code the compiler moved out into
 * `f.cold` or `f.part.0`; 0 when it is no such name. */
size_t name_outlined_from(const char *name);
bool name_is_cold(const char *name);

/* What names say of data of which a fresh copy is right. A name is no proof: the shape has to fit, too. */
enum fresh {
	FRESH_NOT,
	FRESH_ANYHOW,      /* a section that macros alone fill: debug descriptors; constants of the compiler */
	FRESH_ONCE_FLAG,   /* something was reported; in a section of such flags: one byte, zero at first */
	FRESH_LOCK_KEY,    /* struct lock_class_key: its address alone is used */
	FRESH_INDEX_ENTRY, /* struct pi_entry: .printk_index alone leads to it */
	FRESH_RATE_LIMIT,  /* struct ratelimit_state: its address alone is used */
};
enum fresh name_fresh(const char *symbol, const char *section, bool writable);

/* A static variable inside a function: GCC's `count.0`, Clang's `f.count`. */
bool name_is_static_local(const char *name);

/* Labels of assemblers and linkers, no things: `.L*`, `$x`, `$d`. */
bool name_is_marker(const char *name);

/* `__pfx_f`, `__cfi_f`: the bytes in front of function f. */
bool name_is_prefix_symbol(const char *name);

/* What is left of a section's name without the symbol that -ffunction-sections
 * or -fdata-sections put behind it (`.data.foo` of `foo` gives `.data`): length. */
size_t section_stem(const char *section, const char *symbol);

/* Names of objects, in which kbuild turns '-' into '_': "dm-mod" and "dm_mod" are one. */
bool name_same_object(const char *a, const char *b);

bool section_is_per_cpu(const char *section);

#endif
