/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symvers.c - a Module.symvers file, plain or gzip */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file file = file_open((struct bytes){ data, size });
	struct elfdiff *run = run_new();

	run_end(run, elfdiff_add_symvers(run, file.path));
	file_close(&file);
	return 0;
}
