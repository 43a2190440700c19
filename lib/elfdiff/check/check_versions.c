/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_versions.c - do the CRCs in __versions fit what Module.symvers says? (check_version(), CONFIG_MODVERSIONS) */
#include "check/internal.h"

#include <string.h>

#include "base/bytes.h"

/* struct modversion_info on a 64-bit kernel */
enum { VERSION_SIZE = 64, VERSION_NAME = 8, VERSION_NAME_SIZE = 56 };

static void check_entry(struct check *c, const struct section *s, uint64_t at, struct text_set *listed)
{
	const char *name = (const char *)s->data + at + VERSION_NAME;
	uint64_t crc = bytes_get(s->data + at, 8, c->o->big_endian);
	const struct export *e;

	name = arena_strndup(c->a, name, strnlen(name, VERSION_NAME_SIZE));
	text_set_add(c->a, listed, name, strlen(name));
	e = symvers_find(c->sv, name);
	if (!e || e->crc == crc)
		return;
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){
		       .id = "version-differs",
		       .section = s->name,
		       .symbol = name,
		       .has_offset = true,
		       .offset = at,
		       .cause = "check_version() disagrees about the symbol's version, and resolve_symbol() "
				"returns -EINVAL",
		       .hint = "build the patch module with the Module.symvers of the kernel to be patched" },
	       "`%s` has the version 0x%08llx in the module and 0x%08x in the kernel", name, (unsigned long long)crc,
	       e->crc);
}

/* Longer names stand in __version_ext_names, which kernels before 6.14 do not have. */
static void check_listed(struct check *c, const struct symbol *s, const struct text_set *listed)
{
	const struct export *e = s->place == SYMBOL_UNDEFINED ? symvers_find(c->sv, s->name) : NULL;

	if (!e || !e->crc || strlen(s->name) >= VERSION_NAME_SIZE || text_set_has(listed, s->name, strlen(s->name)))
		return;
	report(c, ELFDIFF_REFUSAL,
	       (struct elfdiff_diag){ .id = "version-missing",
				      .section = "__versions",
				      .symbol = s->name,
				      .cause = "check_version() finds no version for the symbol, and resolve_symbol() "
					       "returns -EINVAL",
				      .hint = "run modpost after the last object has been linked in" },
	       "`__versions` has no version for `%s`", s->name);
}

void check_versions(struct check *c)
{
	uint32_t number = object_section(c->o, "__versions", 0);
	const struct section *s = &c->o->sections[number];
	struct text_set listed = { 0 };

	if (!c->finished || !c->sv->read || !number)
		return;
	for (uint64_t at = 0; s->data && range_ok(at, VERSION_SIZE, s->size); at += VERSION_SIZE)
		check_entry(c, s, at, &listed);
	for (uint32_t i = 1; i < c->o->symbol_count; i++)
		check_listed(c, &c->o->symbols[i], &listed);
}
