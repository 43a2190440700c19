// SPDX-License-Identifier: GPL-2.0-or-later
/* A global function that cannot be traced changes; caller.c calls it, and is the same. */
#include "kernel.h"

notrace opaque int covered(int x)
{
#ifdef PATCHED
	return x + 12;
#else
	return x + 11;
#endif
}

int beside(int x)
{
	return covered(x) * 2;
}
