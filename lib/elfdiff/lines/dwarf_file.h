/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dwarf_file.h - an object's debug information, as libdwfl reads it */
#ifndef ELFDIFF_DWARF_FILE_H
#define ELFDIFF_DWARF_FILE_H

#include <elfutils/libdwfl.h>

#include "elf/object.h"

/* NULL: no debug information that can be read. It lives as long as the arena. */
Dwfl_Module *dwarf_file_open(struct arena *a, const struct object *o);

/* Where libdwfl has put a place of the relocatable file; false: nowhere. */
bool dwarf_file_address(Dwfl_Module *module, uint32_t section, uint64_t offset, Dwarf_Addr *ret);

#endif
