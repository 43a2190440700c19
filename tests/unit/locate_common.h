/* SPDX-License-Identifier: GPL-2.0-or-later */
/* locate_common.h - objects to be found in a symbol table, and the lines of `readelf -s` that make one */
#ifndef LOCATE_COMMON_H
#define LOCATE_COMMON_H

#include "symbols_common.h"

#include "file/load.h"
#include "locate/locate.h"

static inline const struct object *load(struct ctx *c, struct eb *b)
{
	const struct object *o;

	assert_int_equal(load_object(&c->arena, &c->ds, finish(c, b, ET_REL), LOAD_CODE_AND_DATA, &o), ELFDIFF_OK);
	return o;
}

static inline uint16_t code(struct eb *b, const char *section)
{
	return (uint16_t)eb_section(b, section, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 512);
}

static inline uint16_t data(struct eb *b, const char *section)
{
	return (uint16_t)eb_section(b, section, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, NULL, 512);
}

static inline uint32_t symbol_number(const struct object *o, const char *name, unsigned nth)
{
	for (uint32_t i = 1; i < o->symbol_count; i++)
		if (!strcmp(o->symbols[i].name, name) && o->symbols[i].type != STT_SECTION && !nth--)
			return i;
	fail_msg("no symbol %s", name);
	return 0;
}

static inline const struct graph *split(struct ctx *c, const struct object *o)
{
	const struct entry_sizes none = { 0 };
	const struct graph *g;

	assert_int_equal(graph_build(&c->arena, &c->ds, o, &none, &g), ELFDIFF_OK);
	return g;
}

/* Address where the nth symbol of that name is found; 0 missing, 1 ambiguous. */
static inline uint64_t find_nth(struct ctx *c, const struct symbol_table *t, const struct object *o, const char *name,
				unsigned nth)
{
	const struct unit_place *p = locate_unit(&c->arena, t, split(c, o));
	uint32_t id = NONE;
	enum locate_result r = locate_symbol(p, symbol_number(o, name, nth), &id);

	if (r == LOCATE_FOUND) {
		assert_string_equal(t->entries.items[id].name, name);
		return t->entries.items[id].address;
	}
	assert_int_equal(id, NONE);
	return r == LOCATE_AMBIGUOUS;
}

static inline uint64_t find(struct ctx *c, const struct symbol_table *t, const struct object *o, const char *name)
{
	return find_nth(c, t, o, name, 0);
}

#define FILE_LINE(name) "  1: 0000000000000000 0 FILE LOCAL DEFAULT ABS " name "\n"
#define FUNC_LINE(address, size, name) "  1: " address " " size " FUNC LOCAL DEFAULT 1 " name "\n"
#define DATA_LINE(address, size, name) "  1: " address " " size " OBJECT LOCAL DEFAULT 2 " name "\n"
#define GLOBAL_LINE(address, size, name) "  1: " address " " size " FUNC GLOBAL DEFAULT 1 " name "\n"
#define STEXT GLOBAL_LINE("1000", "0", "_stext")

static inline const struct object *doubles(struct ctx *c, bool one_section)
{
	struct eb b = eb_start(&c->arena, X86);
	uint16_t text = code(&b, ".text"), other = one_section ? text : code(&b, ".text.other");

	local(&b, "asm.c", STT_FILE, SHN_ABS, 0, 0);
	local(&b, "a", STT_FUNC, text, 0, 16);
	local(&b, "twice", STT_FUNC, other, 64, 16);
	local(&b, "b", STT_FUNC, text, 16, 16);
	local(&b, "twice", STT_FUNC, text, 32, 16);
	return load(c, &b);
}

#endif
