/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nearest.h - which word was meant by one that does not exist
 *
 *	struct nearest n = nearest_to(word);
 *
 *	for (...)
 *		nearest_try(&n, candidate);
 *	if (n.found) use(n.hint);
 */
#ifndef COMMANDS_NEAREST_H
#define COMMANDS_NEAREST_H

#include <getopt.h>
#include <stdbool.h>

struct nearest {
	const char *word; /* borrowed */
	bool found;       /* a candidate is near enough to be meant */
	bool abbreviated; /* the word is the beginning of one */
	unsigned distance;
	char hint[256];   /* "did you mean `this`?"; of several of which the word is the beginning, "`this` or `that`" */
};

struct nearest nearest_to(const char *word);
void nearest_try(struct nearest *n, const char *candidate);

/* Which of getopt_long()'s options was meant by one that it does not know, with or without a value. */
struct nearest nearest_option(const char *given, const struct option *options);

/* How many letters have to be added, removed or replaced, or change places with their neighbour; of long words, as many as there can be. */
unsigned nearest_distance(const char *a, const char *b);

#endif
