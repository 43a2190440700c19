// SPDX-License-Identifier: GPL-2.0-or-later
#define NAME _two
#include "callback.c"
