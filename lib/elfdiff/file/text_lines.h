/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_lines.h - a text, line by line
 *
 * Of a large one a window is in memory at a time: new pages cost more than what is done with most lines.
 *
 *	struct lines t = lines_of(arena, in);
 *	while (lines_next(&t, &line)) use(&line);
 *	if (!lines_end(&t, diags)) it was all there was
 */
#ifndef ELFDIFF_TEXT_LINES_H
#define ELFDIFF_TEXT_LINES_H

#include "file/input.h"

struct lines {
	struct arena *a;
	const struct input *in;
	const char *at, *end;        /* what is there and was not yet given */
	char *window;                /* where there is no in->data */
	size_t room;                 /* of the window */
	uint64_t offset;             /* in the file, of what is read next */
	bool all;                    /* nothing more is to be read */
	const char *wrong;           /* why that is so, if not because of the end */
	struct content_stream *read; /* what was read; NULL: nobody asks */
	uint32_t number;             /* of lines */
	char *names;                 /* where lines_keep() puts the next word */
	size_t names_room;
};

/* Without its end; lines are split at '\n', a '\r' before it is dropped. It is there until the next one is. */
struct line {
	const char *text;
	size_t length;
	uint32_t number; /* from 1 */
};

/* They come from the beginning. */
struct lines lines_of(struct arena *a, const struct input *in);
/* Those of the first window alone, which may end within a line. */
struct lines lines_peek(const struct lines *t);
/* All was given: OK, or ERROR because it could not be read, or changed meanwhile. */
ELFDIFF_CHECKED enum elfdiff_status lines_end(struct lines *t, struct diags *ds);

/* For lines_next(): more is there now; false: there is no more. */
bool lines_more(struct lines *t);

static inline bool lines_next(struct lines *t, struct line *l)
{
	const char *eol;

	while (!(eol = (const char *)memchr(t->at, '\n', (size_t)(t->end - t->at))))
		if (!lines_more(t))
			break;
	if (t->at == t->end)
		return false;
	l->text = t->at;
	l->length = (size_t)((eol ? eol : t->end) - t->at);
	l->length -= eol && l->length && eol[-1] == '\r';
	l->number = ++t->number;
	t->at = eol ? eol + 1 : t->end;
	return true;
}

struct word {
	const char *text;
	size_t length;
};

/* For lines_keep(): room for so many characters. */
void lines_keep_more(struct lines *t, size_t length);

/* A word of a line as a string that lives as long as the arena. */
static inline const char *lines_keep(struct lines *t, const struct word *w)
{
	char *s;

	if (t->names_room <= w->length)
		lines_keep_more(t, w->length);
	s = t->names;
	memcpy(s, w->text, w->length);
	t->names += w->length + 1;
	t->names_room -= w->length + 1;
	return s;
}

/* Almost no character of a table of symbols is below a blank. */
static inline bool is_blank(char c)
{
	return (unsigned char)c <= ' ' && (c == ' ' || c == '\t' || c == '\r');
}

/* The next run of non-blank characters at or after *pos of a line; false when none is left. */
static inline bool line_word(const struct line *l, size_t *pos, struct word *ret)
{
	const char *p = l->text + *pos, *end = l->text + l->length, *start;

	while (p < end && is_blank(*p))
		p++;
	for (start = p; p < end && !is_blank(*p);)
		p++;
	*ret = (struct word){ start, (size_t)(p - start) };
	*pos = (size_t)(p - l->text);
	return p > start;
}

static inline bool word_is(const struct word *w, const char *s)
{
	return strlen(s) == w->length && !memcmp(w->text, s, w->length);
}

#endif
