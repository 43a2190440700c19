/* SPDX-License-Identifier: GPL-2.0-or-later */
/* remove_directory.h - the end of a directory that a test has made for itself */
#ifndef REMOVE_DIRECTORY_H
#define REMOVE_DIRECTORY_H

#include <stdio.h>
#include <stdlib.h>

/* With all that is in it. 0, or else it is still there. */
static inline int remove_directory(const char *dir)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

#endif
