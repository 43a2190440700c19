/* SPDX-License-Identifier: GPL-2.0-or-later */
/* merge.c - several runs: what of the kernel they have in common, and one patch of theirs */
#include <elf.h>
#include <string.h>

#include "base/text.h"
#include "klp/model_merge.h"
#include "patch/select.h"
#include "run/internal.h"

/* --- the kernel ------------------------------------------------------------------ */

static enum elfdiff_status refuse_nameless(struct elfdiff *run, const struct symbol_table *t)
{
	return run_fail(run, "symbols-nameless",
			arena_printf(&run->arena, "`%s` does not say whose symbols it has", t->path),
			"text of `readelf -s` is taken to be of the patched object, and several are patched",
			"give the file that readelf has read");
}

static enum elfdiff_status do_share(struct elfdiff *run, const struct step *s)
{
	const struct elfdiff *other = s->a;

	if (run->symvers.read || run->kernel)
		return run_fail(run, "shared-late", "the run has another kernel already",
				"it was given a Module.symvers, or shares the kernel of a run",
				"correct the program that calls the library");
	for (uint32_t i = 0; i < other->symbols.tables.count; i++) {
		struct symbol_table *t = other->symbols.tables.items[i];

		if (!t->object)
			return refuse_nameless(run, t);
		/* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
		*vec_push(&run->arena, &run->symbols.tables) = t;
	}
	run->kernel = other;
	return ELFDIFF_OK;
}

enum elfdiff_status elfdiff_share_kernel(struct elfdiff *run, const struct elfdiff *other)
{
	return run_guarded(run, (struct step){ .fn = do_share, .a = other });
}

const struct symvers *run_symvers(const struct elfdiff *run)
{
	while (run->kernel)
		run = run->kernel;
	return &run->symvers;
}

/* --- names ------------------------------------------------------------------------- */

void elfdiff_set_skip_init_elsewhere(struct elfdiff *run, bool on)
{
	run->skip_init.elsewhere = on;
}

bool elfdiff_has_init(const struct elfdiff *run, const char *name)
{
	return run->diff.patched && name && has_skipped_name(&run->diff, name);
}

/* --- one patch of several ---------------------------------------------------------- */

static bool is_of_same_object(const struct elfdiff *x, const struct elfdiff *y)
{
	return x->model->machine == y->model->machine && x->model->big_endian == y->model->big_endian &&
	       !strcmp(x->diff.object, y->diff.object);
}

static enum elfdiff_status add_part(struct elfdiff *run, struct model_part *part, const struct elfdiff *from,
				    const struct elfdiff *first)
{
	if (!from || !from->model || !from->diff.patched)
		return run_fail(run, "nothing-to-merge", "there is nothing to merge",
				"the comparison found no patch, or refused it", "see the messages of that run");
	if (!is_of_same_object(from, first))
		return run_fail(run, "different-objects", "these are no patches of one object",
				arena_printf(&run->arena, "one is of `%s`, another of `%s`", first->diff.object,
					     from->diff.object),
				"merge those of one object, and of one machine");
	*part = (struct model_part){ .model = from->model, .path = from->diff.patched->object->path };
	return ELFDIFF_OK;
}

/* The kernel would take two records of one name and position for one function: a symbol table has told neither. */
static void refuse_one_position(struct elfdiff *run, const struct elfdiff *first, const struct elfdiff *second,
				const struct elfdiff_function *f)
{
	diag_add(&run->diags,
		 (struct elfdiff_diag){
			 .severity = ELFDIFF_REFUSAL,
			 .id = "same-position",
			 .object = second->diff.patched->object->path,
			 .symbol = f->name,
			 .cause = arena_printf(&run->arena,
					       "that of `%s` has the same name, and nothing tells which is the first "
					       "one of `%s`",
					       first->diff.patched->object->path, run->diff.object),
			 .hint = "give kernel symbols with --kernel-symbols" },
		 "`%s` is replaced in two objects, and both have one position", f->name);
}

/* A function that a run replaces. */
struct replaced {
	const struct elfdiff *by;
	const struct elfdiff_function *function;
};

static void check_positions(struct elfdiff *run, const struct elfdiff *const *from, unsigned count)
{
	VEC(struct replaced) all = { 0 };
	struct index ix = { 0 };

	for (unsigned i = 0; i < count; i++)
		for (uint32_t k = 0; k < from[i]->results.functions.count; k++) {
			const struct elfdiff_function *f = &from[i]->results.functions.items[k];
			uint64_t hash = hash_mix(hash_string(f->name), f->position);

			if (!f->replaced)
				continue;
			for (uint32_t e = index_first(&ix, hash); e != NONE; e = index_next(&ix, e)) {
				const struct replaced *r = &all.items[ix.ids[e]];

				if (r->function->position == f->position && !strcmp(r->function->name, f->name))
					refuse_one_position(run, r->by, from[i], f);
			}
			index_add(&run->arena, &ix, hash, all.count);
			*vec_push(&run->arena, &all) = (struct replaced){ from[i], f };
		}
}

/* The kernel has room for one callback of a kind, for each object. */
static void refuse_callbacks(struct elfdiff *run, const char *first, const char *second, const char *section)
{
	diag_add(&run->diags,
		 (struct elfdiff_diag){ .severity = ELFDIFF_REFUSAL,
					.id = "callbacks-twice",
					.object = second,
					.section = section,
					.cause = arena_printf(&run->arena,
							      "`%s` has one of this kind, too, and the kernel "
							      "takes one for each patched object",
							      first),
					.hint = "let one of them do what both are to do" },
		 "`%s` has two callbacks of one kind", run->diff.object);
}

static void check_callbacks(struct elfdiff *run, const struct model_part *parts, unsigned count)
{
	struct index ix = { 0 }; /* by name of the section: the part that has it */

	for (unsigned i = 0; i < count; i++)
		for (uint32_t n = 1; n < parts[i].model->sections.count; n++) {
			const char *name = parts[i].model->sections.items[n].name;
			uint64_t hash = hash_string(name);

			if (!starts_with(name, ".kpatch.callbacks."))
				continue;
			if (index_first(&ix, hash) != NONE)
				refuse_callbacks(run, parts[ix.ids[index_first(&ix, hash)]].path, parts[i].path, name);
			else
				index_add(&run->arena, &ix, hash, i);
		}
}

static enum elfdiff_status do_merge(struct elfdiff *run, const struct step *s)
{
	const struct elfdiff *const *from = s->a;
	struct model_part *parts = arena_array(&run->arena, s->number, struct model_part);

	if (run->model || run->diff.a || !s->number)
		return run_fail(run, "merged-twice", "the run has no room for a merged patch",
				"it holds the results of one comparison or of one merge, of at least one run",
				"create another run with elfdiff_new()");
	for (unsigned i = 0; i < s->number; i++) {
		enum elfdiff_status st = add_part(run, &parts[i], from[i], from[0]);

		if (st)
			return st;
		run->kprobe_redirect |= from[i]->kprobe_redirect;
		if (from[i]->klp_arch == KLP_ARCH_ON)
			run->klp_arch = KLP_ARCH_ON;
	}
	run->diff.object = from[0]->diff.object;
	check_positions(run, from, s->number);
	check_callbacks(run, parts, s->number);
	if (run->diags.refusals)
		return ELFDIFF_REFUSED;
	return model_merge(&run->arena, &run->diags, parts, s->number, &run->model);
}

enum elfdiff_status elfdiff_merge(struct elfdiff *run, const struct elfdiff *const *from, size_t count)
{
	return run_guarded(
		run, (struct step){ .fn = do_merge, .a = from, .number = count < UINT32_MAX ? (unsigned)count : 0 });
}

bool elfdiff_defines(const struct elfdiff *run, const char *name)
{
	for (uint32_t i = 1; run->model && name && i < run->model->symbols.count; i++) {
		const struct model_symbol *s = &run->model->symbols.items[i];

		if (s->place == MODEL_DEFINED && s->bind != STB_LOCAL && !strcmp(s->name, name))
			return true;
	}
	return false;
}
