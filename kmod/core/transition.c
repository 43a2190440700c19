// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * transition.c - objects and patches, brought into force and out of it
 *
 * What may fail is done before: symbols are found, relocations written, functions hooked, with versions that wait for the
 * next generation. What is left is one step that happens to all at once (stack.c), or not at all.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/version.h>

#include "internal.h"

/* --- one object --- */

static bool is_as_told(u8 byte, const char *code)
{
	static const char digits[] = "0123456789abcdef";

	return (code[0] == '?' || code[0] == digits[byte >> 4]) && (code[1] == '?' || code[1] == digits[byte & 15]);
}

/* What the patch was made for, and no other that has its name. */
static int verify(const struct function *f)
{
	const u8 *start = (const u8 *)f->old_addr;
	const char *code = f->of->old_code;
	unsigned long i;

	for (i = 0; code && code[0] && code[1]; i++, code += 2) {
		if (i < f->old_size && is_as_told(start[i], code))
			continue;
		pr_err("`%s` is not the function that the patch was made for: at byte %lu of %lu it has no %.2s (a kprobe there would be the cause, too)\n",
		       f->of->name, i, f->old_size, code);
		return -ENOENT;
	}
	return 0;
}

/* The original's size is the running kernel's: objects are compiled with other options than it was. */
static int find(struct object *obj, struct function *f)
{
	const struct symbol symbol = { obj->of->name, f->of->name, f->of->sympos, f->of->recorded,
				       obj->patch->of->kernel };
	int err = symbols_find(&symbol, &f->old_addr);

	if (!err) {
		f->old_size = symbols_size(f->old_addr);
		err = f->old_size ? 0 : -ENOENT;
	}
	if (err) {
		pr_err("`%s` of `%s`, number %lu, is not %s the running kernel\n", f->of->name, obj->of->name,
		       f->of->sympos, err == -ENXIO ? "found in" : "in");
		return err;
	}
	return verify(f) ?: redirect_locate(f);
}

static int hook(struct object *obj, struct function *f)
{
	int err = find(obj, f);

	if (err)
		return err;
	f->version.code = (unsigned long)f->of->new_func;
	f->version.size = f->of->new_size;
	f->version.since = redirect_next();
	f->version.until = FOR_EVER;
	return redirect_hook(f);
}

int object_prepare(struct object *obj)
{
	struct function *f;
	int err = relocate_write(obj);

	if (err)
		return err;
	obj->live = true;
	list_for_each_entry(f, &obj->functions, node) {
		err = hook(obj, f);
		if (err) {
			object_undo(obj);
			return err;
		}
	}
	return 0;
}

/* Of one whose functions are not in force. */
void object_undo(struct object *obj)
{
	struct function *f;

	if (!obj->live)
		return;
	list_for_each_entry(f, &obj->functions, node)
		redirect_unhook(f);
	obj->live = false;
}

static bool is_here(struct object *obj)
{
	if (is_vmlinux(obj->of->name))
		return true;
	obj->of->mod = symbols_module(obj->of->name);
	return obj->of->mod;
}

static void let_end(struct patch *p, unsigned long generation)
{
	struct object *obj;
	struct function *f;

	list_for_each_entry(obj, &p->objects, node)
		list_for_each_entry(f, &obj->functions, node)
			WRITE_ONCE(f->version.until, generation);
}

/* --- what nobody may be in --- */

static int make_room(struct spans *s, size_t count)
{
	s->items = kvcalloc(count + 1, sizeof(*s->items), GFP_KERNEL);
	return s->items ? 0 : -ENOMEM;
}

static void add_span(struct spans *s, unsigned long start, unsigned long size, const char *name)
{
	s->items[s->count++] = (struct span){ start, start + size, name };
}

static void add_code_of(struct spans *s, const struct patch *p)
{
	const struct module *mod = p->of->mod;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	add_span(s, (unsigned long)mod->mem[MOD_TEXT].base, mod->mem[MOD_TEXT].size, mod->name);
#else
	add_span(s, (unsigned long)mod->core_layout.base, mod->core_layout.text_size, mod->name);
#endif
}

/* The code that is in force now; a version that waits is not. */
static void add_replaced(struct spans *s, const struct function *f)
{
	const struct version *now = redirect_now(f->version.location);

	if (now)
		add_span(s, now->code, now->size, f->of->name);
	else
		add_span(s, f->old_addr, f->old_size, f->of->name);
}

static size_t count_functions(const struct patch *p)
{
	const struct object *obj;
	const struct function *f;
	size_t n = 0;

	list_for_each_entry(obj, &p->objects, node)
		list_for_each_entry(f, &obj->functions, node)
			n++;
	return n;
}

static void add_functions(struct spans *s, const struct patch *p)
{
	const struct object *obj;
	const struct function *f;

	list_for_each_entry(obj, &p->objects, node)
		list_for_each_entry(f, &obj->functions, node)
			if (obj->live && !f->of->force)
				add_replaced(s, f);
}

static size_t count_patches(void)
{
	const struct patch *p;
	size_t n = 0;

	list_for_each_entry(p, &patches, node)
		n++;
	return n;
}

/* --- a patch --- */

static int before(struct object *obj)
{
	int err = obj->of->pre_patch ? obj->of->pre_patch(obj->of) : 0;

	if (err)
		pr_err("the pre_patch callback of `%s` says %d\n", obj->of->name, err);
	obj->ready = !err;
	return err;
}

static void after_unpatch(struct object *obj)
{
	if (obj->ready && obj->of->post_unpatch)
		obj->of->post_unpatch(obj->of);
	obj->ready = false;
}

/* The code of callbacks may refer to the object, too: relocations are written before any. */
static int prepare(struct patch *p)
{
	struct object *obj;
	int err = 0;

	list_for_each_entry(obj, &p->objects, node) {
		if (!is_here(obj))
			continue;
		err = relocate_write(obj);
		err = err ?: before(obj);
		err = err ?: object_prepare(obj);
		if (err)
			break;
	}
	return err;
}

static void undo(struct patch *p)
{
	struct object *obj;

	list_for_each_entry(obj, &p->objects, node) {
		object_undo(obj);
		after_unpatch(obj);
	}
	redirect_synchronize();
}

static void let_all_end(const struct patch *but, unsigned long generation)
{
	struct patch *p;

	list_for_each_entry(p, &patches, node)
		if (p != but)
			let_end(p, generation);
}

static int commit(struct patch *p)
{
	struct spans s = { 0 };
	struct patch *other;
	int err = make_room(&s, count_functions(p) + count_patches());

	if (err)
		return err;
	add_functions(&s, p);
	list_for_each_entry(other, &patches, node)
		if (p->replace && other != p)
			add_code_of(&s, other);
	if (p->replace)
		let_all_end(p, redirect_next());
	err = stack_commit(&s);
	if (err && p->replace)
		let_all_end(p, FOR_EVER);
	kvfree(s.items);
	return err;
}

/* Of one that is out of force: nobody is in its code, and nobody is led there. */
static void retire(struct patch *p)
{
	struct object *obj;

	list_for_each_entry(obj, &p->objects, node)
		object_undo(obj);
	p->enabled = false;
	redirect_synchronize();
}

static void retire_others(struct patch *p)
{
	struct patch *other, *next;

	list_for_each_entry_safe(other, next, &patches, node) {
		if (other == p)
			continue;
		retire(other);
		pr_info("`%s` replaces `%s`\n", p->of->mod->name, other->of->mod->name);
		core_let_go(other);
	}
}

int patch_enable(struct patch *p)
{
	struct object *obj;
	int err = prepare(p);

	err = err ?: commit(p);
	if (err) {
		undo(p);
		return err;
	}
	p->enabled = true;
	if (p->replace)
		retire_others(p);
	list_for_each_entry(obj, &p->objects, node)
		if (obj->live && obj->of->post_patch)
			obj->of->post_patch(obj->of);
	return 0;
}

static void call_live(struct patch *p, bool back)
{
	struct object *obj;

	list_for_each_entry(obj, &p->objects, node) {
		void (*callback)(struct kpatch_object *) = back ? obj->of->post_patch : obj->of->pre_unpatch;

		if (obj->live && callback)
			callback(obj->of);
	}
}

int patch_disable(struct patch *p)
{
	struct spans s = { 0 };
	struct object *obj;
	int err = make_room(&s, 1);

	if (err)
		return err;
	add_code_of(&s, p);
	call_live(p, false);
	let_end(p, redirect_next());
	err = stack_commit(&s);
	kvfree(s.items);
	if (err) {
		let_end(p, FOR_EVER);
		call_live(p, true);
		return err;
	}
	retire(p);
	list_for_each_entry(obj, &p->objects, node)
		after_unpatch(obj);
	return 0;
}
