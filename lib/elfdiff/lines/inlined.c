/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines/inlined.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct inlined {
	int fd; /* until libdwfl has it, or -1 */
	Dwfl *dwfl;
	Dwfl_Module *module;
};

static void close_dwfl(void *arg)
{
	struct inlined *in = arg;

	if (in->dwfl)
		dwfl_end(in->dwfl);
	if (in->fd >= 0)
		close(in->fd);
}

/* libdwfl wants a file, and maps it: what was loaded, out of everybody's reach. */
static bool make_file(struct inlined *in, const struct object *o)
{
	uint64_t done = 0;
	ssize_t n = 1;

	in->fd = memfd_create("elfdiff", MFD_CLOEXEC);
	while (in->fd >= 0 && done < o->image_size && n > 0) {
		n = write(in->fd, o->image + done, o->image_size - done);
		done += n > 0 ? (uint64_t)n : 0;
	}
	return in->fd >= 0 && done == o->image_size;
}

/* Nothing that the object names is looked for elsewhere, neither in files nor on servers. */
static int no_other_file(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, const char *file,
			 const char *link, GElf_Word crc, char **ret)
{
	(void)module, (void)data, (void)name, (void)base, (void)file, (void)link, (void)crc, (void)ret;
	return -1;
}

struct inlined *inlined_open(struct arena *a, const struct object *o)
{
	static const Dwfl_Callbacks callbacks = { .section_address = dwfl_offline_section_address,
						  .find_debuginfo = no_other_file };
	struct inlined *in = arena_new(a, struct inlined);
	Dwarf_Addr bias;

	in->fd = -1;
	arena_defer(a, close_dwfl, in);
	if (!make_file(in, o))
		return NULL;
	in->dwfl = dwfl_begin(&callbacks);
	in->module = in->dwfl ? dwfl_report_offline(in->dwfl, "object", o->path, in->fd) : NULL;
	if (!in->module)
		return NULL;
	in->fd = -1; /* libdwfl closes it */
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
