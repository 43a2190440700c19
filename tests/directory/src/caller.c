// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel.h"

extern int covered(int x);

int caller(int x)
{
	return covered(x) * 3;
}
