// SPDX-License-Identifier: GPL-2.0-or-later
/* kpatch-test-a.c - a live patch that others stack upon */
#define PATCHED_BY "patched by a"
#define REPLACES false
#include "patch.h"
