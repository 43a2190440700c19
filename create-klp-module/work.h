/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * work.h - a directory for files between the steps
 *
 * There is one for the process: it goes away with work_close(), and when a
 * signal ends the process. Files are numbered, so that a signal handler knows
 * them without memory of its own.
 */
#ifndef CREATE_KLP_MODULE_WORK_H
#define CREATE_KLP_MODULE_WORK_H

#include <stdbool.h>
#include <stddef.h>

/* In `parent`; false after reporting why not. */
bool work_open(const char *parent);
void work_close(void);

/* Path of file number n, 0 on, below WORK_FILES_MAX. The caller frees it; NULL after reporting short memory. */
enum { WORK_FILES_MAX = 1000000 };
char *work_file(size_t n);

/* Run argv[0], found in $PATH, and wait for it. False after reporting that it could not be run, or failed. */
bool work_run(char *const *argv);

#endif
