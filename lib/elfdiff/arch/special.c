/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch/special.h"

#include <string.h>

#include "arch/arch.h"

/* struct alt_instr: of 12 bytes, of 13 (padlen, Linux 4.1 to 5.11), of 14 (flags, 6.3 and later) */
static const struct special_extent alternatives_x86[] = {
	{ .entry = 12, .start = 4, .length = 11, .site = 10 },
	{ .entry = 13, .start = 4, .length = 11, .site = 10 },
	{ .entry = 14, .start = 4, .length = 13, .site = 12 },
	{ 0 },
};

static const struct special_extent alternatives_aarch64[] = {
	{ .entry = 12, .start = 4, .length = 11, .site = 10, .writer = true },
	{ 0 },
};

static const struct special_extent alternatives[] = {
	{ .entry = 12, .start = 4, .length = 11, .site = 10 },
	{ 0 },
};

/* of Linux 5.12 and later, of 11 bytes and from 6.11 of 13: they replace code with as much */
static const struct special_extent alternatives_s390[] = {
	{ .entry = 12, .start = 4, .length = 11, .site = 10 },
	{ .entry = 11, .start = NO_FIELD, .site = 10 },
	{ .entry = 13, .start = NO_FIELD, .site = 12 },
	{ 0 },
};

/* struct fixup_entry: mask, value, then where the code begins and ends, and what may replace it */
static const struct special_extent features[] = {
	{ .entry = 48, .start = 16, .end = 24 },
	{ .entry = 48, .start = 32, .end = 40 },
	{ 0 },
};

/*
 * Sources: include/asm-generic/vmlinux.lds.h, arch/<arch>/kernel/module.c,
 * kernel/module/main.c (find_module_sections) of Linux 6.1 and 6.12. The
 * first row that fits counts.
 */
/* clang-format off */
#define ROW(n, a, k) .name = (n), .archs = (a), .kind = (k)
static const struct special table[] = {
	/* every architecture */
	{ ROW("__bug_table", ARCH_ANY, SPECIAL_TABLE), .early = true, .unique = true, .line_bits = 16, .rewrites = REWRITES_NOTHING },
	/* insn, fixup; on x86_64 from Linux 4.6 to 5.15, on s390x from 5.9 to 5.16 and there not in every entry, a handler */
	{ ROW("__ex_table", ARCH_X86_64 | ARCH_S390X, SPECIAL_TABLE), .relocs = 3, .fewer = 1, .handler = 3, .early = true,
	  .unique = true, .rewrites = REWRITES_NOTHING },
	{ ROW("__ex_table", ARCH_ANY, SPECIAL_TABLE), .relocs = 2, .early = true, .unique = true, .rewrites = REWRITES_NOTHING },
	/* JUMP_TABLE_ENTRY(key " + 2") of arch/x86/include/asm/jump_label.h */
	{ ROW("__jump_table", ARCH_X86_64, SPECIAL_TABLE), .relocs = 3, .early = true, .unique = true, .key_reloc = 3,
	  .jump_labels = true, .jump_bit = 2, .rewrites = REWRITES_INSN },
	{ ROW("__jump_table", ARCH_ANY, SPECIAL_TABLE), .relocs = 3, .early = true, .unique = true, .key_reloc = 3,
	  .jump_labels = true, .rewrites = REWRITES_INSN },
	/* the code, what replaces it; static_cpu_has() of Linux before 5.12 has entries that replace it with nothing */
	{ ROW(".altinstructions", ARCH_X86_64, SPECIAL_TABLE), .relocs = 2, .fewer = 1, .early = true, .unique = true,
	  .extents = alternatives_x86, .rewrites = REWRITES_SITE },
	{ ROW(".altinstructions", ARCH_S390X, SPECIAL_TABLE), .relocs = 2, .fewer = 1, .early = true, .unique = true,
	  .extents = alternatives_s390, .rewrites = REWRITES_SITE },
	{ ROW(".altinstructions", ARCH_LOONGARCH64, SPECIAL_TABLE), .relocs = 2, .fewer = 1, .early = true,
	  .unique = true, .extents = alternatives, .rewrites = REWRITES_SITE },
	{ ROW(".altinstructions", ARCH_AARCH64, SPECIAL_TABLE), .relocs = 2, .fewer = 1, .early = true, .unique = true,
	  .extents = alternatives_aarch64, .rewrites = REWRITES_SITE },
	{ ROW(".altinstr_replacement", ARCH_ANY & ~ARCH_PPC64LE, SPECIAL_PAYLOAD), .early = true },
	{ ROW(".altinstr_aux", ARCH_X86_64, SPECIAL_CODE) },
	{ ROW(".fixup", ARCH_ANY, SPECIAL_CODE) },
	/* x86 from Linux 4.14 to 5.4: what a counter that overflows jumps to */
	{ ROW(".text..refcount", ARCH_X86_64, SPECIAL_CODE) },
	/* struct orc_entry of arch/<arch>/include/asm/orc_types.h */
	{ ROW(".orc_unwind_ip", ARCH_X86_64, SPECIAL_UNWIND), .early = true, .unique = true, .parallel = ".orc_unwind", .record_size = 6 },
	{ ROW(".orc_unwind_ip", ARCH_LOONGARCH64, SPECIAL_UNWIND), .early = true, .unique = true, .parallel = ".orc_unwind", .record_size = 8 },
	{ ROW(".orc_unwind", ARCH_X86_64 | ARCH_LOONGARCH64, SPECIAL_UNWIND), .early = true, .unique = true },
	{ ROW("__mcount_loc", ARCH_ANY, SPECIAL_TRACE), .relocs = 1, .early = true, .unique = true },
	/* on x86_64 they list padding before functions, traced or not (CONFIG_CALL_PADDING), and nobody reads them */
	{ ROW("__patchable_function_entries", ARCH_X86_64, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	{ ROW("__patchable_function_entries", ARCH_ANY, SPECIAL_TRACE), .relocs = 1, .early = true, .unique = true },
	/* pointers to struct pi_entry: fmt, func ... */
	{ ROW(".printk_index", ARCH_ANY, SPECIAL_KEPT), .relocs = 1, .early = true, .unique = true, .func_offset = 8 },
	/*
	 * lib/ubsan.h: struct source_location, of which a report sets a bit: address of a file's name, line, column. GCC's are
	 * *.Lubsan_data* (gcc/ubsan.cc); of Clang this is all that it makes writable and gives no name (EmitCheckDescriptor and
	 * its callers in clang/lib/CodeGen/CGExpr.cpp). What the types are called is not written by anything.
	 */
	{ ROW(".data..Lubsan_data*", ARCH_ANY, SPECIAL_COPIED), .line_offset = 8, .line_bits = 64 },
	{ ROW(".data.rel.local..Lubsan_data*", ARCH_ANY, SPECIAL_COPIED), .line_offset = 8, .line_bits = 64 },
	{ ROW(".data..L__unnamed_*", ARCH_ANY, SPECIAL_COPIED), .line_offset = 8, .line_bits = 64 },
	{ ROW(".data..Lubsan_type*", ARCH_ANY, SPECIAL_COPIED) },
	/* struct _ddebug: four pointers, then lineno:18; before Linux 5.9 in __verbose */
	{ ROW("__dyndbg", ARCH_ANY, SPECIAL_NONE), .early = true, .unique = true, .line_offset = 32, .line_bits = 18 },
	{ ROW("__verbose", ARCH_ANY, SPECIAL_NONE), .early = true, .unique = true, .line_offset = 32, .line_bits = 18 },

	/* x86_64 */
	{ ROW(".smp_locks", ARCH_X86_64, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true, .sites = true, .rewrites = REWRITES_BYTES, .rewrite_bytes = 1 },
	{ ROW(".parainstructions", ARCH_X86_64, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true, .rewrites = REWRITES_SITE, .site_length = 9 },
	{ ROW(".static_call_sites", ARCH_X86_64, SPECIAL_TABLE), .relocs = 2, .early = true, .unique = true, .key_reloc = 2,
	  .sites = true, .rewrites = REWRITES_INSN },
	{ ROW(".call_sites", ARCH_X86_64, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true, .sites = true, .rewrites = REWRITES_TARGET },
	{ ROW(".retpoline_sites", ARCH_X86_64, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true, .sites = true, .rewrites = REWRITES_INSN },
	{ ROW(".return_sites", ARCH_X86_64, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true, .sites = true, .rewrites = REWRITES_INSN },
	{ ROW(".ibt_endbr_seal", ARCH_X86_64, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true, .sites = true, .rewrites = REWRITES_INSN },
	/*
	 * The trap of a check: 12 bytes of it stand before, which FineIBT writes anew with it, as it does with the call behind
	 * (fineibt_caller_start in arch/x86/kernel/alternative.c)
	 */
	{ ROW(".kcfi_traps", ARCH_X86_64, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true, .rewrites = REWRITES_UP_TO, .rewrite_bytes = 14 },
	/* the same of a module: scripts/module.lds.S */
	{ ROW("__kcfi_traps", ARCH_X86_64, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true, .rewrites = REWRITES_UP_TO, .rewrite_bytes = 14 },
	{ ROW(".cfi_sites", ARCH_X86_64, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true, .sites = true },

	/* ppc64le */
	{ ROW("__ftr_fixup", ARCH_PPC64LE, SPECIAL_TABLE), .relocs = 4, .early = true, .unique = true, .extents = features },
	{ ROW("__mmu_ftr_fixup", ARCH_PPC64LE, SPECIAL_TABLE), .relocs = 4, .early = true, .unique = true, .extents = features },
	{ ROW("__fw_ftr_fixup", ARCH_PPC64LE, SPECIAL_TABLE), .relocs = 4, .early = true, .unique = true, .extents = features },
	{ ROW("__lwsync_fixup", ARCH_PPC64LE, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true },
	{ ROW("__barrier_nospec_fixup", ARCH_PPC64LE, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true },
	{ ROW("__ftr_alt_*", ARCH_PPC64LE, SPECIAL_PAYLOAD) },
	{ ROW(".toc", ARCH_PPC64LE, SPECIAL_SLOTS) },

	/* s390x */
	{ ROW(".s390_indirect*", ARCH_S390X, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true, .sites = true, .rewrites = REWRITES_INSN },
	{ ROW(".s390_return*", ARCH_S390X, SPECIAL_TABLE), .relocs = 1, .early = true, .unique = true, .sites = true, .rewrites = REWRITES_INSN },

	/* arch/<arch>/include/asm/runtime-const.h; what stands behind the prefix is the variable's name */
	{ ROW("runtime_ptr_*", ARCH_X86_64, SPECIAL_RUNTIME), .relocs = 1, .loads = true, .rewrites = REWRITES_BYTES,
	  .rewrite_bytes = 8 },
	{ ROW("runtime_ptr_*", ARCH_AARCH64, SPECIAL_RUNTIME), .relocs = 1, .loads = true, .rewrites = REWRITES_BYTES,
	  .rewrite_bytes = 16 },
	{ ROW("runtime_ptr_*", ARCH_S390X, SPECIAL_RUNTIME), .relocs = 1, .loads = true, .rewrites = REWRITES_BYTES,
	  .rewrite_bytes = 12 },
	{ ROW("runtime_ptr_*", ARCH_ANY, SPECIAL_RUNTIME), .relocs = 1, .loads = true },
	{ ROW("runtime_shift_*", ARCH_X86_64, SPECIAL_RUNTIME), .relocs = 1, .rewrites = REWRITES_BYTES, .rewrite_bytes = 1 },
	{ ROW("runtime_shift_*", ARCH_AARCH64 | ARCH_S390X, SPECIAL_RUNTIME), .relocs = 1, .rewrites = REWRITES_BYTES,
	  .rewrite_bytes = 4 },
	{ ROW("runtime_shift_*", ARCH_ANY, SPECIAL_RUNTIME), .relocs = 1 },
	{ ROW("runtime_mask_*", ARCH_ANY, SPECIAL_RUNTIME), .relocs = 1 },

	/* dropped: read at build or boot time, or made anew for a module */
	{ ROW(".discard*", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	{ ROW(".llvm*", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	{ ROW(".comment*", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	{ ROW(".note.gnu.*", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	{ ROW(".note*", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .read = READ_WHOLE },
	{ ROW(".debug*", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	{ ROW(".eh_frame*", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	{ ROW(".sframe*", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	/* numbers that resolve_btfids fills in by the names of their labels */
	{ ROW(".BTF_ids", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .read = READ_WHOLE, .names = true },
	{ ROW(".BTF*", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	/* the names in it are told apart by who refers to them */
	{ ROW("__ksymtab_strings", ARCH_ANY, SPECIAL_IGNORED), .uncalled = true },
	{ ROW(".modinfo", ARCH_ANY, SPECIAL_IGNORED), .read = READ_STRINGS, .tells = true },
	{ ROW("___ksymtab*", ARCH_ANY, SPECIAL_IGNORED), .read = READ_ENTRIES },
	{ ROW("__ksymtab*", ARCH_ANY, SPECIAL_IGNORED), .read = READ_ENTRIES },
	{ ROW("___kcrctab*", ARCH_ANY, SPECIAL_IGNORED), .read = READ_ENTRIES, .tells = true },
	{ ROW("__kcrctab*", ARCH_ANY, SPECIAL_IGNORED), .read = READ_ENTRIES, .tells = true },
	/* modpost makes the kernel's table of exports from it (Linux 6.4 and later) */
	{ ROW(".export_symbol", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .read = READ_ENTRIES, .names = true },
	/* who may use an export (include/linux/export-internal.h of 7.2): a byte for each, in the order of __ksymtab */
	{ ROW("___kflagstab*", ARCH_ANY, SPECIAL_IGNORED), .read = READ_ENTRIES, .names = true },
	{ ROW("__kflagstab", ARCH_ANY, SPECIAL_IGNORED), .read = READ_ENTRIES, .names = true },
	{ ROW("__versions", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	/* the same with longer names (kernel/module/main.c) */
	{ ROW("__version_ext_*", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	/* names for the build alone, which COMMON_DISCARDS of include/asm-generic/vmlinux.lds.h drops */
	{ ROW("__tracepoint_check", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	{ ROW(".no_trim_symbol", ARCH_ANY, SPECIAL_IGNORED), .quiet = true, .uncalled = true },
	{ ROW("__param", ARCH_ANY, SPECIAL_IGNORED), .read = READ_ENTRIES },
	{ ROW("__modver", ARCH_ANY, SPECIAL_IGNORED), .read = READ_ENTRIES, .tells = true },
	{ ROW("_kprobe_blacklist", ARCH_ANY, SPECIAL_IGNORED), .relocs = 1, .read = READ_ENTRIES, .uncalled = true },
	{ ROW("_error_injection_whitelist", ARCH_ANY, SPECIAL_IGNORED), .relocs = 1, .read = READ_ENTRIES, .uncalled = true },
	{ ROW("__tracepoints_ptrs", ARCH_ANY, SPECIAL_IGNORED), .relocs = 1, .read = READ_ENTRIES, .traced = true },
	{ ROW("_ftrace_events", ARCH_ANY, SPECIAL_IGNORED), .relocs = 1, .read = READ_ENTRIES, .traced = true },
	{ ROW("_ftrace_eval_map", ARCH_ANY, SPECIAL_IGNORED), .relocs = 1, .read = READ_ENTRIES, .traced = true },
	{ ROW("__bpf_raw_tp_map", ARCH_ANY, SPECIAL_IGNORED), .read = READ_ENTRIES, .traced = true },
	{ ROW("__syscalls_metadata", ARCH_ANY, SPECIAL_IGNORED), .relocs = 1, .read = READ_ENTRIES, .traced = true },
	{ ROW(".static_call_tramp_key", ARCH_ANY, SPECIAL_IGNORED), .relocs = 2, .read = READ_ENTRIES },
	{ ROW(".gnu.linkonce.this_module", ARCH_ANY, SPECIAL_IGNORED), .read = READ_WHOLE },

	/* gone after boot */
	{ ROW(".initcall*", ARCH_ANY, SPECIAL_INIT), .read = READ_WHOLE },
	{ ROW(".init_array*", ARCH_ANY, SPECIAL_INIT), .read = READ_WHOLE },
	{ ROW(".init.setup", ARCH_ANY, SPECIAL_INIT), .read = READ_ENTRIES },
	{ ROW(".init*", ARCH_ANY, SPECIAL_INIT) },
	/* __bootdata: arch/s390/kernel/vmlinux.lds.S has it before __init_end */
	{ ROW(".boot.data*", ARCH_S390X, SPECIAL_INIT) },
	{ ROW(".exitcall*", ARCH_ANY, SPECIAL_INIT), .read = READ_WHOLE },
	{ ROW(".exit*", ARCH_ANY, SPECIAL_INIT) },
	{ ROW(".con_initcall*", ARCH_ANY, SPECIAL_INIT), .read = READ_WHOLE },
	/* MEM_KEEP() of include/asm-generic/vmlinux.lds.h, until Linux 6.11 */
	{ ROW(".meminit*", ARCH_ANY, SPECIAL_INIT), .stays = true },
};
/* clang-format on */

/* Most differ in the first few letters: no function of libc is as fast. */
static inline bool fits(const char *pattern, const char *name)
{
	while (*pattern && *pattern == *name) {
		pattern++;
		name++;
	}
	return *pattern == '*' || (!*pattern && !*name);
}

enum { ROWS = sizeof(table) / sizeof(*table) };
_Static_assert(ROWS < (int)SPECIAL_ROWS_MOST, "rows are numbered in a byte, from one");

/* All rows have at least three letters in front of an asterisk. */
static unsigned bucket_of(const char *name)
{
	unsigned second = name[0] ? (uint8_t)name[1] : 0, third = second ? (uint8_t)name[2] : 0;

	return (second * 5 + third) % SPECIAL_BUCKETS;
}

void special_rows_of(struct special_rows *ret, unsigned arch)
{
	*ret = (struct special_rows){ 0 };
	for (unsigned i = ROWS; i-- > 0;) {
		uint8_t *first = &ret->first[bucket_of(table[i].name)];

		if (!(table[i].archs & arch))
			continue;
		ret->next[i + 1] = *first;
		*first = (uint8_t)(i + 1);
	}
}

const struct special *special_row(const struct special_rows *rows, const char *section)
{
	for (unsigned n = rows->first[bucket_of(section)]; n; n = rows->next[n])
		if (fits(table[n - 1].name, section))
			return &table[n - 1];
	return NULL;
}

const struct special *special_find(const char *section, unsigned arch)
{
	for (size_t i = 0; i < ROWS; i++)
		if (table[i].archs & arch && fits(table[i].name, section))
			return &table[i];
	return NULL;
}

const struct special_extent *special_extent_at(const struct special *row, uint64_t size, uint64_t field)
{
	for (const struct special_extent *x = row ? row->extents : NULL; x && x->entry; x++)
		if (x->entry == size && (x->start == field || (x->end && x->end == field)))
			return x;
	return NULL;
}

bool special_site_length(const struct special *row, const uint8_t *entry, uint64_t size, uint8_t *ret)
{
	uint8_t at = row->site_length;

	for (const struct special_extent *x = row->extents; x && x->entry && !at; x++)
		if (x->entry == size)
			at = x->site;
	if (!at || at >= size || !entry)
		return false;
	*ret = entry[at];
	return true;
}

const char *special_variable(const struct special *row, const char *section)
{
	return section + strlen(row->name) - 1;
}
