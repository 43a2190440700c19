// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel.h"

int same(int x)
{
	return hidden_helper(x) + 2;
}
