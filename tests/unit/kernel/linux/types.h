/* SPDX-License-Identifier: GPL-2.0-or-later */
/* types.h - what kmod/core/versions.h takes of the kernel's header, for a test in user space */
#include <stdbool.h>
#include <stddef.h>
