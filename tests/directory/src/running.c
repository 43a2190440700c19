// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel has besides the units. */
#include "kernel.h"

int hidden_counter;

int _printk(const char *fmt, ...)
{
	return *fmt;
}

int hidden_helper(int x)
{
	return x + hidden_counter;
}
