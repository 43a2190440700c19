// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain_id.h"

#include <stdio.h>
#include <string.h>

static bool is_first(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(id_texts[j].id, id_texts[i].id))
			return false;
	return true;
}

static void list_ids(void)
{
	for (size_t i = 0; i < id_text_count; i++)
		if (is_first(i))
			puts(id_texts[i].id);
}

static bool is_library(const struct id_text *t)
{
	return !strcmp(t->of, "library");
}

static bool put_texts(const char *id)
{
	bool found = false;

	for (size_t i = 0; i < id_text_count; i++) {
		const struct id_text *t = &id_texts[i];

		if (strcmp(t->id, id) != 0)
			continue;
		printf("%s%s%s%s\n%s", found ? "\n" : "", id, is_library(t) ? "" : " of ", is_library(t) ? "" : t->of,
		       t->text);
		found = true;
	}
	return found;
}

bool explain_id(const char *id, struct nearest *ret)
{
	*ret = nearest_to(id);
	if (!strcmp(id, "list")) {
		list_ids();
		return true;
	}
	if (put_texts(id))
		return true;
	for (size_t i = 0; i < id_text_count; i++)
		nearest_try(ret, id_texts[i].id);
	return false;
}
