// SPDX-License-Identifier: GPL-2.0-or-later
#include "command_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "shell_words.h"
#include "text.h"

/* A simple command: words `first` to before `end`. */
struct simple {
	const struct shell_word *words;
	size_t count;
};

static struct simple simple_command(const struct shell_words *w, size_t first)
{
	struct simple c = { w->items + first, 0 };

	while (first + c.count < w->count && !c.words[c.count++].ends)
		;
	return c;
}

static bool has_word(const struct simple *c, const char *word)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->words[i].text, word))
			return true;
	return false;
}

/* What follows the option `-o`, or NULL. */
static const char *output_of(const struct simple *c)
{
	for (size_t i = 0; i + 1 < c->count; i++)
		if (!strcmp(c->words[i].text, "-o"))
			return c->words[i + 1].text;
	return NULL;
}

/* The value of -DNAME="...", or NULL. */
static char *macro_text(const struct simple *c, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < c->count; i++) {
		const char *t = c->words[i].text;

		if (!strncmp(t, "-D", 2) && !strncmp(t + 2, name, n) && t[2 + n] == '=' && t[3 + n] == '"')
			return memory_text(t + n + 4, strcspn(t + n + 4, "\""));
	}
	return NULL;
}

/* ---- a compiler's command -------------------------------------------------- */

/* Modpost's file about a module lies beside the module's object: ext4.mod.c, ext4.mod.o. */
static bool is_of_modpost(const struct simple *c, const char *target)
{
	return text_ends_with(target, ".mod.o") && text_ends_with(c->words[c->count - 1].text, ".mod.c");
}

static void read_compilation(struct command_file *cf, const struct simple *c)
{
	char *name;

	if (!has_word(c, "-D__KERNEL__")) {
		cf->as = MADE_FOR_BUILD;
		return;
	}
	cf->as = is_of_modpost(c, cf->target) ? MADE_GENERATED : MADE_UNIT;
	cf->assembled = text_ends_with(c->words[c->count - 1].text, ".S"); /* as the compiler itself tells */
	cf->in_module = has_word(c, "-DMODULE");
	if (!cf->in_module)
		return;
	name = macro_text(c, "KBUILD_MODNAME");
	cf->module = macro_text(c, "KBUILD_MODFILE");
	if (!cf->module && name)
		cf->module = memory_text(name, strlen(name));
	if (!cf->module && !cf->assembled) /* of which one is not said */
		cf->as = MADE_UNKNOWN;
	if (name && strchr(name, ':'))
		cf->several = name;
	else
		free(name);
}

/* ---- a command about objects ------------------------------------------------ */

static void add_input(struct command_file *cf, const char *prefix, size_t prefix_length, const char *name)
{
	char *path = *name == '/' ? memory_printf("%s", name)
				  : memory_printf("%.*s%s", (int)prefix_length, prefix, name);

	path_normalise(path);
	if (!strcmp(path, cf->target)) {
		free(path);
		return;
	}
	cf->inputs = memory_grow(cf->inputs, cf->input_count, &cf->input_room, sizeof(*cf->inputs));
	cf->inputs[cf->input_count++] = path;
}

/*
 * Archives get their members by `printf "fs/%s " open.o`, lists of a module's parts theirs by `printf '%s\n' balloc.o`,
 * to which awk adds the directory.
 */
static void read_inputs(struct command_file *cf, const struct simple *c)
{
	const char *prefix = "", *slash = strrchr(cf->target, '/');
	size_t length = 0;

	if (c->count > 1 && !strcmp(c->words[0].text, "printf")) {
		/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): each word has a text, see shell_words() */
		const char *place = strstr(c->words[1].text, "%s");

		prefix = c->words[1].text;
		length = place ? (size_t)(place - prefix) : 0;
		if (!length && slash && text_ends_with(cf->target, ".mod")) {
			prefix = cf->target;
			length = (size_t)(slash + 1 - prefix);
		}
	}
	for (size_t i = 1; i < c->count; i++) {
		const char *word = c->words[i].text;

		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): as above */
		if (*word == '@') /* a list of files */
			add_input(cf, "", 0, word + 1);
		else if (text_ends_with(word, ".o") || text_ends_with(word, ".a"))
			add_input(cf, prefix, length, word);
	}
}

static void read_words(struct command_file *cf, const struct shell_words *w)
{
	bool relocatable = text_ends_with(cf->target, ".o") || text_ends_with(cf->target, ".a");

	for (size_t i = 0; i < w->count;) {
		struct simple c = simple_command(w, i);
		const char *out = output_of(&c);

		if (out && relocatable && has_word(&c, "-c") && !cf->input_count) {
			read_compilation(cf, &c);
			return;
		}
		read_inputs(cf, &c);
		cf->program |= out && !relocatable;
		i += c.count;
	}
	if (cf->input_count)
		cf->as = MADE_OF_OTHERS;
}

/* ---- the file ------------------------------------------------------------------ */

/* Parts of a path are moved to the left over what they make superfluous. */
void path_normalise(char *path)
{
	char *to = path + (*path == '/'), *start = to, *from = to;

	while (*from) {
		size_t n = strcspn(from, "/");
		char *next = from + n + (from[n] == '/');
		bool above = n == 2 && !strncmp(from, "..", 2);

		if (above && to > start && !(to - start >= 3 && !strncmp(to - 3, "../", 3))) {
			for (to--; to > start && to[-1] != '/'; to--)
				;
		} else if (n && !(n == 1 && *from == '.')) {
			memmove(to, from, (size_t)(next - from));
			to += next - from;
		}
		from = next;
	}
	*to = 0;
}

/* The target, and where the command begins; NULL: it is no such line. */
static const char *read_target(struct command_file *cf, const char *line)
{
	static const char *const prefixes[] = { "cmd_", "savedcmd_" };
	const char *assigned = strstr(line, " := ");

	for (size_t i = 0; assigned && i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		size_t n = strlen(prefixes[i]);

		if (strncmp(line, prefixes[i], n))
			continue;
		cf->target = memory_text(line + n, (size_t)(assigned - line) - n);
		path_normalise(cf->target);
		return assigned + 4;
	}
	return NULL;
}

struct command_file command_file_read(const char *path)
{
	struct command_file cf = { 0 };
	FILE *f = fopen(path, "re");
	const char *command;
	char *line = NULL;
	size_t room = 0;
	ssize_t n = f ? getline(&line, &room, f) : -1;

	if (f)
		fclose(f);
	if (n > 0 && line[n - 1] == '\n')
		line[n - 1] = 0;
	command = n > 0 ? read_target(&cf, line) : NULL;
	if (command) {
		struct shell_words w = shell_words(command);

		read_words(&cf, &w);
		shell_words_free(&w);
	}
	free(line);
	return cf;
}

void command_file_free(struct command_file *cf)
{
	for (size_t i = 0; i < cf->input_count; i++)
		free(cf->inputs[i]);
	free(cf->inputs);
	free(cf->target);
	free(cf->module);
	free(cf->several);
	*cf = (struct command_file){ 0 };
}

char *command_file_module_name(const char *module)
{
	const char *slash = strrchr(module, '/');
	char *name = memory_printf("%s", slash ? slash + 1 : module);

	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}
