/* SPDX-License-Identifier: GPL-2.0-or-later */
/* disassemble.h - machine code of a report, for people */
#ifndef CREATE_DIFF_OBJECT_DISASSEMBLE_H
#define CREATE_DIFF_OBJECT_DISASSEMBLE_H

#include "json_tree.h"

#define NO_TARGET UINT64_MAX

struct instruction {
	uint64_t offset, length; /* bytes */
	uint64_t target;         /* of a branch within the code: offset; or NO_TARGET */
	char *text;              /* with symbols where relocations put addresses */
	char *key;        /* the same without what may differ in the same instruction: the target, compilers' numbers */
	const char *file; /* of the source, or NULL */
	uint64_t line;
};

struct instructions {
	struct instruction *items;
	size_t count, room;
};

/* Before all else here, and before a sandbox. False after reporting that it cannot be. */
bool disassemble_load(void);

/* Nobody here decodes the architecture: each instruction is its bytes. */
bool disassemble_knows(const char *architecture);

/* `code` is one of elfdiff_code: see the member `code` in docs/report.schema.json. */
struct instructions disassemble(const char *architecture, const struct json_value *code);
void instructions_free(struct instructions *l);

#endif
