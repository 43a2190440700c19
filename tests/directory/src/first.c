// SPDX-License-Identifier: GPL-2.0-or-later
/* A static function and a static variable of names that second.c has too; what is new here is used there, and the reverse. */
#include "kernel.h"

static int state = 1;

static opaque int helper(int x)
{
	state += x;
#ifdef PATCHED
	return x + state;
#else
	return x - state;
#endif
}

#ifdef PATCHED
extern int added_there(int x);
int added_variable;

opaque int added_here(int x)
{
	return x * 3;
}
#endif

int first(int x)
{
#ifdef PATCHED
	added_variable++;
	return helper(added_there(x));
#else
	return helper(x);
#endif
}
