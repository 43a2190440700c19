/* SPDX-License-Identifier: GPL-2.0-or-later */
/* color.h - diagnostics on a terminal, coloured by how severe they are */
#ifndef COMMANDS_COLOR_H
#define COMMANDS_COLOR_H

#include <stdbool.h>

#include "elfdiff.h"

enum color_when { COLOR_NEVER, COLOR_AUTO, COLOR_ALWAYS };

/* "always", "auto" or "never"; NULL, an option without a value, is always. False: no such word. */
bool color_parse(const char *word, enum color_when *ret);
/*
 * `auto` is for a terminal that knows colours, unless the user wants none: the environment's NO_COLOR and TERM say so, which may be
 * NULL. Until this is called there are none.
 */
void color_choose(enum color_when when, const char *no_color, const char *term);

/* What stands before and behind the word that names the severity; both empty where there are no colours. */
const char *color_of(enum elfdiff_severity severity);
const char *color_end(void);

#endif
