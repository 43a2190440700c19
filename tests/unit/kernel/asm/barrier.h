/* SPDX-License-Identifier: GPL-2.0-or-later */
/* barrier.h - what kmod/core/versions.h takes of the kernel's header, for a test in user space */
#define smp_store_release(to, value) __atomic_store_n(to, value, __ATOMIC_RELEASE)
