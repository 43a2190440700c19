// SPDX-License-Identifier: GPL-2.0-or-later
/* What the compiler says of itself changes, and no code. */
#ifdef PATCHED
__asm__(".ident \"another\"");
#endif
#include "kernel.h"

int lines(int x)
{
	return hidden_helper(x);
}
