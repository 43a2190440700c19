/* SPDX-License-Identifier: GPL-2.0-or-later */
/* line_callees.h - functions that are handed a line number to report, and do nothing else with it */
#ifndef ELFDIFF_LINE_CALLEES_H
#define ELFDIFF_LINE_CALLEES_H

#include <stdbool.h>

/* Its argument of that number (1 for the first) is a line number. */
bool callee_takes_line(const char *name, unsigned argument);

/* It prints a format, in which a line number goes with the name of a source file or a function. */
bool callee_prints(const char *name);

#endif
