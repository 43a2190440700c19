// SPDX-License-Identifier: GPL-2.0-or-later
#include "links.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { TO_KERNEL = 1, TO_PROGRAM = 2 };

/* A command about objects, and what its target leads to. */
struct link {
	const struct command_file *made;
	unsigned leads;      /* TO_*; of what is the kernel's by its name, nothing else */
	const char *program; /* one that it leads to */
	bool fixed;          /* what it leads to is known from itself */
};

struct links {
	struct link *items; /* sorted by target */
	size_t count;
	size_t *todo; /* numbers of those whose inputs have not been told yet, each at most as often as it learns something */
	size_t todo_count;
};

/* Names that kbuild itself gives: what is linked into the kernel, or is a module. */
static bool is_kernel(const char *target)
{
	const char *slash = strrchr(target, '/'), *name = slash ? slash + 1 : target, *dot = strrchr(name, '.');

	return !strcmp(name, "built-in.a") || (!slash && !strncmp(name, "vmlinux", 7)) ||
	       (dot && (!strcmp(dot, ".ko") || !strcmp(dot, ".mod")));
}

static int by_target(const void *pa, const void *pb)
{
	const struct link *a = pa, *b = pb;

	return strcmp(a->made->target, b->made->target);
}

static int is_object(const void *path, const void *object)
{
	return strcmp(path, ((const struct tree_object *)object)->path);
}

/* The first link with this target, or one behind it. */
static size_t first_link(const struct links *l, const char *target)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(l->items[middle].made->target, target) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_link(struct links *l, const struct command_file *cf)
{
	struct link *link = &l->items[l->count];

	if (cf->as != MADE_OF_OTHERS)
		return;
	l->count++;
	*link = (struct link){ .made = cf, .fixed = is_kernel(cf->target) || cf->program };
	if (!link->fixed)
		return;
	link->leads = is_kernel(cf->target) ? TO_KERNEL : TO_PROGRAM;
	link->program = cf->target;
}

static struct links collect(const struct tree *t)
{
	size_t most = t->count + t->command_count;
	struct links l = { .items = memory_array(most, sizeof(*l.items)),
			   .todo = memory_array(3 * most, sizeof(*l.todo)) };

	for (size_t i = 0; i < t->count; i++)
		add_link(&l, &t->objects[i].made);
	for (size_t i = 0; i < t->command_count; i++)
		add_link(&l, &t->commands[i]);
	if (l.count)
		qsort(l.items, l.count, sizeof(*l.items), by_target);
	for (size_t i = 0; i < l.count; i++)
		if (l.items[i].leads)
			l.todo[l.todo_count++] = i;
	return l;
}

/* Whatever makes `input` leads to where the link does that reads it. */
static void tell_makers(struct links *l, const struct link *from, const char *input)
{
	for (size_t i = first_link(l, input); i < l->count && !strcmp(l->items[i].made->target, input); i++) {
		struct link *link = &l->items[i];

		if (link->fixed || (link->leads | from->leads) == link->leads)
			continue;
		link->leads |= from->leads;
		link->program = link->program ? link->program : from->program;
		l->todo[l->todo_count++] = i;
	}
}

static void tell_inputs(struct links *l, size_t number)
{
	const struct link *link = &l->items[number];

	for (size_t i = 0; i < link->made->input_count; i++)
		tell_makers(l, link, link->made->inputs[i]);
}

static void mark_objects(struct tree *t, const struct link *link, unsigned *leads)
{
	for (size_t i = 0; i < link->made->input_count; i++) {
		struct tree_object *o =
			bsearch(link->made->inputs[i], t->objects, t->count, sizeof(*t->objects), is_object);

		if (!o)
			continue;
		o->named = true;
		leads[o - t->objects] |= link->leads;
		if (link->leads & TO_PROGRAM)
			o->program = link->program;
	}
}

void links_follow(struct tree *t)
{
	unsigned *leads = memory_array(t->count, sizeof(*leads));
	struct links l = collect(t);

	for (size_t i = 0; i < l.todo_count; i++) /* which grows */
		tell_inputs(&l, l.todo[i]);
	for (size_t i = 0; i < l.count && t->count; i++)
		mark_objects(t, &l.items[i], leads);
	for (size_t i = 0; i < t->count; i++)
		if (leads[i] != TO_PROGRAM)
			t->objects[i].program = NULL;
	free(leads);
	free(l.items);
	free(l.todo);
}
