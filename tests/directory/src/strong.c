// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel.h"

#ifdef PATCHED
opaque int chosen(int x)
{
	return x + 2000;
}
#endif

int strong(int x)
{
#ifdef PATCHED
	return chosen(x);
#else
	return x;
#endif
}
