// SPDX-License-Identifier: GPL-2.0-or-later
#include "nearest.h"

#include <stdio.h>
#include <string.h>

/* No option and no id is as long; a word from a command line may be of any length. */
enum { LONGEST = 63 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Of the beginnings of two words, the row of each from those of the two before: d[2] is the row at hand. */
static void fill_row(unsigned d[3][LONGEST + 1], const char *a, size_t i, const char *b, size_t m)
{
	d[2][0] = (unsigned)i;
	for (size_t j = 1; j <= m; j++) {
		d[2][j] = least(least(d[1][j], d[2][j - 1]) + 1, d[1][j - 1] + (a[i - 1] != b[j - 1]));
		if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
			d[2][j] = least(d[2][j], d[0][j - 2] + 1);
	}
}

unsigned nearest_distance(const char *a, const char *b)
{
	size_t n = strnlen(a, LONGEST + 1), m = strnlen(b, LONGEST + 1);
	unsigned d[3][LONGEST + 1] = { 0 };

	if (n > LONGEST || m > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= m; j++)
		d[2][j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		memmove(d[0], d[1], 2 * sizeof(d[0]));
		fill_row(d, a, i, b, m);
	}
	return d[2][m];
}

struct nearest nearest_to(const char *word)
{
	return (struct nearest){ .word = word };
}

/* A third of the letters may be wrong: with more, any short word would be near any other. */
static int is_near(const char *word, const char *candidate, unsigned distance)
{
	return distance < LONGEST && 3 * distance <= least((unsigned)strlen(word), (unsigned)strlen(candidate));
}

void nearest_try(struct nearest *n, const char *candidate)
{
	unsigned distance = nearest_distance(n->word, candidate);

	if (n->abbreviated || !is_near(n->word, candidate, distance) || (n->found && distance >= n->distance))
		return;
	n->found = true;
	n->distance = distance;
	snprintf(n->hint, sizeof(n->hint), "did you mean `%s`?", candidate);
}

/* Of this one the word is the beginning: it and its like are meant, and nothing that is only near. */
static void take_abbreviated(struct nearest *n, const char *candidate)
{
	size_t length = n->abbreviated ? strlen(n->hint) - 1 : 0;

	if (length + strlen(candidate) + sizeof("did you mean ``?") < sizeof(n->hint))
		snprintf(n->hint + length, sizeof(n->hint) - length, length ? " or `%s`?" : "did you mean `%s`?",
			 candidate);
	n->found = n->abbreviated = true;
}

struct nearest nearest_option(const char *given, const struct option *options)
{
	char word[LONGEST + 1], name[LONGEST + 3];
	size_t length = strcspn(given, "=");
	struct nearest n = nearest_to(word);

	if (length > LONGEST)
		return nearest_to(given);
	snprintf(word, sizeof(word), "%.*s", (int)length, given);
	for (; options->name; options++) {
		snprintf(name, sizeof(name), "--%s", options->name);
		if (!strncmp(name, word, length))
			take_abbreviated(&n, name);
		else
			nearest_try(&n, name);
	}
	n.word = given;
	return n;
}
