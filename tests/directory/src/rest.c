// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel.h"

#ifdef PATCHED
extern int added_here(int x);
#endif

int rest(int x)
{
#ifdef PATCHED
	return added_here(x);
#else
	return x;
#endif
}
