// SPDX-License-Identifier: GPL-2.0-or-later
/* Init code changes, and code that runs, too. */
#include "kernel.h"

int __init setup(int x)
{
#ifdef PATCHED
	return x + 2;
#else
	return x + 1;
#endif
}

int runs(int x)
{
#ifdef PATCHED
	return x + 4;
#else
	return x + 3;
#endif
}
