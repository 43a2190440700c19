/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff.c - a pair of objects, with symbols and exports: compared, and written in all forms */
#include "fuzz.h"
#include "pair.h"

#include <stdlib.h>

struct inputs {
	struct pair pair;
	struct file files[PAIR_FILES];
};

static const char *path_of(const struct inputs *in, unsigned i)
{
	return in->files[i].path;
}

static enum elfdiff_status prepare(struct elfdiff *run, const struct inputs *in)
{
	const struct pair *pair = &in->pair;
	enum elfdiff_status st = ELFDIFF_OK;

	elfdiff_set_klp_arch(run, pair->options & PAIR_KLP_ARCH);
	elfdiff_set_positions_from_one(run, pair->options & PAIR_POSITIONS);
	if (pair->options & PAIR_NAMED)
		st = elfdiff_set_object_name(run, "ext4");
	if (!st && pair->options & PAIR_ENTRY_SIZE)
		st = elfdiff_set_entry_size(run, "__bug_table", 16);
	if (!st && pair->options & PAIR_OWN_SYMBOLS)
		st = elfdiff_add_kernel_symbols(run, path_of(in, PAIR_ORIG));
	if (!st && pair->size[PAIR_SYMBOLS])
		st = elfdiff_add_kernel_symbols(run, path_of(in, PAIR_SYMBOLS));
	if (!st && pair->size[PAIR_SYMVERS])
		st = elfdiff_add_symvers(run, path_of(in, PAIR_SYMVERS));
	return st;
}

static size_t total(const struct pair *pair)
{
	size_t sum = 0;

	for (unsigned i = 0; i < PAIR_FILES; i++)
		sum += pair->size[i];
	return sum;
}

/* The output as a user checks it: without the memory of the run that made it. */
static void expect_good(const struct inputs *in)
{
	struct elfdiff *run = run_new();
	enum elfdiff_status st = prepare(run, in);

	if (!st)
		st = elfdiff_check(run, output_path());
	if (st)
		finding_of("--check finds fault with the output", run);
	run_end(run, st);
}

static void convert_to(enum elfdiff_form form)
{
	struct elfdiff *run = run_new();
	enum elfdiff_status st;

	elfdiff_set_klp_arch(run, false);
	st = elfdiff_convert(run, output_path(), output_path(), form);
	if (st)
		finding_of("the output cannot be converted", run);
	run_end(run, st);
}

/* What the library's own check would have refused is a defect, though one that cost nothing. */
static enum elfdiff_status write_form(struct elfdiff *run, const struct inputs *in, enum elfdiff_form form)
{
	enum elfdiff_status st = elfdiff_write(run, output_path(), form);

	if (st && getenv("FUZZ_STRICT"))
		finding_of("not written", run);
	if (!st) {
		if (!(in->pair.options & PAIR_KLP_ARCH))
			expect_good(in);
		convert_to(ELFDIFF_FORM_KLP);
		convert_to(ELFDIFF_FORM_LINKABLE);
	}
	output_clear(total(&in->pair));
	return st;
}

static enum elfdiff_status whole(struct elfdiff *run, const struct inputs *in)
{
	enum elfdiff_status st = prepare(run, in);

	if (st)
		return st;
	st = elfdiff_compare(run, path_of(in, PAIR_ORIG), path_of(in, PAIR_PATCHED));
	run_expect(run, st);
	if (st) {
		if (elfdiff_write(run, output_path(), ELFDIFF_FORM_KLP) != ELFDIFF_ERROR)
			finding("an output without a patch", NULL);
		output_clear(0);
		return ELFDIFF_ERROR;
	}
	/* what waits as old kernels want it has one form, as create-diff-object has it */
	for (unsigned form = in->pair.options & PAIR_KLP_ARCH ? ELFDIFF_FORM_KPATCH : ELFDIFF_FORM_KLP;
	     form <= ELFDIFF_FORM_KPATCH; form++)
		if (write_form(run, in, (enum elfdiff_form)form))
			st = ELFDIFF_ERROR;
	return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inputs in;
	struct elfdiff *run;

	if (pair_read(data, size, &in.pair))
		return 0;
	for (unsigned i = 0; i < PAIR_FILES; i++)
		in.files[i] = file_open((struct bytes){ in.pair.data[i], in.pair.size[i] });
	run = run_new();
	run_end(run, whole(run, &in));
	for (unsigned i = 0; i < PAIR_FILES; i++)
		file_close(&in.files[i]);
	return 0;
}
