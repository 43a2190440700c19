/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load.h - from an ELF file to a struct object */
#ifndef ELFDIFF_LOAD_H
#define ELFDIFF_LOAD_H

#include "base/diag.h"
#include "elf/object.h"

enum load_what {
	LOAD_CODE_AND_DATA, /* relocations of SHF_ALLOC sections alone: comparing */
	LOAD_ALL,           /* all relocations: converting and checking */
};

/*
 * Read and validate an ELF64 relocatable file of either byte order. Bytes and
 * names are borrowed from the file, which stays mapped until the arena goes.
 * On failure the diagnostics say why and ERROR is returned; *ret is then
 * untouched.
 */
ELFDIFF_CHECKED enum elfdiff_status load_object(struct arena *a, struct diags *ds, const char *path,
						enum load_what what, const struct object **ret);

#endif
