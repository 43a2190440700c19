// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "report.h"

static void *checked(void *p)
{
	if (p)
		return p;
	report_no_memory();
	json_file_interrupted();
	exit(ELFDIFF_ERROR);
}

void *memory_array(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size));
}

void *memory_grow(void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	*room = *room ? *room * 2 : 16;
	return checked(reallocarray(items, *room, size));
}

char *memory_text(const char *text, size_t length)
{
	return checked(strndup(text, length));
}

char *memory_printf(const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return checked(n < 0 ? NULL : text);
}
