/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <string.h>

#include "arch/arch.h"
#include "base/text_set.h"
#include "klp/form_names.h"
#include "patch/internal.h"

struct resolver {
	const struct diff *d;
	const struct selection *s;
	const struct symvers *sv;
	const struct symbol_table *table;   /* of the patched object, or NULL */
	const struct symbol_table *vmlinux; /* or NULL */
	const struct unit_place *place;     /* of the original object in `table` */
	bool is_module;
	struct module_depends depends;
	struct text_set namespaces;
	const struct reference **known; /* by symbol of the patched object */
	const bool *used;               /* see used_by_running_code(), or NULL */
	uint32_t unchecked;
	const char *first_unchecked;
	struct resolution *r;
};

/* --- diagnostics ------------------------------------------------------------- */

static void refuse_symbol(struct resolver *rs, const char *id, const char *name, const char *cause, const char *hint,
			  const char *what)
{
	diag_add(rs->d->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_REFUSAL,
					.id = id,
					.object = rs->d->patched->object->path,
					.symbol = name,
					.cause = cause,
					.hint = hint },
		 "`%s` %s", name, what);
}

static void not_checked(struct resolver *rs, const char *name)
{
	if (!rs->unchecked++)
		rs->first_unchecked = name;
}

static void tell_unchecked(struct resolver *rs)
{
	struct elfdiff_diag diag = { .severity = ELFDIFF_WARNING,
				     .id = "unchecked",
				     .object = rs->d->patched->object->path,
				     .cause = "without kernel symbols, position 0 (unique) is assumed",
				     .hint = "give kernel symbols with --kernel-symbols, and Module.symvers with "
					     "--symvers" };

	if (rs->unchecked)
		diag_add(rs->d->ds, diag, "%u symbol%s could not be checked: `%s`%s", rs->unchecked,
			 rs->unchecked == 1 ? "" : "s", rs->first_unchecked, rs->unchecked == 1 ? "" : ", ...");
}

/* --- kinds of references ------------------------------------------------------ */

static const struct reference *ordinary(struct resolver *rs, enum disposition how, const char *name, const char *object)
{
	struct reference *ref = arena_new(rs->d->a, struct reference);

	*ref = (struct reference){ .how = how, .name = name, .object = object };
	return ref;
}

static const struct reference *refused(struct resolver *rs, const char *name)
{
	return ordinary(rs, REF_NONE, name, NULL);
}

/* A symbol in the kernel: its position, and its address where a table tells. */
struct found {
	unsigned long position;
	uint64_t address;
	uint32_t entry; /* of the table, or NONE */
	bool freed;     /* its memory, after boot */
};

/* A module may be loaded before the patch or after it. */
static void uncounted(struct resolver *rs, const struct symbol_table *t, uint32_t id)
{
	bool unknown = t->after_init || !symbol_table_passing(t, id).before;

	refuse_symbol(
		rs, "symbol-ambiguous", symbol_table_entry(t, id)->name,
		unknown ? "its name is not unique, and while its module is being loaded the kernel counts symbols of "
			  "init code too; which these are, the given symbols do not tell"
			: "of its name is a symbol of init code, or of what is not loaded, before it, which the "
			  "kernel counts while the module is being loaded, and not afterwards: no position is right "
			  "in both cases",
		unknown ? "give the module's .ko" : "change what calls it or uses it instead",
		"has no position in its module");
}

/* False, and refused: the table has the symbol, but cannot tell which of its name it is in the kernel. */
static bool take_entry(struct resolver *rs, const struct symbol_table *t, uint32_t id, struct found *ret)
{
	const struct kernel_symbol *s = symbol_table_entry(t, id);

	*ret = (struct found){ .position = symbol_table_position(t, id),
			       .address = s->address,
			       .entry = id,
			       .freed = symbol_table_frees(t, id) };
	if (symbol_table_proves_position(t, id))
		return true;
	if (t->whole)
		uncounted(rs, t, id);
	else
		refuse_symbol(
			rs, "symbol-ambiguous", s->name,
			arena_printf(rs->d->a,
				     "`%s` has %u symbols of this name, and is neither all of vmlinux (`_stext` is not "
				     "in it) nor of a module (`__this_module`), so that they cannot be counted",
				     t->path, symbol_table_count(t, s->name)),
			"give the symbols of the linked vmlinux or module", "cannot be found in the kernel");
	return false;
}

/* By symbol of the original: what running code refers to, outside of the object. */
static const bool *used_by_running_code(const struct diff *d)
{
	const struct graph *g = d->orig;
	bool *used = arena_array(d->a, g->object->symbol_count, bool);

	for (uint32_t b = 0; b < g->block_count; b++) {
		const struct block *bl = &g->blocks[b];

		for (uint32_t r = bl->reloc_first; !bl->init && r < bl->reloc_first + bl->reloc_count; r++)
			if (g->edges[r].block == NONE)
				used[g->edges[r].symbol] = true;
	}
	return used;
}

/* Such as a label of the linker script: `_einittext`. */
static bool running_code_uses(struct resolver *rs, const char *name)
{
	struct namesakes n = object_named(rs->d->orig->object, name);

	if (!rs->used)
		rs->used = used_by_running_code(rs->d);
	while (next_namesake(&n))
		if (rs->used[n.symbol])
			return true;
	return false;
}

static const struct reference *freed(struct resolver *rs, const char *name)
{
	refuse_symbol(rs, "init-reference", name, "the memory of init sections is freed after boot",
		      "remove the reference from the patched function", "is gone from the running kernel");
	return refused(rs, name);
}

static const struct reference *klp(struct resolver *rs, const char *name, const char *object, struct found found)
{
	struct reference *ref = arena_new(rs->d->a, struct reference);

	*ref = (struct reference){ .how = REF_KLP,
				   .name = name,
				   .object = object,
				   .when = strcmp(object, "vmlinux") || rs->d->klp_arch ? rs->d->object : "vmlinux",
				   .position = found.position,
				   .address = found.address };
	if (found.freed && !running_code_uses(rs, name))
		return freed(rs, name);
	if (klp_symbol_flaw(name)) {
		refuse_symbol(rs, "bad-name", name,
			      "the kernel reads at most " KLP_LIMIT(KLP_SYMBOL_MAX) " characters, and no comma",
			      "rename the symbol", "cannot be named in a KLP symbol");
		return refused(rs, name);
	}
	return ref;
}

static void use_namespace(struct resolver *rs, const char *name_space)
{
	if (name_space && *name_space && text_set_add(rs->d->a, &rs->namespaces, name_space, strlen(name_space)))
		*vec_push(rs->d->a, &rs->r->namespaces) = name_space;
}

/* What the source says: modpost reads it where no Module.symvers tells which namespaces are needed. */
static void use_stated_namespaces(struct resolver *rs)
{
	const struct object *o = rs->d->patched->object;

	for (const char *v = object_modinfo(o, "import_ns"); v; v = object_modinfo_after(o, "import_ns", v))
		use_namespace(rs, v);
}

/* --- global symbols ------------------------------------------------------------- */

static bool orig_refers_to(const struct resolver *rs, const char *name)
{
	struct namesakes n = object_named(rs->d->orig->object, name);

	return next_namesake(&n);
}

static const struct reference *exported_by_module(struct resolver *rs, const struct export *e)
{
	bool own = !strcmp(e->object, rs->d->object);
	bool known = !rs->is_module || (rs->table && rs->table->has_depends) ||
		     object_modinfo(rs->d->orig->object, "depends");

	if (!own && !module_depends_on(&rs->depends, e->object)) {
		refuse_symbol(
			rs, "module-dependency", e->name,
			arena_printf(rs->d->a, "module `%s` exports it, and %s", e->object,
				     known ? "the patched object does not depend on that module"
					   : "it is not known whether the patched object depends on that module"),
			known ? "a patch cannot make a module depend on another: look the symbol up at run time with "
				"symbol_get()"
			      : "give the module itself with --kernel-symbols: its .modinfo names its dependencies",
			"is in a module that may not be loaded");
		return refused(rs, e->name);
	}
	return klp(rs, e->name, e->object, (struct found){ 0 });
}

static const struct reference *found_in(struct resolver *rs, const struct symbol_table *t, const char *object,
					const char *name, uint32_t id)
{
	struct found found;

	return take_entry(rs, t, id, &found) ? klp(rs, name, object, found) : refused(rs, name);
}

static const struct reference *guess_global(struct resolver *rs, const char *name, const char *object)
{
	not_checked(rs, name);
	return klp(rs, name, object, (struct found){ 0 });
}

/* A global symbol that the original object itself defines. */
static const struct reference *resolve_own(struct resolver *rs, const struct symbol *s)
{
	const char *name = s->name;
	const struct export *e = symvers_find(rs->sv, name);
	uint32_t id = kernel_global_of(rs->table, s);

	if (e && !rs->is_module && !strcmp(e->object, "vmlinux") && !e->to_named_modules) {
		use_namespace(rs, e->name_space);
		return ordinary(rs, REF_EXPORTED, name, "vmlinux");
	}
	if (id != NONE)
		return found_in(rs, rs->table, rs->d->object, name, id);
	if (rs->table) {
		refuse_symbol(rs, "symbol-missing", name,
			      arena_printf(rs->d->a,
					   "the original object defines it, but it is not among the symbols of `%s`",
					   rs->d->object),
			      "check that the objects and the symbols are of the same kernel and configuration",
			      "cannot be found in the kernel");
		return refused(rs, name);
	}
	not_checked(rs, name);
	return klp(rs, name, rs->d->object, (struct found){ 0 });
}

static const struct reference *missing(struct resolver *rs, const char *name)
{
	refuse_symbol(rs, "symbol-missing", name,
		      "the original object refers to it, but it is not among the kernel symbols",
		      "check that the objects and the symbols are of the same kernel and configuration",
		      "is not in the kernel");
	return refused(rs, name);
}

static const struct reference *unlinked(struct resolver *rs, const char *name, enum name_owner whose)
{
	struct unlocated why = why_unlinked(rs->d, whose);

	refuse_symbol(rs, whose == NAME_OF_EITHER ? "symbol-ambiguous" : "symbol-missing", name, why.cause, why.hint,
		      "cannot be proved to be what the module was linked to");
	return refused(rs, name);
}

static const struct reference *undefined(struct resolver *rs, const char *name)
{
	diag_add(rs->d->ds,
		 (struct elfdiff_diag){ .severity = ELFDIFF_WARNING,
					.id = "undefined-reference",
					.object = rs->d->patched->object->path,
					.symbol = name,
					.cause = "neither the kernel nor the original object has it",
					.hint = "another object of the patch has to define it" },
		 "`%s` is not in the kernel", name);
	return ordinary(rs, REF_UNDEFINED, name, NULL);
}

/* What nobody exports, as far as it is known. */
static const struct reference *resolve_unexported(struct resolver *rs, const char *name)
{
	uint32_t id = kernel_global(rs->vmlinux, name);

	if (rs->table && symbol_table_imports(rs->table, name))
		return ordinary(rs, REF_UNDEFINED, name, NULL);
	if (id != NONE && rs->is_module && !rs->sv->exports.count && orig_refers_to(rs, name))
		not_checked(rs, name);
	if (id != NONE)
		return found_in(rs, rs->vmlinux, "vmlinux", name, id);
	if (!rs->table || !rs->vmlinux)
		return guess_global(rs, name, "vmlinux");
	return orig_refers_to(rs, name) ? missing(rs, name) : undefined(rs, name);
}

static const struct reference *resolve_outside(struct resolver *rs, const char *name)
{
	const struct export *e = symvers_find(rs->sv, name);

	if (e && strcmp(e->object, "vmlinux"))
		return exported_by_module(rs, e);
	if (e && !e->to_named_modules) {
		use_namespace(rs, e->name_space);
		return ordinary(rs, REF_EXPORTED, name, "vmlinux");
	}
	return resolve_unexported(rs, name);
}

static const struct reference *resolve_in_module(struct resolver *rs, const char *name)
{
	struct name_question q = { .name = name,
				   .module = rs->d->object,
				   .table = rs->table,
				   .vmlinux = rs->vmlinux,
				   .symvers = rs->sv,
				   .linked = orig_refers_to(rs, name) };
	struct name_link link = module_name_link(&q);

	switch (link.whose) {
	case NAME_OWN:
		return link.entry == NONE ? guess_global(rs, name, rs->d->object)
					  : found_in(rs, rs->table, rs->d->object, name, link.entry);
	case NAME_OF_EITHER:
	case NAME_OF_NOBODY:
		return unlinked(rs, name, link.whose);
	default:
		return resolve_outside(rs, name);
	}
}

/* vmlinux is one link: what another unit of it defines is in its table, exported or not. */
static const struct reference *resolve_global(struct resolver *rs, const char *name)
{
	if (arch_keeps_ordinary(rs->d->patched->object->arch, name))
		return ordinary(rs, REF_EXPORTED, name, "vmlinux");
	if (is_covered_elsewhere(rs->d, name))
		return ordinary(rs, REF_UNDEFINED, name, NULL);
	return rs->is_module ? resolve_in_module(rs, name) : resolve_outside(rs, name);
}

/* --- local symbols -------------------------------------------------------------- */

static const struct unit_place *unit_place(struct resolver *rs)
{
	if (!rs->place)
		rs->place = locate_unit(rs->d->a, rs->table, rs->d->orig);
	return rs->place;
}

static bool locate_local(struct resolver *rs, uint32_t orig_symbol, struct found *ret)
{
	const char *name = rs->d->orig->object->symbols[orig_symbol].name;
	enum locate_result result;
	struct unlocated why;
	uint32_t id;

	*ret = (struct found){ .entry = NONE };
	if (!rs->table) {
		not_checked(rs, name);
		return true;
	}
	result = locate_symbol(unit_place(rs), orig_symbol, &id);
	if (result == LOCATE_FOUND)
		return take_entry(rs, rs->table, id, ret);
	why = why_unlocated(rs->d, rs->table, rs->place, orig_symbol, result);
	refuse_symbol(rs, result == LOCATE_AMBIGUOUS ? "symbol-ambiguous" : "symbol-missing", name, why.cause, why.hint,
		      "cannot be found in the kernel");
	return false;
}

/* The original's symbol for a label of the patched object: the twin's label, or the function of that name there. */
static uint32_t orig_symbol(const struct resolver *rs, uint32_t block, uint32_t symbol)
{
	uint32_t twin = rs->d->twins->of_patched[block];

	if (twin == NONE)
		return NONE;
	if (!rs->d->patched->blocks[block].fused && rs->d->orig->blocks[twin].symbol != NONE)
		return shared_name(rs->d, block).orig;
	if (symbol != rs->d->patched->blocks[block].symbol) {
		uint32_t other = graph_function_in(rs->d->orig, twin, rs->d->patched->object->symbols[symbol].name);

		if (other != NONE)
			return other;
	}
	return rs->d->orig->blocks[twin].symbol;
}

static const struct reference *resolve_block(struct resolver *rs, uint32_t block, uint32_t symbol)
{
	uint32_t orig = orig_symbol(rs, block, symbol);
	const struct symbol *s = orig == NONE ? NULL : &rs->d->orig->object->symbols[orig];
	struct found found;

	if (!s) {
		const char *name = graph_label(rs->d->a, rs->d->patched, block);

		refuse_symbol(rs, "no-original", name,
			      "it is left out of the patch, but the original object does not have it",
			      "remove the directive that ignores it", "has nothing to refer to");
		return refused(rs, name);
	}
	if (rs->d->orig->blocks[rs->d->twins->of_patched[block]].init)
		return freed(rs, s->name);
	if (s->bind != STB_LOCAL)
		return resolve_own(rs, s);
	if (!locate_local(rs, orig, &found))
		return refused(rs, s->name);
	return klp(rs, s->name, rs->d->object, found);
}

/* --- weak second names ------------------------------------------------------------ */

static bool is_known(const struct resolver *rs, const char *name)
{
	return orig_refers_to(rs, name) || symvers_find(rs->sv, name) || kernel_global(rs->table, name) != NONE ||
	       kernel_global(rs->vmlinux, name) != NONE;
}

/* What the kernel was linked to by such a name, whatever it stands on in the object. */
static const struct reference *resolve_weak_name(struct resolver *rs, const char *name)
{
	const struct object *o = rs->d->orig->object;
	struct namesakes n = object_named(o, name);

	while (next_namesake(&n))
		if (o->symbols[n.symbol].by_name && rs->d->orig->symbol_block[n.symbol] != NONE)
			return resolve_own(rs, &o->symbols[n.symbol]);
	if (is_known(rs, name))
		return resolve_global(rs, name);
	refuse_symbol(rs, "symbol-missing", name,
		      "it is new, and a weak name of something that is not: what it is linked to, no kernel tells",
		      "refer to it by its other name", "is not in the kernel");
	return refused(rs, name);
}

/* --- the pass ------------------------------------------------------------------------- */

static void resolve_cut(struct resolver *rs, uint32_t n)
{
	const struct cut_edge *cut = &rs->s->cuts.items[n];
	const struct reference **known = &rs->known[cut->symbol];
	const struct object *o = rs->d->patched->object;
	const char *name = o->symbols[cut->symbol].name;

	if (!*known && graph_weak_name(rs->d->patched, cut->reloc) == cut->symbol)
		*known = resolve_weak_name(rs, name);
	if (!*known)
		*known = cut->block == NONE || arch_keeps_ordinary(o->arch, name)
				 ? resolve_global(rs, name)
				 : resolve_block(rs, cut->block, cut->symbol);
	rs->r->of_cut[n] = *known;
}

static bool find_replaced_global(struct resolver *rs, uint32_t orig, struct found *at)
{
	const struct symbol *s = &rs->d->orig->object->symbols[orig];
	uint32_t id = kernel_global_of(rs->table, s);
	const char *other = NULL;

	if (id == NONE) {
		refuse_symbol(rs, "symbol-missing", s->name, why_no_global(rs->d, rs->table, s->name),
			      "check that the objects and the symbols are of the same kernel and configuration",
			      "is not in the kernel");
		return false;
	}
	if (!symbol_table_entry(rs->table, id)->is_function) {
		refuse_symbol(rs, "other-definition", s->name,
			      arena_printf(rs->d->a, "what `%s` has of this name is data", rs->d->object),
			      "check that the objects and the symbols are of the same kernel and configuration",
			      "is no function in the kernel");
		return false;
	}
	if (s->bind == STB_WEAK && !rs->table->whole)
		not_checked(rs, s->name);
	else if (s->bind == STB_WEAK)
		other = why_other_definition(rs->d, rs->table, unit_place(rs), orig, id);
	if (other) {
		refuse_symbol(rs, "other-definition", s->name, other,
			      "leave it out of the patch, with KPATCH_IGNORE_FUNCTION if need be: this kernel does not "
			      "run it",
			      "is not what the kernel was linked to");
		return false;
	}
	return take_entry(rs, rs->table, id, at);
}

static bool find_replaced(struct resolver *rs, uint32_t orig, struct found *at)
{
	const struct symbol *s = &rs->d->orig->object->symbols[orig];

	*at = (struct found){ .entry = NONE };
	if (s->bind == STB_LOCAL) {
		if (!locate_local(rs, orig, at))
			return false;
		if (rs->table && rs->table->whole && rs->d->positions_from_one && !at->position)
			at->position = 1;
	} else if (rs->table) {
		if (!find_replaced_global(rs, orig, at))
			return false;
	} else {
		not_checked(rs, s->name);
	}
	if (at->freed)
		freed(rs, s->name);
	return !at->freed;
}

static bool is_redirected(const struct resolver *rs, const struct function_pair *pair)
{
	return rs->s->callers->redirected[rs->d->patched->symbol_block[pair->patched]];
}

static void resolve_function(struct resolver *rs, const struct function_pair *pair)
{
	const char *name = rs->d->orig->object->symbols[pair->orig].name;
	bool by_kprobe = is_redirected(rs, pair);
	struct found at;

	if (klp_function_flaw(name))
		refuse_symbol(rs, "bad-name", name, "the kernel reads at most " KLP_LIMIT(KLP_SYMBOL_MAX) " characters",
			      "rename the function", "has too long a name");
	else if (find_replaced(rs, pair->orig, &at))
		*vec_push(rs->d->a, &rs->r->functions) =
			(struct patched_function){ .symbol = pair->patched,
						   .orig_symbol = pair->orig,
						   .position = at.position,
						   .old_address = at.address,
						   .entry = at.entry,
						   .original = by_kprobe ? klp(rs, name, rs->d->object, at) : NULL };
}

static void check_object_name(const struct diff *d)
{
	if (!klp_object_flaw(d->object))
		return;
	diag_add(d->ds,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_REFUSAL,
			 .id = "bad-name",
			 .object = d->patched->object->path,
			 .cause = "the kernel reads 1 to " KLP_LIMIT(KLP_OBJECT_MAX) " characters, and no dot",
			 .hint = "give the module's name with --object" },
		 "`%s` cannot be the name of a patched object", d->object);
}

const struct resolution *resolve(const struct diff *d, const struct selection *s, const struct kernel_symbols *ks,
				 const struct symvers *sv)
{
	struct resolver rs = { .d = d, .s = s, .sv = sv };

	rs.is_module = strcmp(d->object, "vmlinux");
	rs.table = kernel_symbols_of(ks, d->object, d->object);
	rs.vmlinux = kernel_symbols_of(ks, "vmlinux", d->object);
	rs.depends = (struct module_depends){ .d = d, .sv = sv, .table = rs.table, .is_module = rs.is_module };
	rs.known = arena_array(d->a, d->patched->object->symbol_count, const struct reference *);
	rs.r = arena_new(d->a, struct resolution);
	rs.r->of_cut = arena_array(d->a, s->cuts.count + 1, const struct reference *);
	rs.r->dropped = arena_array(d->a, s->items.count + 1, bool);
	check_object_name(d);
	use_stated_namespaces(&rs);
	refuse_taken_names(d, s, rs.table);
	for (uint32_t i = 0; i < s->replaced.count; i++)
		resolve_function(&rs, &s->replaced.items[i]);
	judge_hooks(d, rs.r, rs.table);
	for (uint32_t i = 0; i < s->cuts.count; i++)
		resolve_cut(&rs, i);
	judge_late_entries(d, s, rs.r);
	refuse_out_of_reach(d, s, rs.r);
	tell_unchecked(&rs);
	return rs.r;
}
