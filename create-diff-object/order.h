/* SPDX-License-Identifier: GPL-2.0-or-later */
/* order.h - the order in which the explanation and the page show things */
#ifndef CREATE_DIFF_OBJECT_ORDER_H
#define CREATE_DIFF_OBJECT_ORDER_H

#include <stdint.h>
#include <string.h>

/* NULL is the empty text. */
static inline int order_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static inline int order_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* What a reference leads to, in the words of the JSON report. */
struct order_target {
	const char *how, *object, *name;
	uint64_t position;
};

static inline int order_targets(const struct order_target *a, const struct order_target *b)
{
	int d = order_text(a->how, b->how);

	d = d ? d : order_text(a->object, b->object);
	d = d ? d : order_text(a->name, b->name);
	return d ? d : order_number(a->position, b->position);
}

#endif
