/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines/inlined.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <unistd.h>

struct inlined {
	Dwfl *dwfl;
	Dwfl_Module *module;
};

static void close_dwfl(void *arg)
{
	struct inlined *in = arg;

	dwfl_end(in->dwfl);
}

struct inlined *inlined_open(struct arena *a, const struct object *o)
{
	static const Dwfl_Callbacks callbacks = { .section_address = dwfl_offline_section_address,
						  .find_debuginfo = dwfl_standard_find_debuginfo };
	struct inlined *in = arena_new(a, struct inlined);
	int fd = open(o->path, O_RDONLY | O_CLOEXEC);
	Dwarf_Addr bias;

	if (fd < 0)
		return NULL;
	in->dwfl = dwfl_begin(&callbacks);
	if (!in->dwfl) {
		close(fd);
		return NULL;
	}
	arena_defer(a, close_dwfl, in);
	in->module = dwfl_report_offline(in->dwfl, "object", o->path, fd);
	if (!in->module) { /* otherwise libdwfl closes it */
		close(fd);
		return NULL;
	}
	dwfl_report_end(in->dwfl, NULL, NULL);
	return dwfl_module_getdwarf(in->module, &bias) ? in : NULL;
}

/* Where libdwfl has put a place of the relocatable file. */
static bool address_of(const struct inlined *in, uint32_t section, uint64_t offset, Dwarf_Addr *ret)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(in->module, &bias);
	Elf_Scn *scn = elf ? elf_getscn(elf, section) : NULL;
	GElf_Shdr sh;

	if (!scn || !gelf_getshdr(scn, &sh))
		return false;
	*ret = sh.sh_addr + bias + offset;
	return true;
}

bool inlined_from(const struct inlined *in, uint32_t section, uint64_t offset, uint32_t line)
{
	Dwarf_Addr address, bias = 0;
	Dwarf_Die *cu, *scopes = NULL;
	bool found = false;
	int n;

	if (!address_of(in, section, offset, &address))
		return false;
	cu = dwfl_module_addrdie(in->module, address, &bias);
	n = cu ? dwarf_getscopes(cu, address - bias, &scopes) : 0;
	for (int i = 0; i < n && !found; i++) {
		Dwarf_Attribute attribute;
		Dwarf_Word call_line;

		found = dwarf_tag(&scopes[i]) == DW_TAG_inlined_subroutine &&
			dwarf_attr(&scopes[i], DW_AT_call_line, &attribute) &&
			!dwarf_formudata(&attribute, &call_line) && call_line == line;
	}
	free(scopes);
	return found;
}
