/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_model_file.c - the written file appears whole or not at all */
#include "model_common.h"

static void put_old(const char *path, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	assert_int_equal(write(fd, "old", 3), 3);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void assert_old(struct test *t, const char *path)
{
	size_t n;

	assert_string_equal(contents(t, path, &n), "old");
	assert_int_equal(files_in(t->dir), 1);
}

static enum elfdiff_status say_no(void *arg, const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 64);
	*(int *)arg += 1;
	return ELFDIFF_REFUSED;
}

static void test_verify_decides(void **state)
{
	struct test *t = *state;
	const char *out = in_dir(t, "out");
	struct model m = klp_model(t, "foo");
	int calls = 0;

	put_old(out, 0600);
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, out, say_no, &calls), ELFDIFF_REFUSED);
	assert_int_equal(calls, 1);
	assert_old(t, out);
}

static enum elfdiff_status run_out_of_memory(void *arg, const char *path)
{
	struct test *t = arg;

	(void)path;
	arena_alloc(&t->arena, SIZE_MAX);
	return ELFDIFF_OK;
}

static void test_unwinding_leaves_nothing(void **state)
{
	struct test *t = *state;
	const char *out = in_dir(t, "out");
	struct model m = klp_model(t, "foo");
	enum elfdiff_status status;

	put_old(out, 0600);
	if (!setjmp(t->unwind)) {
		status = model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, out, run_out_of_memory, t);
		fail_msg("came back with %d", (int)status);
	}
	assert_int_equal(files_in(t->dir), 2);
	arena_free(&t->arena);
	assert_int_equal(files_in(t->dir), 1);
}

static void test_every_allocation_fails(void **state)
{
	fail_every_allocation(*state, ELFDIFF_FORM_LINKABLE);
}

static int open_files(void)
{
	return files_in("/proc/self/fd");
}

/* Another run's leftover of that name is neither used nor removed. */
static void test_temporary_name_is_taken(void **state)
{
	struct test *t = *state;
	struct model m = klp_model(t, "foo");
	const char *taken = arena_printf(&t->arena, "%s/.elfdiff-%ld-0.tmp", t->dir, (long)getpid());
	size_t n;

	put_old(taken, 0600);
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, in_dir(t, "out"), NULL, NULL),
			 ELFDIFF_OK);
	assert_string_equal(contents(t, taken, &n), "old");
	assert_int_equal(files_in(t->dir), 2);
}

static void test_full_disk(void **state)
{
	int before = open_files();
	struct test *t = *state;
	const char *out = in_dir(t, "out");
	struct model m = klp_model(t, "foo");
	struct rlimit old, small = { 0 };
	enum elfdiff_status status;

	put_old(out, 0600);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ .rlim_cur = 100, .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	status = model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, out, NULL, NULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(status, ELFDIFF_ERROR);
	assert_true(has_diag(t, "write-error"));
	assert_old(t, out);
	assert_int_equal(open_files(), before);
}

static void test_mode_and_links(void **state)
{
	struct test *t = *state;
	const char *out = in_dir(t, "out"), *fresh = in_dir(t, "fresh"), *link = in_dir(t, "link");
	struct model m = klp_model(t, "foo");
	struct stat st;
	mode_t mask = umask(027);

	put_old(out, 0741);
	assert_int_equal(symlink(out, link), 0);
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, link, NULL, NULL), ELFDIFF_OK);
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, fresh, NULL, NULL), ELFDIFF_OK);
	umask(mask);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(out, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0741);
	assert_true(st.st_size > 64);
	assert_int_equal(stat(fresh, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(files_in(t->dir), 3);
}

static enum elfdiff_status put_directory(void *arg, const char *path)
{
	(void)path;
	return mkdir(arg, 0700) ? ELFDIFF_ERROR : ELFDIFF_OK;
}

/* Something that cannot be replaced took the name while the file was written. */
static void test_rename_fails(void **state)
{
	struct test *t = *state;
	char *out = arena_printf(&t->arena, "%s/out", t->dir);
	struct model m = klp_model(t, "foo");

	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, out, put_directory, out), ELFDIFF_ERROR);
	assert_true(has_diag(t, "unwritable"));
	assert_int_equal(files_in(t->dir), 1);
}

static void test_no_regular_file(void **state)
{
	struct test *t = *state;
	const char *fifo = in_dir(t, "fifo");
	struct model m = klp_model(t, "foo");
	struct stat st;

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, fifo, NULL, NULL), ELFDIFF_ERROR);
	assert_true(has_diag(t, "unwritable"));
	assert_int_equal(stat(fifo, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(model_write(&t->arena, &t->ds, &m, ELFDIFF_FORM_KLP, in_dir(t, "no/such"), NULL, NULL),
			 ELFDIFF_ERROR);
	assert_int_equal(files_in(t->dir), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_verify_decides),
		TEST(test_unwinding_leaves_nothing),
		TEST(test_every_allocation_fails),
		TEST(test_temporary_name_is_taken),
		TEST(test_full_disk),
		TEST(test_mode_and_links),
		TEST(test_rename_fails),
		TEST(test_no_regular_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
