/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tree.h - the objects of a build directory, and what each is part of */
#ifndef CREATE_DIFF_OBJECT_TREE_H
#define CREATE_DIFF_OBJECT_TREE_H

#include <stdint.h>

#include "command_file.h"

struct tree_object {
	char *path;    /* relative to the tree's root, by which objects are sorted */
	uint64_t size; /* bytes */
	struct command_file made;
	bool named;          /* a command of the tree reads it */
	const char *program; /* all that it is linked into is this program and its like, and no kernel; or NULL */
};

struct tree {
	const char *root;
	struct tree_object *objects;
	size_t count, room;
	struct command_file *commands; /* those about objects, whatever they make */
	size_t command_count, command_room;
};

/* Fill *ret; tree_free() afterwards, whatever the result. False after reporting what cannot be read. */
bool tree_read(const char *root, struct tree *ret);
void tree_free(struct tree *t);

#endif
