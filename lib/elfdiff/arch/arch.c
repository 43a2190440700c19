/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/arch.h"

#include <elf.h>
#include <string.h>

const struct arch *arch_find(uint16_t machine)
{
	static const struct arch *const all[] = {
		&arch_x86_64, &arch_aarch64, &arch_ppc64le, &arch_s390x, &arch_loongarch64,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i]->machine == machine)
			return all[i];
	return NULL;
}

const char *arch_machine_name(struct arena *a, uint16_t machine, bool big_endian)
{
	static const struct {
		uint16_t machine;
		const char *name, *big;
	} others[] = {
		{ EM_AARCH64, "aarch64", "aarch64_be" },
		{ EM_PPC64, "ppc64le", "ppc64" },
		{ EM_MIPS, "mips64el", "mips64" },
		{ EM_RISCV, "riscv64", NULL },
		{ EM_SPARCV9, NULL, "sparc64" },
		{ EM_PARISC, NULL, "parisc64" },
		{ EM_IA_64, "ia64", NULL },
		{ EM_ALPHA, "alpha", NULL },
		{ EM_BPF, "bpf", "bpf" },
	};
	const struct arch *arch = arch_find(machine);

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].machine == machine && (big_endian ? others[i].big : others[i].name))
			return big_endian ? others[i].big : others[i].name;
	return arch ? arch->name : arena_printf(a, "a machine with the ELF number %u", machine);
}

bool arch_uses_slot(const struct arch *arch, uint32_t type)
{
	const char *name = arch->reloc_name(type);

	return name && strstr(name, "GOT");
}
