/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interrupt.h - a signal that ends the command leaves nothing behind that is not finished */
#ifndef COMMANDS_INTERRUPT_H
#define COMMANDS_INTERRUPT_H

/*
 * SIGINT, SIGTERM and SIGHUP, unless the caller of this process ignores them, end it after `clean_up`, which does only
 * what a signal handler may.
 */
void interrupt_catch(void (*clean_up)(void));

/*
 * Between the two, these signals wait: the library's temporary files are not
 * known here, and it is done with them in less time than anybody notices.
 */
void interrupt_hold(void);
void interrupt_release(void);

#endif
