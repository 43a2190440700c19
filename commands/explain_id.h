/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain_id.h - what the id of a diagnostic means, why the kernel demands it, and the way out */
#ifndef COMMANDS_EXPLAIN_ID_H
#define COMMANDS_EXPLAIN_ID_H

#include <stdbool.h>
#include <stddef.h>

#include "nearest.h"

struct id_text {
	const char *id;
	const char *of;   /* "library", or the command that says it */
	const char *text; /* paragraphs for a terminal, each line with its end */
};

/* Made from docs/ids.txt when the command is built. An id that two commands have is there twice. */
extern const struct id_text id_texts[];
extern const size_t id_text_count;

/* On the standard output: what is known of the id, or, of `list`, all ids. False: there is no such id, and *ret tells which was meant. */
bool explain_id(const char *id, struct nearest *ret);

#endif
