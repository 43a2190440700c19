/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * units.h - the objects of two build directories, in pairs
 *
 * A unit is one object that the compiler made for the kernel or a module. Whatever else the directories have is accounted
 * for as well: each path of an object in either of them is in the list once, in order.
 */
#ifndef CREATE_DIFF_OBJECT_UNITS_H
#define CREATE_DIFF_OBJECT_UNITS_H

#include "diags.h"
#include "tree.h"

enum unit_state {
	UNIT_TO_COMPARE,
	UNIT_EQUAL,     /* byte by byte: not read any further */
	UNIT_UNCHANGED, /* the bytes differ, and there is nothing to patch */
	UNIT_CHANGED,
	UNIT_REFUSED,
	UNIT_FAILED,
	UNIT_GONE,     /* a unit of the original alone */
	UNIT_UNKNOWN,  /* differs, or is in one directory alone, and no command says what it is */
	UNIT_LEFT_OUT, /* no unit: made of others, or part of no kernel */
	UNIT_STATES
};

struct unit {
	const char *path; /* relative, the same in both */
	enum unit_state state;
	bool is_unit; /* else nothing is known of it, and it has to be the same in both */
	bool linked;  /* a command of one of the directories reads it */
	uint64_t orig_size, patched_size;
	char *object;        /* the patched object: "vmlinux", "ext4"; or NULL: some module or several, or no unit */
	const char *module;  /* the module's path without .ko, as kbuild says it; NULL where `object` is no module */
	const char *several; /* names of the modules that it is part of, if several */
	const char *calls;   /* of one that is equal: a function of --replace-callers of which it has the name */
	bool assembled;
	struct elfdiff *run; /* of what changed, or is refused and to be explained; else NULL */
	struct diag_list diags;
};

struct units {
	struct unit *items;
	size_t count;
};

/* What it says borrows from the trees. units_free() afterwards. */
struct units units_pair(const struct tree *orig, const struct tree *patched);
void units_free(struct units *u);

/* A refusal or a warning about a unit, which becomes of that state. */
void unit_say(struct unit *u, enum unit_state state, struct elfdiff_diag d);

/* Of one that is not the same in both, and of which no command says what it is. */
void unit_tell_unknown(struct unit *u);

/* "equal", "left out" */
const char *unit_state_name(enum unit_state state);

#endif
