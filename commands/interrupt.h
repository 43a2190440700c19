/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interrupt.h - a signal that ends the command leaves nothing behind that is not finished */
#ifndef INTERRUPT_H
#define INTERRUPT_H

/* SIGINT, SIGTERM and SIGHUP, unless the caller of this process ignores them, remove the temporary file and end it. */
void interrupt_catch(void);

/* The temporary file, or NULL; the text stays the caller's. Only while signals are held. */
void interrupt_temporary(const char *path);

/*
 * Between the two, these signals wait: the library's temporary files are not
 * known here, and it is done with them in less time than anybody notices.
 */
void interrupt_hold(void);
void interrupt_release(void);

#endif
