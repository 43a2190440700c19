// SPDX-License-Identifier: GPL-2.0-or-later
#include "prepare.h"

enum elfdiff_status prepare_run(struct elfdiff *run, const struct options *o)
{
	enum elfdiff_status status = ELFDIFF_OK;

	elfdiff_set_klp_arch(run, o->klp_arch);
	elfdiff_set_core(run, o->core);
	elfdiff_set_positions_from_one(run, o->form == ELFDIFF_FORM_KPATCH);
	elfdiff_set_skip_init(run, o->skip_init);
	elfdiff_set_kprobe_redirect(run, o->kprobe_redirect);
	elfdiff_set_code(run, o->code || o->report);
	for (size_t i = 0; i < o->skip_init_count; i++)
		if (elfdiff_add_skip_init(run, o->skip_init_names[i]))
			status = ELFDIFF_ERROR;
	if (o->object && elfdiff_set_object_name(run, o->object))
		status = ELFDIFF_ERROR;
	return status;
}

bool prepare_kernel(struct elfdiff *run, const struct options *o)
{
	bool ok = true;

	for (size_t i = 0; i < o->kernel_symbols_count; i++)
		if (elfdiff_add_kernel_symbols(run, o->kernel_symbols[i]))
			ok = false;
	for (size_t i = 0; i < o->symvers_count; i++)
		if (elfdiff_add_symvers(run, o->symvers[i]))
			ok = false;
	return ok;
}
