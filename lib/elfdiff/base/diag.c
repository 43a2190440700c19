/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/diag.h"

void diag_add(struct diags *ds, struct elfdiff_diag d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	d.message = arena_vprintf(ds->arena, fmt, ap);
	va_end(ap);
	ds->refusals += d.severity == ELFDIFF_REFUSAL;
	ds->failures += d.severity == ELFDIFF_FAILURE;
	*vec_push(ds->arena, &ds->list) = d;
}

enum elfdiff_status diag_status(const struct diags *ds)
{
	if (ds->failures)
		return ELFDIFF_ERROR;
	return ds->refusals ? ELFDIFF_REFUSED : ELFDIFF_OK;
}
