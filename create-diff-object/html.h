/* SPDX-License-Identifier: GPL-2.0-or-later */
/* html.h - text in a page */
#ifndef CREATE_DIFF_OBJECT_HTML_H
#define CREATE_DIFF_OBJECT_HTML_H

#include <stdio.h>

/* Text of anybody's, in an element or between quotes: report_text() without what HTML would obey. NULL: nothing. */
void html_text(FILE *f, const char *text);

/* printf() of which each %s is such a text, and each other one is as usual. It knows %s, %zu and %%. */
void html_printf(FILE *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
