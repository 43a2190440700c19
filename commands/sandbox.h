/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox.h - what a command may still do once it reads files that others made
 *
 * A parser that a damaged file has taken over can open no other file, run no program and reach no network. The kernel
 * enforces this (landlock: Linux 5.13 and later, where it is enabled); without it a command works as ever.
 *
 *	struct sandbox s = sandbox_new();
 *	sandbox_read(&s, path);        any number of times
 *	sandbox_write(&s, path);
 *	sandbox_enter(&s);             from here to the end of the process
 */
#ifndef COMMANDS_SANDBOX_H
#define COMMANDS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

struct sandbox {
	int ruleset;                /* file descriptor; -1: this kernel has no landlock */
	unsigned long long handled; /* LANDLOCK_ACCESS_FS_* that this kernel knows */
};

struct sandbox sandbox_new(void);

/* A file may be read; NULL and what does not exist are nothing. */
void sandbox_read(struct sandbox *s, const char *path);
void sandbox_read_each(struct sandbox *s, const char *const *paths, size_t count);

/* A directory and all files below it may be read. */
void sandbox_read_all(struct sandbox *s, const char *directory);

/* Files in this directory may be created, replaced and removed. */
void sandbox_write_in(struct sandbox *s, const char *directory);

/* A file may be created or replaced: files beside it, and beside what it is a link to, may be written, and removed. */
void sandbox_write(struct sandbox *s, const char *path);

/* Directories in this one may be removed, if they are empty. */
void sandbox_remove(struct sandbox *s, const char *directory);

/* False: the kernel does not do it, and nothing is forbidden. */
bool sandbox_enter(struct sandbox *s);

#endif
