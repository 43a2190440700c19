/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hook.h - the layout of records, as other pipelines spell it, and what hook.c and groups.c share */
#ifndef HOOK_H
#define HOOK_H

struct function_record {
	unsigned long new_address, new_size, old_address, old_size, position;
	char *name, *object;
};

struct callback_record {
	void *callback;
	char *object;
};

struct klp_patch;

/* 0, or a negative error; free_groups() takes back what either leaves. */
int group_records(struct klp_patch *patch);
void free_groups(struct klp_patch *patch);

#endif
