// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel.h"

#ifdef PATCHED
opaque int chosen(int x)
{
	return x + 3000;
}
#endif

int other(int x)
{
#ifdef PATCHED
	return chosen(x) + 1;
#else
	return x;
#endif
}
