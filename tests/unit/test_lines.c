/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Line tables written byte by byte: two versions, two byte orders, damaged ones. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "lines/lines.h"

/*
 * 1 .text.a, 2 .text.b, 3 .debug_line, 4 .rela.debug_line, 5 .debug_line_str;
 * symbols 1 (.text.a), 2 (.text.b + 4), 3 undefined, 4 (.debug_line_str).
 */
struct fixture {
	struct arena a;
	struct section sections[6];
	struct symbol symbols[5];
	struct object o;
	uint8_t line[512], rela[8 * sizeof(Elf64_Rela)];
	size_t size;
	uint32_t relocs;
	size_t start, tables; /* of the unit, of what header_length counts from */
};

static void put(struct fixture *f, uint64_t v, unsigned width)
{
	assert_true(f->size + width <= sizeof(f->line));
	bytes_put(f->line + f->size, v, width, f->o.big_endian);
	f->size += width;
}

static void put_string(struct fixture *f, const char *s)
{
	do
		put(f, (uint8_t)*s, 1);
	while (*s++);
}

/* A reference of `width` zero bytes, which a relocation fills in. */
static void put_ref(struct fixture *f, unsigned width, uint32_t symbol, uint64_t addend)
{
	uint8_t *r = f->rela + f->relocs++ * sizeof(Elf64_Rela);

	bytes_put(r, f->size, 8, f->o.big_endian);
	bytes_put(r + 8, ELF64_R_INFO((uint64_t)symbol, 1), 8, f->o.big_endian);
	bytes_put(r + 16, addend, 8, f->o.big_endian);
	put(f, 0, width);
}

static void put_address(struct fixture *f, uint32_t symbol, uint64_t addend)
{
	put(f, 0, 1);
	put(f, 9, 1);
	put(f, 2, 1); /* DW_LNE_set_address */
	put_ref(f, 8, symbol, addend);
}

static void begin(struct fixture *f, bool big_endian)
{
	static const uint8_t strings[] = "/src\0include\0a.h"; /* at 0, 5, 13 */

	memset(f, 0, sizeof(*f));
	f->sections[1].name = ".text.a";
	f->sections[2].name = ".text.b";
	f->sections[3] = (struct section){ .name = ".debug_line", .type = SHT_PROGBITS, .data = f->line };
	f->sections[4] = (struct section){ .name = ".rela.debug_line", .type = SHT_RELA, .data = f->rela, .info = 3 };
	f->sections[5] = (struct section){
		.name = ".debug_line_str", .type = SHT_PROGBITS, .data = strings, .size = sizeof(strings)
	};
	f->symbols[1] = (struct symbol){ .place = SYMBOL_DEFINED, .section = 1 };
	f->symbols[2] = (struct symbol){ .place = SYMBOL_DEFINED, .section = 2, .value = 4 };
	f->symbols[4] = (struct symbol){ .place = SYMBOL_DEFINED, .section = 5 };
	f->o = (struct object){ .sections = f->sections,
				.section_count = 6,
				.symbols = f->symbols,
				.symbol_count = 5,
				.big_endian = big_endian };
	for (uint32_t i = 1; i < 6; i++)
		index_add(&f->a, &f->o.section_by_name, hash_string(f->sections[i].name), i);
}

static void put_header(struct fixture *f, unsigned version, unsigned min_insn)
{
	static const uint8_t operands[] = { 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1 };

	f->start = f->size;
	put(f, 0, 4); /* length: later */
	put(f, version, 2);
	if (version >= 5)
		put(f, 0x0800, 2);
	put(f, 0, 4); /* header_length: later */
	f->tables = f->size;
	put(f, min_insn, 1);
	if (version >= 4)
		put(f, 1, 1);
	put(f, 1, 1);
	put(f, (uint8_t)-5, 1);
	put(f, 14, 1);
	put(f, 13, 1);
	for (unsigned i = 0; i < sizeof(operands); i++)
		put(f, operands[i], 1);
}

static void end_tables(struct fixture *f)
{
	bytes_put(f->line + f->tables - 4, f->size - f->tables, 4, f->o.big_endian);
}

static void end_unit(struct fixture *f)
{
	bytes_put(f->line + f->start, f->size - f->start - 4, 4, f->o.big_endian);
	f->sections[3].size = f->size;
	f->sections[4].size = f->relocs * sizeof(Elf64_Rela);
}

static void advance(struct fixture *f, unsigned pc, unsigned line)
{
	put(f, 2, 1); /* DW_LNS_advance_pc */
	put(f, pc, 1);
	put(f, 3, 1); /* DW_LNS_advance_line; less than 64 */
	put(f, line, 1);
	put(f, 1, 1); /* DW_LNS_copy */
}

static void end_sequence(struct fixture *f, unsigned pc)
{
	put(f, 2, 1);
	put(f, pc, 1);
	put(f, 0, 1);
	put(f, 1, 1);
	put(f, 1, 1);
}

/* Version 5; directories and names in .debug_line_str; rows of both sections. */
static void make_v5(struct fixture *f, bool big_endian)
{
	static const uint8_t dir_format[] = { 1, 1, 0x1f }, file_format[] = { 2, 1, 0x1f, 2, 0x0b };

	begin(f, big_endian);
	put_header(f, 5, 1);
	for (unsigned i = 0; i < sizeof(dir_format); i++)
		put(f, dir_format[i], 1);
	put(f, 2, 1);
	put_ref(f, 4, 4, 0);
	put_ref(f, 4, 4, 5);
	for (unsigned i = 0; i < sizeof(file_format); i++)
		put(f, file_format[i], 1);
	put(f, 2, 1);
	put_ref(f, 4, 4, 1);
	put(f, 0, 1);
	put_ref(f, 4, 4, 13);
	put(f, 1, 1);
	end_tables(f);
	put_address(f, 1, 0x10);
	advance(f, 0, 9);               /* .text.a + 10: line 10 */
	advance(f, 4, 10);              /* 14: line 20 */
	advance(f, 0, 10);              /* 14: line 30 */
	put(f, 13 + 14 * 2 + 5 + 3, 1); /* special: 16: line 33 */
	put(f, 8, 1);                   /* DW_LNS_const_add_pc: 17 steps */
	advance(f, 0, 1);               /* 27: line 34 */
	end_sequence(f, 1);
	put_address(f, 2, 8);
	advance(f, 0, 44); /* .text.b + c: line 45, where the next sequence ends */
	end_sequence(f, 4);
	put_address(f, 2, 0);
	put(f, 4, 1); /* DW_LNS_set_file */
	put(f, 0, 1);
	advance(f, 0, 39); /* .text.b + 4: line 40 */
	end_sequence(f, 8);
	put_address(f, 3, 0);
	advance(f, 0, 49); /* nowhere */
	end_sequence(f, 8);
	end_unit(f);
}

static void check_v5(struct fixture *f)
{
	const struct line_info *li = lines_open(&f->a, &f->o);

	assert_non_null(li);
	assert_false(lines_at(li, 1, 0x0f, 10));
	assert_true(lines_at(li, 1, 0x10, 10));
	assert_true(lines_at(li, 1, 0x13, 10));
	assert_false(lines_at(li, 1, 0x13, 20));
	assert_true(lines_at(li, 1, 0x14, 20)); /* both rows stand here */
	assert_true(lines_at(li, 1, 0x14, 30));
	assert_false(lines_at(li, 1, 0x14, 10));
	assert_false(lines_at(li, 1, 0x15, 20)); /* the last of them covers what follows */
	assert_true(lines_at(li, 1, 0x15, 30));
	assert_true(lines_at(li, 1, 0x16, 33));
	assert_true(lines_at(li, 1, 0x27, 34));
	assert_false(lines_at(li, 1, 0x28, 34)); /* past the end */
	assert_false(lines_at(li, 2, 0x10, 10));
	assert_false(lines_at(li, 2, 0x3, 40));
	assert_true(lines_at(li, 2, 0x4, 40));
	assert_true(lines_at(li, 2, 0xb, 40));
	assert_false(lines_at(li, 2, 0xc, 40));
	assert_true(lines_at(li, 2, 0xc, 45));
	assert_false(lines_at(li, 2, 0x10, 45));
	assert_false(lines_at(li, 0, 0, 50));
}

static void version_5(void **state)
{
	struct fixture f;

	(void)state;
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		make_v5(&f, big_endian);
		check_v5(&f);
		arena_free(&f.a);
	}
}

/* Two units of older versions, instructions of 4 bytes, an advance held by two relocations. */
static void make_older(struct fixture *f, bool big_endian)
{
	begin(f, big_endian);
	for (unsigned version = 3; version <= 4; version++) {
		put_header(f, version, 4);
		put_string(f, "lib");
		put_string(f, "");
		put_string(f, version == 3 ? "three.c" : "four.c");
		put(f, version == 3, 1);
		put(f, 0, 2);
		put_string(f, "");
		end_tables(f);
		put_address(f, version == 3 ? 1 : 2, 0);
		advance(f, 0, 4); /* line 5 */
		advance(f, 2, 1); /* 2 instructions on: line 6 */
		put(f, 9, 1);     /* DW_LNS_fixed_advance_pc */
		put_ref(f, 0, 1, 0x1c);
		put_ref(f, 2, 1, 0x0c);
		advance(f, 0, 1); /* 0x10 on: line 7 */
		end_sequence(f, 1);
		end_unit(f);
	}
}

static void older_versions(void **state)
{
	const struct line_info *li;
	struct fixture f;

	(void)state;
	make_older(&f, true);
	li = lines_open(&f.a, &f.o);
	assert_true(lines_at(li, 1, 0x7, 5));
	assert_true(lines_at(li, 1, 0x8, 6));
	assert_true(lines_at(li, 1, 0x17, 6));
	assert_true(lines_at(li, 1, 0x18, 7));
	assert_false(lines_at(li, 1, 0x1c, 7));
	assert_true(lines_at(li, 2, 0x4, 5));
	arena_free(&f.a);
}

static void no_table(void **state)
{
	struct fixture f;

	(void)state;
	make_v5(&f, false);
	f.sections[3].type = SHT_NOBITS;
	assert_null(lines_open(&f.a, &f.o));
	assert_false(lines_at(NULL, 1, 0x10, 10));
	arena_free(&f.a);
}

static void ask_everything(struct fixture *f)
{
	const struct line_info *li = lines_open(&f->a, &f->o);

	for (uint64_t offset = 0; li && offset < 0x40; offset++)
		lines_at(li, 1, offset, 10);
}

/* The first `cut` bytes, one of them spoilt, in a block of exactly that size: ASan watches. */
static void ask_damaged(void (*make)(struct fixture *, bool), size_t cut, size_t at, int value)
{
	uint8_t *copy = malloc(cut ? cut : 1);
	struct fixture f;

	make(&f, false);
	assert_non_null(copy);
	memcpy(copy, f.line, cut);
	if (value >= 0)
		copy[at] = (uint8_t)value;
	f.sections[3].data = copy;
	f.sections[3].size = cut;
	ask_everything(&f);
	free(copy);
	arena_free(&f.a);
}

static void damaged(void **state)
{
	void (*const makers[])(struct fixture *, bool) = { make_v5, make_older };
	static const int values[] = { 0, 1, 0x7f, 0xff };

	(void)state;
	for (unsigned m = 0; m < 2; m++) {
		struct fixture f;

		makers[m](&f, false);
		arena_free(&f.a);
		for (size_t i = 0; i < f.size; i++) {
			ask_damaged(makers[m], i, 0, -1);
			for (unsigned v = 0; v < 4; v++)
				ask_damaged(makers[m], f.size, i, values[v]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_5),
		cmocka_unit_test(older_versions),
		cmocka_unit_test(no_table),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
