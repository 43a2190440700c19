/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shell_words.h - a command as kbuild wrote it down, in words */
#ifndef CREATE_DIFF_OBJECT_SHELL_WORDS_H
#define CREATE_DIFF_OBJECT_SHELL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct shell_word {
	char *text; /* without its quotes */
	bool ends;  /* the last one of a simple command: `;`, `|` or `&` follows */
};

struct shell_words {
	struct shell_word *items;
	size_t count, room;
};

/* `line` is as make reads it: `$$` is a dollar sign, `$(pound)` a `#`. */
struct shell_words shell_words(const char *line);
void shell_words_free(struct shell_words *w);

#endif
