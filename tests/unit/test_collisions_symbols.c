// SPDX-License-Identifier: GPL-2.0-or-later
/* The tests of test_symbols.c once more, with collide.h. */
#include "collide.h"

#include "test_symbols.c"
