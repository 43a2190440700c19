/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kpatch-syscall.h - the name by which other patches include KPATCH_SYSCALL_DEFINE<n>() */
#include "kpatch-macros.h"
