// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every fixture twice: as always, and with all that an index holds under one
 * hash. Who asks an index compares the real key, so nothing may differ: no
 * message, no result, no byte of the output, whatever form it has.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collide.h"
#include "elfdiff.h"

#include <cmocka.h>

#define OBJECTS "tests/fixtures/obj/"
#define SOURCES "tests/fixtures/src/"

static const char out[] = "/tmp/elfdiff-test-collisions.o", converted[] = "/tmp/elfdiff-test-collisions.ko";

static void tell_diags(FILE *f, const struct elfdiff *run)
{
	for (size_t i = 0; i < elfdiff_diag_count(run); i++) {
		const struct elfdiff_diag *d = elfdiff_diag(run, i);

		fprintf(f, "%d %s %s %s %s %s\n", d->severity, d->id, d->message, d->section ? d->section : "",
			d->symbol ? d->symbol : "", d->cause ? d->cause : "");
	}
}

static void tell_results(FILE *f, const struct elfdiff *run)
{
	for (size_t i = 0; i < elfdiff_function_count(run); i++)
		fprintf(f, "function %s %lu\n", elfdiff_function(run, i)->name, elfdiff_function(run, i)->position);
	for (size_t i = 0; i < elfdiff_item_count(run); i++)
		fprintf(f, "item %s %zu\n", elfdiff_item(run, i)->name, elfdiff_item(run, i)->parent);
	for (size_t i = 0; i < elfdiff_reference_count(run); i++)
		fprintf(f, "reference %s %lu\n", elfdiff_reference(run, i)->name, elfdiff_reference(run, i)->position);
}

static void tell_bytes(FILE *f, const char *path)
{
	FILE *in = fopen(path, "rb");

	for (int c; in && (c = getc(in)) != EOF;)
		putc(c, f);
	if (in)
		fclose(in);
	unlink(path);
}

/* Writes the patch in one form, checks it, and converts it to what the kernel reads. */
static void tell_form(FILE *f, struct elfdiff *run, enum elfdiff_form form)
{
	fprintf(f, "form %d: %d", form, elfdiff_write(run, out, form));
	fprintf(f, " %d", elfdiff_check(run, out));
	fprintf(f, " %d\n", elfdiff_convert(run, out, converted, ELFDIFF_FORM_KLP));
	tell_bytes(f, out);
	tell_bytes(f, converted);
}

/* Of a pair `case.compiler`: the symbols that the fixture gives to one of them or to all; some are damaged. */
static void add_symbols(FILE *f, struct elfdiff *run, const char *name)
{
	char path[512];
	const char *dot = strchr(name, '.');

	snprintf(path, sizeof(path), SOURCES "%s.syms", name);
	if (access(path, R_OK) && dot)
		snprintf(path, sizeof(path), SOURCES "%.*s.syms", (int)(dot - name), name);
	if (!access(path, R_OK))
		fprintf(f, "%d\n", elfdiff_add_kernel_symbols(run, path));
}

/* All that a run on a pair says and writes. */
static char *tell_run(const char *name, size_t *size)
{
	char orig[512], patched[512];
	struct elfdiff *run = elfdiff_new();
	enum elfdiff_status st;
	char *text;
	FILE *f = open_memstream(&text, size);

	fprintf(f, "%d\n", elfdiff_add_symvers(run, SOURCES "default.symvers"));
	fprintf(f, "%d\n", elfdiff_set_object_name(run, "vmlinux"));
	add_symbols(f, run, name);
	snprintf(orig, sizeof(orig), OBJECTS "%s.orig.o", name);
	snprintf(patched, sizeof(patched), OBJECTS "%s.patched.o", name);
	st = elfdiff_compare(run, orig, patched);
	fprintf(f, "%d\n", st);
	tell_results(f, run);
	for (int form = ELFDIFF_FORM_KLP; !st && form <= ELFDIFF_FORM_KPATCH; form++)
		tell_form(f, run, (enum elfdiff_form)form);
	tell_diags(f, run);
	fclose(f);
	elfdiff_free(run);
	return text;
}

static void check_pair(const char *name)
{
	char *plain, *colliding;
	size_t size, other;

	collide = false;
	plain = tell_run(name, &size);
	collide = true;
	colliding = tell_run(name, &other);
	if (size != other || memcmp(plain, colliding, size))
		fail_msg("%s: a collision of hashes changes the outcome", name);
	free(plain);
	free(colliding);
}

static void test_fixtures(void **state)
{
	static const char end[] = ".orig.o";
	DIR *dir = opendir(OBJECTS);
	size_t pairs = 0;

	(void)state;
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));) {
		size_t n = strlen(e->d_name);

		if (n < sizeof(end) || strcmp(e->d_name + n - sizeof(end) + 1, end))
			continue;
		e->d_name[n - sizeof(end) + 1] = 0;
		check_pair(e->d_name);
		pairs++;
	}
	closedir(dir);
	assert_true(pairs > 100);
	assert_true(collisions > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_fixtures) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
