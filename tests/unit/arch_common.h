/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arch_common.h - literal instructions as one section of an object */
#ifndef ARCH_COMMON_H
#define ARCH_COMMON_H

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arch/arch.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* An object of one section (number 1) and its relocations. */
struct fixture {
	struct section sections[2];
	struct object o;
};

static inline void make(struct fixture *f, uint16_t machine, const uint8_t *code, size_t size, struct reloc *relocs,
			uint32_t reloc_count)
{
	memset(f, 0, sizeof(*f));
	f->sections[1] = (struct section){ .name = ".text",
					   .type = SHT_PROGBITS,
					   .size = size,
					   .data = code,
					   .flags = SHF_ALLOC | SHF_EXECINSTR,
					   .reloc_count = reloc_count };
	f->o = (struct object){ .machine = machine,
				.arch = arch_find(machine),
				.sections = f->sections,
				.section_count = 2,
				.relocs = relocs,
				.reloc_count = reloc_count,
				.big_endian = machine == EM_S390 };
	for (uint32_t i = 0; i < reloc_count; i++)
		relocs[i].section = 1;
	assert_non_null(f->o.arch);
}

static inline bool decode(const struct fixture *f, uint64_t offset, struct insn *ret)
{
	memset(ret, 0xa5, sizeof(*ret));
	return f->o.arch->decode(&f->o, &f->sections[1], offset, ret);
}

static inline void check_branch(const struct fixture *f, uint64_t offset, uint64_t target, unsigned field,
				const char *type, int64_t addend)
{
	struct insn in;

	assert_true(decode(f, offset, &in));
	assert_true(in.direct_branch);
	assert_int_equal(in.target, target);
	assert_int_equal(in.field_offset, field);
	assert_int_equal(in.reloc_addend, addend);
	assert_int_equal(in.imm_size, 0);
	if (type)
		assert_string_equal(f->o.arch->reloc_name(in.reloc_type), type);
	else
		assert_int_equal(in.reloc_type, 0);
}

static inline void check_imm(const struct fixture *f, uint64_t offset, unsigned at, unsigned size, uint64_t mask,
			     uint64_t value)
{
	struct insn in;

	assert_true(decode(f, offset, &in));
	assert_false(in.direct_branch);
	assert_int_equal(in.imm_offset, at);
	assert_int_equal(in.imm_size, size);
	assert_int_equal(in.imm_mask, mask);
	assert_int_equal(in.imm_value, value);
}

#endif
