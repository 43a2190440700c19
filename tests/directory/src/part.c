// SPDX-License-Identifier: GPL-2.0-or-later
/* One of two units of a module; its new function has a name that first.c, which is built in, has as well. */
#include "kernel.h"

static opaque int helper(int x)
{
	return x + 4;
}

#ifdef PATCHED
opaque int added_here(int x)
{
	return x * 7;
}
#endif

int part(int x)
{
#ifdef PATCHED
	return added_here(helper(x));
#else
	return helper(x);
#endif
}
