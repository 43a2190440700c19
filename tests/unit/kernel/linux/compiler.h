/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compiler.h - what kmod/core/versions.h takes of the kernel's header, for a test in user space */
#ifndef TEST_KERNEL_COMPILER_H
#define TEST_KERNEL_COMPILER_H

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))
#ifndef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#endif

#endif
