/* SPDX-License-Identifier: GPL-2.0-or-later */
/* convert.c - an object of any form to each form, for either age of kernels */
#include "fuzz.h"

/* What was written can be read again, and written in the same form. */
static void expect_readable(enum elfdiff_form form)
{
	struct elfdiff *run = run_new();
	enum elfdiff_status st;

	elfdiff_set_klp_arch(run, false);
	st = elfdiff_convert(run, output_path(), output_path(), form);
	if (st)
		finding_of("the output cannot be converted again", run);
	run_end(run, st);
}

static void convert(const char *path, size_t size, enum elfdiff_form form, bool klp_arch)
{
	struct elfdiff *run = run_new();
	enum elfdiff_status st;

	elfdiff_set_klp_arch(run, klp_arch);
	st = elfdiff_convert(run, path, output_path(), form);
	if (!st && !klp_arch)
		expect_readable(form);
	run_end(run, st);
	output_clear(size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file file = file_open((struct bytes){ data, size });

	for (unsigned form = ELFDIFF_FORM_KLP; form <= ELFDIFF_FORM_KPATCH; form++) {
		convert(file.path, size, (enum elfdiff_form)form, false);
		convert(file.path, size, (enum elfdiff_form)form, true);
	}
	file_close(&file);
	return 0;
}
