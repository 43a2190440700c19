/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "klp/form_names.h"

#include <limits.h>
#include <string.h>

const char *klp_object_flaw(const char *object)
{
	if (!*object)
		return "the object's name is empty";
	if (strchr(object, '.'))
		return "the object's name has a dot";
	if (strlen(object) > KLP_OBJECT_MAX)
		return "the object's name has more than " KLP_LIMIT(KLP_OBJECT_MAX) " characters";
	/* KBUILD_MODNAME turns dashes into underscores, so no loaded module has one. */
	if (strchr(object, '-'))
		return "the object's name has a dash, which the kernel replaces by an underscore";
	return NULL;
}

const char *klp_function_flaw(const char *name)
{
	if (!*name)
		return "the symbol's own name is empty";
	if (strlen(name) > KLP_SYMBOL_MAX)
		return "the symbol's own name has more than " KLP_LIMIT(KLP_SYMBOL_MAX) " characters";
	return NULL;
}

const char *klp_symbol_flaw(const char *name)
{
	return strchr(name, ',') ? "the symbol's own name has a comma" : klp_function_flaw(name);
}

const char *klp_name_flaw(const struct klp_name *n)
{
	const char *flaw = klp_object_flaw(n->object);

	if (!flaw && n->when)
		flaw = klp_object_flaw(n->when);
	return flaw ? flaw : klp_symbol_flaw(n->name);
}

/* Takes what stands before the first dot of *s, and the dot. */
static const char *take_object(struct arena *a, const char **s, const char **ret)
{
	size_t n = strcspn(*s, ".");

	if (!(*s)[n])
		return "the object's name is not followed by a dot";
	*ret = arena_strndup(a, *s, n);
	*s += n + 1;
	return klp_object_flaw(*ret);
}

/* The kernel's %lu stops at the first character that is no digit; here that is a mistake. */
static const char *parse_position(const char *s, unsigned long *ret)
{
	unsigned long v = 0;

	if (!*s)
		return "the position is missing";
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return "the position is not a number";
		if (v > (ULONG_MAX - 9) / 10)
			return "the position is too large";
		v = v * 10 + (unsigned long)(*s - '0');
	}
	*ret = v;
	return NULL;
}

/* "<object>.<name>,<position>" */
static const char *parse_tail(struct arena *a, const char *s, struct klp_name *ret)
{
	const char *flaw = take_object(a, &s, &ret->object);
	size_t n;

	if (flaw)
		return flaw;
	n = strcspn(s, ",");
	if (!s[n])
		return "the symbol's own name is not followed by a comma and a position";
	ret->name = arena_strndup(a, s, n);
	flaw = klp_name_flaw(ret);
	return flaw ? flaw : parse_position(s + n + 1, &ret->position);
}

const char *klp_symbol_parse(struct arena *a, const char *symbol, struct klp_name *ret)
{
	*ret = (struct klp_name){ 0 };
	if (!starts_with(symbol, KLP_SYMBOL_PREFIX))
		return "it does not start with `.klp.sym.`";
	return parse_tail(a, symbol + strlen(KLP_SYMBOL_PREFIX), ret);
}

const char *linkable_symbol_parse(struct arena *a, const char *symbol, struct klp_name *ret)
{
	const char *s = symbol + strlen(LINKABLE_SYMBOL_PREFIX);
	const char *flaw;

	*ret = (struct klp_name){ 0 };
	if (!starts_with(symbol, LINKABLE_SYMBOL_PREFIX))
		return "it does not start with `.klp.sym.rela.`";
	flaw = take_object(a, &s, &ret->when);
	return flaw ? flaw : parse_tail(a, s, ret);
}

const char *klp_section_parse(struct arena *a, const char *section, const char **when)
{
	const char *s = section + strlen(KLP_SECTION_PREFIX);

	if (!starts_with(section, KLP_SECTION_PREFIX))
		return "it does not start with `.klp.rela.`";
	/* The kernel does not read on after the object, so the target's name may be missing. */
	*when = arena_strndup(a, s, strcspn(s, "."));
	return klp_object_flaw(*when);
}

const char *klp_symbol_name(struct arena *a, const struct klp_name *n)
{
	return arena_printf(a, KLP_SYMBOL_PREFIX "%s.%s,%lu", n->object, n->name, n->position);
}

const char *linkable_symbol_name(struct arena *a, const struct klp_name *n)
{
	return arena_printf(a, LINKABLE_SYMBOL_PREFIX "%s.%s.%s,%lu", n->when, n->object, n->name, n->position);
}

const char *klp_section_name(struct arena *a, const char *when, const char *target)
{
	return arena_printf(a, KLP_SECTION_PREFIX "%s.%s", when, target);
}
