/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program of somebody else does with the installed library. */
#include <elfdiff.h>
#include <kpatch-patch.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct elfdiff *run = elfdiff_new();
	enum elfdiff_status status = ELFDIFF_ERROR;

	if (run && argc == 3)
		status = elfdiff_compare(run, argv[1], argv[2]);
	if (!status)
		printf("%s %s %zu\n", elfdiff_object_name(run), elfdiff_function(run, 0)->name, elfdiff_function_count(run));
	elfdiff_free(run);
	return (int)status;
}
