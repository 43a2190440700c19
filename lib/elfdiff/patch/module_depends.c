/* SPDX-License-Identifier: GPL-2.0-or-later */
/* module_depends.c - modules that are loaded whenever the patched one is */
#include <string.h>

#include "patch/internal.h"

static void add(struct module_depends *m, const char *module, size_t length)
{
	text_set_add(m->d->a, &m->modules, module, length);
}

/* Those that .modinfo names, or that its objects take exports from. */
static void list(struct module_depends *m)
{
	const struct object *o = m->d->orig->object;
	const char *names = object_modinfo(o, "depends");

	for (uint32_t i = 0; m->table && i < m->table->depends.count; i++)
		add(m, m->table->depends.items[i], strlen(m->table->depends.items[i]));
	for (size_t n; names && *names; names += n + (names[n] == ',')) {
		n = strcspn(names, ",");
		add(m, names, n);
	}
	for (uint32_t i = o->first_global; m->is_module && i < o->symbol_count; i++) {
		const struct export *e =
			o->symbols[i].place == SYMBOL_UNDEFINED ? symvers_find(m->sv, o->symbols[i].name) : NULL;

		if (e)
			add(m, e->object, strlen(e->object));
	}
	m->listed = true;
}

bool module_depends_on(struct module_depends *m, const char *module)
{
	if (!m->listed)
		list(m);
	return text_set_has(&m->modules, module, strlen(module));
}
