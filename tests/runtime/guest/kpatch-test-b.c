// SPDX-License-Identifier: GPL-2.0-or-later
/* kpatch-test-b.c - a cumulative live patch */
#define PATCHED_BY "patched by b"
#define REPLACES true
#include "patch.h"
