// SPDX-License-Identifier: GPL-2.0-or-later
#include "version.h"

#include <stdio.h>

#include "elfdiff.h"

void version_print(const char *command)
{
	printf("%s %s (%s)\n", command, elfdiff_version(), ELFDIFF_COMMIT);
}
