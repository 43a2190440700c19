/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elf/names.h"

#include <string.h>

#include "base/text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* `_ZN...17h0123456789abcdefE`: a legacy Rust name without its hash. */
static size_t rust_stem(const char *name, size_t n)
{
	if (!starts_with(name, "_ZN") || n < 24 || name[n - 1] != 'E' || memcmp(name + n - 20, "17h", 3))
		return n;
	for (size_t i = n - 17; i < n - 1; i++)
		if (!is_hex(name[i]))
			return n;
	return n - 20;
}

/* `12` of `__UNIQUE_ID_word12`, which counts what stands before it in the source, headers too: Clang's `f.__UNIQUE_ID_word12`. */
static size_t counted_stem(const char *name, size_t n)
{
	const char *word = memrchr(name, '.', n);

	word = word ? word + 1 : name;
	if (!starts_with(word, "__UNIQUE_ID_") && !starts_with(word, "__addressable_"))
		return n;
	while (n && is_digit(name[n - 1]))
		n--;
	return n;
}

size_t name_stem(const char *name)
{
	/* without the number that may follow */
	static const char *const words[] = { ".isra", ".constprop", ".part", ".cold", ".lto_priv", ".llvm" };
	size_t n = strlen(name);
	bool again = memchr(name, '.', n) != NULL;

	/* all others begin with `__` or `_Z` */
	if (!again && (name[0] != '_' || (name[1] != '_' && name[1] != 'Z')))
		return n;
	if (starts_with(name, "__BTF_ID__")) { /* `__BTF_ID__func__f__12` */
		size_t digits = n;

		while (digits && is_digit(name[digits - 1]))
			digits--;
		return part_ends_with(name, digits, "__") ? digits : n;
	}
	while (again) {
		size_t digits = n;

		again = false;
		while (digits && is_digit(name[digits - 1]))
			digits--;
		if (digits < n && digits > 1 && name[digits - 1] == '.') {
			n = digits - 1;
			again = true;
		}
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (part_ends_with(name, n, words[i])) {
				n -= strlen(words[i]);
				again = true;
			}
	}
	return rust_stem(name, counted_stem(name, n));
}

bool name_was_static(const char *name)
{
	return strstr(name, ".lto_priv") || strstr(name, ".llvm.");
}

bool name_counts_statics(const char *name)
{
	return name_was_static(name) && !starts_with(name + name_stem(name), ".llvm.");
}

bool name_same_stem(const char *a, const char *b)
{
	size_t n;

	if (!strcmp(a, b))
		return true;
	n = name_stem(a);
	return n == name_stem(b) && !memcmp(a, b, n);
}

bool name_is_cold(const char *name)
{
	size_t n = strlen(name);

	while (n && is_digit(name[n - 1]))
		n--;
	if (n && name[n] && name[n - 1] == '.')
		n--;
	return part_ends_with(name, n, ".cold");
}

size_t name_outlined_from(const char *name)
{
	size_t n = strlen(name), digits = n;

	while (digits && is_digit(name[digits - 1]))
		digits--;
	if (digits < n && digits && name[digits - 1] == '.')
		n = digits - 1;
	if (part_ends_with(name, n, ".cold"))
		return n - strlen(".cold");
	if (part_ends_with(name, n, ".part"))
		return n - strlen(".part");
	return 0;
}

/* The stem is one of the words, or Clang's `function.word` or `word.function`. */
static bool stem_among(const char *symbol, const char *const *words)
{
	size_t n = name_stem(symbol);
	const char *dot = memchr(symbol, '.', n);

	for (; *words; words++) {
		size_t m = strlen(*words);

		if (n == m && !memcmp(symbol, *words, m))
			return true;
		if (dot && (size_t)(dot - symbol) + 1 + m == n && !memcmp(dot + 1, *words, m))
			return true;
		/* and `__func__.function` */
		if (dot && (size_t)(dot - symbol) == m && !memcmp(symbol, *words, m))
			return true;
	}
	return false;
}

bool name_is_static_local(const char *name)
{
	size_t n = name_stem(name);

	return name[n] || memchr(name, '.', n);
}

static bool is_among(const char *name, const char *const *words)
{
	while (*words && strcmp(name, *words))
		words++;
	return *words;
}

/*
 * include/linux/{once_lite,mmdebug,rcupdate,lockdep,ratelimit_types,dynamic_debug,printk,tracepoint}.h,
 * include/net/net_debug.h, include/asm-generic/vmlinux.lds.h
 */
enum fresh name_fresh(const char *symbol, const char *section, bool writable)
{
	static const char *const filled_by_macros[] = { "__tracepoint_str", "__dyndbg", "__verbose", NULL };
	static const char *const of_flags[] = { ".data.once", ".data..once", ".data.unlikely", ".data..unlikely",
						NULL };
	/* something was reported; ___done of DO_ONCE() says that a function has run, which must not run twice */
	static const char *const flags[] = { "__already_done", "__print_once", "__warned", NULL };
	static const char *const keys[] = { "__key", "__wkey", NULL };
	static const char *const limits[] = { "_rs", NULL };
	/* the compilers' own */
	static const char *const constants[] = { "__func__", "__FUNCTION__",       "__PRETTY_FUNCTION__",
						 "CSWTCH",   "__compound_literal", NULL };
	static const char *const indexed[] = { "_entry", NULL };

	if (is_among(section, filled_by_macros))
		return FRESH_ANYHOW;
	if (!name_is_static_local(symbol))
		return FRESH_NOT;
	if (!writable)
		return stem_among(symbol, constants) ? FRESH_ANYHOW
		       : stem_among(symbol, indexed) ? FRESH_INDEX_ENTRY
						     : FRESH_NOT;
	if (is_among(section, of_flags) && stem_among(symbol, flags))
		return FRESH_ONCE_FLAG;
	return stem_among(symbol, keys) ? FRESH_LOCK_KEY : stem_among(symbol, limits) ? FRESH_RATE_LIMIT : FRESH_NOT;
}

bool name_is_marker(const char *name)
{
	/* loongarch64: the assembler's own labels */
	switch (name[0]) {
	case '.':
		return name[1] == 'L';
	case 'L':
		return name[1] == '0' && name[2] == 1;
	default:
		return !name[0] || name[0] == '$';
	}
}

bool name_is_prefix_symbol(const char *name)
{
	return starts_with(name, "__pfx_") || starts_with(name, "__cfi_");
}

size_t section_stem(const char *section, const char *symbol)
{
	size_t n = strlen(section), m = strlen(symbol);

	if (m && n > m + 1 && section[n - m - 1] == '.' && !strcmp(section + n - m, symbol))
		return n - m - 1;
	return n;
}

bool section_is_per_cpu(const char *section)
{
	return starts_with(section, ".data..percpu") || starts_with(section, ".data.percpu");
}

bool name_same_object(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	return *a == *b;
}
