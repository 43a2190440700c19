// SPDX-License-Identifier: GPL-2.0-or-later
/* A new function that is weak, while strong.c has another one of its name. */
#include "kernel.h"

#ifdef PATCHED
__weak opaque int chosen(int x)
{
	return x + 1000;
}
#endif

int weak(int x)
{
#ifdef PATCHED
	return chosen(x);
#else
	return x;
#endif
}
