// SPDX-License-Identifier: GPL-2.0-or-later
/* kpatch-test-c.c - a live patch upon another one, which changes /proc/version as well */
#define PATCHED_BY "patched by c"
#define REPLACES false
#define PATCHES_VERSION
#include "patch.h"
