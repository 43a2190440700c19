/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command_file.h - what kbuild has written down beside a file that it made: .NAME.cmd
 *
 * Its first line is `cmd_TARGET := COMMAND` (`savedcmd_` since Linux 6.7). How an object was made, of what, and which module
 * it is part of stands there and nowhere else; a file's name tells nothing.
 */
#ifndef CREATE_DIFF_OBJECT_COMMAND_FILE_H
#define CREATE_DIFF_OBJECT_COMMAND_FILE_H

#include <stdbool.h>
#include <stddef.h>

enum made_as {
	MADE_UNKNOWN,   /* no such file, or none that is understood */
	MADE_UNIT,      /* compiled for the kernel or a module of it */
	MADE_GENERATED, /* compiled of what modpost says about a module */
	MADE_FOR_BUILD, /* compiled to run while the kernel is built */
	MADE_OF_OTHERS, /* of objects or archives: linked, collected or converted */
};

struct command_file {
	enum made_as as;
	char *target; /* relative to the top of the build, or absolute */
	bool in_module;
	bool assembled; /* of assembler; of which module it is part, kbuild need not say */
	char *module;   /* MADE_UNIT: name or path of the module, or NULL: it is built in, or that is not said */
	char *several;  /* MADE_UNIT: names of the modules, joined by colons, where it is part of several; or NULL */
	bool program;   /* MADE_OF_OTHERS: linked to something that is neither an object nor an archive */
	char **inputs;  /* MADE_OF_OTHERS: objects, archives and lists of them, relative as the target */
	size_t input_count, input_room;
};

/* Of a file of that path; MADE_UNKNOWN where there is none. */
struct command_file command_file_read(const char *path);
void command_file_free(struct command_file *cf);

/* "fs/ext4/ext4" is the module ext4, "snd-hda" snd_hda. */
char *command_file_module_name(const char *module);

/* Takes `.` and `..` out of a path. */
void path_normalise(char *path);

#endif
