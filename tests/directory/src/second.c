// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel.h"

static int state = 2;

static opaque int helper(int x)
{
	state ^= x;
#ifdef PATCHED
	return x * state;
#else
	return x / state;
#endif
}

#ifdef PATCHED
extern int added_variable, added_here(int x);

opaque int added_there(int x)
{
	return x ^ 5;
}
#endif

int second(int x)
{
#ifdef PATCHED
	printk("second %d\n", added_variable);
	return helper(added_here(x)) + hidden_helper(x);
#else
	return helper(x);
#endif
}
