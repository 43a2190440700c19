// SPDX-License-Identifier: GPL-2.0-or-later
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "links.h"
#include "memory.h"
#include "report.h"
#include "text.h"

static bool unreadable(const char *path)
{
	report_error("tree-unreadable", path, strerror(errno), "check the path and its permissions", "cannot read `%s`",
		     path);
	return false;
}

static void add_object(struct tree *t, const char *dir, const char *name, const struct stat *st)
{
	char *command = memory_printf("%s/%s.%s.cmd", t->root, dir, name);

	t->objects = memory_grow(t->objects, t->count, &t->room, sizeof(*t->objects));
	t->objects[t->count++] = (struct tree_object){ .path = memory_printf("%s%s", dir, name),
						       .size = (uint64_t)st->st_size,
						       .made = command_file_read(command) };
	free(command);
}

static void add_command(struct tree *t, const char *path)
{
	struct command_file cf = command_file_read(path);

	if (cf.as != MADE_OF_OTHERS) {
		command_file_free(&cf);
		return;
	}
	t->commands = memory_grow(t->commands, t->command_count, &t->command_room, sizeof(*t->commands));
	t->commands[t->command_count++] = cf;
}

/* Directories to be read, relative to the root: each ends in a slash, but for the root itself. */
struct directories {
	char **items;
	size_t count, room;
};

static void add_directory(struct directories *list, const char *dir, const char *name)
{
	list->items = memory_grow(list->items, list->count, &list->room, sizeof(*list->items));
	list->items[list->count++] = *name ? memory_printf("%s%s/", dir, name) : memory_printf("%s", dir);
}

/* Links are followed to files, never to directories: those may lead back. */
static bool read_entry(struct tree *t, struct directories *list, const char *dir, const char *name)
{
	bool is_command = *name == '.' && text_ends_with(name, ".cmd") && !text_ends_with(name, ".o.cmd"), ok = true;
	char *path = memory_printf("%s/%s%s", t->root, dir, name);
	struct stat st;

	if (lstat(path, &st))
		ok = unreadable(path);
	else if (S_ISDIR(st.st_mode))
		add_directory(list, dir, name);
	else if (is_command)
		add_command(t, path);
	else if (text_ends_with(name, ".o") && !stat(path, &st) && S_ISREG(st.st_mode))
		add_object(t, dir, name, &st);
	free(path);
	return ok;
}

static bool read_directory(struct tree *t, struct directories *list, const char *dir)
{
	char *path = memory_printf("%s/%s", t->root, dir);
	const struct dirent *entry;
	DIR *d = opendir(path);
	bool ok = true;

	if (!d)
		ok = unreadable(path);
	while (d && ok && (errno = 0, entry = readdir(d)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			ok = read_entry(t, list, dir, entry->d_name);
	if (d && ok && errno)
		ok = unreadable(path);
	if (d)
		closedir(d);
	free(path);
	return ok;
}

static bool read_all(struct tree *t)
{
	struct directories list = { 0 };
	bool ok = true;

	add_directory(&list, "", "");
	for (size_t i = 0; i < list.count; i++) { /* which grows */
		ok = ok && read_directory(t, &list, list.items[i]);
		free(list.items[i]);
	}
	free(list.items);
	return ok;
}

static int by_path(const void *pa, const void *pb)
{
	const struct tree_object *a = pa, *b = pb;

	return strcmp(a->path, b->path);
}

bool tree_read(const char *root, struct tree *ret)
{
	*ret = (struct tree){ .root = root };
	if (!read_all(ret))
		return false;
	if (ret->count)
		qsort(ret->objects, ret->count, sizeof(*ret->objects), by_path);
	links_follow(ret);
	return true;
}

void tree_free(struct tree *t)
{
	for (size_t i = 0; i < t->count; i++) {
		command_file_free(&t->objects[i].made);
		free(t->objects[i].path);
	}
	for (size_t i = 0; i < t->command_count; i++)
		command_file_free(&t->commands[i]);
	free(t->objects);
	free(t->commands);
	*t = (struct tree){ 0 };
}
