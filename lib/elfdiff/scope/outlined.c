/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outlined.c - code that the compiler moved out of a function: its name tells of which, whether or not anything refers to it */
#include "elf/names.h"
#include "scope/internal.h"

/* The symbol of what was moved out, or NULL. */
static const struct symbol *outlined_symbol(const struct scope_side *s, uint32_t cell)
{
	uint32_t label = is_code(s, cell) ? cell_label(s, cell) : NONE;

	return label != NONE && name_is_cold(s->o->symbols[label].name) ? &s->o->symbols[label] : NULL;
}

bool is_outlined(const struct scope_side *s, uint32_t cell)
{
	return outlined_symbol(s, cell);
}

struct outlined_from outlined_from(struct arena *a, const struct scope_side *s, uint32_t cell)
{
	struct outlined_from ret = { .symbol = outlined_symbol(s, cell) };

	if (ret.symbol)
		ret.names =
			object_named(s->o, arena_strndup(a, ret.symbol->name, name_outlined_from(ret.symbol->name)));
	return ret;
}

bool next_outlined_from(const struct scope_side *s, struct outlined_from *of)
{
	while (of->symbol && next_namesake(&of->names)) {
		const struct symbol *sym = &s->o->symbols[of->names.symbol];
		bool here = sym->bind != STB_LOCAL || sym->file == of->symbol->file;

		of->function = here ? symbol_cell(s, sym) : NONE;
		if (of->function != NONE)
			return true;
	}
	return false;
}
