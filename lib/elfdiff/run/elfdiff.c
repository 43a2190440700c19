/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elfdiff.c - the pipeline and nothing else */
#include "elfdiff.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "patch/assemble.h"
#include "check/check.h"
#include "klp/form_names.h"
#include "compare/line_proof.h"
#include "file/load.h"
#include "run/internal.h"

struct elfdiff *elfdiff_new(void)
{
	struct elfdiff *run = calloc(1, sizeof(*run));

	if (run)
		run->diags.arena = &run->arena;
	return run;
}

void elfdiff_free(struct elfdiff *run)
{
	if (!run)
		return;
	arena_free(&run->arena);
	free(run);
}

const char *elfdiff_version(void)
{
	return ELFDIFF_VERSION;
}

/* --- short memory: the one error that unwinds ------------------------------------- */

static enum elfdiff_status out_of_memory(struct elfdiff *run)
{
	run->no_memory = (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE,
						.id = "no-memory",
						.message = "out of memory",
						.cause = "the system has no more memory for this process",
						.hint = "run it on a machine with more memory, or on smaller objects" };
	run->diags.list.items = &run->no_memory;
	run->diags.list.count = run->diags.list.room = 1;
	run->diags.failures = 1;
	return ELFDIFF_ERROR;
}

enum elfdiff_status run_fail(struct elfdiff *run, const char *id, const char *message, const char *cause,
			     const char *hint)
{
	diag_add(&run->diags,
		 (struct elfdiff_diag){ .severity = ELFDIFF_FAILURE, .id = id, .cause = cause, .hint = hint }, "%s",
		 message);
	return ELFDIFF_ERROR;
}

static enum elfdiff_status try_step(struct elfdiff *run, const struct step *step)
{
	if (!step->a || (step->texts > 1 && !step->b))
		return run_fail(run, "no-argument", "an argument is missing", "a name or a path is NULL",
				"correct the program that calls the library");
	return step->fn(run, step);
}

enum elfdiff_status run_guarded(struct elfdiff *run, struct step step)
{
	jmp_buf unwind;
	enum elfdiff_status st;

	run->arena.unwind = &unwind;
	if (setjmp(unwind))
		st = out_of_memory(run);
	else
		st = try_step(run, &step);
	run->arena.unwind = NULL;
	return st;
}

/* --- what the user states ------------------------------------------------------------ */

/* What kbuild makes of a module's name, or NULL for what cannot be one. */
static char *module_name(struct arena *a, const char *stated)
{
	char *name = arena_strdup(a, stated);

	for (char *p = name; *p; p++) {
		if (*p == '-')
			*p = '_';
		if (!isalnum((unsigned char)*p) && *p != '_')
			return NULL;
	}
	return klp_object_flaw(name) ? NULL : name;
}

static enum elfdiff_status do_name(struct elfdiff *run, const struct step *s)
{
	const char *stated = s->a, *name = module_name(&run->arena, stated);

	if (!name)
		return run_fail(run, "bad-name",
				arena_printf(&run->arena, "`%s` cannot be the name of a patched object", stated),
				"a name has 1 to " KLP_LIMIT(KLP_OBJECT_MAX) " letters, digits, `_` or `-`",
				"give `vmlinux`, or the module's name without `.ko`");
	run->object = name;
	return ELFDIFF_OK;
}

enum elfdiff_status elfdiff_set_object_name(struct elfdiff *run, const char *name)
{
	return run_guarded(run, (struct step){ .fn = do_name, .a = name });
}

static enum elfdiff_status do_symbols(struct elfdiff *run, const struct step *s)
{
	return kernel_symbols_read(&run->arena, &run->diags, s->a, &run->symbols);
}

enum elfdiff_status elfdiff_add_kernel_symbols(struct elfdiff *run, const char *path)
{
	return run_guarded(run, (struct step){ .fn = do_symbols, .a = path });
}

static enum elfdiff_status do_symvers(struct elfdiff *run, const struct step *s)
{
	if (run->kernel)
		return run_fail(run, "shared-kernel", "the run has a Module.symvers in common with others",
				"elfdiff_share_kernel() gave it that of another run",
				"correct the program that calls the library");
	return symvers_read(&run->arena, &run->diags, s->a, &run->symvers);
}

enum elfdiff_status elfdiff_add_symvers(struct elfdiff *run, const char *path)
{
	return run_guarded(run, (struct step){ .fn = do_symvers, .a = path });
}

void elfdiff_set_caches(struct elfdiff *run, bool on)
{
	run->symbols.use_caches = run->symvers.use_caches = on;
}

static enum elfdiff_status do_keep(struct elfdiff *run, const struct step *s)
{
	(void)s;
	kernel_symbols_keep(&run->arena, &run->symbols);
	symvers_keep(&run->arena, &run->symvers);
	return ELFDIFF_OK;
}

enum elfdiff_status elfdiff_write_caches(struct elfdiff *run)
{
	return run_guarded(run, (struct step){ .fn = do_keep, .a = "" });
}

static enum elfdiff_status do_size(struct elfdiff *run, const struct step *s)
{
	const char *section = arena_strdup(&run->arena, s->a);

	vec_push(&run->arena, &run->sizes.list);
	run->sizes.list.items[run->sizes.list.count - 1].section = section;
	run->sizes.list.items[run->sizes.list.count - 1].size = s->number;
	return ELFDIFF_OK;
}

enum elfdiff_status elfdiff_set_entry_size(struct elfdiff *run, const char *section, unsigned size)
{
	return run_guarded(run, (struct step){ .fn = do_size, .a = section, .number = size });
}

static enum elfdiff_status do_callers(struct elfdiff *run, const struct step *s)
{
	const char *name = arena_strdup(&run->arena, s->a);

	text_set_add(&run->arena, &run->elsewhere, name, strlen(name));
	return ELFDIFF_OK;
}

enum elfdiff_status elfdiff_replace_callers(struct elfdiff *run, const char *function)
{
	return run_guarded(run, (struct step){ .fn = do_callers, .a = function });
}

void elfdiff_set_klp_arch(struct elfdiff *run, bool on)
{
	run->klp_arch = on ? KLP_ARCH_ON : KLP_ARCH_OFF;
}

void elfdiff_set_core(struct elfdiff *run, bool on)
{
	run->core = on;
}

void elfdiff_set_positions_from_one(struct elfdiff *run, bool on)
{
	run->positions_from_one = on;
}

void elfdiff_set_kprobe_redirect(struct elfdiff *run, bool on)
{
	run->kprobe_redirect = on;
}

void elfdiff_set_code(struct elfdiff *run, bool on)
{
	run->code = on;
}

void elfdiff_set_skip_init(struct elfdiff *run, bool all)
{
	run->skip_init.all = all;
}

static enum elfdiff_status do_skip(struct elfdiff *run, const struct step *s)
{
	*vec_push(&run->arena, &run->skip_init.names) = arena_strdup(&run->arena, s->a);
	return ELFDIFF_OK;
}

enum elfdiff_status elfdiff_add_skip_init(struct elfdiff *run, const char *name)
{
	return run_guarded(run, (struct step){ .fn = do_skip, .a = name });
}

/* --- comparing -------------------------------------------------------------------------- */

/*
 * A module says its name in .modinfo; a part of one says `license=` and the like
 * without the prefix that built-in code has, but not the name.
 */
static enum elfdiff_status name_object(struct elfdiff *run, const struct object *o)
{
	const char *name = run->object ? run->object : object_modinfo(o, "name");

	if (!name && object_modinfo(o, "license"))
		return run_fail(run, "no-object-name", "the name of the patched module is not known",
				".modinfo says that the object is part of a module, but not of which one",
				"give it with --object");
	run->diff.object = name ? name : "vmlinux";
	return ELFDIFF_OK;
}

static enum elfdiff_status check_sides(struct elfdiff *run, const struct object *o, const struct object *p)
{
	if (o->machine == p->machine && o->big_endian == p->big_endian)
		return ELFDIFF_OK;
	return run_fail(run, "different-machines", "the two objects are for different machines",
			arena_printf(&run->arena, "`%s` is for %s, `%s` for %s", o->path,
				     arch_machine_name(&run->arena, o->machine, o->big_endian), p->path,
				     arch_machine_name(&run->arena, p->machine, p->big_endian)),
			"compile both with the same compiler and options");
}

static void tell_line_only(struct elfdiff *run)
{
	uint32_t n = run->diff.verdicts->line_only;

	if (n)
		diag_add(&run->diags,
			 (struct elfdiff_diag){ .severity = ELFDIFF_NOTICE,
						.id = "line-only",
						.object = run->diff.patched->object->path,
						.cause = "lines moved in the source, and __LINE__ with them" },
			 "%u function%s differ%s only in line numbers: no change", n, n == 1 ? "" : "s",
			 n == 1 ? "s" : "");
}

static bool nothing_to_do(const struct elfdiff *run, const struct selection *s)
{
	return !s->items.count && !run->diags.refusals;
}

static enum elfdiff_status load_pair(struct elfdiff *run, const struct step *step, struct side pair[2])
{
	enum elfdiff_status st;

	open_sides(run, pair);
	st = load_objects(pair, step->a, step->b);
	st = st ? st : check_sides(run, pair[0].object, pair[1].object);
	st = st ? st : check_same_thing(&run->arena, &run->diags, pair[0].object, pair[1].object);
	return st ? st : name_object(run, pair[1].object);
}

/* From two objects to what goes into the output. */
static enum elfdiff_status select_from(struct elfdiff *run, struct side pair[2], const struct selection **ret)
{
	struct diff *d = &run->diff;
	struct line_proof *lines;
	enum elfdiff_status st = build_graphs(pair);

	if (st)
		return st;
	d->orig = pair[0].graph;
	d->patched = pair[1].graph;
	lines = line_proof_new(&run->arena, d->orig, d->patched);
	d->twins = correlate(&run->arena, d->orig, d->patched, lines);
	st = check_in_common(d);
	if (st)
		return st;
	d->verdicts = compare(&run->arena, d->orig, d->patched, d->twins, lines);
	tell_line_only(run);
	*ret = select_blocks(d, &run->symbols);
	return ELFDIFF_OK;
}

static enum elfdiff_status do_compare(struct elfdiff *run, const struct step *step)
{
	struct diff *d = &run->diff;
	struct side pair[2];
	const struct selection *s = NULL;
	const struct resolution *r;
	enum elfdiff_status st;

	if (d->a || run->model)
		return run_fail(run, "compared-twice", "the run has already compared two objects",
				"a run holds the results of one comparison", "create another run with elfdiff_new()");
	*d = (struct diff){ .a = &run->arena,
			    .ds = &run->diags,
			    .elsewhere = &run->elsewhere,
			    .skip_init = &run->skip_init,
			    .kprobe_redirect = run->kprobe_redirect,
			    .klp_arch = run->klp_arch == KLP_ARCH_ON,
			    .core = run->core,
			    .positions_from_one = run->positions_from_one };
	st = load_pair(run, step, pair);
	if (!st)
		st = select_from(run, pair, &s);
	if (st)
		return st;
	if (nothing_to_do(run, s))
		return ELFDIFF_UNCHANGED;
	warn_changed_layouts(d);
	r = resolve(d, s, &run->symbols, run_symvers(run));
	describe(d, s, r, run->code, &run->results);
	st = diag_status(&run->diags);
	if (!st)
		run->model = assemble(d, s, r);
	return st;
}

enum elfdiff_status elfdiff_compare(struct elfdiff *run, const char *orig, const char *patched)
{
	return run_guarded(run, (struct step){ .fn = do_compare, .a = orig, .b = patched, .texts = 2 });
}

/* --- writing and checking ------------------------------------------------------------------ */

static enum elfdiff_status do_check(struct elfdiff *run, const struct step *s)
{
	return check_file(&run->arena, &run->diags, s->a, &run->symbols, run_symvers(run));
}

enum elfdiff_status elfdiff_check(struct elfdiff *run, const char *path)
{
	return run_guarded(run, (struct step){ .fn = do_check, .a = path });
}

static enum elfdiff_status refuse_output(struct elfdiff *run, const struct diags *found)
{
	for (uint32_t i = 0; i < found->list.count; i++) {
		struct elfdiff_diag diag = found->list.items[i];

		if (diag.severity < ELFDIFF_REFUSAL)
			continue;
		diag.severity = ELFDIFF_FAILURE;
		diag.object = NULL;
		diag_add(&run->diags, diag, "the output would be wrong: %s", found->list.items[i].message);
	}
	return ELFDIFF_ERROR;
}

/* What the checker finds in our own output is a defect of ours. */
static enum elfdiff_status verify(void *arg, const char *path)
{
	struct elfdiff *run = arg;
	struct diags found = { .arena = &run->arena };

	return check_file(&run->arena, &found, path, &run->symbols, run_symvers(run)) ? refuse_output(run, &found)
										      : ELFDIFF_OK;
}

/* What was converted may not be finished, but can be read. */
static enum elfdiff_status read_again(void *arg, const char *path)
{
	struct elfdiff *run = arg;
	struct diags found = { .arena = &run->arena };
	const struct object *o;

	return load_object(&run->arena, &found, path, LOAD_ALL, &o) ? refuse_output(run, &found) : ELFDIFF_OK;
}

static enum elfdiff_status bad_form(struct elfdiff *run)
{
	return run_fail(run, "bad-form", "there is no such form", "forms are the values of enum elfdiff_form",
			"correct the program that calls the library");
}

static enum elfdiff_status do_write(struct elfdiff *run, const struct step *s)
{
	enum elfdiff_form form = (enum elfdiff_form)s->number;
	bool late;

	if (s->number > ELFDIFF_FORM_KPATCH)
		return bad_form(run);
	if (!run->model)
		return run_fail(run, "nothing-to-write", "there is nothing to write",
				"the comparison found no patch, or refused it", "see the other messages");
	if (form == ELFDIFF_FORM_KPATCH && run->kprobe_redirect)
		return run_fail(run, "no-kprobes", "form kpatch has no records of kprobes",
				"kpatch's patch module would leave these functions as they are", "write another form");
	/* what old kernels want to wait for the patched object is a breach for others */
	late = form == ELFDIFF_FORM_KPATCH && run->klp_arch == KLP_ARCH_ON;
	return model_write(&run->arena, &run->diags, run->model, form, s->a, late ? NULL : verify, run);
}

enum elfdiff_status elfdiff_write(struct elfdiff *run, const char *out, enum elfdiff_form form)
{
	return run_guarded(run, (struct step){ .fn = do_write, .a = out, .number = form });
}

static enum elfdiff_status do_convert(struct elfdiff *run, const struct step *s)
{
	struct model m = { 0 };
	enum elfdiff_status st;

	if (s->number > ELFDIFF_FORM_KPATCH)
		return bad_form(run);
	st = model_read(&run->arena, &run->diags, s->a, run->klp_arch != KLP_ARCH_OFF, &m);
	if (!st && run->core)
		st = klp_core_check(&run->arena, &run->diags, s->a, &m);
	if (st)
		return st;
	record_addresses(&m, &run->symbols);
	return model_write(&run->arena, &run->diags, &m, (enum elfdiff_form)s->number, s->b, read_again, run);
}

enum elfdiff_status elfdiff_convert(struct elfdiff *run, const char *in, const char *out, enum elfdiff_form form)
{
	return run_guarded(run, (struct step){ .fn = do_convert, .a = in, .b = out, .texts = 2, .number = form });
}

/* --- results -------------------------------------------------------------------------------- */

size_t elfdiff_diag_count(const struct elfdiff *run)
{
	return run->diags.list.count;
}

const struct elfdiff_diag *elfdiff_diag(const struct elfdiff *run, size_t i)
{
	return i < run->diags.list.count ? &run->diags.list.items[i] : NULL;
}

const char *elfdiff_object_name(const struct elfdiff *run)
{
	return run->diff.object ? run->diff.object : run->object;
}

const char *elfdiff_architecture(const struct elfdiff *run)
{
	return run->diff.patched ? run->diff.patched->object->arch->name : NULL;
}

size_t elfdiff_function_count(const struct elfdiff *run)
{
	return run->results.functions.count;
}

const struct elfdiff_function *elfdiff_function(const struct elfdiff *run, size_t i)
{
	return i < run->results.functions.count ? &run->results.functions.items[i] : NULL;
}

size_t elfdiff_item_count(const struct elfdiff *run)
{
	return run->results.items.count;
}

const struct elfdiff_item *elfdiff_item(const struct elfdiff *run, size_t i)
{
	return i < run->results.items.count ? &run->results.items.items[i] : NULL;
}

size_t elfdiff_reference_count(const struct elfdiff *run)
{
	return run->results.references.count;
}

const struct elfdiff_reference *elfdiff_reference(const struct elfdiff *run, size_t i)
{
	return i < run->results.references.count ? &run->results.references.items[i] : NULL;
}
