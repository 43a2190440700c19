// SPDX-License-Identifier: GPL-2.0-or-later
/* kpatch-test-plain.c - a module that patches nothing */
#include <linux/module.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("test of kpatch(8)");
