// SPDX-License-Identifier: GPL-2.0-or-later
#include "json.h"

#include <inttypes.h>

#include "report.h"

static unsigned put_char(FILE *f, const unsigned char *s) /* returns the bytes used */
{
	unsigned n = report_utf8_length(s);

	if (!n) {
		fputs("\\ufffd", f);
		return 1;
	}
	if (*s == '"' || *s == '\\')
		fprintf(f, "\\%c", *s);
	else if (*s == '\n')
		fputs("\\n", f);
	else if (*s == '\t')
		fputs("\\t", f);
	else if (*s < 0x20 || *s == 0x7f)
		fprintf(f, "\\u%04x", *s);
	else
		fwrite(s, 1, n, f);
	return n;
}

static void put_quoted(FILE *f, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	putc('"', f);
	while (*s)
		s += put_char(f, s);
	putc('"', f);
}

static void new_line(const struct json *j)
{
	fprintf(j->f, "\n%*s", (int)(2 * j->depth), "");
}

static void begin(struct json *j, const char *key)
{
	if (j->filled)
		putc(',', j->f);
	if (j->depth)
		new_line(j);
	j->filled = true;
	if (!key)
		return;
	put_quoted(j->f, key);
	fputs(": ", j->f);
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	putc(bracket, j->f);
	j->depth++;
	j->filled = false;
}

void json_close(struct json *j, char bracket)
{
	j->depth--;
	if (j->filled)
		new_line(j);
	putc(bracket, j->f);
	j->filled = true;
	if (!j->depth)
		putc('\n', j->f);
}

void json_string(struct json *j, const char *key, const char *s)
{
	begin(j, key);
	if (s)
		put_quoted(j->f, s);
	else
		fputs("null", j->f);
}

void json_number(struct json *j, const char *key, uint64_t n)
{
	begin(j, key);
	fprintf(j->f, "%" PRIu64, n);
}

void json_number_if(struct json *j, const char *key, bool has, uint64_t n)
{
	if (has)
		json_number(j, key, n);
	else
		json_string(j, key, NULL);
}

void json_bool(struct json *j, const char *key, bool b)
{
	begin(j, key);
	fputs(b ? "true" : "false", j->f);
}
