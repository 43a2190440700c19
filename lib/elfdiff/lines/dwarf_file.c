/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines/dwarf_file.h"

#include <dwarf.h>
#include <gelf.h>
#include <sys/mman.h>
#include <unistd.h>

struct dwarf_file {
	int fd; /* until libdwfl has it, or -1 */
	Dwfl *dwfl;
};

static void close_dwfl(void *arg)
{
	struct dwarf_file *f = arg;

	if (f->dwfl)
		dwfl_end(f->dwfl);
	if (f->fd >= 0)
		close(f->fd);
}

/* libdwfl wants a file, and maps it: what was loaded, out of everybody's reach. */
static bool make_file(struct dwarf_file *f, const struct object *o)
{
	uint64_t done = 0;
	ssize_t n = 1;

	f->fd = memfd_create("elfdiff", MFD_CLOEXEC);
	while (f->fd >= 0 && done < o->image_size && n > 0) {
		n = write(f->fd, o->image + done, o->image_size - done);
		done += n > 0 ? (uint64_t)n : 0;
	}
	return f->fd >= 0 && done == o->image_size;
}

/* Nothing that the object names is looked for elsewhere, neither in files nor on servers. */
static int no_other_file(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, const char *file,
			 const char *link, GElf_Word crc, char **ret)
{
	(void)module, (void)data, (void)name, (void)base, (void)file, (void)link, (void)crc, (void)ret;
	return -1;
}

Dwfl_Module *dwarf_file_open(struct arena *a, const struct object *o)
{
	static const Dwfl_Callbacks callbacks = { .section_address = dwfl_offline_section_address,
						  .find_debuginfo = no_other_file };
	struct dwarf_file *f = arena_new(a, struct dwarf_file);
	Dwfl_Module *module;
	Dwarf_Addr bias;

	*f = (struct dwarf_file){ .fd = -1 };
	arena_defer(a, close_dwfl, f);
	if (!make_file(f, o))
		return NULL;
	f->dwfl = dwfl_begin(&callbacks);
	module = f->dwfl ? dwfl_report_offline(f->dwfl, "object", o->path, f->fd) : NULL;
	if (!module)
		return NULL;
	f->fd = -1; /* libdwfl closes it */
	dwfl_report_end(f->dwfl, NULL, NULL);
	return dwfl_module_getdwarf(module, &bias) ? module : NULL;
}

bool dwarf_file_address(Dwfl_Module *module, uint32_t section, uint64_t offset, Dwarf_Addr *ret)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(module, &bias);
	Elf_Scn *scn = elf ? elf_getscn(elf, section) : NULL;
	GElf_Shdr sh;

	if (!scn || !gelf_getshdr(scn, &sh))
		return false;
	*ret = sh.sh_addr + bias + offset;
	return true;
}

const char *dwarf_file_name(Dwarf_Die *cu, const char *file)
{
	Dwarf_Attribute attribute;
	const char *directory = dwarf_formstring(dwarf_attr(cu, DW_AT_comp_dir, &attribute));
	size_t n = directory ? strlen(directory) : 0;

	while (n && !strncmp(file, directory, n) && file[n] == '/')
		file += n + 1;
	return file;
}
