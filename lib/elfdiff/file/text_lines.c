/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file/text_lines.h"

#include <errno.h>
#include <unistd.h>

#include "file/internal.h"

enum { WINDOW = 1 << 16, NAMES = 1 << 16 };

struct lines lines_of(struct arena *a, const struct input *in)
{
	struct lines t = { .a = a, .in = in, .all = in->data != NULL };

	if (in->data) {
		t.at = (const char *)in->data;
		t.end = t.at + in->size;
		return t;
	}
	t.room = WINDOW;
	t.at = t.end = t.window = arena_alloc(a, t.room);
	if (in->content)
		t.read = content_stream_new(a);
	lines_more(&t);
	return t;
}

struct lines lines_peek(const struct lines *t)
{
	struct lines first = *t;

	first.all = true;
	return first;
}

/* What was not yet given to the beginning, of a window that is twice as large where that takes half of it. */
static void move_rest(struct lines *t)
{
	size_t rest = (size_t)(t->end - t->at);
	char *to = t->window;

	if (rest > t->room / 2)
		to = arena_alloc(t->a, t->room *= 2);
	memmove(to, t->at, rest);
	t->at = t->window = to;
	t->end = to + rest;
}

bool lines_more(struct lines *t)
{
	uint64_t left = t->in->size - t->offset, room;
	ssize_t n;

	if (t->all)
		return false;
	move_rest(t);
	room = (uint64_t)(t->window + t->room - t->end);
	do
		n = pread(t->in->fd, t->window + (t->end - t->window), left < room ? left : room, (off_t)t->offset);
	while (n < 0 && errno == EINTR);
	if (n <= 0) {
		t->all = true;
		t->wrong = n < 0  ? arena_strdup(t->a, strerror(errno))
			   : left ? "it became shorter while it was read"
				  : NULL;
		return false;
	}
	if (t->read)
		content_stream_add(t->read, t->end, (size_t)n);
	t->end += n;
	t->offset += (uint64_t)n;
	return true;
}

enum elfdiff_status lines_end(struct lines *t, struct diags *ds)
{
	const char *wrong = t->wrong;

	if (!t->in->data && !wrong)
		wrong = file_changed(t->a, t->in->fd, &t->in->before);
	if (wrong)
		return input_fail(ds, t->in, wrong);
	if (t->read)
		content_stream_end(t->read, t->in->content, t->offset);
	return ELFDIFF_OK;
}

void lines_keep_more(struct lines *t, size_t length)
{
	t->names_room = length < NAMES ? NAMES : length + 1;
	t->names = arena_alloc(t->a, t->names_room);
}
