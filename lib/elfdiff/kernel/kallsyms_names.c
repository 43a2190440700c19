/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kallsyms_names.c - which names are no symbols to kallsyms */
#include "base/text.h"
#include "kernel/kernel_symbols.h"

/* Those that begin with these: scripts/mksysmap and scripts/kallsyms.c. */
static bool begins_hidden(const char *name)
{
	static const char *const prefix[] = {
		"__crc_",     "__kstrtab_", "__kstrtabns_", "__ksymtab_",   "__pfx_",        "__kcfi_typeid_",
		"__efistub_", "__pi_$",     "__pi_.L",      "__kvm_nvhe_$", "__kvm_nvhe_.L", "__AArch64ADRPThunk_",
	};

	if (name[0] == '$' || (name[0] == '.' && name[1] == 'L'))
		return true;
	if (name[0] != '_' || name[1] != '_')
		return false;
	for (size_t i = 0; i < sizeof(prefix) / sizeof(*prefix); i++)
		if (name[2] == prefix[i][2] && starts_with(name, prefix[i]))
			return true;
	return false;
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

static bool is_hidden_whole(const char *name)
{
	return !strcmp(name, "L0") || !strcmp(name, "_SDA_BASE_") || !strcmp(name, "_SDA2_BASE_");
}

bool kallsyms_hides(const char *name)
{
	size_t n = strlen(name);

	if (!n || begins_hidden(name) || ends_hidden(name, n))
		return true;
	if ((name[0] == 'L' || name[0] == '_') && is_hidden_whole(name))
		return true;
	return memchr(name, '.', n) && (strstr(name, ".long_branch.") || strstr(name, ".plt_branch."));
}
