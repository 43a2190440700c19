/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jobserver.h - how many jobs may run at once, where make says so
 *
 * A program that make starts may always do one thing. For each further one it takes a token, a byte of a pipe that all
 * programs of that make have in common, and puts it back.
 */
#ifndef CREATE_DIFF_OBJECT_JOBSERVER_H
#define CREATE_DIFF_OBJECT_JOBSERVER_H

#include <stdbool.h>

struct jobserver {
	bool present; /* make said something of one; else nothing limits */
	int in, out;  /* tokens come and go here; -1: there are none to be had */
};

/* What MAKEFLAGS says. To be called before the right to open files is given up. */
struct jobserver jobserver_open(void);
void jobserver_close(struct jobserver *js);

/* Wait at most for `milliseconds`. False: there was no token. */
bool jobserver_take(struct jobserver *js, int milliseconds);
void jobserver_give(struct jobserver *js);

/* Give all back that were taken; a signal handler may call it. */
void jobserver_interrupted(void);

#endif
