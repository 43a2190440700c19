/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version.h - what --version says */
#ifndef COMMANDS_VERSION_H
#define COMMANDS_VERSION_H

/* Print the command's name, the version, and the commit that it was built of. */
void version_print(const char *command);

#endif
