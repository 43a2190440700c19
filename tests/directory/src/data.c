// SPDX-License-Identifier: GPL-2.0-or-later
/* The initial value of a variable, which has one already: refused. */
#include "kernel.h"

#ifdef PATCHED
int data = 2;
#else
int data = 1;
#endif
