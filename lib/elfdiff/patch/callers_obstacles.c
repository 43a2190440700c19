/* SPDX-License-Identifier: GPL-2.0-or-later */
/* callers_obstacles.c - why not all callers of a function can be replaced, in words */
#include <elf.h>
#include <string.h>

#include "base/text.h"
#include "patch/callers.h"

/* The function that a node is, or belongs to. */
static uint32_t function_node(const struct walk *w, uint32_t node)
{
	const struct node *n = &w->nodes.items[node];

	while (n->block != NONE && w->g->blocks[n->block].kind != BLOCK_TEXT)
		n = &w->nodes.items[n->callee];
	return (uint32_t)(n - w->nodes.items);
}

const char *name_of_node(const struct walk *w, uint32_t node)
{
	const struct node *n = &w->nodes.items[function_node(w, node)];

	return n->block == NONE ? w->g->object->symbols[n->symbol].name : graph_label(w->d->a, w->g, n->block);
}

bool init_is_over(const struct walk *w, uint32_t block)
{
	const char *section = graph_section_name(w->g, block);

	/* a module's runs when the module is loaded, which may be later; .meminit stays with memory hotplug */
	return !strcmp(w->d->object, "vmlinux") && !starts_with(section, ".meminit");
}

/* --- diagnostics ------------------------------------------------------------------- */

static struct elfdiff_diag diag_of(const struct walk *w, enum elfdiff_severity severity, const char *id,
				   const char *name)
{
	return (struct elfdiff_diag){ .severity = severity, .id = id, .object = w->g->object->path, .symbol = name };
}

/* "the original has no ... location", and how it comes to the node where the walk ends. */
static const char *chain(const struct walk *w, uint32_t node)
{
	const char *root =
		"the original has no ftrace location (notrace, inline assembly, or compiled without -pg): ftrace "
		"cannot redirect its callers";

	uint32_t function = function_node(w, node), block = w->nodes.items[function].block;
	uint64_t site;

	if (function == w->nodes.items[node].root)
		return root;
	if (block != NONE && graph_ftrace_location(w->g, w->g->blocks[block].symbol, &site))
		return arena_printf(w->d->a, "%s; `%s`, from which it is called, is gone in the patched object", root,
				    name_of_node(w, node));
	return arena_printf(w->d->a, "%s; neither has `%s`, from which it is called", root, name_of_node(w, node));
}

static void stop(struct walk *w, const char *why)
{
	if (!w->refused)
		w->why = why;
	w->refused = true;
}

/* Who asked for kprobes is told why that does not help. */
static const char *with_kprobe(const struct walk *w, uint32_t node, const char *why)
{
	uint32_t root = w->nodes.items[w->nodes.items[node].root].block;
	const char *flaw = w->d->kprobe_redirect && root != NONE ? why_no_redirect(w->d, root) : NULL;

	return flaw ? arena_printf(w->d->a, "%s; and %s", why, flaw) : why;
}

/* Of each changed function the first one, which is the nearest. */
static void obstacle(struct walk *w, uint32_t node, const char *why)
{
	const char *root = name_of_node(w, w->nodes.items[node].root), *name = name_of_node(w, node);
	struct elfdiff_diag diag = diag_of(w, ELFDIFF_REFUSAL, "not-traceable", root);

	why = arena_printf(w->d->a, "%s, and they cannot all be replaced: %s", chain(w, node), why);
	stop(w, why);
	if (w->trial || w->nodes.items[w->nodes.items[node].root].told)
		return;
	w->nodes.items[w->nodes.items[node].root].told = true;
	diag.cause = with_kprobe(w, node, why);
	diag.hint = strcmp(root, name)
			    ? "leave the function as it is, and change those that call it"
			    : "leave the function as it is, and change those that call it; for a system call "
			      "use KPATCH_SYSCALL_DEFINE<n>()";
	diag_add(w->d->ds, diag, "`%s` changed but cannot be patched", root);
}

void obstacle_address(struct walk *w, uint32_t node, uint32_t from, uint32_t reloc)
{
	const struct block *b = &w->g->blocks[from];
	unsigned long long at =
		w->g->relocs[reloc].offset - b->start - (b->symbol == NONE ? 0 : graph_label_offset(w->g, from));

	obstacle(w, node,
		 b->kind == BLOCK_TEXT
			 ? arena_printf(w->d->a, "`%s` has the address of `%s` at +0x%llx",
					graph_label(w->d->a, w->g, from), name_of_node(w, node), at)
			 : arena_printf(w->d->a, "section `%s` has the address of `%s`, in `%s` at +0x%llx",
					graph_section_name(w->g, from), name_of_node(w, node),
					graph_label(w->d->a, w->g, from), at));
}

void obstacle_init(struct walk *w, uint32_t node, uint32_t caller)
{
	obstacle(w, node,
		 arena_printf(w->d->a, "`%s` in `%s` calls `%s`, and may run after the patch is loaded",
			      graph_label(w->d->a, w->g, caller), graph_section_name(w->g, caller),
			      name_of_node(w, node)));
}

void obstacle_fused(struct walk *w, uint32_t node, uint32_t caller)
{
	obstacle(w, node,
		 arena_printf(w->d->a, "`%s` calls `%s`, and cannot be separated from the code around it",
			      graph_label(w->d->a, w->g, caller), name_of_node(w, node)));
}

void obstacle_ignored(struct walk *w, uint32_t node, uint32_t caller)
{
	obstacle(w, node,
		 arena_printf(w->d->a, "`%s` calls `%s`, and the patch asks to leave it as it is (.kpatch.ignore.*)",
			      graph_label(w->d->a, w->g, caller), name_of_node(w, node)));
}

void warn_no_frame(struct walk *w, uint32_t node, uint32_t caller)
{
	const char *name = name_of_node(w, node), *from = graph_label(w->d->a, w->g, caller);
	struct elfdiff_diag diag = diag_of(w, ELFDIFF_WARNING, "unseen-on-stack", name);

	if (w->trial)
		return;
	diag.cause = arena_printf(
		w->d->a,
		graph_is_outlined(w->g, caller)
			? "`%s` calls it, where the kernel does not look for the replaced function on stacks"
			: "`%s` jumps to it, and is then no more on the stack, where the kernel looks for the "
			  "replaced function",
		from);
	diag.hint = arena_printf(w->d->a,
				 "see that it does no harm if a task that the kernel counts as patched has yet to "
				 "finish the original `%s`",
				 name);
	diag_add(w->d->ds, diag, "a task that is in `%s` is not seen when the patch is applied", name);
}

/* --- names --------------------------------------------------------------------------- */

#define BTF_ID "__BTF_ID__func__"

/* `__BTF_ID__func__NAME__12` */
static void add_id(struct walk *w, const char *label)
{
	size_t length = strlen(label), before = strlen(BTF_ID);

	while (length && label[length - 1] >= '0' && label[length - 1] <= '9')
		length--;
	if (length > before + 2 && label[length - 1] == '_' && label[length - 2] == '_')
		text_set_add(w->d->a, &w->by_id, label + before, length - before - 2);
}

/* The section's labels are what is read. */
static bool is_read_by_names(const struct object *o, const struct symbol *s)
{
	const struct special *row = s->place == SYMBOL_DEFINED ? o->sections[s->section].row : NULL;

	return row && row->names;
}

static void list_names(struct walk *w)
{
	const struct object *o = w->g->object;
	uint32_t *global = arena_array(w->d->a, w->g->block_count + 1, uint32_t);

	for (uint32_t i = 1; i < o->symbol_count; i++) {
		uint32_t b = w->g->symbol_block[i];

		if (starts_with(o->symbols[i].name, BTF_ID) && is_read_by_names(o, &o->symbols[i]))
			add_id(w, o->symbols[i].name);
		if (b == NONE)
			continue;
		if (o->symbols[i].bind == STB_WEAK ||
		    (o->symbols[i].bind != STB_LOCAL && !is_covered_elsewhere(w->d, o->symbols[i].name)))
			global[b] = i;
	}
	w->global = global;
}

/* Whoever calls kpatch-build's tools by hand can do as it does. */
static void obstacle_global(struct walk *w, uint32_t node, const char *name)
{
	const char *root = name_of_node(w, w->nodes.items[node].root);
	struct elfdiff_diag diag = diag_of(w, ELFDIFF_REFUSAL, "callers-elsewhere", name);

	const char *why = arena_printf(w->d->a, "%s, and `%s` is global, so that other objects may call it",
				       chain(w, node), name);

	stop(w, why);
	if (w->trial)
		return;
	diag.cause = with_kprobe(w, node, why);
	diag.hint = arena_printf(
		w->d->a, "replace the callers in all other objects, too: --replace-callers %s on each of them", name);
	diag_add(w->d->ds, diag, "`%s` changed but cannot be patched in this object alone", root);
}

void judge_names(struct walk *w, uint32_t node)
{
	uint32_t block = w->nodes.items[node].block;
	const char *name = graph_label(w->d->a, w->g, block);
	const struct symbol *global;

	if (!w->global)
		list_names(w);
	global = &w->g->object->symbols[w->global[block]];
	if (text_set_has(&w->by_id, name, strlen(name)))
		obstacle(w, node, arena_printf(w->d->a, "BPF programs may call `%s`: it is in .BTF_ids", name));
	else if (w->global[block] && global->bind == STB_WEAK)
		obstacle(w, node,
			 arena_printf(w->d->a, "`%s` is weak, and what calls it may have another definition",
				      global->name));
	else if (w->global[block] && !w->nodes.items[w->nodes.items[node].root].told)
		obstacle_global(w, node, global->name);
}
