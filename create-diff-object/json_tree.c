// SPDX-License-Identifier: GPL-2.0-or-later
#include "json_tree.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { CHUNK = 1024, DEPTH_MOST = 64 };

struct json_chunk {
	struct json_chunk *next;
	size_t used;
	struct json_value values[CHUNK];
};

/* Decoded text is not longer than what it is read from, with its quotes. */
struct reader {
	struct json_tree *t;
	const char *at, *end;
	char *to;
	bool bad;
};

static struct json_value *new_value(struct json_tree *t)
{
	if (!t->chunks || t->chunks->used == CHUNK) {
		struct json_chunk *c = memory_array(1, sizeof(*c));

		c->next = t->chunks;
		t->chunks = c;
	}
	return &t->chunks->values[t->chunks->used++];
}

static char skip_space(struct reader *r)
{
	while (r->at < r->end && strchr(" \t\r\n", *r->at) && *r->at)
		r->at++;
	return (char)(r->at < r->end ? *r->at : 0);
}

static bool take(struct reader *r, char c)
{
	bool is = skip_space(r) == c && c;

	r->at += is;
	return is;
}

/* ---- text ---------------------------------------------------------------------- */

static unsigned hex_digits(struct reader *r)
{
	unsigned c = 0;

	for (int i = 0; i < 4; i++, r->at++) {
		char d = (char)(r->at < r->end ? *r->at : 0);

		if (!d || !strchr("0123456789abcdefABCDEF", d)) {
			r->bad = true;
			return 0;
		}
		c = c << 4 | (unsigned)(d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10);
	}
	return c;
}

static void put_code_point(struct reader *r, unsigned c)
{
	if (c < 0x80) {
		*r->to++ = (char)c;
		return;
	}
	if (c < 0x800) {
		*r->to++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*r->to++ = (char)(0xe0 | c >> 12);
		} else {
			*r->to++ = (char)(0xf0 | c >> 18);
			*r->to++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*r->to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*r->to++ = (char)(0x80 | (c & 0x3f));
}

/* A half of a pair alone is no character. */
static void read_code_point(struct reader *r)
{
	unsigned c = hex_digits(r);

	if (c >= 0xd800 && c < 0xdc00 && r->end - r->at > 6 && r->at[0] == '\\' && r->at[1] == 'u') {
		unsigned low;

		r->at += 2;
		low = hex_digits(r);
		c = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
	}
	put_code_point(r, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
}

static void read_escape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = (char)(r->at < r->end ? *r->at++ : 0);
	const char *p = c ? strchr(from, c) : NULL;

	if (p)
		*r->to++ = to[p - from];
	else if (c == 'u')
		read_code_point(r);
	else
		r->bad = true;
}

static const char *read_text(struct reader *r)
{
	const char *text = r->to;

	if (!take(r, '"'))
		r->bad = true;
	while (!r->bad && r->at < r->end && *r->at != '"') {
		if (*r->at != '\\') {
			*r->to++ = *r->at++;
			continue;
		}
		r->at++;
		read_escape(r);
	}
	if (r->at == r->end)
		r->bad = true;
	else
		r->at++;
	*r->to++ = 0;
	return text;
}

/* ---- values ---------------------------------------------------------------------- */

static bool take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n))
		return false;
	r->at += n;
	return true;
}

/* At most so many of them count; all are read. */
static uint64_t read_digits(struct reader *r, uint64_t most)
{
	uint64_t ret = 0;

	for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++)
		if (most && most--)
			ret = ret * 10 + (uint64_t)(*r->at - '0');
	return ret;
}

static void read_fraction(struct reader *r, struct json_value *v)
{
	const char *first = ++r->at;

	v->millionths = (uint32_t)read_digits(r, 6);
	for (size_t n = (size_t)(r->at - first); n < 6; n++)
		v->millionths *= 10;
	r->bad |= r->at == first;
}

static void read_scalar(struct reader *r, struct json_value *v)
{
	char c = skip_space(r);

	if (c == '"') {
		v->type = JSON_TEXT;
		v->text = read_text(r);
	} else if (c >= '0' && c <= '9') {
		v->type = JSON_NUMBER;
		v->number = read_digits(r, UINT64_MAX);
		if (r->at < r->end && *r->at == '.')
			read_fraction(r, v);
	} else if (take_word(r, "true")) {
		v->type = JSON_BOOL;
		v->number = 1;
	} else if (take_word(r, "false")) {
		v->type = JSON_BOOL;
	} else if (!take_word(r, "null")) {
		r->bad = true;
	}
}

/* Without recursion: `open` are the objects and arrays that have begun, `last` the last member of each so far. */
static void read_values(struct reader *r, struct json_value *root)
{
	struct json_value *open[DEPTH_MOST], *last[DEPTH_MOST];
	size_t depth = 0;
	struct json_value *v = root;

	for (;;) {
		char c = skip_space(r);

		if (c == '{' || c == '[') {
			if (depth == DEPTH_MOST) {
				r->bad = true;
				return;
			}
			r->at++;
			v->type = c == '{' ? JSON_OBJECT : JSON_ARRAY;
			last[depth] = NULL;
			open[depth++] = v;
		} else {
			read_scalar(r, v);
		}
		while (!r->bad && depth && take(r, open[depth - 1]->type == JSON_OBJECT ? '}' : ']'))
			depth--;
		if (r->bad || !depth)
			return;
		if (last[depth - 1] && !take(r, ',')) {
			r->bad = true;
			return;
		}
		v = new_value(r->t);
		if (open[depth - 1]->type == JSON_OBJECT) {
			v->key = read_text(r);
			r->bad |= !take(r, ':');
		}
		if (last[depth - 1])
			last[depth - 1]->next = v;
		else
			open[depth - 1]->first = v;
		last[depth - 1] = v;
		open[depth - 1]->count++;
	}
}

bool json_tree_read(struct json_tree *ret, const char *text, size_t length)
{
	struct json_value *root;
	struct reader r;

	*ret = (struct json_tree){ .texts = memory_array(length + 1, 1) };
	r = (struct reader){ .t = ret, .at = text, .end = text + length, .to = ret->texts };
	root = new_value(ret);
	read_values(&r, root);
	ret->root = root;
	return !r.bad && !skip_space(&r) && r.at == r.end;
}

void json_tree_free(struct json_tree *t)
{
	while (t->chunks) {
		struct json_chunk *next = t->chunks->next;

		free(t->chunks);
		t->chunks = next;
	}
	free(t->texts);
	*t = (struct json_tree){ 0 };
}

const struct json_value *json_get(const struct json_value *object, const char *key)
{
	const struct json_value *v = object && object->type == JSON_OBJECT ? object->first : NULL;

	while (v && strcmp(v->key, key))
		v = v->next;
	return v;
}

const struct json_value *json_first(const struct json_value *v)
{
	return v ? v->first : NULL;
}

const char *json_get_text(const struct json_value *o, const char *key)
{
	const struct json_value *v = json_get(o, key);

	return v && v->type == JSON_TEXT ? v->text : NULL;
}

uint64_t json_get_number(const struct json_value *o, const char *key)
{
	const struct json_value *v = json_get(o, key);

	return v && v->type == JSON_NUMBER ? v->number : 0;
}

bool json_get_bool(const struct json_value *o, const char *key)
{
	const struct json_value *v = json_get(o, key);

	return v && v->type == JSON_BOOL && v->number;
}
