/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_common.h - what the tests of models share: a directory of their own, an object to read, a model to write */
#ifndef MODEL_COMMON_H
#define MODEL_COMMON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_builder.h"
#include "remove_directory.h"
#include "klp/form_names.h"
#include "file/load.h"
#include "klp/model.h"

struct test {
	struct arena arena;
	struct diags ds;
	jmp_buf unwind;
	char dir[64];
};

#define R_PC32 2
#define R_64 1

static inline int setup(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	if (!t)
		return -1;
	strcpy(t->dir, "/tmp/test-model-XXXXXX");
	if (!mkdtemp(t->dir))
		return -1;
	t->arena.unwind = &t->unwind;
	t->ds.arena = &t->arena;
	*state = t;
	return 0;
}

static inline int files_in(const char *dir)
{
	DIR *d = opendir(dir);
	int n = -2; /* . and .. */

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static inline int teardown(void **state)
{
	struct test *t = *state;

	arena_free(&t->arena);
	if (remove_directory(t->dir))
		return -1;
	free(t);
	return 0;
}

static inline const char *in_dir(struct test *t, const char *name)
{
	return arena_printf(&t->arena, "%s/%s", t->dir, name);
}

static inline bool has_diag(const struct test *t, const char *id)
{
	for (uint32_t i = 0; i < t->ds.list.count; i++)
		if (!strcmp(t->ds.list.items[i].id, id) && t->ds.list.items[i].cause && t->ds.list.items[i].hint)
			return true;
	return false;
}

static inline const char *contents(struct test *t, const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	char *p;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	p = arena_alloc(&t->arena, (size_t)st.st_size + 1);
	assert_int_equal(read(fd, p, (size_t)st.st_size), st.st_size);
	close(fd);
	*size = (size_t)st.st_size;
	return p;
}

static inline void assert_same_file(struct test *t, const char *x, const char *y)
{
	size_t nx, ny;
	const char *px = contents(t, x, &nx), *py = contents(t, y, &ny);

	assert_int_equal(nx, ny);
	assert_memory_equal(px, py, nx);
}

/*
 * A klp object: .text refers to `local`, to vmlinux' foo (now) and to ext4's
 * bar (when ext4 comes) and to ext4's both, once each way; .debug_info refers
 * to foo by an ordinary relocation.
 */
static inline void build_klp(struct test *t, const char *path, bool big_endian)
{
	static const uint8_t text[64] = { 1, 2, 3, 4 };
	struct eb b = eb_start(&t->arena, big_endian ? EM_S390 : EM_X86_64);
	uint32_t code, debug, r, sym_local, foo, bar, both;
	uint32_t type = big_endian ? 4 /* R_390_32 */ : R_PC32;

	b.big_endian = big_endian;
	code = eb_section(&b, ".text.f.g", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, text, sizeof(text));
	b.sections.items[code].align = 16;
	debug = eb_section(&b, ".debug_info", SHT_PROGBITS, 0, NULL, 16);
	eb_section(&b, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, NULL, 4096);
	sym_local = eb_symbol(&b, "local", STB_LOCAL, STT_FUNC, (uint16_t)code, 32);
	foo = eb_symbol(&b, ".klp.sym.vmlinux.foo.isra.0,0", STB_GLOBAL, STT_NOTYPE, SHN_LIVEPATCH, 0);
	eb_symbol(&b, "printk", STB_GLOBAL, STT_NOTYPE, SHN_UNDEF, 0);
	bar = eb_symbol(&b, ".klp.sym.ext4.bar,3", STB_GLOBAL, STT_NOTYPE, SHN_LIVEPATCH, 0);
	both = eb_symbol(&b, ".klp.sym.ext4.both,0", STB_GLOBAL, STT_NOTYPE, SHN_LIVEPATCH, 0);
	r = eb_rela(&b, ".rela.text.f.g", code, SHF_INFO_LINK);
	eb_reloc(&b, r, 4, sym_local, type, -4);
	eb_reloc(&b, r, 40, bar - 1, type, -4);
	r = eb_rela(&b, ".klp.rela.vmlinux..text.f.g", code, SHF_ALLOC | SHF_INFO_LINK | SHF_RELA_LIVEPATCH);
	eb_reloc(&b, r, 8, foo, type, 5);
	eb_reloc(&b, r, 24, both, type, -4);
	eb_reloc(&b, r, 32, both, type, -4);
	r = eb_rela(&b, ".klp.rela.ext4..text.f.g", code, SHF_ALLOC | SHF_INFO_LINK | SHF_RELA_LIVEPATCH);
	eb_reloc(&b, r, 12, bar, type, INT64_MIN);
	eb_reloc(&b, r, 20, both, type, -4);
	r = eb_rela(&b, ".rela.debug_info", debug, SHF_INFO_LINK);
	eb_reloc(&b, r, 0, foo, type, 0);
	eb_write(&b, path);
}

/* Every allocation of reading, of writing in a form and of reading that fails once: nothing partial is left. */
static inline void fail_every_allocation(struct test *t, enum elfdiff_form form)
{
	char in[80], out[80];
	volatile size_t n = 0;
	volatile bool written = false, done = false;

	snprintf(in, sizeof(in), "%s/in", t->dir);
	snprintf(out, sizeof(out), "%s/out", t->dir);
	build_klp(t, in, false);
	while (!done) {
		struct arena a = { .unwind = &t->unwind };
		struct diags ds = { .arena = &a };
		struct arena *volatile which = &a;

		a.fail_after = ++n;
		if (!setjmp(t->unwind)) {
			struct model m, again;

			assert_int_equal(model_read(&a, &ds, in, true, &m), ELFDIFF_OK);
			assert_int_equal(model_write(&a, &ds, &m, form, out, NULL, NULL), ELFDIFF_OK);
			written = true;
			assert_int_equal(model_read(&a, &ds, out, true, &again), ELFDIFF_OK);
			done = true;
		}
		arena_free(which);
		assert_int_equal(files_in(t->dir), written ? 2 : 1);
	}
	assert_true(n > 100);
}

static inline struct model klp_model(struct test *t, const char *name)
{
	struct model m = { .machine = EM_X86_64 };

	*vec_push(&t->arena, &m.sections) = (struct model_section){ .name = "" };
	*vec_push(&t->arena, &m.symbols) = (struct model_symbol){ .name = "" };
	*vec_push(&t->arena, &m.symbols) = (struct model_symbol){
		.name = name, .place = MODEL_KLP, .klp_object = "vmlinux", .klp_when = "vmlinux"
	};
	return m;
}

#endif
