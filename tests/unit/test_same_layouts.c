/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types written byte by byte: what moves them about in .debug_info is no difference, what moves members is one. */
#include <dwarf.h>
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "lines/same_layouts.h"

/*
 * What the unit below says:
 *
 *	struct node { int count; struct node *next; union { int x; char name[length]; }; };
 *	typedef struct { int y; } given;
 */
struct says {
	unsigned version;
	bool big_endian;
	unsigned line, functions;  /* decl_line of all, functions before the types */
	unsigned pad;              /* bytes of .debug_str in front of the names */
	unsigned place, length, y; /* of `next`, of `name`, of `y` */
	uint64_t size;             /* of struct node */
	const char *next;          /* its name */
	bool is_long;              /* the type of `count` */
	bool declared;             /* struct node is only declared */
};

/* 1 .debug_info, 2 .debug_abbrev, 3 .debug_str, 4 .rela.debug_info, 5 .text; symbols 1 (.debug_str), 2 (.text) */
struct side {
	struct section sections[6];
	struct symbol symbols[3];
	struct object o;
	uint8_t info[512], rela[32 * sizeof(Elf64_Rela)], text[256];
	size_t size, text_size;
	uint32_t relocs;
};

/* code, tag, children, attributes: each with DW_AT_decl_line as the compilers have it */
static const uint8_t abbreviations[] = { 1,
					 DW_TAG_compile_unit,
					 1,
					 DW_AT_name,
					 DW_FORM_strp,
					 0,
					 0,
					 2,
					 DW_TAG_base_type,
					 0,
					 DW_AT_byte_size,
					 DW_FORM_data1,
					 DW_AT_encoding,
					 DW_FORM_data1,
					 DW_AT_name,
					 DW_FORM_string,
					 0,
					 0,
					 3,
					 DW_TAG_structure_type,
					 1,
					 DW_AT_name,
					 DW_FORM_strp,
					 DW_AT_byte_size,
					 DW_FORM_udata,
					 DW_AT_decl_line,
					 DW_FORM_data1,
					 DW_AT_sibling,
					 DW_FORM_ref4,
					 0,
					 0,
					 4,
					 DW_TAG_member,
					 0,
					 DW_AT_name,
					 DW_FORM_strp,
					 DW_AT_decl_line,
					 DW_FORM_data1,
					 DW_AT_type,
					 DW_FORM_ref4,
					 DW_AT_data_member_location,
					 DW_FORM_data1,
					 0,
					 0,
					 5,
					 DW_TAG_pointer_type,
					 0,
					 DW_AT_byte_size,
					 DW_FORM_data1,
					 DW_AT_type,
					 DW_FORM_ref4,
					 0,
					 0,
					 6,
					 DW_TAG_union_type,
					 1,
					 DW_AT_byte_size,
					 DW_FORM_data1,
					 0,
					 0,
					 7,
					 DW_TAG_member,
					 0,
					 DW_AT_type,
					 DW_FORM_ref4,
					 DW_AT_data_member_location,
					 DW_FORM_data1,
					 0,
					 0,
					 8,
					 DW_TAG_array_type,
					 1,
					 DW_AT_type,
					 DW_FORM_ref4,
					 0,
					 0,
					 9,
					 DW_TAG_subrange_type,
					 0,
					 DW_AT_upper_bound,
					 DW_FORM_data1,
					 0,
					 0,
					 10,
					 DW_TAG_typedef,
					 0,
					 DW_AT_name,
					 DW_FORM_strp,
					 DW_AT_type,
					 DW_FORM_ref4,
					 0,
					 0,
					 11,
					 DW_TAG_structure_type,
					 1,
					 DW_AT_byte_size,
					 DW_FORM_implicit_const,
					 4,
					 DW_AT_decl_line,
					 DW_FORM_data1,
					 0,
					 0,
					 12,
					 DW_TAG_subprogram,
					 0,
					 DW_AT_name,
					 DW_FORM_strp,
					 DW_AT_low_pc,
					 DW_FORM_addr,
					 DW_AT_frame_base,
					 DW_FORM_exprloc,
					 0,
					 0,
					 13,
					 DW_TAG_structure_type,
					 0,
					 DW_AT_name,
					 DW_FORM_strp,
					 DW_AT_declaration,
					 DW_FORM_flag_present,
					 0,
					 0,
					 0 };

static void put(struct side *s, uint64_t v, unsigned width)
{
	assert_true(s->size + width <= sizeof(s->info));
	bytes_put(s->info + s->size, v, width, s->o.big_endian);
	s->size += width;
}

static void put_reloc(struct side *s, uint32_t symbol, uint64_t addend, unsigned width)
{
	uint8_t *r = s->rela + s->relocs++ * sizeof(Elf64_Rela);

	assert_true(s->relocs <= 32);
	bytes_put(r, s->size, 8, s->o.big_endian);
	bytes_put(r + 8, ELF64_R_INFO((uint64_t)symbol, 1), 8, s->o.big_endian);
	bytes_put(r + 16, addend, 8, s->o.big_endian);
	put(s, 0, width);
}

static void put_name(struct side *s, const char *name)
{
	assert_true(s->text_size + strlen(name) < sizeof(s->text));
	put_reloc(s, 1, s->text_size, 4);
	memcpy(s->text + s->text_size, name, strlen(name) + 1);
	s->text_size += strlen(name) + 1;
}

static void put_text(struct side *s, const char *text)
{
	do
		put(s, (uint8_t)*text, 1);
	while (*text++);
}

static size_t put_base(struct side *s, const char *name, unsigned size)
{
	size_t at = s->size;

	put(s, 2, 1);
	put(s, size, 1);
	put(s, DW_ATE_signed, 1);
	put_text(s, name);
	return at;
}

static void put_member(struct side *s, const struct says *w, const char *name, size_t type, unsigned place)
{
	put(s, 4, 1);
	put_name(s, name);
	put(s, w->line, 1);
	put(s, type, 4);
	put(s, place, 1);
}

/* Before the structure, which the pointer refers to ahead. */
static void put_node(struct side *s, const struct says *w, size_t count, size_t number, size_t letter)
{
	size_t pointer = s->size, onion, array, node;

	put(s, 5, 1);
	put(s, 8, 1);
	put(s, 0, 4); /* later */
	array = s->size;
	put(s, 8, 1);
	put(s, letter, 4);
	put(s, 9, 1);
	put(s, w->length - 1, 1);
	put(s, 0, 1);
	onion = s->size;
	put(s, 6, 1);
	put(s, 8, 1);
	put_member(s, w, "x", number, 0);
	put_member(s, w, "name", array, 0);
	put(s, 0, 1);
	node = s->size;
	bytes_put(s->info + pointer + 2, node, 4, s->o.big_endian);
	if (w->declared) {
		put(s, 13, 1);
		put_name(s, "node");
		return;
	}
	put(s, 3, 1);
	put_name(s, "node");
	put(s, w->size, 1);
	put(s, w->line, 1);
	put(s, 0, 4); /* later */
	put_member(s, w, "count", count, 0);
	put_member(s, w, w->next, pointer, w->place);
	put(s, 7, 1);
	put(s, onion, 4);
	put(s, 16, 1);
	put(s, 0, 1);
	bytes_put(s->info + node + 7, s->size, 4, s->o.big_endian);
}

static void put_given(struct side *s, const struct says *w, size_t number)
{
	size_t at = s->size;

	put(s, 11, 1);
	put(s, w->line, 1);
	put_member(s, w, "y", number, w->y);
	put(s, 0, 1);
	put(s, 10, 1);
	put_name(s, "given");
	put(s, at, 4);
}

static void put_header(struct side *s, const struct says *w)
{
	put(s, 0, 4); /* later */
	put(s, w->version, 2);
	if (w->version == 5)
		put(s, DW_UT_compile, 1);
	if (w->version == 5)
		put(s, 8, 1);
	put(s, 0, 4);
	if (w->version < 5)
		put(s, 8, 1);
}

static void make(struct arena *a, struct side *s, const struct says *w)
{
	size_t number, wide, letter;

	memset(s, 0, sizeof(*s));
	s->o = (struct object){ .sections = s->sections,
				.section_count = 6,
				.symbols = s->symbols,
				.symbol_count = 3,
				.big_endian = w->big_endian };
	s->text_size = w->pad;
	put_header(s, w);
	put(s, 1, 1);
	put_name(s, "unit.c");
	number = put_base(s, "int", 4);
	wide = put_base(s, "long", 8);
	letter = put_base(s, "char", 1);
	for (unsigned i = 0; i < w->functions; i++) {
		put(s, 12, 1);
		put_name(s, "function");
		put_reloc(s, 2, i, 8);
		put(s, 1, 1);
		put(s, DW_OP_call_frame_cfa, 1);
	}
	put_node(s, w, w->is_long ? wide : number, number, letter);
	put_given(s, w, number);
	put(s, 0, 1);
	bytes_put(s->info, s->size - 4, 4, w->big_endian);
	s->sections[1] =
		(struct section){ .name = ".debug_info", .type = SHT_PROGBITS, .data = s->info, .size = s->size };
	s->sections[2] = (struct section){
		.name = ".debug_abbrev", .type = SHT_PROGBITS, .data = abbreviations, .size = sizeof(abbreviations)
	};
	s->sections[3] =
		(struct section){ .name = ".debug_str", .type = SHT_PROGBITS, .data = s->text, .size = s->text_size };
	s->sections[4] = (struct section){ .name = ".rela.debug_info",
					   .type = SHT_RELA,
					   .data = s->rela,
					   .size = s->relocs * sizeof(Elf64_Rela),
					   .info = 1 };
	s->sections[5] = (struct section){ .name = ".text", .type = SHT_PROGBITS, .flags = SHF_ALLOC };
	s->symbols[1] = (struct symbol){ .place = SYMBOL_DEFINED, .section = 3 };
	s->symbols[2] = (struct symbol){ .place = SYMBOL_DEFINED, .section = 5 };
	for (uint32_t i = 1; i < 6; i++)
		index_add(a, &s->o.section_by_name, hash_string(s->sections[i].name), i);
}

static const struct says usual = {
	.version = 5, .line = 7, .functions = 1, .place = 8, .length = 8, .size = 24, .next = "next"
};

static bool are_same(const struct says *x, const struct says *y)
{
	static struct side orig, patched;
	struct arena a = { 0 };
	bool same;

	make(&a, &orig, x);
	make(&a, &patched, y);
	same = layouts_are_same(&a, &orig.o, &patched.o);
	arena_free(&a);
	return same;
}

#define CHANGED(field, value)                                                                                          \
	({                                                                                                             \
		struct says says_ = usual;                                                                             \
		says_.field = (value);                                                                                 \
		are_same(&usual, &says_);                                                                              \
	})

static void what_is_no_difference(void **state)
{
	struct says old = usual, big = usual;

	(void)state;
	assert_true(are_same(&usual, &usual));
	assert_true(CHANGED(line, 99));
	assert_true(CHANGED(functions, 5)); /* all behind them stands elsewhere */
	assert_true(CHANGED(pad, 77));
	assert_true(CHANGED(version, 4));
	assert_true(CHANGED(declared, true)); /* there is nothing to compare with */
	old.version = 4;
	assert_true(are_same(&old, &old));
	big.big_endian = true;
	assert_true(are_same(&big, &big));
}

static void what_is_one(void **state)
{
	struct says big = usual, other;

	(void)state;
	assert_false(CHANGED(place, 12));
	assert_false(CHANGED(size, 32));
	assert_false(CHANGED(next, "prev"));
	assert_false(CHANGED(is_long, true));
	assert_false(CHANGED(length, 4)); /* of an array in a union without a name */
	assert_false(CHANGED(y, 4));      /* of a structure that a typedef names */
	big.big_endian = true;
	other = big;
	other.place = 12;
	assert_false(are_same(&big, &other));
}

/* Whatever is cut off or overwritten: no crash, and nothing is said to be the same that was not read to its end. */
static void damaged(void **state)
{
	static struct side orig, patched;
	struct arena a = { 0 };

	(void)state;
	make(&a, &orig, &usual);
	for (size_t size = 1; size < orig.size; size++) {
		make(&a, &patched, &usual);
		patched.sections[1].size = size;
		assert_false(layouts_are_same(&a, &orig.o, &patched.o));
	}
	for (size_t at = 0; at < orig.size; at++) {
		make(&a, &patched, &usual);
		patched.info[at] ^= 0x55;
		(void)layouts_are_same(&a, &orig.o, &patched.o);
	}
	make(&a, &patched, &usual);
	patched.text[patched.text_size - 1] = 'x';
	assert_false(layouts_are_same(&a, &orig.o, &patched.o));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_no_difference), cmocka_unit_test(what_is_one),
					    cmocka_unit_test(damaged) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
