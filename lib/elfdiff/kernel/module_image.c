/* SPDX-License-Identifier: GPL-2.0-or-later */
/* module_image.c - the module that a table was read from: its code and data, with their relocations */
#include "file/load.h"
#include "kernel/kernel_symbols.h"

const struct object *module_image(struct arena *a, const struct symbol_table *t)
{
	struct diags unheard = { .arena = a }; /* its symbols are of use without it */
	const struct object *ret;

	if (!t->is_module || load_object(a, &unheard, t->path, LOAD_CODE_AND_DATA, &ret))
		return NULL;
	return ret;
}
