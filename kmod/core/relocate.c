// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * relocate.c - references of the patch to symbols that no module is given
 *
 * The loader has finished with the patch module by then, and its code is read-only. All memory of modules is mapped page by page,
 * so the same page is mapped once more, writable, for the moment. Nobody runs that code yet: its functions are not
 * redirected, and the processors all stop before they are.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <asm/byteorder.h>
#include <asm/cacheflush.h>

#include "internal.h"

int relocate_poke(void *to, const void *from, size_t count)
{
	size_t offset = offset_in_page(to);
	unsigned int i, n = DIV_ROUND_UP(offset + count, PAGE_SIZE);
	struct page *pages[2];
	void *window;

	for (i = 0; i < n; i++) {
		pages[i] = vmalloc_to_page(PTR_ALIGN_DOWN(to, PAGE_SIZE) + i * PAGE_SIZE);
		if (!pages[i])
			return -EFAULT;
	}
	window = vmap(pages, n, VM_MAP, PAGE_KERNEL);
	if (!window)
		return -ENOMEM;
	memcpy(window + offset, from, count);
	vunmap(window);
	flush_icache_range((unsigned long)to, (unsigned long)to + count);
	return 0;
}

int relocate_put(u8 *field, int size, u64 value)
{
	static const u8 nothing[sizeof(value)];
	const u8 *low = (const u8 *)&value;

	if (memcmp(field, nothing, size))
		return -EEXIST;
#ifdef __BIG_ENDIAN
	low += sizeof(value) - size;
#endif
	memcpy(field, low, size);
	return size;
}

static const char *cause_of(int err)
{
	switch (err) {
	case -ENOENT:
		return "there is no such symbol, or more than one";
	case -ENXIO:
		return "the kernel does not tell where it is";
	case -EPROBE_DEFER:
		return "its module is not loaded";
	case -ENOEXEC:
		return "the core does not know this type of relocation";
	case -EEXIST:
		return "the kernel has changed the place, by an alternative or a jump label";
	case -ERANGE:
		return "it is too far away";
	}
	return "there is no memory";
}

static int write_one(const struct kpatch_kernel *kernel, struct relocation *r)
{
	const struct kpatch_dynrela *of = r->of;
	const struct symbol symbol = { of->symbol_object, of->name, of->sympos, of->recorded, kernel };
	unsigned long address;
	u8 field[sizeof(r->before)];
	int size = symbols_find(&symbol, &address);

	if (!size) {
		memcpy(field, of->dest, sizeof(field));
		size = relocate_encode(r, address + of->addend, field);
	}
	if (size > 0) {
		int err;

		memcpy(r->before, of->dest, size);
		err = relocate_poke(of->dest, field, size);
		r->size = err ? 0 : size;
		size = err;
	}
	if (size)
		pr_err("`%s` of `%s` cannot be referred to from %pS (type %u): %s\n", of->name, of->symbol_object,
		       of->dest, of->type, cause_of(size));
	return size;
}

static int undo_one(struct relocation *r)
{
	int err = r->size ? relocate_poke(r->of->dest, r->before, r->size) : 0;

	if (!err)
		r->size = 0;
	r->stale = err;
	return err;
}

/* Nobody follows what stays for want of memory, and it is tried again before the object is patched again. */
void relocate_undo(struct object *obj)
{
	struct relocation *r;

	list_for_each_entry(r, &obj->relocations, node)
		if (undo_one(r))
			pr_err("a reference to `%s` stays, for want of memory\n", r->of->name);
}

int relocate_write(struct object *obj)
{
	struct relocation *r;

	list_for_each_entry(r, &obj->relocations, node) {
		int err = r->stale ? undo_one(r) : 0;

		err = err || r->size ? err : write_one(obj->patch->of->kernel, r);
		if (err) {
			relocate_undo(obj);
			return err;
		}
	}
	return 0;
}
