// SPDX-License-Identifier: GPL-2.0-or-later
/* The tests of test_locate_by_file.c once more, with collide.h. */
#include "collide.h"

#include "test_locate_by_file.c"
