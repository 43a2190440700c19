/* SPDX-License-Identifier: GPL-2.0-or-later */
/* helper ADDRESS: run for ever with that in registers */
#include <stdlib.h>

int main(int argc, char **argv)
{
	unsigned long address = argc > 1 ? strtoul(argv[1], NULL, 16) : 0;

#if defined(__x86_64__)
	__asm__ volatile("mov %0, %%rbx; mov %0, %%r12; mov %0, %%r13; mov %0, %%r14; mov %0, %%r15; 1: jmp 1b" : : "r"(address));
#elif defined(__aarch64__)
	__asm__ volatile("mov x19, %0; mov x20, %0; mov x21, %0; mov x22, %0; mov x23, %0; 1: b 1b" : : "r"(address));
#elif defined(__s390x__)
	__asm__ volatile("lgr %%r6, %0; lgr %%r7, %0; lgr %%r8, %0; lgr %%r9, %0; lgr %%r10, %0; 1: j 1b" : : "r"(address));
#else
#error "which registers are kept is not known for this architecture"
#endif
	return 0;
}
