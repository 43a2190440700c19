// SPDX-License-Identifier: GPL-2.0-or-later
#include "shell_words.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

static const char *next_char(const char *s, char *c)
{
	static const char pound[] = "$(pound)";

	if (!strncmp(s, pound, sizeof(pound) - 1)) {
		*c = '#';
		return s + sizeof(pound) - 1;
	}
	*c = *s;
	return s + (s[0] == '$' && s[1] == '$' ? 2 : 1);
}

/* Appends what `s` begins with, up to the closing quote, to the word. Returns what follows. */
static const char *quoted(const char *s, char quote, char **to)
{
	while (*s && *s != quote) {
		if (*s == '\\' && quote == '"' && s[1])
			s++;
		s = next_char(s, (*to)++);
	}
	return *s ? s + 1 : s;
}

static const char *one_word(const char *s, char *to)
{
	while (*s && !strchr(" \t;|&", *s)) {
		if (*s == '\'' || *s == '"') {
			s = quoted(s + 1, *s, &to);
			continue;
		}
		if (*s == '\\' && s[1])
			s++;
		s = next_char(s, to++);
	}
	*to = 0;
	return s;
}

struct shell_words shell_words(const char *line)
{
	char *word = memory_array(strlen(line) + 1, 1);
	struct shell_words w = { 0 };
	const char *s = line;

	while (*s) {
		if (*s == ' ' || *s == '\t') {
			s++;
		} else if (strchr(";|&", *s)) {
			if (w.count)
				w.items[w.count - 1].ends = true;
			s++;
		} else {
			s = one_word(s, word);
			w.items = memory_grow(w.items, w.count, &w.room, sizeof(*w.items));
			w.items[w.count++] = (struct shell_word){ .text = memory_text(word, strlen(word)) };
		}
	}
	if (w.count)
		w.items[w.count - 1].ends = true;
	free(word);
	return w;
}

void shell_words_free(struct shell_words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->items[i].text);
	free(w->items);
	*w = (struct shell_words){ 0 };
}
