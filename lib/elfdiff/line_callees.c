/* SPDX-License-Identifier: GPL-2.0-or-later */
/* line_callees.c - functions that are handed a line number to report, and do nothing else with it */
#include "line_callees.h"

#include <string.h>

#include "names.h"

/* From the macros of Linux 6.1 and 6.12 that use __LINE__. */
static const char *const takes_line[] = {
	/* include/linux/{kernel,sched,rcupdate,lockdep,uaccess}.h */
	"___might_sleep",
	"__cant_migrate",
	"__cant_sleep",
	"__might_fault",
	"__might_resched",
	"__might_sleep",
	"lockdep_rcu_suspicious",
	/* include/asm-generic/bug.h */
	"__warn",
	"warn_slowpath_fmt",
	"warn_slowpath_fmt_taint",
	"warn_slowpath_null",
	/* fs/btrfs */
	"__btrfs_abort_transaction",
	"__btrfs_handle_fs_error",
	"__btrfs_panic",
	"btrfs_assertfail",
	/* fs/ext4 */
	"__check_block_validity",
	"__ext4_check_dir_entry",
	"__ext4_error",
	"__ext4_error_file",
	"__ext4_error_inode",
	"__ext4_ext_check",
	"__ext4_ext_dirty",
	"__ext4_forget",
	"__ext4_grp_locked_error",
	"__ext4_handle_dirty_metadata",
	"__ext4_iget",
	"__ext4_journal_get_create_access",
	"__ext4_journal_get_write_access",
	"__ext4_journal_start_reserved",
	"__ext4_journal_start_sb",
	"__ext4_journal_stop",
	"__ext4_mark_inode_dirty",
	"__ext4_new_inode",
	"__ext4_read_dirblock",
	"__ext4_std_error",
	"__ext4_warning",
	"__ext4_warning_inode",
	"__ext4_xattr_check_block",
	"__read_extent_tree_block",
	"__xattr_check_inode",
	"ext4_check_blockref",
};

/* Functions that print a format: their number is a line where the name of a file or a function goes with it. */
static const char *const prints[] = {
	"__dynamic_pr_debug", "__ext4_msg", "__fortify_report", "__warn_printk", "_btrfs_printk", "_dev_err",
	"_dev_info",          "_dev_warn",  "_printk",          "panic",         "printk",
};

/* A clone (`f.constprop.0`) takes what the function takes. */
static bool among(const char *name, const char *const *names, size_t n)
{
	size_t stem = name_stem(name);

	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) == stem && !memcmp(name, names[i], stem))
			return true;
	return false;
}

bool callee_takes_line(const char *name)
{
	return among(name, takes_line, sizeof(takes_line) / sizeof(*takes_line));
}

bool callee_prints(const char *name)
{
	return among(name, prints, sizeof(prints) / sizeof(*prints));
}
