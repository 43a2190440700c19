/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_runtime.c - the loads of runtime constants, and what the architectures have in their place */
#include "arch_common.h"

struct load {
	uint16_t machine;
	uint64_t offset; /* what an entry names */
	uint8_t size;
	uint8_t from[16], to[16];
	uint8_t relocs, where[2];
	const char *type[2];
	int64_t addend;
};

/* What `as` makes of both. */
static const struct load x86[] = {
	{ EM_X86_64,
	  2,
	  10, /* movabs $0x0123456789abcdef,%rax; mov 0x0(%rip),%rax; nopl (%rax) */
	  { 0x48, 0xb8, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01 },
	  { 0x48, 0x8b, 0x05, 0, 0, 0, 0, 0x0f, 0x1f, 0x00 },
	  1,
	  { 3 },
	  { "R_X86_64_PC32" },
	  -4 },
	{ EM_X86_64,
	  2,
	  10, /* %rdi */
	  { 0x48, 0xbf, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01 },
	  { 0x48, 0x8b, 0x3d, 0, 0, 0, 0, 0x0f, 0x1f, 0x00 },
	  1,
	  { 3 },
	  { "R_X86_64_PC32" },
	  -4 },
	{ EM_X86_64,
	  2,
	  10, /* %r12 */
	  { 0x49, 0xbc, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01 },
	  { 0x4c, 0x8b, 0x25, 0, 0, 0, 0, 0x0f, 0x1f, 0x00 },
	  1,
	  { 3 },
	  { "R_X86_64_PC32" },
	  -4 },
};

static const struct load aarch64 = {
	EM_AARCH64,
	0,
	16, /* movz, movk, movk, movk; adrp, ldr, nop, nop: x13 */
	{ 0xed, 0xbd, 0x99, 0xd2, 0x6d, 0x35, 0xb1, 0xf2, 0xed, 0xac, 0xc8, 0xf2, 0x6d, 0x24, 0xe0, 0xf2 },
	{ 0x0d, 0x00, 0x00, 0x90, 0xad, 0x01, 0x40, 0xf9, 0x1f, 0x20, 0x03, 0xd5, 0x1f, 0x20, 0x03, 0xd5 },
	2,
	{ 0, 4 },
	{ "R_AARCH64_ADR_PREL_PG_HI21", "R_AARCH64_LDST64_ABS_LO12_NC" },
	0
};

static const struct load s390 = { EM_S390,
				  0,
				  12, /* iihf %r11,0x01234567; iilf %r11,0x89abcdef; lgrl %r11,.; jgnop . */
				  { 0xc0, 0xb8, 0x01, 0x23, 0x45, 0x67, 0xc0, 0xb9, 0x89, 0xab, 0xcd, 0xef },
				  { 0xc4, 0xb8, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x04, 0x00, 0x00, 0x00, 0x00 },
				  1,
				  { 2 },
				  { "R_390_PC32DBL" },
				  2 };

static bool load_of(struct fixture *f, const struct load *l, const uint8_t *code, size_t size, struct runtime_load *ret)
{
	make(f, l->machine, code, size, NULL, 0);
	return f->o.arch->runtime_load(&f->o, &f->sections[1], l->offset, ret);
}

/* Any bit but those of the register, any other place, an end too early, a relocation within: it is none. */
static void check_others(const struct load *l, const uint8_t *free_bits)
{
	struct runtime_load load;
	struct fixture f;
	uint8_t code[16];

	for (unsigned bit = 0; bit < 8u * l->size; bit++) {
		memcpy(code, l->from, sizeof(code));
		code[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(load_of(&f, l, code, l->size, &load), free_bits[bit / 8] >> bit % 8 & 1);
	}
	for (unsigned size = 0; size < l->size; size++)
		assert_false(load_of(&f, l, l->from, size, &load));
	make(&f, l->machine, l->from, l->size, NULL, 0);
	for (uint64_t at = 0; at < 32; at++)
		assert_int_equal(f.o.arch->runtime_load(&f.o, &f.sections[1], at, &load), at == l->offset);
	assert_false(f.o.arch->runtime_load(&f.o, &f.sections[1], UINT64_MAX, &load));
	f.sections[1].flags = SHF_ALLOC;
	assert_false(f.o.arch->runtime_load(&f.o, &f.sections[1], l->offset, &load));
}

static void check_relocated(const struct load *l)
{
	struct runtime_load load;
	struct fixture f;

	for (unsigned at = 0; at < l->size; at++) {
		struct reloc r = { .offset = at, .type = 1 };

		make(&f, l->machine, l->from, l->size, &r, 1);
		r.type = f.o.arch->pointer_reloc;
		assert_false(f.o.arch->runtime_load(&f.o, &f.sections[1], l->offset, &load));
		r.type = f.o.arch->none_reloc;
		assert_true(f.o.arch->runtime_load(&f.o, &f.sections[1], l->offset, &load));
	}
}

static void check_load(const struct load *l)
{
	struct runtime_load load;
	struct fixture f;

	assert_true(load_of(&f, l, l->from, l->size, &load));
	assert_int_equal(load.start, 0);
	assert_int_equal(load.size, l->size);
	assert_memory_equal(load.bytes, l->to, l->size);
	assert_int_equal(load.reloc_count, l->relocs);
	for (unsigned i = 0; i < l->relocs; i++) {
		assert_int_equal(load.relocs[i].offset, l->where[i]);
		assert_string_equal(f.o.arch->reloc_name(load.relocs[i].type), l->type[i]);
		assert_int_equal(load.relocs[i].addend, l->addend);
	}
	check_relocated(l);
}

static void x86_loads(void **state)
{
	static const uint8_t free_bits[16] = { 0x01, 0x07 };

	(void)state;
	for (size_t i = 0; i < COUNT(x86); i++) {
		check_load(&x86[i]);
		check_others(&x86[i], free_bits);
	}
}

/* All four instructions have the register: no bit is free alone, and it is never xzr. */
static void aarch64_loads(void **state)
{
	static const uint8_t none[16];
	struct runtime_load load;
	struct fixture f;
	uint8_t code[16];

	(void)state;
	check_load(&aarch64);
	check_others(&aarch64, none);
	memcpy(code, aarch64.from, sizeof(code));
	for (unsigned i = 0; i < 16; i += 4)
		code[i] |= 31;
	assert_false(load_of(&f, &aarch64, code, sizeof(code), &load));
}

static void s390_loads(void **state)
{
	static const uint8_t none[16];

	(void)state;
	check_load(&s390);
	check_others(&s390, none);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(x86_loads), cmocka_unit_test(aarch64_loads),
					    cmocka_unit_test(s390_loads) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
