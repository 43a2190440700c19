// SPDX-License-Identifier: GPL-2.0-or-later
#include "html.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "report.h"

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return "&#39;";
	}
}

void html_text(FILE *f, const char *text)
{
	while (text && *text) {
		size_t n = strcspn(text, "&<>\"'");
		char *plain = memory_text(text, n);

		report_text(f, plain);
		free(plain);
		text += n;
		if (*text)
			fputs(entity(*text++), f);
	}
}

void html_printf(FILE *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			putc(*fmt, f);
		} else if (*++fmt == 's') {
			html_text(f, va_arg(ap, const char *));
		} else if (*fmt == 'z') {
			fmt++;
			fprintf(f, "%zu", va_arg(ap, size_t));
		} else {
			putc('%', f);
		}
	}
	va_end(ap);
}
