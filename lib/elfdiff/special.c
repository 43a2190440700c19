/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "special.h"

#include <string.h>

#include "arch.h"

/*
 * Sources: include/asm-generic/vmlinux.lds.h, arch/<arch>/kernel/module.c,
 * kernel/module/main.c (find_module_sections) of Linux 6.1 and 6.12. The
 * first row that fits counts.
 */
static const struct special table[] = {
	/* every architecture */
	{ "__bug_table", ARCH_ANY, SPECIAL_TABLE, .early = true, .unique = true, .line_offset = 8, .line_bits = 16 },
	{ "__ex_table", ARCH_ANY, SPECIAL_TABLE, .relocs = 2, .early = true, .unique = true },
	{ "__jump_table", ARCH_ANY, SPECIAL_TABLE, .relocs = 3, .early = true, .unique = true, .key_reloc = 3 },
	{ ".altinstructions", ARCH_ANY & ~ARCH_PPC64LE, SPECIAL_TABLE, .relocs = 2, .early = true, .unique = true },
	{ ".altinstr_replacement", ARCH_ANY & ~ARCH_PPC64LE, SPECIAL_PAYLOAD, .early = true },
	{ ".altinstr_aux", ARCH_X86_64, SPECIAL_PAYLOAD },
	{ ".fixup", ARCH_ANY, SPECIAL_PAYLOAD },
	{ ".orc_unwind_ip", ARCH_X86_64 | ARCH_LOONGARCH64, SPECIAL_UNWIND, .relocs = 1, .early = true,
	  .unique = true, .parallel = ".orc_unwind" },
	{ ".orc_unwind", ARCH_X86_64 | ARCH_LOONGARCH64, SPECIAL_UNWIND, .early = true, .unique = true },
	{ "__mcount_loc", ARCH_ANY, SPECIAL_TRACE, .relocs = 1, .early = true, .unique = true },
	{ "__patchable_function_entries", ARCH_ANY, SPECIAL_TRACE, .relocs = 1, .early = true, .unique = true },
	/* struct _ddebug: four pointers, then lineno:18 */
	{ "__dyndbg", ARCH_ANY, SPECIAL_NONE, .early = true, .unique = true, .line_offset = 32, .line_bits = 18 },

	/* x86_64 */
	{ ".smp_locks", ARCH_X86_64, SPECIAL_TABLE, .relocs = 1, .early = true, .unique = true },
	{ ".parainstructions", ARCH_X86_64, SPECIAL_TABLE, .relocs = 1, .early = true, .unique = true },
	{ ".static_call_sites", ARCH_X86_64, SPECIAL_TABLE, .relocs = 2, .early = true, .unique = true, .key_reloc = 2 },
	{ ".call_sites", ARCH_X86_64, SPECIAL_TABLE, .relocs = 1, .early = true, .unique = true },
	{ ".retpoline_sites", ARCH_X86_64, SPECIAL_TABLE, .relocs = 1, .early = true, .unique = true },
	{ ".return_sites", ARCH_X86_64, SPECIAL_TABLE, .relocs = 1, .early = true, .unique = true },
	{ ".ibt_endbr_seal", ARCH_X86_64, SPECIAL_TABLE, .relocs = 1, .early = true, .unique = true },
	{ ".kcfi_traps", ARCH_X86_64, SPECIAL_TABLE, .relocs = 1, .early = true, .unique = true },
	{ ".cfi_sites", ARCH_X86_64, SPECIAL_TABLE, .relocs = 1, .early = true, .unique = true },

	/* ppc64le */
	{ "__ftr_fixup", ARCH_PPC64LE, SPECIAL_TABLE, .early = true, .unique = true },
	{ "__mmu_ftr_fixup", ARCH_PPC64LE, SPECIAL_TABLE, .early = true, .unique = true },
	{ "__fw_ftr_fixup", ARCH_PPC64LE, SPECIAL_TABLE, .early = true, .unique = true },
	{ "__lwsync_fixup", ARCH_PPC64LE, SPECIAL_TABLE, .early = true, .unique = true },
	{ "__barrier_nospec_fixup", ARCH_PPC64LE, SPECIAL_TABLE, .early = true, .unique = true },
	{ "__ftr_alt_*", ARCH_PPC64LE, SPECIAL_PAYLOAD },

	/* s390x */
	{ ".s390_indirect*", ARCH_S390X, SPECIAL_TABLE, .relocs = 1, .early = true, .unique = true },
	{ ".s390_return*", ARCH_S390X, SPECIAL_TABLE, .relocs = 1, .early = true, .unique = true },

	/* dropped: read at build or boot time, or made anew for a module */
	{ ".discard*", ARCH_ANY, SPECIAL_IGNORED, .quiet = true },
	{ ".llvm*", ARCH_ANY, SPECIAL_IGNORED, .quiet = true },
	{ ".comment*", ARCH_ANY, SPECIAL_IGNORED, .quiet = true },
	{ ".note*", ARCH_ANY, SPECIAL_IGNORED, .quiet = true },
	{ ".debug*", ARCH_ANY, SPECIAL_IGNORED, .quiet = true },
	{ ".eh_frame*", ARCH_ANY, SPECIAL_IGNORED, .quiet = true },
	{ ".sframe*", ARCH_ANY, SPECIAL_IGNORED, .quiet = true },
	{ ".BTF*", ARCH_ANY, SPECIAL_IGNORED, .quiet = true },
	{ ".modinfo", ARCH_ANY, SPECIAL_IGNORED },
	{ "___ksymtab*", ARCH_ANY, SPECIAL_IGNORED },
	{ "__ksymtab*", ARCH_ANY, SPECIAL_IGNORED },
	{ "___kcrctab*", ARCH_ANY, SPECIAL_IGNORED },
	{ "__kcrctab*", ARCH_ANY, SPECIAL_IGNORED },
	{ ".export_symbol", ARCH_ANY, SPECIAL_IGNORED, .quiet = true },
	{ "__versions", ARCH_ANY, SPECIAL_IGNORED, .quiet = true },
	{ "__param", ARCH_ANY, SPECIAL_IGNORED },
	{ "__modver", ARCH_ANY, SPECIAL_IGNORED },
	{ "_kprobe_blacklist", ARCH_ANY, SPECIAL_IGNORED },
	{ "_error_injection_whitelist", ARCH_ANY, SPECIAL_IGNORED },
	{ "__tracepoints_ptrs", ARCH_ANY, SPECIAL_IGNORED },
	{ "_ftrace_events", ARCH_ANY, SPECIAL_IGNORED },
	{ "_ftrace_eval_map", ARCH_ANY, SPECIAL_IGNORED },
	{ "__bpf_raw_tp_map", ARCH_ANY, SPECIAL_IGNORED },
	{ "__syscalls_metadata", ARCH_ANY, SPECIAL_IGNORED },
	{ ".printk_index", ARCH_ANY, SPECIAL_IGNORED, .quiet = true },
	{ ".static_call_tramp_key", ARCH_ANY, SPECIAL_IGNORED },
	{ ".gnu.linkonce.this_module", ARCH_ANY, SPECIAL_IGNORED },

	/* gone after boot */
	{ ".init*", ARCH_ANY, SPECIAL_INIT },
	{ ".exit*", ARCH_ANY, SPECIAL_INIT },
	{ ".con_initcall*", ARCH_ANY, SPECIAL_INIT },
	{ ".meminit*", ARCH_ANY, SPECIAL_INIT },
};

static bool fits(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	if (pattern[n - 1] == '*')
		return !strncmp(pattern, name, n - 1);
	return !strcmp(pattern, name);
}

const struct special *special_find(const char *section, unsigned arch)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].archs & arch && fits(table[i].name, section))
			return &table[i];
	return NULL;
}
