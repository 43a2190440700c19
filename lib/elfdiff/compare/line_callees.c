/* SPDX-License-Identifier: GPL-2.0-or-later */
/* line_callees.c - functions that are handed a line number to report, and do nothing else with it */
#include "compare/internal.h"

#include <string.h>

#include "arch/arch.h"
#include "elf/names.h"

struct callee {
	const char *name;
	unsigned argument; /* which of its arguments is the line, or the format; 1 for the first */
};

/* From the macros of Linux 6.1 and 6.12 that use __LINE__. */
static const struct callee takes_line[] = {
	/* include/linux/{kernel,sched,rcupdate,lockdep,uaccess}.h */
	{ "___might_sleep", 2 },
	{ "__cant_migrate", 2 },
	{ "__cant_sleep", 2 },
	{ "__might_fault", 2 },
	{ "__might_resched", 2 },
	{ "__might_sleep", 2 },
	{ "lockdep_rcu_suspicious", 2 },
	/* include/asm-generic/bug.h */
	{ "__warn", 2 },
	{ "warn_slowpath_fmt", 2 },
	{ "warn_slowpath_fmt_taint", 2 },
	{ "warn_slowpath_null", 2 },
	/* drivers/acpi/acpica/{utxferror,uterror}.c, behind the name of the file without `.c` */
	{ "acpi_bios_error", 2 },
	{ "acpi_bios_exception", 2 },
	{ "acpi_bios_warning", 2 },
	{ "acpi_error", 2 },
	{ "acpi_exception", 2 },
	{ "acpi_ut_method_error", 2 },
	{ "acpi_ut_namespace_error", 2 },
	{ "acpi_ut_predefined_bios_error", 2 },
	{ "acpi_ut_predefined_info", 2 },
	{ "acpi_ut_predefined_warning", 2 },
	{ "acpi_ut_prefixed_namespace_error", 2 },
	{ "acpi_warning", 2 },
	/* fs/btrfs */
	{ "__btrfs_abort_transaction", 3 },
	{ "__btrfs_handle_fs_error", 3 },
	{ "__btrfs_panic", 3 },
	/* fs/ext4 */
	{ "__check_block_validity", 3 },
	{ "__ext4_check_dir_entry", 2 },
	{ "__ext4_error", 3 },
	{ "__ext4_error_file", 3 },
	{ "__ext4_error_inode", 3 },
	{ "__ext4_ext_check", 2 },
	{ "__ext4_ext_dirty", 2 },
	{ "__ext4_forget", 2 },
	{ "__ext4_grp_locked_error", 2 },
	{ "__ext4_handle_dirty_metadata", 2 },
	{ "__ext4_iget", 5 },
	{ "__ext4_journal_get_create_access", 2 },
	{ "__ext4_journal_get_write_access", 2 },
	{ "__ext4_journal_start_reserved", 2 },
	{ "__ext4_journal_start_sb", 2 }, /* since 6.3 it is the third, which before was a type */
	{ "__ext4_journal_stop", 2 },
	{ "__ext4_mark_inode_dirty", 4 },
	{ "__ext4_new_inode", ARGUMENT_STACK },
	{ "__ext4_read_dirblock", 5 },
	{ "__ext4_std_error", 3 },
	{ "__ext4_warning", 3 },
	{ "__ext4_warning_inode", 3 },
	{ "__ext4_xattr_check_block", 4 },
	{ "__read_extent_tree_block", 2 },
	{ "__xattr_check_inode", 5 },
	{ "ext4_check_blockref", 2 },
};

/* Functions that print a format and do nothing else with its arguments. */
static const struct callee prints[] = {
	{ "__dynamic_pr_debug", 2 }, { "__warn_printk", 1 }, { "_btrfs_printk", 2 }, { "_dev_err", 2 },
	{ "_dev_info", 2 },          { "_dev_warn", 2 },     { "_printk", 1 },       { "panic", 1 },
	{ "__SCT__WARN_trap", 1 }, /* arch/x86/include/asm/bug.h of Linux 7: an entry of __bug_table that has the format */
};

/* A clone (`f.constprop.0`) takes what the function takes; one that lost an argument does not, and is not matched
 * by its register. */
static bool is_stem(const char *name, const char *stem)
{
	size_t n = name_stem(name);

	return strlen(stem) == n && !memcmp(name, stem, n);
}

bool callee_takes_line(const char *name, unsigned argument)
{
	for (size_t i = 0; i < sizeof(takes_line) / sizeof(*takes_line); i++)
		if (takes_line[i].argument == argument && is_stem(name, takes_line[i].name))
			return true;
	return false;
}

bool callee_is_listed(const char *name)
{
	for (size_t i = 0; i < sizeof(takes_line) / sizeof(*takes_line); i++)
		if (is_stem(name, takes_line[i].name))
			return true;
	return false;
}

unsigned callee_format(const char *name)
{
	for (size_t i = 0; i < sizeof(prints) / sizeof(*prints); i++)
		if (!strcmp(name, prints[i].name))
			return prints[i].argument;
	return 0;
}
