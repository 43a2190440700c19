/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leave.h - what has to be waited for before a patch module may go
 */
#ifndef KPATCH_LEAVE_H
#define KPATCH_LEAVE_H

/* Without stacks that can be followed nobody can tell, and the module cannot be removed. */
#if defined(CONFIG_STACKTRACE) && defined(CONFIG_HAVE_RELIABLE_STACKTRACE)
#define KPATCH_CAN_LEAVE

/* Sleeps until no task is in the module's code. Nobody must enter it any more, and the module is still whole. */
void kpatch_wait_until_left(void);
#endif

#endif
