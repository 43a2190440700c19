/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks.h - where ftrace of the running kernel hooks a function of it
 *
 * ftrace_location() (kernel/trace/ftrace.c) takes the ftrace location at a function's address. Where an instruction stands before
 * it (endbr64, the TOC pointer), it takes any that lies before the next symbol. A weak function that lost to another
 * definition has no symbol any more, while its code and its location stay behind whatever function it stood behind.
 */
#ifndef ELFDIFF_HOOKS_H
#define ELFDIFF_HOOKS_H

#include "kernel/kernel_symbols.h"

enum hook {
	HOOK_CERTAIN,
	HOOK_UNKNOWN,   /* there is room for another location, and the source does not tell */
	HOOK_AMBIGUOUS, /* there is another location */
};

/* Of the function that is symbol number `id`, of `size` bytes where the source does not tell, whose location is not its address. */
enum hook hook_of(const struct symbol_table *t, uint32_t id, uint64_t size);

#endif
