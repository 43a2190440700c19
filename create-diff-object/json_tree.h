/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_tree.h - read JSON
 *
 * Numbers are those that reports have: of none less than zero, and of fractions millionths. Text is UTF-8, and ends at its first
 * NUL. A value that is not there is NULL, and all functions take it: a report may be of another version.
 */
#ifndef CREATE_DIFF_OBJECT_JSON_TREE_H
#define CREATE_DIFF_OBJECT_JSON_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

struct json_value {
	enum json_type type;
	const char *key; /* of a member of an object */
	const char *text;
	uint64_t number;                /* of a bool 0 or 1 */
	uint32_t millionths;            /* what the number has beyond */
	const struct json_value *first; /* members, in their order */
	const struct json_value *next;  /* of the same array or object */
	size_t count;                   /* members */
};

struct json_tree {
	const struct json_value *root;
	struct json_chunk *chunks;
	char *texts;
};

/* False where `text` is no JSON; json_tree_free() afterwards, whatever the result. */
bool json_tree_read(struct json_tree *ret, const char *text, size_t length);
void json_tree_free(struct json_tree *t);

const struct json_value *json_get(const struct json_value *object, const char *key);
const struct json_value *json_first(const struct json_value *v);        /* of a list or object; else NULL */
const char *json_get_text(const struct json_value *o, const char *key); /* NULL: none */
uint64_t json_get_number(const struct json_value *o, const char *key);  /* 0: none */
bool json_get_bool(const struct json_value *o, const char *key);

#endif
