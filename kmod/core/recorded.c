// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recorded.c - where a symbol is that the running kernel does not tell of
 *
 * A kernel is moved as a whole when it boots. By how much, a symbol tells that every module is given, once its recorded address is
 * known; one of data and one of code have to agree. That the kernel is the one of which the addresses were recorded is not
 * believed: at the place where that has the note with its build ID, this one has to have the same bytes. The linker makes
 * that ID of all that it writes, so what has the same ID has the same symbols at the same addresses.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include "internal.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 8, 0)
#define copy_from_kernel_nofault probe_kernel_read
#endif

/* Kept in data: of a function's address in code a loader may make that of a jump to it. */
static struct {
	void *data;
	void (*code)(const void *);
} anchors = { &init_task, kfree };

static bool has_note(const struct kpatch_kernel *k, unsigned long moved)
{
	u8 bytes[64];

	return k->note_size && k->note_size <= sizeof(bytes) &&
	       !copy_from_kernel_nofault(bytes, (void *)(k->note + moved), k->note_size) &&
	       !memcmp(bytes, k->note_bytes, k->note_size);
}

static bool moved_by(const struct kpatch_kernel *k, unsigned long *ret)
{
	*ret = (unsigned long)READ_ONCE(anchors.data) - k->init_task;
	return (unsigned long)READ_ONCE(anchors.code) - k->kfree == *ret && has_note(k, *ret);
}

int recorded_find(const struct symbol *s, unsigned long *ret)
{
	unsigned long moved;

	if (!s->kernel || !s->recorded) {
		pr_err("this kernel does not tell where `%s` is, and the patch does not know\n", s->name);
		return -ENXIO;
	}
	if (!moved_by(s->kernel, &moved)) {
		pr_err("this kernel does not tell where `%s` is, and is another than the one of which the patch knows: it has another build ID\n",
		       s->name);
		return -ENXIO;
	}
	*ret = s->recorded + moved;
	return 0;
}
