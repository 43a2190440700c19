// SPDX-License-Identifier: GPL-2.0-or-later
/* A callback of a kind that callback-too.c has as well. */
#include "kernel.h"

#ifndef NAME
#define NAME _one
#endif
#define FUNCTION(name) __PASTE(name, NAME)

int FUNCTION(changes)(int x)
{
#ifdef PATCHED
	return x + 2;
#else
	return x + 1;
#endif
}

#ifdef PATCHED
static int FUNCTION(before)(struct klp_object *object)
{
	return 0;
}
KPATCH_PRE_PATCH_CALLBACK(FUNCTION(before));
#endif
