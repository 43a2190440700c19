/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mutate_names.c - names, above all those that the tool knows */
#include "mutations.h"

#include <elf.h>
#include <string.h>

void mutate_names_offset(struct elf *e, struct random *r)
{
	uint32_t symtab = section_of_type(e, r, SHT_SYMTAB);
	uint64_t one = any_record(e, r, symtab, SYM_SIZE), other = any_record(e, r, symtab, SYM_SIZE);

	if (random_below(r, 2))
		elf_put(e, one, ST_NAME, elf_get(e, other, ST_NAME) + random_below(r, 3));
	else
		elf_set_section(e, any_section(e, r), SH_NAME, elf_section(e, any_section(e, r), SH_NAME));
}

/* Where a new name stands in a table of strings, or 0. */
static uint64_t add_name(struct elf *e, uint32_t strings, const char *name)
{
	uint64_t at = elf_table(e, strings, 1).count, size = strlen(name) + 1;

	if (!elf_move_to_end(e, strings, size))
		return 0;
	memcpy(e->data + e->size - size, name, size);
	return at;
}

void mutate_section_name(struct elf *e, struct random *r)
{
	static const char *const names[] = {
		"__bug_table",
		"__ex_table",
		".altinstructions",
		".altinstr_replacement",
		"__jump_table",
		".parainstructions",
		".smp_locks",
		".static_call_sites",
		".orc_unwind",
		".orc_unwind_ip",
		".retpoline_sites",
		".return_sites",
		".ibt_endbr_seal",
		".kpatch.funcs",
		".kpatch.symbols",
		".kpatch.relocations",
		".kpatch.strings",
		".kpatch.arch",
		".kpatch.callbacks.pre_patch",
		".kpatch.callbacks.post_unpatch",
		".kpatch.ignore.functions",
		".kpatch.ignore.sections",
		".kpatch.force",
		".kpatch.dynrelas",
		".klp.rela.vmlinux..text",
		".klp.rela.ext4..text",
		".klp.arch.vmlinux..altinstructions",
		"__patchable_function_entries",
		"__mcount_loc",
		".init.text",
		".exit.text",
		".modinfo",
		"__param",
		"__ksymtab",
		"__versions",
		".data..percpu",
		".bss",
		".rodata.str1.1",
		".toc",
		".opd",
		"__ftr_fixup",
		".s390_indirect_call",
		"__tracepoints",
		".discard.sym_func_keep",
		".debug_info",
		".debug_line",
		".group",
		".text.unlikely",
		".data.once",
		"runtime_ptr_x",
		"runtime_shift_x",
		".note.GNU-stack",
		".BTF_ids",
		".init.setup",
		".data..ro_after_init",
	};
	uint64_t at = add_name(e, e->shstrndx, names[random_below(r, COUNT(names))]);

	if (at)
		elf_set_section(e, any_section(e, r), SH_NAME, at);
}

void mutate_symbol_name(struct elf *e, struct random *r)
{
	static const char *const names[] = {
		"",
		"__fentry__",
		".klp.sym.vmlinux.f,0",
		".klp.sym.ext4.f,1",
		".klp.sym.rela.vmlinux.vmlinux.f,1",
		".klp.sym.rela.ext4.vmlinux.f,18446744073709551616",
		".klp.sym..,",
		".klp.sym.vmlinux.",
		"f.cold",
		"f.part.0",
		"f.isra.0.constprop.1.cold.2",
		"__func__.1",
		"__warned.3",
		".L1",
		"$x",
		"$d",
		".TOC.",
		"_mcount",
		"__key.7",
		"_rs.2",
		"__crc_f",
		"__ksymtab_f",
		"__UNIQUE_ID_x1",
		"__SCT__f",
		"__SCK__f",
		"__pfx_f",
		"__cfi_f",
		"__kpatch_callback_data_pre_patch",
		"__kpatch_ignore_func_f",
		"init_module",
		"__kcfi_typeid_f",
		"descriptor.1",
	};
	uint32_t symtab = section_of_type(e, r, SHT_SYMTAB), strings = (uint32_t)elf_section(e, symtab, SH_LINK);
	uint64_t at = strings < e->shnum ? add_name(e, strings, names[random_below(r, COUNT(names))]) : 0;

	if (at)
		elf_put(e, any_record(e, r, symtab, SYM_SIZE), ST_NAME, at);
}
