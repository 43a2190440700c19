/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Assembler that calls a function of covered.c, and another one that differs with CODE alone. */
	.text
	.globl	stub
	.type	stub, @function
stub:
	call	covered
	ret
	.size	stub, . - stub

	.globl	number
	.type	number, @function
number:
#if defined(PATCHED) && defined(CODE)
	movl	$2, %eax
#else
	movl	$1, %eax
#endif
	ret
	.size	number, . - number

#ifdef PATCHED
	.section .comment
	.asciz	"only in words"
#endif
