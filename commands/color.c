// SPDX-License-Identifier: GPL-2.0-or-later
#include "color.h"

#include <string.h>
#include <unistd.h>

static bool on;

bool color_parse(const char *word, enum color_when *ret)
{
	static const char *const words[] = {
		[COLOR_NEVER] = "never", [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always"
	};

	*ret = COLOR_ALWAYS;
	for (int i = COLOR_NEVER; word && i <= COLOR_ALWAYS; i++)
		if (!strcmp(word, words[i])) {
			*ret = (enum color_when)i;
			return true;
		}
	return !word;
}

void color_choose(enum color_when when, const char *no_color, const char *term)
{
	bool wanted = !(no_color && *no_color) && term && *term && strcmp(term, "dumb") != 0;

	on = when == COLOR_ALWAYS || (when == COLOR_AUTO && wanted && isatty(STDERR_FILENO));
}

const char *color_of(enum elfdiff_severity severity)
{
	static const char *const colors[] = { [ELFDIFF_NOTICE] = "\033[1;36m",
					      [ELFDIFF_WARNING] = "\033[1;35m",
					      [ELFDIFF_REFUSAL] = "\033[1;31m",
					      [ELFDIFF_FAILURE] = "\033[1;31m" };

	return on ? colors[severity] : "";
}

const char *color_end(void)
{
	return on ? "\033[0m" : "";
}
