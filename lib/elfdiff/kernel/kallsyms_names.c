/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms_names.c - which names are no symbols to kallsyms */
#include <string.h>

#include "base/text.h"
#include "kernel/kernel_symbols.h"

/* What begins with `__` and one of these: scripts/mksysmap and scripts/kallsyms.c. */
static bool begins_hidden(const char *name, size_t n)
{
	switch (name[2]) {
	case 'A':
		return part_starts_with(name, n, "__AArch64ADRPThunk_");
	case 'c':
		return part_starts_with(name, n, "__crc_");
	case 'e':
		return part_starts_with(name, n, "__efistub_");
	case 'k':
		return part_starts_with(name, n, "__kstrtab_") || part_starts_with(name, n, "__ksymtab_") ||
		       part_starts_with(name, n, "__kstrtabns_") || part_starts_with(name, n, "__kcfi_typeid_") ||
		       part_starts_with(name, n, "__kvm_nvhe_$") || part_starts_with(name, n, "__kvm_nvhe_.L");
	case 'p':
		return part_starts_with(name, n, "__pfx_") || part_starts_with(name, n, "__pi_$") ||
		       part_starts_with(name, n, "__pi_.L");
	}
	return false;
}

/* Labels of the assembler, and marks in code. */
static bool is_label(const char *name, size_t n)
{
	return name[0] == '$' || (n > 1 && name[0] == '.' && name[1] == 'L');
}

static bool ends_hidden(const char *name, size_t n)
{
	switch (name[n - 1]) {
	case 'm':
		return part_ends_with(name, n, "_from_arm");
	case 'b':
		return part_ends_with(name, n, "_from_thumb");
	case 'r':
		return part_ends_with(name, n, "_veneer");
	}
	return false;
}

static bool is_name(const char *name, size_t n, const char *other)
{
	return n == strlen(other) && !memcmp(name, other, n);
}

static bool is_hidden_whole(const char *name, size_t n)
{
	return is_name(name, n, "L0") || is_name(name, n, "_SDA_BASE_") || is_name(name, n, "_SDA2_BASE_");
}

/* ".long_branch." or ".plt_branch." somewhere. */
static bool is_branch_stub(const char *name, size_t n)
{
	const char *end = name + n;

	for (const char *p = name; (p = memchr(p, '.', (size_t)(end - p))); p++)
		if (part_starts_with(p, (size_t)(end - p), ".long_branch.") ||
		    part_starts_with(p, (size_t)(end - p), ".plt_branch."))
			return true;
	return false;
}

bool kallsyms_hides_name(const char *name, size_t n)
{
	if (!n || is_label(name, n) || ends_hidden(name, n))
		return true;
	if (n > 2 && name[0] == '_' && name[1] == '_' && begins_hidden(name, n))
		return true;
	if ((name[0] == 'L' || name[0] == '_') && is_hidden_whole(name, n))
		return true;
	return is_branch_stub(name, n);
}

bool kallsyms_hides(const char *name)
{
	return kallsyms_hides_name(name, strlen(name));
}
