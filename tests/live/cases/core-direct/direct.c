// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * direct.c - calls of the function at `address` go through a piece of code of ours, which calls the original behind its ftrace location:
 * what a program of BPF at a function's end does
 */
#include <linux/ftrace.h>
#include <linux/linkage.h>
#include <linux/module.h>
#include <asm/ibt.h>

static unsigned long address;
module_param(address, ulong, 0444);

extern const char around[];
unsigned long behind;

/* On the stack are the address behind the location, and the caller's. */
asm("	.pushsection .text, \"ax\"\n"
    "	.type around, @function\n"
    "around:\n"
    "	push %rbp\n"
    "	mov %rsp, %rbp\n"
    "	mov behind(%rip), %rax\n"
    "	call *%rax\n"
    "	pop %rbp\n"
    "	add $8, %rsp\n"
    "	" ASM_RET
    "	.size around, . - around\n"
    "	.popsection\n");

static int __init direct_init(void)
{
	behind = address + (is_endbr(*(u32 *)address) ? 4 : 0) + MCOUNT_INSN_SIZE;
	return register_ftrace_direct(address, (unsigned long)around);
}

static void __exit direct_exit(void)
{
	unregister_ftrace_direct(address, (unsigned long)around);
}

module_init(direct_init);
module_exit(direct_exit);
MODULE_LICENSE("GPL");
