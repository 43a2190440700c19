/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text_set.h - have I seen this text before? */
#ifndef ELFDIFF_TEXT_SET_H
#define ELFDIFF_TEXT_SET_H

#include <stdbool.h>

#include "base/index.h"

struct text_set {
	struct index by_text;
	VEC(struct {
		const char *text;
		size_t length;
	})
	list;
};

/* True when it is new. The text is borrowed; `length` characters count. */
bool text_set_add(struct arena *a, struct text_set *set, const char *text, size_t length);
bool text_set_has(const struct text_set *set, const char *text, size_t length);

#endif
