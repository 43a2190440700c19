/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * symbols_common.h - what the tests of kernel symbols and of locating share: a directory of their own, files put into
 * it, symbol tables read from them
 */
#ifndef SYMBOLS_COMMON_H
#define SYMBOLS_COMMON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "elf_builder.h"
#include "kernel/kernel_symbols.h"
#include "kernel/symvers.h"

#define X86 62 /* EM_X86_64, with little-endian; any other machine does as well */
#define S390 22

struct ctx {
	struct arena arena;
	struct diags ds;
	jmp_buf unwind;
	struct kernel_symbols ks;
	struct symvers sv;
	char dir[32];
	unsigned files;
};

static inline int setup(void **state)
{
	struct ctx *c = calloc(1, sizeof(*c));

	c->arena.unwind = &c->unwind;
	c->ds.arena = &c->arena;
	strcpy(c->dir, "/tmp/test_symbols.XXXXXX");
	*state = c;
	return mkdtemp(c->dir) ? 0 : -1;
}

static inline const char *file_name(struct ctx *c, unsigned n)
{
	return arena_printf(&c->arena, "%s/%u", c->dir, n);
}

static inline int teardown(void **state)
{
	struct ctx *c = *state;

	for (unsigned i = 0; i < c->files; i++)
		unlink(file_name(c, i));
	rmdir(c->dir);
	arena_free(&c->arena);
	free(c);
	return 0;
}

static inline const char *new_path(struct ctx *c)
{
	return file_name(c, c->files++);
}

static inline const char *put(struct ctx *c, const void *data, size_t size)
{
	const char *path = new_path(c);
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	return path;
}

static inline enum elfdiff_status read_text(struct ctx *c, const char *text)
{
	return kernel_symbols_read(&c->arena, &c->ds, put(c, text, strlen(text)), &c->ks);
}

/* The only failure so far has this id, and this in its message, cause or hint. */
static inline void assert_failed(struct ctx *c, const char *id, const char *says)
{
	const struct elfdiff_diag *d = &c->ds.list.items[0];

	assert_int_equal(c->ds.list.count, 1);
	assert_int_equal(c->ds.failures, 1);
	assert_string_equal(d->id, id);
	assert_non_null(d->cause);
	assert_non_null(d->hint);
	if (!strstr(d->message, says) && !strstr(d->cause, says) && !strstr(d->hint, says))
		fail_msg("`%s` / `%s` / `%s` does not say `%s`", d->message, d->cause, d->hint, says);
	c->ds.list.count = 0;
	c->ds.failures = 0;
}

static inline const struct symbol_table *table(struct ctx *c, const char *object)
{
	const struct symbol_table *t = kernel_symbols_of(&c->ks, object, object);

	assert_non_null(t);
	return t;
}

/* The names of a table in its order, with blanks between them. */
static inline void assert_order(struct ctx *c, const struct symbol_table *t, const char *names)
{
	const char *all = "";

	for (uint32_t i = 0; i < t->entries.count; i++)
		all = arena_printf(&c->arena, "%s%s%s", all, i ? " " : "", t->entries.items[i].name);
	assert_string_equal(all, names);
}

/* ---- the text of readelf ---- */

/* It states the first entry alone: of more than it states nothing is missing. */
#define HEAD(table)                                                                                                    \
	"\nSymbol table '" table "' contains 1 entry:\n"                                                               \
	"   Num:    Value          Size Type    Bind   Vis      Ndx Name\n"                                            \
	"     0: 0000000000000000     0 NOTYPE  LOCAL  DEFAULT  UND \n"

/* ---- ELF ---- */

static inline void sized(struct eb *b, uint64_t size)
{
	bytes_put(b->symbols.items + b->symbols.count - 8, size, 8, b->big_endian);
}

static inline void local(struct eb *b, const char *name, uint8_t type, uint16_t section, uint64_t value, uint64_t size)
{
	eb_symbol(b, name, STB_LOCAL, type, section, value);
	sized(b, size);
}

static inline void global(struct eb *b, const char *name, uint8_t type, uint16_t section, uint64_t value, uint64_t size)
{
	eb_symbol(b, name, STB_GLOBAL, type, section, value);
	sized(b, size);
}

static inline const char *finish(struct ctx *c, struct eb *b, uint16_t type)
{
	const char *path = new_path(c);
	uint8_t bytes[2];
	FILE *f;

	eb_write(b, path);
	f = fopen(path, "r+b");
	assert_non_null(f);
	bytes_put(bytes, type, 2, b->big_endian);
	assert_int_equal(fseek(f, offsetof(Elf64_Ehdr, e_type), SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, 2, f), 2);
	fclose(f);
	return path;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
