// SPDX-License-Identifier: GPL-2.0-or-later
/* test_text.c - tables of symbols as text: large ones, of which a window is in memory, and lines that are read in two ways */
#include <sys/stat.h>

#include "file/digits.h"
#include "symbols_common.h"

enum { WINDOW = 1 << 16 };

/* Is read by its lines, because it is large. */
static FILE *begin_large(const char *path)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	fputs("ffffffff81000000 T _stext\n", f);
	return f;
}

static void end_large(FILE *f)
{
	while (ftell(f) < 1 << 19)
		fputs("0000000000000000 a padding\n", f);
}

static const struct symbol_table *read_large(struct ctx *c, const char *path)
{
	assert_int_equal(kernel_symbols_read(&c->arena, &c->ds, path, &c->ks), ELFDIFF_OK);
	return c->ks.tables.items[c->ks.tables.count - 1];
}

/* Lines of all lengths, so that windows end everywhere in them; and \r, which is no part of a name. */
static void test_windows(void **state)
{
	struct ctx *c = *state;
	const char *path = file_name(c, c->files++);
	const struct symbol_table *t;
	FILE *f = begin_large(path);
	char name[3000];

	for (unsigned i = 0; i < 2000; i++)
		fprintf(f, "ffffffff8%07x T %.*s%u%s\n", 16 * i, (int)(i % 600),
			memset(name, 'n', sizeof(name)) ? name : "", i, i % 7 ? "" : "\r");
	end_large(f);
	fputs("ffffffff8fffffff T last", f);
	fclose(f);
	t = read_large(c, path);
	assert_int_equal(t->entries.count, 2002);
	for (unsigned i = 0; i < 2000; i++) {
		char wanted[3100];

		snprintf(wanted, sizeof(wanted), "%.*s%u", (int)(i % 600), name, i);
		assert_int_equal(symbol_table_count(t, wanted), 1);
	}
	assert_string_equal(symbol_table_entry(t, 2001)->name, "last");
}

/* A line that is longer than many windows. */
static void test_long_line(void **state)
{
	struct ctx *c = *state;
	const char *path = file_name(c, c->files++);
	FILE *f = begin_large(path);
	char *name = arena_alloc(&c->arena, 10 * WINDOW + 1);

	memset(name, 'x', 10 * WINDOW);
	fprintf(f, "ffffffff82000000 T before\nffffffff82000001 T %s\nffffffff82000002 T behind\n", name);
	end_large(f);
	fclose(f);
	assert_int_equal(symbol_table_count(read_large(c, path), name), 1);
	assert_string_equal(symbol_table_entry(c->ks.tables.items[0], 1)->name, "before");
	assert_string_equal(symbol_table_entry(c->ks.tables.items[0], 3)->name, "behind");
}

/* What is wrong far behind is wrong, by its line. */
static void test_bad_line(void **state)
{
	struct ctx *c = *state;
	const char *path = file_name(c, c->files++);
	FILE *f = begin_large(path);

	end_large(f);
	fputs("nonsense\n", f);
	fclose(f);
	assert_int_equal(kernel_symbols_read(&c->arena, &c->ds, path, &c->ks), ELFDIFF_ERROR);
	assert_string_equal(c->ds.list.items[0].id, "symbols-line");
	assert_non_null(strstr(c->ds.list.items[0].message, "line 19420 "));
}

/* Exports, of which the object of the line before is remembered. */
static void test_large_symvers(void **state)
{
	struct ctx *c = *state;
	const char *path = file_name(c, c->files++);
	FILE *f = fopen(path, "wb");
	char name[32];

	for (unsigned i = 0; i < 12000; i++)
		fprintf(f, "0x%08x\texport_%u\tdrivers/a-%u/a-%u\tEXPORT_SYMBOL%s\t%s\n", i, i, i / 100, i / 100,
			i % 2 ? "_GPL" : "", i % 3 ? "" : "SPACE");
	fclose(f);
	assert_int_equal(symvers_read(&c->arena, &c->ds, path, &c->sv), ELFDIFF_OK);
	for (unsigned i = 0; i < 12000; i++) {
		const struct export *e;
		char object[32];

		sprintf(name, "export_%u", i);
		sprintf(object, "a_%u", i / 100);
		e = symvers_find(&c->sv, name);
		assert_non_null(e);
		assert_string_equal(e->object, object);
		assert_int_equal(e->crc, i);
		assert_int_equal(e->gpl_only, i % 2);
		assert_int_equal(e->name_space != NULL, i % 3 == 0);
	}
}

/* ---- lines in two ways ---- */

/* What a text comes to: with a blank before the line that counts it is not read in the usual way. */
static char *outcome(const char *head, const char *before, const char *line, size_t length)
{
	struct arena a = { 0 };
	struct diags ds = { .arena = &a };
	struct kernel_symbols ks = { 0 };
	char path[] = "/tmp/test_text.XXXXXX", *text;
	FILE *f = fdopen(mkstemp(path), "wb"), *out;
	size_t size;

	fputs(head, f);
	fputs(before, f);
	fwrite(line, 1, length, f);
	fclose(f);
	out = open_memstream(&text, &size);
	fprintf(out, "%d", kernel_symbols_read(&a, &ds, path, &ks));
	for (uint32_t i = 0; i < ks.tables.count; i++)
		for (uint32_t j = 0; j < ks.tables.items[i]->entries.count; j++) {
			const struct kernel_symbol *s = symbol_table_entry(ks.tables.items[i], j);

			fprintf(out, " %s:%s %lx %lx %u %u %d%d%d", ks.tables.items[i]->object, s->name, s->address,
				s->size, s->file, s->section, s->local, s->weak, s->is_function);
		}
	fprintf(out, " %u", ks.tables.count ? ks.tables.items[0]->files.count : 0);
	fclose(out);
	unlink(path);
	arena_free(&a);
	return text;
}

/* One character is another one, at every place. */
static void compare_ways(const char *head, const char *sample)
{
	static const char others[] = " 0159afgAFGx:[\t\r-~\xe4";
	size_t n = strlen(sample);
	char line[128];

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < sizeof(others); j++) {
			char *one, *other;

			memcpy(line, sample, n + 1);
			line[i] = others[j];
			one = outcome(head, "", line, n);
			other = outcome(head, " ", line, n);
			assert_string_equal(one, other);
			free(one);
			free(other);
		}
}

#define READELF                                                                                                         \
	"Symbol table '.symtab' contains 2 entries:\n   Num:    Value          Size Type    Bind   Vis      Ndx Name\n" \
	"     1: ffffffff81000000     0 NOTYPE  GLOBAL DEFAULT    1 _stext\n"

static void test_usual_readelf(void **state)
{
	static const char *const samples[] = {
		"     2: ffffffff81000160   249 FUNC    LOCAL  DEFAULT    1 name\n",
		"118985: 0000000000000000 99999 OBJECT  WEAK   DEFAULT 9999 n\n",
		"     2: FFFFFFFF81000160   249 NOTYPE  GLOBAL DEFAULT   17 cut[...]\n",
		"     2: ffffffff81000160   249 FUNC    LOCAL  DEFAULT  ABS __crc_name\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		compare_ways(READELF, samples[i]);
}

static void test_usual_map(void **state)
{
	(void)state;
	compare_ways("ffffffff81000000 T _stext\n", "ffffffff81000010 t some_name\n");
	compare_ways("ffffffff81000000 T _stext\n", "ffffffff81000010 T name\t[ext4]\n");
}

/* ---- columns ---- */

static void test_columns(void **state)
{
	static const char *const samples[] = { "       0", "99999999", "      12", "     120",
					       "        ", "1      1", "      1 " };
	char text[16];
	uint64_t found;

	(void)state;
	for (size_t s = 0; s < sizeof(samples) / sizeof(*samples); s++)
		for (unsigned i = 0; i < 8; i++)
			for (int ch = 0; ch < 256; ch++) {
				const char *p = strcpy(text, samples[s]);
				struct word w;
				uint64_t right;
				bool is;

				text[i] = (char)ch;
				p += strspn(p, " ");
				w = (struct word){ p, (size_t)(text + 8 - p) };
				is = word_number(&w, 10, &right);
				assert_int_equal(column_number(bytes_get((uint8_t *)text, 8, false), &found), is);
				if (is)
					assert_int_equal(found, right);
			}
	assert_true(column_before("1234567890" + 10, 3, &found));
	assert_int_equal(found, 890);
	assert_true(column_before("1234567890" + 10, 7, &found));
	assert_int_equal(found, 4567890);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_windows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_large_symvers, setup, teardown),
		cmocka_unit_test(test_usual_readelf),
		cmocka_unit_test(test_usual_map),
		cmocka_unit_test(test_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
