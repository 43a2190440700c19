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

/* A file of the source as libdw names it, without the directory that the compiler of this unit ran in: a part of `file`. */
const char *dwarf_file_name(Dwarf_Die *cu, const char *file);

#endif
