// SPDX-License-Identifier: GPL-2.0-or-later
#include "links.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum leads_to { NOWHERE = 0, TO_KERNEL = 1, TO_PROGRAM = 2, ON_THE_WAY = 4, KNOWN = 8 };

/* That a command reads a file. */
struct use {
	const char *input;
	size_t command;
};

struct links {
	const struct command_file **commands;
	unsigned *leads;      /* by command: enum leads_to */
	const char **program; /* by command: what it leads to */
	size_t command_count;
	struct use *uses; /* sorted by input */
	size_t use_count;
};

static int by_input(const void *pa, const void *pb)
{
	const struct use *a = pa, *b = pb;
	int d = strcmp(a->input, b->input);

	return d ? d : (a->command > b->command) - (a->command < b->command);
}

/* The first use of a file, or the number of uses. */
static size_t first_use(const struct links *l, const char *input)
{
	size_t low = 0, high = l->use_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(l->uses[middle].input, input) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_used(const struct links *l, const char *input)
{
	size_t i = first_use(l, input);

	return i < l->use_count && !strcmp(l->uses[i].input, input);
}

/* Names that kbuild itself gives: what is linked into the kernel, or is a module. */
static bool is_kernel(const char *target)
{
	const char *slash = strrchr(target, '/'), *name = slash ? slash + 1 : target, *dot = strrchr(name, '.');

	return !strcmp(name, "built-in.a") || (!slash && !strncmp(name, "vmlinux", 7)) ||
	       (dot && (!strcmp(dot, ".ko") || !strcmp(dot, ".mod")));
}

static unsigned lead(struct links *l, const char *input, const char **program);

static unsigned lead_of_command(struct links *l, size_t c, const char **program)
{
	const struct command_file *cf = l->commands[c];

	if (!l->leads[c]) {
		l->leads[c] = ON_THE_WAY; /* and again here: nowhere new */
		l->program[c] = cf->target;
		if (is_kernel(cf->target))
			l->leads[c] = KNOWN | TO_KERNEL;
		else if (cf->program)
			l->leads[c] = KNOWN | TO_PROGRAM;
		else
			l->leads[c] = KNOWN | lead(l, cf->target, &l->program[c]);
	}
	if (l->leads[c] & TO_PROGRAM)
		*program = l->program[c];
	return l->leads[c] & (TO_KERNEL | TO_PROGRAM);
}

/* `*program` becomes a program that it leads to, if there is one. */
static unsigned lead(struct links *l, const char *input, const char **program)
{
	unsigned leads = NOWHERE;

	for (size_t i = first_use(l, input); i < l->use_count && !strcmp(l->uses[i].input, input); i++)
		leads |= lead_of_command(l, l->uses[i].command, program);
	return leads;
}

static void add_command(struct links *l, const struct command_file *cf)
{
	if (cf->as != MADE_OF_OTHERS)
		return;
	l->commands[l->command_count] = cf;
	for (size_t i = 0; i < cf->input_count; i++)
		l->uses[l->use_count++] = (struct use){ cf->inputs[i], l->command_count };
	l->command_count++;
}

static void collect(struct links *l, const struct tree *t)
{
	size_t uses = 0, most = t->count + t->command_count;

	for (size_t i = 0; i < t->count; i++)
		uses += t->objects[i].made.input_count;
	for (size_t i = 0; i < t->command_count; i++)
		uses += t->commands[i].input_count;
	l->commands = memory_array(most, sizeof(const struct command_file *));
	l->leads = memory_array(most, sizeof(*l->leads));
	l->program = memory_array(most, sizeof(const char *));
	l->uses = memory_array(uses, sizeof(*l->uses));
	for (size_t i = 0; i < t->count; i++)
		add_command(l, &t->objects[i].made);
	for (size_t i = 0; i < t->command_count; i++)
		add_command(l, &t->commands[i]);
	qsort(l->uses, l->use_count, sizeof(*l->uses), by_input);
}

void links_follow(struct tree *t)
{
	struct links l = { 0 };

	collect(&l, t);
	for (size_t i = 0; i < t->count; i++) {
		struct tree_object *o = &t->objects[i];
		const char *program = NULL;

		o->named = is_used(&l, o->path);
		if (lead(&l, o->path, &program) == TO_PROGRAM)
			o->program = program;
	}
	free(l.commands);
	free(l.leads);
	free(l.program);
	free(l.uses);
}
